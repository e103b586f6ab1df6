/**
 * An application to become a partner: what a stranger says of itself, before anybody has looked into it.
 *
 * It comes without sign-in, so everything here is attacker-controlled until persons have scored it. The applicant keeps
 * a secret by which it asks for its own state, and a reference that it hands to members who vouch for it.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { hasControls } from "../agreements/obligation.ts"
import { validateDetails } from "../partner.ts"

export const productClasses = [
    "endpoint protection",
    "network detection",
    "mail or web filtering",
    "vulnerability scanning",
    "managed detection and response",
    "hosting or cloud",
    "operating system or distribution",
    "other",
] as const

const closed = { additionalProperties: false }
const line = (maxLength: number) => Type.String({ minLength: 1, maxLength })

/** Characters of what is told in words, by an applicant or by who vouches for it. */
export const storyLength = { min: 20, max: 4000 }
export const automationLength = { min: 1, max: 4000 }
/** Of the products and the regions: how many are named, and how long one is at most. */
export const productsMax = { many: 30, length: 120 }
export const regionsMax = { many: 40, length: 80 }
export const cvePattern = /^CVE-\d{4}-\d{4,7}$/
/** Of what an applicant is given when it has applied. */
export const secretPattern = /^[A-Za-z0-9_-]{43}$/
export const referencePattern = /^[A-Za-z0-9_-]{22}$/

const story = Type.String({ minLength: storyLength.min, maxLength: storyLength.max })

export const applicationShape = Type.Object(
    {
        organisation: line(120),
        /** Where warnings would be announced: an address of the organisation, read by more than one person. */
        mail: line(254),
        contact: Type.Object({ name: line(120), mail: line(254) }, closed),
        productClasses: Type.Array(Type.Enum([...productClasses]), {
            minItems: 1,
            maxItems: productClasses.length,
            uniqueItems: true,
        }),
        products: Type.Array(line(productsMax.length), { minItems: 1, maxItems: productsMax.many }),
        /** Where those live whom it protects. */
        regions: Type.Array(line(regionsMax.length), { minItems: 1, maxItems: regionsMax.many }),
        /** What it protects of its own, and how. */
        inHouseProtection: story,
        /** How it dealt, or would have, with a vulnerability that is patched and public already. */
        workedExample: Type.Object({ cve: Type.String({ pattern: cvePattern.source }), text: story }, closed),
        dataUse: story,
        mailboxReaders: story,
        /** Which programs act on the mailbox or on what is fetched, without a person in between. */
        automation: Type.String({ minLength: automationLength.min, maxLength: automationLength.max }),
    },
    closed,
)

export type Application = Readonly<Static<typeof applicationShape>>

/** Bytes of the form: all fields at their longest are refused as too large, and nobody needs that. */
export const applicationBytesMax = 24 * 1024

/** How many wait for a decision at most: strangers must not fill the program. */
export const waitingMax = 500

export type ApplicationState = "waiting" | "invited" | "declined"

/** Refuses addresses that could inject a header, and text with control characters. */
export function validateApplication(item: Application): void {
    validateDetails({ name: item.organisation, mail: item.mail })
    validateDetails(item.contact)
    const texts = [
        ...[...item.products, ...item.regions],
        ...[item.inHouseProtection, item.workedExample.text, item.dataUse, item.mailboxReaders, item.automation],
    ]
    if (!texts.every((text) => text.trim().length > 0 && !hasControls(text))) {
        refuse("invalid", "application.bad_text", "a field is empty, or holds control characters")
    }
}

/** An organisation, as far as it bears on whether it vouches for itself. */
export interface House {
    readonly partner: string
    readonly name: string
    /** Its own addresses and its persons'. */
    readonly mails: readonly string[]
    /** Names of who owns it, as far as that is recorded. */
    readonly owners: readonly string[]
}

/**
 * Nobody vouches for itself: neither as the applicant, nor for one with an address under the same domain or one above
 * or below it, nor where one is recorded as the other's owner. It says no more than that, since who owns whom
 * is not for partners to know.
 */
export function assertVouchesForAnother(applicant: House, voucher: House): void {
    const domains = voucher.mails.map(domainOf)
    const isOneDomain = applicant.mails.some((mail) => domains.some((domain) => isUnder(domainOf(mail), domain)))
    const isOwned = names(voucher.owners, applicant.name) || names(applicant.owners, voucher.name)
    if (voucher.partner === applicant.partner || isOneDomain || isOwned) {
        refuse("forbidden", "application.own_vouch", "nobody vouches for itself, nor for its own house")
    }
}

function domainOf(mail: string): string {
    return mail
        .slice(mail.lastIndexOf("@") + 1)
        .toLowerCase()
        .replace(/\.$/, "")
}

const isUnder = (item: string, other: string): boolean =>
    item === other || item.endsWith(`.${other}`) || other.endsWith(`.${item}`)

/** By its words, so that what a register adds behind a name (`Ltd`, `Group plc`) makes no other house of it. */
function names(owners: readonly string[], house: string): boolean {
    const entries = wordsOf(house)
    return owners.map(wordsOf).some((owner) => entries.length > 0 && owner.length > 0 && isBegun(entries, owner))
}

const isBegun = (entry: readonly string[], other: readonly string[]): boolean =>
    entry.slice(0, other.length).every((word, n) => word === other[n])

const wordsOf = (name: string): string[] =>
    name
        .normalize("NFKC")
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? []
