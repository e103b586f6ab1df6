/**
 * Defines an application to become a partner: an applicant's own statements before staff assess them.
 *
 * It comes without sign-in, so an attacker controls all fields. The applicant keeps a secret to read its state, and a
 * reference for members who vouch.
 */
import { type Static, Type } from "typebox"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { hasControls } from "../agreements/obligation.ts"
import { validateNameAndMail } from "../partner.ts"
import { closed } from "../../../kernel/schemas.ts"

export const productClasses = [
    "endpoint_protection",
    "network_detection",
    "mail_or_web_filtering",
    "vulnerability_scanning",
    "managed_detection_and_response",
    "hosting_or_cloud",
    "operating_system_or_distribution",
    "other",
] as const

const line = (maxLength: number) => Type.String({ minLength: 1, maxLength })

/** Length in characters of a text by an applicant or a voucher. */
export const longTextLength = { min: 20, max: 4000 }
export const automationLength = { min: 1, max: 4000 }
/** Number and length of named products. */
export const productsMax = { count: 30, length: 120 }
export const regionsMax = { count: 40, length: 80 }
export const cvePattern = /^CVE-\d{4}-\d{4,7}$/
/** Form of the secret that an applicant gets. */
export const secretPattern = /^[A-Za-z0-9_-]{43}$/
export const referencePattern = /^[A-Za-z0-9_-]{22}$/

const longText = Type.String({ minLength: longTextLength.min, maxLength: longTextLength.max })

export const applicationShape = Type.Object(
    {
        organisation: line(120),
        /** Address for notices: a mailbox of the organisation that several people read. */
        mail: line(254),
        contact: Type.Object({ name: line(120), mail: line(254) }, closed),
        productClasses: Type.Array(Type.Enum([...productClasses]), {
            minItems: 1,
            maxItems: productClasses.length,
            uniqueItems: true,
        }),
        products: Type.Array(line(productsMax.length), { minItems: 1, maxItems: productsMax.count }),
        /** Regions of the protected users. */
        regions: Type.Array(line(regionsMax.length), { minItems: 1, maxItems: regionsMax.count }),
        /** Own systems that it protects, and how. */
        inHouseProtection: longText,
        /** How it handled, or would have handled, a public and patched vulnerability. */
        workedExample: Type.Object({ cve: Type.String({ pattern: cvePattern.source }), text: longText }, closed),
        dataUse: longText,
        mailboxReaders: longText,
        /** Tools that process the mailbox or downloads without a person. */
        automation: Type.String({ minLength: automationLength.min, maxLength: automationLength.max }),
    },
    closed,
)

/** An application, as staff read it. */
export type Application = Readonly<Static<typeof applicationShape>>

/** An application, as the applicant sends it: with recognition words, which staff do not read. */
export const newApplicationShape = Type.Object(
    { ...applicationShape.properties, recognitionWords: Type.Optional(line(200)) },
    closed,
)

export type NewApplication = Readonly<Static<typeof newApplicationShape>>

/** Maximum bytes of the form. Below the sum of all field limits, which no real application reaches. */
export const applicationBytesMax = 24 * 1024

/** Maximum number of waiting applications, so that strangers cannot fill the database. */
export const openApplicationsMax = 500

/** A question of staff to the applicant, and its answer. */
export interface ApplicationQuestion {
    readonly id: string
    readonly person: string
    readonly text: string
    readonly askedAt: Instant
    /** Null until the applicant answers. */
    readonly answer: string | null
    readonly answeredAt: Instant | null
}

/** Maximum number of questions about one application. */
export const questionsMax = 10

/** Days from the submission within which the program promises a decision. */
const decisionDays = 14

/** The end of the time within which the program promises a decision. */
export const decideBy = (submittedAt: Instant): Instant => submittedAt + decisionDays * dayMs

/** Refuses `application.bad_text` for an empty text, or one with control characters. */
export function validateQuestionText(text: string): void {
    if (text.trim() === "" || hasControls(text)) {
        refuse("invalid", "application.bad_text", "a field is empty or has control characters: enter plain text")
    }
}

/** The state of an application. */
export type ApplicationState = "waiting" | "invited" | "declined"

/** Refuses addresses that could inject a header, and text with control characters. */
export function validateApplication(application: Application): void {
    validateNameAndMail({ name: application.organisation, mail: application.mail })
    validateNameAndMail(application.contact)
    const texts = [
        ...application.products,
        ...application.regions,

        application.inHouseProtection,
        application.workedExample.text,
        application.dataUse,
        application.mailboxReaders,
        application.automation,
    ]
    if (!texts.every((text) => text.trim().length > 0 && !hasControls(text))) {
        refuse("invalid", "application.bad_text", "a field is empty or has control characters: enter plain text")
    }
}

/** The facts of an organisation that show whether it vouches for itself. */
export interface OrganisationFacts {
    readonly partner: string
    readonly name: string
    /** Addresses of the organisation and its people. */
    readonly mails: readonly string[]
    /** Names of its recorded owners. */
    readonly owners: readonly string[]
}

/**
 * Refuses `application.own_vouch`: the same organisation, an address under a common domain, or a recorded owner of the
 * other. The message does not say which, because ownership is not shown to partners.
 */
export function assertUnrelated(applicant: OrganisationFacts, voucher: OrganisationFacts): void {
    const domains = voucher.mails.map(domainOf)
    const isOneDomain = applicant.mails.some((mail) =>
        domains.some((domain) => isSameOrSubdomain(domainOf(mail), domain)),
    )
    const isOwned =
        namesOrganisation(voucher.owners, applicant.name) || namesOrganisation(applicant.owners, voucher.name)
    if (voucher.partner === applicant.partner || isOneDomain || isOwned) {
        refuse("forbidden", "application.own_vouch", "you cannot vouch for your own organisation or a related one")
    }
}

function domainOf(mail: string): string {
    return mail
        .slice(mail.lastIndexOf("@") + 1)
        .toLowerCase()
        .replace(/\.$/, "")
}

const isSameOrSubdomain = (application: string, other: string): boolean =>
    application === other || application.endsWith(`.${other}`) || other.endsWith(`.${application}`)

/** Whether owners name this organisation. Compares words, so additions such as `Ltd` or `Group plc` do not matter. */
function namesOrganisation(owners: readonly string[], organisation: string): boolean {
    const name = nameWordsOf(organisation)
    return owners.map(nameWordsOf).some((owner) => name.length > 0 && owner.length > 0 && startsWithWords(name, owner))
}

const startsWithWords = (entry: readonly string[], other: readonly string[]): boolean =>
    entry.slice(0, other.length).every((word, n) => word === other[n])

const nameWordsOf = (name: string): string[] =>
    name
        .normalize("NFKC")
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? []
