/** Defines what an import adds to each partner: for the effects, the sums, and to plan it again. Pure. */
import { canonical } from "@tocsin/base/canonical"
import type { NameAndMail } from "../partner.ts"
import type { ImportEntry, KnownPartner } from "./import-entry.ts"
import type { ImportLine, ImportedPerson, LineAddition } from "./import-plan.ts"

/** The additions to one partner. */
export interface Addition {
    readonly partner: LineAddition["partner"]
    readonly people: readonly ImportedPerson[]
}

/** Groups what the lines add by partner, in the order of the file. */
export function additionsOf(lines: readonly Pick<ImportLine, "adds">[]): readonly Addition[] {
    const added = lines.flatMap(({ adds }) => adds ?? [])
    const groups = Map.groupBy(added, ({ partner }) => canonical(partner))
    return [...groups.values()].flatMap((group) => {
        const partner = group[0]?.partner
        return partner === undefined ? [] : { partner, people: group.flatMap(({ person }) => person ?? []) }
    })
}

/** Counts the additions of an import, and its lines without one. */
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
                ? { ...namesOf(byId.get(partner)), tier: null, status: null, duties: null }
                : { ...partner, duties: partner.duties.join(";") }
        const persons = people.length === 0 ? [null] : people
        return persons.map((person) => ({ line: 1, partner: cells, person, reason: null }))
    })
}

const namesOf = ({ name, mail }: NameAndMail = { name: "", mail: "" }): NameAndMail => ({ name, mail })
