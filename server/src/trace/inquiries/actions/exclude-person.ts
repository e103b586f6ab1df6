/**
 * Excludes people with a stake from an inquiry. People recuse themselves, and members exclude others, with a reason
 * that the inquiry keeps. One person can exclude, because exclusion only removes access. Excluded people never return.
 */
import { refuse } from "@tocsin/base/refusal"
import { voidOfInquiry, withholdOfInquiry } from "../../../trust/approvals/actions.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { type KeptOut, validateReason } from "../history.ts"
import * as store from "../store.ts"
import * as kept from "../store/history.ts"
import { memberOf, assertOperator } from "./check-membership.ts"
import { saveTexts, openWords } from "./load-texts.ts"

/**
 * Excludes a person. Voids what the person requested or signed in the inquiry, so that the remaining members request it
 * again. The person gets no further notices of it.
 */
export async function excludePerson(ctx: ActionContext, id: string, person: string, reason: string): Promise<void> {
    await memberOf(ctx, id)
    validateReason(reason)
    const input = await personById(ctx, person)
    if (input?.partner !== null) {
        refuse("invalid", "inquiry.bad_person", "only a staff member can be excluded")
    }
    if ((await kept.listExcluded(ctx.tx, id)).some((row) => row.person === person)) return
    const members = await store.listMembers(ctx.tx, id)
    const wasMember = members.includes(person)
    if (wasMember) {
        await assertStays(
            ctx,
            members.filter((member) => member !== person),
        )
        await store.deleteMember(ctx.tx, id, person)
        await voidOfInquiry(ctx, id)
        await withholdOfInquiry(ctx, id, person)
    }
    const { box, words: text } = await saveTexts(ctx, id, placeOf(id, person), { reason })
    const row = { person, was_member: wasMember, by: assertOperator(ctx), at: ctx.now, text_ciphertext: box }
    await kept.insertKeptOut(ctx.tx, id, row)
    await record(ctx, { kind: "inquiry.person_excluded", inquiry: id, person, wasMember, words: text }, true)
}

/** Checks that an investigator remains. Refuses `inquiry.last_investigator`. */
async function assertStays(ctx: ActionContext, others: readonly string[]): Promise<void> {
    for (const item of others) {
        const person = await personById(ctx, item)
        if (person?.leftAt === null && person.roles.includes("investigator")) return
    }
    refuse("conflict", "inquiry.last_investigator", "no other member is an investigator: add one first")
}

/** Refuses `inquiry.excluded` where any of these people is excluded. */
export async function assertNotExcluded(ctx: ActionContext, id: string, persons: readonly string[]): Promise<void> {
    const out = await kept.listExcluded(ctx.tx, id)
    if (!out.some(({ person }) => persons.includes(person))) return
    refuse("conflict", "inquiry.excluded", "this person is excluded: the inquiry shows the reason")
}

/** Lists the excluded people. The caller has checked membership. */
export async function keptOutOf(ctx: ActionContext, id: string): Promise<KeptOut[]> {
    const keptOuts: KeptOut[] = []
    for (const { person, was_member: wasMember, by, at, text_ciphertext: box } of await kept.listExcluded(ctx.tx, id)) {
        const words = await openWords<{ readonly reason: string }>(ctx, id, placeOf(id, person), box)
        keptOuts.push({ ...words, person, wasMember, by, at })
    }
    return keptOuts
}

const placeOf = (id: string, person: string): string => `inquiry_kept_out.words:${id} ${person}`

/** Persons excluded by an inquiry into each piece of evidence: they get no alarm about it. */
export async function excludedFrom(
    ctx: ActionContext,
    evidence: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
    if (evidence.length === 0) return new Map()
    const byEvidence = Map.groupBy(await kept.keptOutOver(ctx.tx, evidence), (item) => item.evidence)
    return new Map([...byEvidence].map(([id, rows]) => [id, rows.map(({ person }) => person)]))
}
