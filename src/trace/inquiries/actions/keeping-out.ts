/**
 * Recusal, and who is never let in: whoever has a stake. Anybody says so of itself, and a member of others, with a reason that the
 * inquiry keeps. One person is enough, for it only takes away; nobody is let in again.
 */
import { refuse } from "../../../lib/refusal.ts"
import { voidOfInquiry, withholdOfInquiry } from "../../../trust/approvals/actions.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { type KeptOut, mustBeReason } from "../course.ts"
import * as store from "../store.ts"
import * as kept from "../store/course.ts"
import { memberOf, mustBeOperator } from "./membership.ts"
import { keepWords, openWords } from "./words.ts"

/**
 * What was asked of a member who goes, or signed by one, falls: it is asked for anew among those who stay. Of what was carried out it
 * is told no more either.
 */
export async function keepOut(act: Act, id: string, person: string, reason: string): Promise<void> {
    await memberOf(act, id)
    mustBeReason(reason)
    const its = await personById(act, person)
    if (its?.partner !== null) {
        refuse("invalid", "inquiry.bad_person", "only persons of the operator could be let in, or are to be kept out")
    }
    if ((await kept.excluded(act.tx, id)).some((one) => one.person === person)) return
    const members = await store.members(act.tx, id)
    const wasMember = members.includes(person)
    if (wasMember) {
        await mustStay(
            act,
            members.filter((one) => one !== person),
        )
        await store.deleteMember(act.tx, id, person)
        await voidOfInquiry(act, id)
        await withholdOfInquiry(act, id, person)
    }
    const { box, words } = await keepWords(act, id, placeOf(id, person), { reason })
    const row = { person, was_member: wasMember, by: mustBeOperator(act), at: act.now, text_ciphertext: box }
    await kept.insertKeptOut(act.tx, id, row)
    await record(act, { kind: "inquiry.person_excluded", inquiry: id, person, wasMember, words }, true)
}

/** Somebody who can work on it stays. */
async function mustStay(act: Act, others: readonly string[]): Promise<void> {
    for (const one of others) {
        const person = await personById(act, one)
        if (person?.leftAt === null && person.roles.includes("investigator")) return
    }
    refuse("conflict", "inquiry.last_investigator", "no other member is an investigator: bring one in first")
}

export async function mustNotBeKeptOut(act: Act, id: string, persons: readonly string[]): Promise<void> {
    const out = await kept.excluded(act.tx, id)
    if (!out.some(({ person }) => persons.includes(person))) return
    refuse("conflict", "inquiry.excluded", "this person is to be kept out of it: its reason stands in the inquiry")
}

/** For actions that have let the member in. */
export async function keptOutOf(act: Act, id: string): Promise<KeptOut[]> {
    const all: KeptOut[] = []
    for (const { person, was_member: wasMember, by, at, text_ciphertext: box } of await kept.excluded(act.tx, id)) {
        const words = await openWords<{ readonly reason: string }>(act, id, placeOf(id, person), box)
        all.push({ ...words, person, wasMember, by, at })
    }
    return all
}

const placeOf = (id: string, person: string): string => `inquiry_kept_out.words:${id} ${person}`

/** Persons excluded by an inquiry into each piece of evidence: they get no alarm about it. */
export async function excludedFrom(
    act: Act,
    evidence: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
    if (evidence.length === 0) return new Map()
    const byEvidence = Map.groupBy(await kept.keptOutOver(act.tx, evidence), (one) => one.evidence)
    return new Map([...byEvidence].map(([id, rows]) => [id, rows.map(({ person }) => person)]))
}
