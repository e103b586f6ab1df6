/**
 * Reads people without organisations: a Mailman roster, or the owners of OpenPGP keys. Pure. Their partner is that of
 * their mail domain. Domains of public mail providers name no organisation.
 */
import { refuse } from "@tocsin/base/refusal"
import { mailboxOf } from "../../identity/person.ts"
import type { NameAndMail } from "../partner.ts"
import { type ImportEntry, type KnownPartner, type Reason, nameOfMail, reasonIn } from "./import-entry.ts"
import { importLimits } from "./import-plan.ts"

/** A person in a file without organisations. */
export interface RosterEntry extends NameAndMail {
    readonly line: number
    /** Why the reader cannot use it; null: it can. */
    readonly reason: Reason | null
}

/**
 * Reads a roster as `mailman members` and `list_members -f` print it: `Name <mail>` or an address on each line. Empty
 * lines and comments (`#`) are skipped. Stops at the first entry that is too many for an import.
 */
export function readRoster(text: string): readonly RosterEntry[] {
    const entries: RosterEntry[] = []
    for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
        const line = raw.trim()
        if (line !== "" && !line.startsWith("#")) entries.push(rosterEntryOf(line, index + 1))
        if (entries.length > importLimits.entriesMax) break
    }
    return entries
}

function rosterEntryOf(text: string, line: number): RosterEntry {
    const { name, mail } = partsOf(text)
    if (/^[^\s@<>()]+@[^\s@<>()]+$/.test(mail)) return { line, name: name || nameOfMail(mail), mail, reason: null }
    const reason = reasonIn(() =>
        refuse("invalid", "partner_import.not_a_member", "this is not a member: write `Name <name@example.org>`"),
    )
    return { line, name: text.slice(0, shownMax), mail: "", reason }
}

const shownMax = 120

/** Splits `Name <mail>`, `mail (Name)` or an address. Searches from the ends, because the text is from outside. */
function partsOf(text: string): NameAndMail {
    const [opening, bracket] = [text.lastIndexOf("<"), text.indexOf("(")]
    if (opening !== -1 && text.endsWith(">")) {
        return { name: unquoted(text.slice(0, opening)), mail: text.slice(opening + 1, -1).trim() }
    }
    if (bracket !== -1 && text.endsWith(")")) {
        return { name: unquoted(text.slice(bracket + 1, -1)), mail: text.slice(0, bracket).trim() }
    }
    return { name: "", mail: text }
}

const unquoted = (text: string): string => text.trim().replace(/^"/, "").replace(/"$/, "").trim()

/** Domains at which anyone gets an address. */
const publicDomains: ReadonlySet<string> = new Set(
    (
        "126.com 163.com aol.com fastmail.com fastmail.fm free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de " +
        "gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com laposte.net " +
        "libero.it live.com mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com orange.fr outlook.com " +
        "outlook.de pm.me posteo.de posteo.net proton.me protonmail.ch protonmail.com qq.com seznam.cz " +
        "t-online.de tuta.com tutanota.com users.noreply.github.com web.de wp.pl yahoo.co.jp yahoo.co.uk yahoo.com " +
        "yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com"
    ).split(" "),
)

/**
 * Gives each person the partner of its mail domain: one in the directory, or a new one with the domain as its name.
 * Refuses people of an applicant's domain, because anyone can apply with an unverified address.
 */
export function groupByDomain(
    people: readonly RosterEntry[],
    partners: readonly KnownPartner[],
    role: string,
): readonly ImportEntry[] {
    const known = Map.groupBy(partners, ({ mail }) => domainOf(mail))
    return people.map(({ line, name, mail, reason }) => {
        const domain = domainOf(mail)
        const person = { name, mail, role }
        const [holder, ...others] = known.get(domain) ?? []
        const wrong = reason ?? reasonIn(() => assertGroupable(domain, holder, others.length + 1))
        const cells = { tier: null, status: null, duties: null }
        const partner =
            wrong !== null || holder === undefined
                ? { ...cells, name: domain, mail: null }
                : { ...cells, name: holder.name, mail: holder.mail }
        const isShown = wrong !== null && holder !== undefined && others.length === 0
        return { line, partner, person, ...(isShown && { knownPartner: holder }), reason: wrong }
    })
}

const domainOf = (mail: string): string => mailboxOf(mail.slice(mail.lastIndexOf("@") + 1))

function assertGroupable(domain: string, holder: KnownPartner | undefined, count: number): void {
    if (publicDomains.has(domain)) {
        refuse(
            "invalid",
            "partner_import.public_domain",
            `\`${domain}\` is a public mail provider and names no partner: import this person from a CSV file`,
            { domain },
        )
    }
    if (count > 1) {
        refuse(
            "conflict",
            "partner_import.shared_domain",
            `${count} partners have an address at \`${domain}\`: import this person from a CSV file`,
            { domain, count },
        )
    }
    if (holder?.status !== "applicant") return
    refuse(
        "conflict",
        "partner_import.applicant_domain",
        `the applicant \`${holder.name}\` gives an unverified address at \`${domain}\`: decide its application first`,
        { name: holder.name, domain },
    )
}
