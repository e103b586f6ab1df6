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
import {
    type ImportEntry,
    type KnownPartner,
    type PartnerCells,
    type PersonCells,
    type Reason,
    reasonOf,
} from "./import-entry.ts"

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
    /** The partner of the directory that the entry names; null: none. */
    readonly knownPartner: KnownPartner | null
    /** The person as written; null where the entry has none. */
    readonly person: PersonCells | null
    /** Null: it adds nothing. */
    readonly adds: LineAddition | null
}

export interface LineAddition {
    /** The id of a partner in the directory, or the partner to add. */
    readonly partner: string | ImportedPartner
    readonly person: ImportedPerson | null
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
    /** The line that gives its facts; null: in the directory. */
    readonly line: number | null
    /** False: no line adds it yet, because the person of its first line was refused. */
    isAdded: boolean
    people: number
}

interface Seen {
    readonly byName: Map<string, Target[]>
    /** By mailbox. */
    readonly byMail: Map<string, Target[]>
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
    const targets = partners.map(({ id, name, mail, status }): Target => {
        return { partner: id, name, mail, status, line: null, isAdded: true, people: 0 }
    })
    const byId = new Map(targets.map((target) => [target.partner, target]))
    return {
        byName: Map.groupBy(targets, ({ name }) => nameKeyOf(name)),
        byMail: Map.groupBy(targets, ({ mail }) => mailboxOf(mail)),
        mailboxes: new Map(
            people.map(({ partner, mail }) => [
                mailboxOf(mail),
                { target: byId.get(partner ?? "") ?? null, line: null },
            ]),
        ),
    }
}

function planEntry(entry: ImportEntry, seen: Seen, tier: Tier): ImportLine {
    const { line, partner, person, reason } = entry
    const read = { line, name: partner.name, person, knownPartner: null, adds: null }
    if (reason !== null) return { ...read, knownPartner: entry.knownPartner ?? null, result: "error", reason }
    let target: Target | null = null
    try {
        target = findTarget(partner, seen) ?? newTarget(entry, seen, tier)
        const result = target.isAdded ? "new_person" : "new_partner"
        assertSameFacts(target, partner)
        const adds = { partner: target.partner, person: addedPersonOf(person, target, seen) }
        keep(seen, target)
        target.isAdded = true
        if (adds.person !== null) {
            target.people++
            seen.mailboxes.set(mailboxOf(adds.person.mail), { target, line })
        }
        return { ...read, knownPartner: knownPartnerOf(target), result, reason: null, adds }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const result = knownCodes.has(error.code) ? "known" : "error"
        return { ...read, knownPartner: knownPartnerOf(target), result, reason: reasonOf(error) }
    }
}

function knownPartnerOf(target: Target | null): KnownPartner | null {
    if (typeof target?.partner !== "string") return null
    const { partner: id, name, mail, status } = target
    return { id, name, mail, status }
}

/** Reads a partner that is in no directory and on no earlier line. Keeps its facts, even if its person is refused. */
function newTarget({ line, partner: cells, person }: ImportEntry, seen: Seen, tier: Tier): Target {
    const partner = partnerOf({ ...cells, mail: cells.mail ?? person?.mail ?? "" }, tier)
    const { name, mail, status } = partner
    const target: Target = { partner, name, mail, status, line, isAdded: false, people: 0 }
    if (cells.mail === null) return target
    const holder = seen.mailboxes.get(mailboxOf(mail))?.target
    if (holder === null) refuseStaffMail()
    if (holder !== undefined) {
        refuse(
            "conflict",
            "partner_import.address_of_person",
            `this is the address of a person of \`${holder.name}\`: give the partner another address`,
            { name: holder.name },
        )
    }
    keep(seen, target)
    return target
}

const knownCodes: ReadonlySet<string> = new Set(
    ["known_partner", "repeated_partner", "known_person", "repeated_person"].map((code) => `partner_import.${code}`),
)

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** A name to compare: without case, compatibility forms and repeated spaces. */
const nameKeyOf = (name: string): string => name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim()

/**
 * Finds the partner by name and address. Refuses an entry whose name and address are of different partners, and a name
 * that several partners have.
 */
function findTarget({ name, mail }: PartnerCells, { byName, byMail }: Seen): Target | null {
    const named = byName.get(nameKeyOf(name)) ?? []
    if (mail === null) return findOfDomain(name, named)
    const isThere = ({ mail: other }: Target) => mail === "" || mailboxOf(other) === mailboxOf(mail)
    const [target, second] = named.filter(isThere)
    if (second !== undefined || (named.length > 1 && target === undefined)) {
        refuse(
            "conflict",
            "partner_import.ambiguous_name",
            `${named.length} partners are called \`${name}\`: give the address of the partner, or another name`,
            { count: named.length, name },
        )
    }
    if (target !== undefined) return target
    const [other] = named
    if (other !== undefined) {
        refuse(
            "conflict",
            "partner_import.other_address",
            `this partner has the address \`${other.mail}\`: use that address`,
            { mail: other.mail },
        )
    }
    const [holder] = byMail.get(mailboxOf(mail)) ?? []
    if (holder === undefined) return null
    refuse("conflict", "partner_import.other_name", `this is the address of \`${holder.name}\`: use that name`, {
        name: holder.name,
    })
}

/** Finds the new partner of a mail domain. Refuses a domain that is the name of a partner in the directory. */
function findOfDomain(domain: string, named: readonly Target[]): Target | null {
    if (named.some(({ line }) => line === null)) {
        refuse(
            "conflict",
            "partner_import.domain_is_name",
            `a partner with another address is called \`${domain}\`: import this person from a CSV file`,
            { domain },
        )
    }
    return named[0] ?? null
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

function addedPersonOf(person: PersonCells | null, target: Target, seen: Seen): ImportedPerson | null {
    if (person !== null) {
        assertTakesPeople(target)
        return personOf(person, target, seen)
    }
    if (target.isAdded) refuseKnownPartner(target)
    return null
}

function personOf({ name, mail, role }: PersonCells, target: Target, seen: Seen): ImportedPerson {
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
    const other = seen.byMail.get(mailboxOf(mail))?.find((partner) => partner !== target)
    if (other !== undefined) {
        refuse(
            "conflict",
            "partner_import.address_of_partner",
            `this is the address of the partner \`${other.name}\`: give the person's own address`,
            { name: other.name },
        )
    }
    return { name, mail, role: knownRole }
}

function refuseStaffMail(): never {
    refuse("conflict", "partner_import.staff_mail", "this address belongs to a staff member: use another address")
}

function refuseKnownPerson(holder: Target | null, line: number | null, target: Target): never {
    if (holder === null) refuseStaffMail()
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

/** Lets later entries find this partner. */
function keep({ byName, byMail }: Seen, target: Target): void {
    const [name, mailbox] = [nameKeyOf(target.name), mailboxOf(target.mail)]
    const named = byName.get(name) ?? []
    if (named.includes(target)) return
    byName.set(name, [...named, target])
    byMail.set(mailbox, [...(byMail.get(mailbox) ?? []), target])
}

const named = (text: string): string => (text === "" ? "an empty field" : `\`${text}\``)

function assertNoFormula(name: string): void {
    if (!/^[=+\-@]/.test(name)) return
    refuse("invalid", "partner_import.formula", "the name starts with a formula sign: write it without the sign")
}

function partnerOf(
    { name, mail, tier, status, duties }: PartnerCells & NameAndMail,
    defaultTier: Tier,
): ImportedPartner {
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
