/**
 * Plans an import of partners and their people. Pure. The plan says for each entry of a file what the import adds, or
 * why it adds nothing.
 *
 * An import adds and changes nothing else. It admits no partner, and adds people only to partners that are new or not
 * yet admitted.
 */
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Person, mailboxOf, partnerRoles, validatePerson } from "../../identity/person.ts"
import type { PartnerRole } from "../../../kernel/actor.ts"
import {
    type NameAndMail,
    type PartnerStatus,
    type Tier,
    isOnboarding,
    tiers,
    validateNameAndMail,
} from "../partner.ts"
import { dutyTable } from "../reporting-duties/reporting-duties.ts"
import { type ImportEntry, type PartnerCells, type PersonCells, type Reason, reasonOf } from "./import-entry.ts"

/** Limits of one import. As many people of a partner as staff can send sign-in links to on one day. */
export const importLimits = { entriesMax: 3000, peopleMax: 40 }

export const importResults = ["new_partner", "new_person", "known", "error"] as const
export const importStatuses = ["invited", "applicant"] as const

export interface ImportedPartner extends NameAndMail {
    readonly tier: Tier
    readonly status: (typeof importStatuses)[number]
    /** The regimes of its reporting duties. */
    readonly duties: readonly string[]
}

export interface ImportedPerson extends NameAndMail {
    readonly role: PartnerRole
}

export interface ImportLine {
    readonly line: number
    readonly result: (typeof importResults)[number]
    /** Null: it adds something. */
    readonly reason: Reason | null
    /** The name of the partner as written. */
    readonly name: string
    /** The person as written; null where the entry has none. */
    readonly person: PersonCells | null
    /** What it adds; null: nothing. */
    readonly adds: LineAddition | null
}

interface LineAddition {
    /** The id of a partner in the directory, or the partner to add. */
    readonly partner: string | ImportedPartner
    readonly person: ImportedPerson | null
}

/** What is added to one partner. */
export interface Addition {
    readonly partner: LineAddition["partner"]
    readonly people: readonly ImportedPerson[]
}

export interface KnownPartner extends NameAndMail {
    readonly id: string
    readonly status: PartnerStatus
}

/** The partners and present people of the program. */
export interface Directory {
    readonly partners: readonly KnownPartner[]
    /** People of partners, and staff (partner null). */
    readonly people: readonly Pick<Person, "partner" | "mail">[]
}

/** A partner that an entry can name: in the directory, or from an earlier entry. */
interface Target extends NameAndMail {
    readonly partner: string | ImportedPartner
    readonly status: PartnerStatus
    /** The line that adds it; null: in the directory. */
    readonly line: number | null
    people: number
}

interface Seen {
    readonly byName: Map<string, Target>
    readonly byMail: Map<string, Target>
    /** Partner and line of each mailbox. */
    readonly mailboxes: Map<string, { readonly target: Target | null; readonly line: number | null }>
}

/** Says for each entry what the import does. `tier`: of partners whose entry names none. */
export function planImport(entries: readonly ImportEntry[], directory: Directory, tier: Tier): readonly ImportLine[] {
    if (!(entries.length <= importLimits.entriesMax)) {
        refuse(
            "invalid",
            "partner_import.too_long",
            `import ${importLimits.entriesMax} lines at most: split the file`,
            { max: importLimits.entriesMax },
        )
    }
    const seen = seenIn(directory)
    return entries.map((entry) => planEntry(entry, seen, tier))
}

function seenIn({ partners, people }: Directory): Seen {
    const targets = partners.map(({ id, name, mail, status }) => ({
        partner: id,
        name,
        mail,
        status,
        line: null,
        people: 0,
    }))
    const byId = new Map<string, Target>(targets.map((target) => [target.partner, target]))
    return {
        byName: new Map(targets.map((target) => [target.name.toLowerCase(), target])),
        byMail: new Map(targets.map((target) => [target.mail.toLowerCase(), target])),
        mailboxes: new Map(
            people.map(({ partner, mail }) => [
                mailboxOf(mail),
                { target: byId.get(partner ?? "") ?? null, line: null },
            ]),
        ),
    }
}

function planEntry({ line, partner, person, reason }: ImportEntry, seen: Seen, tier: Tier): ImportLine {
    const read = { line, name: partner.name, person, adds: null }
    if (reason !== null) return { ...read, result: "error", reason }
    try {
        const target = findTarget(partner, seen)
        if (target === null) {
            const adds = { partner: partnerOf(partner, tier), person: person && personOf(person, null, seen) }
            keep(seen, adds, line)
            return { ...read, result: "new_partner", reason: null, adds }
        }
        assertSameFacts(target, partner)
        if (person === null) refuseKnownPartner(target)
        assertTakesPeople(target)
        const adds = { partner: target.partner, person: personOf(person, target, seen) }
        target.people++
        seen.mailboxes.set(mailboxOf(adds.person.mail), { target, line })
        return { ...read, result: "new_person", reason: null, adds }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ...read, result: knownCodes.has(error.code) ? "known" : "error", reason: reasonOf(error) }
    }
}

const knownCodes: ReadonlySet<string> = new Set(
    ["known_partner", "repeated_partner", "known_person", "repeated_person"].map((code) => `partner_import.${code}`),
)

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Finds the partner by name or address. Refuses an entry whose name and address are of different partners. */
function findTarget({ name, mail }: PartnerCells, { byName, byMail }: Seen): Target | null {
    const named = byName.get(name.toLowerCase())
    const target = named ?? byMail.get(mail.toLowerCase()) ?? null
    if (target === null) return null
    if (!named) {
        refuse("conflict", "partner_import.other_name", `this is the address of \`${target.name}\`: use that name`, {
            name: target.name,
        })
    }
    if (mail !== "" && !isSame(target.mail, mail)) {
        refuse(
            "conflict",
            "partner_import.other_address",
            `this partner has the address \`${target.mail}\`: use that address`,
            { mail: target.mail },
        )
    }
    return target
}

/** Refuses an entry with other facts than an earlier line of its partner. */
function assertSameFacts({ partner, line }: Target, { tier, status, duties }: PartnerCells): void {
    if (typeof partner === "string" || line === null) return
    const isOther =
        (Boolean(tier) && !isSame(tier ?? "", partner.tier)) ||
        (Boolean(status) && !isSame(status ?? "", partner.status)) ||
        (Boolean(duties) && dutiesOf(duties ?? "").join() !== partner.duties.join())
    if (!isOther) return
    refuse(
        "conflict",
        "partner_import.other_facts",
        `line ${line} gives this partner another tier, status or duties: repeat them, or leave them empty`,
        { line },
    )
}

function refuseKnownPartner({ line }: Target): never {
    if (line === null) refuse("conflict", "partner_import.known_partner", "this partner is in the directory")
    refuse("conflict", "partner_import.repeated_partner", `this partner is on line ${line}`, { line })
}

function assertTakesPeople({ status, people, line }: Target): void {
    if (line === null && (!isOnboarding(status) || status === "declined")) {
        refuse(
            "conflict",
            "partner_import.not_onboarding",
            `a partner that is \`${status}\` gets no people by import: its lead adds them, or you on its page`,
            { status },
        )
    }
    if (people < importLimits.peopleMax) return
    refuse(
        "conflict",
        "partner_import.too_many_people",
        `import at most ${importLimits.peopleMax} people of a partner: its lead adds the others`,
        { max: importLimits.peopleMax },
    )
}

function personOf({ name, mail, role }: PersonCells, target: Target | null, seen: Seen): ImportedPerson {
    assertNoFormula(name)
    const knownRole = partnerRoles.find((item) => isSame(item, role))
    if (knownRole === undefined) {
        refuse("invalid", "partner_import.bad_role", `${named(role)} is not a role: use lead or analyst`, {
            value: role,
        })
    }
    validatePerson({ partner: "", name, mail, roles: [knownRole] })
    const known = seen.mailboxes.get(mailboxOf(mail))
    if (known !== undefined) refuseKnownPerson(known.target, known.line, target)
    return { name, mail, role: knownRole }
}

function refuseKnownPerson(holder: Target | null, line: number | null, target: Target | null): never {
    if (holder === null) {
        refuse("conflict", "partner_import.staff_mail", "this address belongs to a staff member: use another address")
    }
    if (holder !== target) {
        refuse(
            "conflict",
            "partner_import.person_of_other",
            `this person is of \`${holder.name}\`: a person belongs to one partner`,
            { name: holder.name },
        )
    }
    if (line === null) refuse("conflict", "partner_import.known_person", "this person is on the partner's roster")
    refuse("conflict", "partner_import.repeated_person", `this person is on line ${line}`, { line })
}

function keep({ byName, byMail, mailboxes }: Seen, { partner, person }: Added, line: number): void {
    const { name, mail, status } = partner
    const target = { partner, name, mail, status, line, people: person === null ? 0 : 1 }
    byName.set(name.toLowerCase(), target)
    byMail.set(mail.toLowerCase(), target)
    if (person !== null) mailboxes.set(mailboxOf(person.mail), { target, line })
}

interface Added extends LineAddition {
    readonly partner: ImportedPartner
}

const named = (text: string): string => (text === "" ? "an empty field" : `\`${text}\``)

function assertNoFormula(name: string): void {
    if (!/^[=+\-@]/.test(name)) return
    refuse("invalid", "partner_import.formula", "the name starts with a formula sign: write it without the sign")
}

function partnerOf({ name, mail, tier, status, duties }: PartnerCells, defaultTier: Tier): ImportedPartner {
    assertNoFormula(name)
    validateNameAndMail({ name, mail })
    const knownTier = tier === null ? defaultTier : tiers.find((item) => isSame(item, tier))
    const knownStatus = importStatuses.find((item) => isSame(item, status || "invited"))
    if (knownTier === undefined) {
        refuse("invalid", "partner_import.bad_tier", `${named(tier ?? "")} is not a tier: use ${tiers.join(", ")}`, {
            value: tier ?? "",
            tiers: tiers.join(", "),
        })
    }
    if (knownStatus === undefined) {
        refuse("invalid", "partner_import.bad_status", `\`${status}\` is not a status: use invited or applicant`, {
            status: status ?? "",
        })
    }
    return { name, mail, tier: knownTier, status: knownStatus, duties: dutiesOf(duties ?? "") }
}

/** Reads the regimes of shipped duties, separated by semicolons, in the order of the table. */
function dutiesOf(text: string): string[] {
    const names = text.split(";").flatMap((name) => name.trim() || [])
    const regimes = dutyTable.map(({ regime }) => regime)
    const unknown = names.find((name) => !regimes.some((regime) => isSame(regime, name)))
    if (unknown !== undefined) {
        refuse("invalid", "partner_import.bad_duty", `\`${unknown}\` is not a duty: use ${regimes.join("; ")}`, {
            value: unknown,
            duties: regimes.join("; "),
        })
    }
    return regimes.filter((regime) => names.some((name) => isSame(regime, name)))
}

/** Groups what the lines add by partner, in the order of the file. */
export function additionsOf(lines: readonly Pick<ImportLine, "adds">[]): readonly Addition[] {
    const added = lines.flatMap(({ adds }) => adds ?? [])
    const groups = Map.groupBy(added, ({ partner }) => (typeof partner === "string" ? partner : partner.name))
    return [...groups.values()].flatMap((group) => {
        const partner = group[0]?.partner
        return partner === undefined ? [] : { partner, people: group.flatMap(({ person }) => person ?? []) }
    })
}

/** What an import adds, and how many of its lines add nothing. */
export function sumsOf(lines: readonly ImportLine[]) {
    const additions = additionsOf(lines)
    const newPartners = additions.filter(({ partner }) => typeof partner !== "string")
    return {
        partners: newPartners.length,
        people: additions.flatMap(({ people }) => people).length,
        known: lines.filter(({ result }) => result === "known").length,
        errors: lines.filter(({ result }) => result === "error").length,
        /** New partners without a lead: they cannot accept the agreement. */
        withoutLead: newPartners.filter(({ people }) => !people.some(({ role }) => role === "lead")).length,
    }
}

/** The entries of signed additions, to plan them again with the present directory. */
export function entriesOf(additions: readonly Addition[], partners: readonly KnownPartner[]): readonly ImportEntry[] {
    const byId = new Map(partners.map((partner) => [partner.id, partner]))
    return additions.flatMap(({ partner, people }): ImportEntry[] => {
        const cells =
            typeof partner === "string"
                ? { name: byId.get(partner)?.name ?? "", mail: "", tier: null, status: null, duties: null }
                : { ...partner, duties: partner.duties.join(";") }
        const persons = people.length === 0 ? [null] : people
        return persons.map((person) => ({ line: 1, partner: cells, person, reason: null }))
    })
}
