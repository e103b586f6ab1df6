/**
 * Reads people without organisations: a Mailman roster, or the owners of OpenPGP keys. Pure. Their partner is that of
 * their mail domain. Domains of public mail providers name no organisation.
 */
import { refuse } from "@tocsin/base/refusal"
import type { NameAndMail } from "../partner.ts"
import { type ImportEntry, type PartnerCells, type Reason, nameOfMail, reasonIn } from "./import-entry.ts"

/** A person in a file without organisations. */
export interface RosterEntry extends NameAndMail {
    readonly line: number
    /** Why the reader cannot use it; null: it can. */
    readonly reason: Reason | null
}

/**
 * Reads a roster as `mailman members` and `list_members -f` print it: `Name <mail>` or an address on each line. Empty
 * lines and comments (`#`) are skipped.
 */
export function readRoster(text: string): readonly RosterEntry[] {
    return text.split(/\r\n|\n|\r/).flatMap((raw, index) => {
        const line = raw.trim()
        return line === "" || line.startsWith("#") ? [] : rosterEntryOf(line, index + 1)
    })
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
 * Gives each person the partner of its mail domain: one in the directory, or a new one with the domain as its name and
 * the address of the first person.
 */
export function groupByDomain(
    people: readonly RosterEntry[],
    partners: readonly NameAndMail[],
    role: string,
): readonly ImportEntry[] {
    const known = Map.groupBy(partners, ({ mail }) => domainOf(mail))
    const fresh = new Map<string, NameAndMail>()
    return people.map(({ line, name, mail, reason }) => {
        const domain = domainOf(mail)
        const person = { name, mail, role }
        const holders = known.get(domain) ?? []
        const wrong = reason ?? reasonIn(() => assertGroupable(domain, holders))
        if (wrong !== null) return { line, partner: cellsOf({ name: domain, mail: "" }), person, reason: wrong }
        const partner = holders[0] ?? fresh.get(domain) ?? { name: domain, mail }
        if (holders.length === 0) fresh.set(domain, partner)
        return { line, partner: cellsOf(partner), person, reason: null }
    })
}

const domainOf = (mail: string): string => mail.slice(mail.lastIndexOf("@") + 1).toLowerCase()

const cellsOf = ({ name, mail }: NameAndMail): PartnerCells => ({ name, mail, tier: null, status: null, duties: null })

function assertGroupable(domain: string, holders: readonly NameAndMail[]): void {
    if (publicDomains.has(domain)) {
        refuse(
            "invalid",
            "partner_import.public_domain",
            `\`${domain}\` is a public mail provider and names no partner: import this person from a CSV file`,
            { domain },
        )
    }
    if (holders.length < 2) return
    refuse(
        "conflict",
        "partner_import.shared_domain",
        `${holders.length} partners have an address at \`${domain}\`: import this person from a CSV file`,
        { domain, count: holders.length },
    )
}
