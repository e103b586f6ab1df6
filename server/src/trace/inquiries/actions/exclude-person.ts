/**
 * Excludes people with a stake from an inquiry. People recuse themselves, and members exclude others, with a reason
 * that the inquiry keeps. One person can exclude, because exclusion only removes access. Excluded people never return.
 */
import { refuse } from "@tocsin/base/refusal"
import { voidApprovalsOfInquiry, withholdApprovalsOfInquiry } from "../../../trust/approvals/actions/void-approvals.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { type Exclusion, validateReason } from "../history.ts"
import * as store from "../store/inquiries.ts"
import * as historyStore from "../store/history.ts"
import { lockInquiryAsMember, assertOperator } from "./check-membership.ts"
import { encryptTexts, decryptTexts } from "./encrypt-texts.ts"

/**
 * Excludes a person. Voids what the person requested or signed in the inquiry, so that the remaining members request it
 * again. The person gets no further notices of it.
 */
export async function excludePerson(ctx: ActionContext, id: string, person: string, reason: string): Promise<void> {
    await lockInquiryAsMember(ctx, id)
    validateReason(reason)
    const found = await findPerson(ctx, person)
    if (found?.partner !== null) {
        refuse("invalid", "inquiry.bad_person", "only a staff member can be excluded")
    }
    if ((await historyStore.listExcluded(ctx.tx, id)).some((row) => row.person === person)) return
    const members = await store.listMembers(ctx.tx, id)
    const wasMember = members.includes(person)
    if (wasMember) {
        await assertInvestigatorRemains(
            ctx,
            members.filter((member) => member !== person),
        )
        await store.deleteMember(ctx.tx, id, person)
        await voidApprovalsOfInquiry(ctx, id)
        await withholdApprovalsOfInquiry(ctx, id, person)
    }
    const { ciphertext, commitment } = await encryptTexts(ctx, id, placeOf(id, person), { reason })
    const row = { person, was_member: wasMember, by: assertOperator(ctx), at: ctx.now, text_ciphertext: ciphertext }
    await historyStore.insertExclusion(ctx.tx, id, row)
    await record(ctx, { kind: "inquiry.person_excluded", inquiry: id, person, wasMember, text: commitment }, true)
}

/** Checks that an investigator remains. Refuses `inquiry.last_investigator`. */
async function assertInvestigatorRemains(ctx: ActionContext, others: readonly string[]): Promise<void> {
    for (const personId of others) {
        const person = await findPerson(ctx, personId)
        if (person?.leftAt === null && person.roles.includes("investigator")) return
    }
    refuse("conflict", "inquiry.last_investigator", "no other member is an investigator: add one first")
}

/** Refuses `inquiry.excluded` where any of these people is excluded. */
export async function assertNotExcluded(ctx: ActionContext, id: string, people: readonly string[]): Promise<void> {
    const exclusions = await historyStore.listExcluded(ctx.tx, id)
    if (!exclusions.some(({ person }) => people.includes(person))) return
    refuse("conflict", "inquiry.excluded", "this person is excluded: the inquiry shows the reason")
}

/** Lists the excluded people. The caller has checked membership. */
export async function listExclusions(ctx: ActionContext, id: string): Promise<Exclusion[]> {
    const exclusions: Exclusion[] = []
    for (const {
        person,
        was_member: wasMember,
        by,
        at,
        text_ciphertext: ciphertext,
    } of await historyStore.listExcluded(ctx.tx, id)) {
        const texts = await decryptTexts<{ readonly reason: string }>(ctx, id, placeOf(id, person), ciphertext)
        exclusions.push({ ...texts, person, wasMember, by, at })
    }
    return exclusions
}

const placeOf = (id: string, person: string): string => `inquiry_exclusions.text:${id} ${person}`

/** Lists the people excluded from an inquiry into each piece of evidence. They get no notice about it. */
export async function listExcludedByEvidence(
    ctx: ActionContext,
    evidence: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
    if (evidence.length === 0) return new Map()
    const byEvidence = Map.groupBy(await historyStore.listExcludedByEvidence(ctx.tx, evidence), (item) => item.evidence)
    return new Map([...byEvidence].map(([id, rows]) => [id, rows.map(({ person }) => person)]))
}
