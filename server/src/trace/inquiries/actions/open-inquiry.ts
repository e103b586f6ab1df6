/**
 * Opens inquiries and works on them. For non-members, an inquiry does not exist. The audit log records each look of a
 * member as a confidential event.
 */
import { refuse } from "@tocsin/base/refusal"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import { caseFile } from "../../../share/cases/actions.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { evidenceOf as evidenceKept } from "../../evidence/actions.ts"
import type { KeptOut, Turn } from "../history.ts"
import {
    type Finding,
    type Hypothesis,
    type Inquiry,
    type Weighing,
    validateTitle,
    rivals,
    weighed,
    wordsOf,
} from "../inquiry.ts"
import type { HeardQuestion } from "../question.ts"
import * as store from "../store.ts"
import { type Attested, attestationsOf } from "./load-attestations.ts"
import { findingsOf } from "./propose-finding.ts"
import { excludePerson, keptOutOf, assertNotExcluded } from "./exclude-person.ts"
import { courseNow, memberOf, memberOfOpen, assertOperator, sealedWith } from "./check-membership.ts"
import { questionsOf } from "./ask-question.ts"
import { turnsOf } from "./change-status.ts"
import { commitTo, newSalt } from "./load-texts.ts"

export interface NewInquiry {
    readonly case: string
    readonly title: string
    readonly evidence: readonly string[]
    /** Staff members, besides the person who opens it. */
    readonly members: readonly string[]
    /** People with a stake, excluded from the start. */
    readonly excluded?: readonly { readonly person: string; readonly reason: string }[]
}

interface Details {
    readonly title: string
    readonly hypotheses: readonly Hypothesis[]
}

/** Opens an inquiry with the competing hypotheses, and returns its id. */
export async function openInquiry(ctx: ActionContext, input: NewInquiry): Promise<string> {
    const person = assertOperator(ctx)
    validateTitle(input.title)
    await caseFile(ctx, input.case)
    const id = ctx.services.newId()
    const details: Details = { title: input.title.trim(), hypotheses: rivals }
    const details_ciphertext = await sealDetails(ctx, id, details)
    await store.insertInquiry(ctx.tx, {
        id,
        case_id: input.case,
        details_ciphertext,
        opened_by: person,
        opened_at: ctx.now,
    })
    await store.insertMembers(ctx.tx, id, [person], ctx.now)
    await record(ctx, { kind: "inquiry.opened", inquiry: id, case: input.case }, true)
    for (const item of input.excluded ?? []) await excludePerson(ctx, id, item.person, item.reason)
    await addToInquiry(ctx, id, input)
    return id
}

/** Adds members and evidence. */
export async function addToInquiry(
    ctx: ActionContext,
    id: string,
    { members, evidence }: Pick<NewInquiry, "members" | "evidence">,
): Promise<void> {
    await memberOfOpen(ctx, id)
    await assertNotExcluded(ctx, id, members)
    for (const member of members) await validateFit(ctx, member)
    for (const item of evidence) await evidenceKept(ctx, item)
    if (members.length + evidence.length === 0) return
    await store.insertMembers(ctx.tx, id, members, ctx.now)
    await store.insertEvidence(ctx.tx, id, evidence)
    await record(ctx, { kind: "inquiry.expanded", inquiry: id, members, evidence }, true)
}

/** Checks that all members are investigators or approvers. Refuses `inquiry.bad_member`. */
async function validateFit(ctx: ActionContext, id: string): Promise<void> {
    const person = await personById(ctx, id)
    const fit = person?.roles.some((role) => role === "investigator" || role === "approver") ?? false
    if (!fit || person?.partner !== null || person.leftAt !== null) {
        refuse("invalid", "inquiry.bad_member", "a member must be an investigator or approver on the staff")
    }
}

export interface Opened extends Inquiry {
    readonly findings: readonly Finding[]
    readonly questions: readonly HeardQuestion[]
    readonly excluded: readonly KeptOut[]
    readonly turns: readonly Turn[]
    readonly attestations: readonly Attested[]
}

/** Reads one inquiry and records the look. */
export async function readInquiry(ctx: ActionContext, id: string): Promise<Opened> {
    const input = await wholeInquiry(ctx, id)
    await record(ctx, { kind: "inquiry.read", inquiry: id }, true)
    return input
}

/** Reads one inquiry for a member. The caller records the look. */
export async function wholeInquiry(ctx: ActionContext, id: string): Promise<Opened> {
    const inquiry = await present(ctx, await memberOf(ctx, id))
    const [findings, questions] = [await findingsOf(ctx, id), await questionsOf(ctx, id)]
    const named = findings.flatMap(({ partner }) => partner ?? [])
    return {
        ...inquiry,
        findings,
        questions,
        excluded: await keptOutOf(ctx, id),
        turns: await turnsOf(ctx, id),
        attestations: await attestationsOf(ctx, inquiry.case, questions, named),
    }
}

/** Lists the inquiries of the acting member, newest first, and records the look. */
export async function ownInquiries(ctx: ActionContext): Promise<Inquiry[]> {
    const found: Inquiry[] = []
    for (const row of await store.listInquiries(ctx.tx, assertOperator(ctx))) found.push(await present(ctx, row))
    const ids = found.map((inquiry) => inquiry.id)
    if (ids.length > 0) await record(ctx, { kind: "inquiry.listed", inquiries: ids }, true)
    return found
}

/** Sets the arguments for and against one hypothesis, and its prior weight. */
export async function weighHypothesis(ctx: ActionContext, id: string, key: string, words: Weighing): Promise<void> {
    const { title, hypotheses } = await openDetails(ctx, await memberOfOpen(ctx, id))
    const salt = newSalt(ctx)
    const after = weighed(hypotheses, key, words, salt)
    await store.setDetails(ctx.tx, id, await sealDetails(ctx, id, { title, hypotheses: after }))
    const committed =
        after.flatMap((hypothesis) => (hypothesis.key === key ? commitTo(salt, wordsOf(hypothesis)) : []))[0] ?? null
    await record(ctx, { kind: "inquiry.hypothesis_weighted", inquiry: id, hypothesis: key, words: committed }, true)
}

async function present(ctx: ActionContext, row: store.InquiryRow): Promise<Inquiry> {
    return {
        ...(await openDetails(ctx, row)),
        id: row.id,
        case: row.case_id,
        members: await store.listMembers(ctx.tx, row.id),
        evidence: await store.listEvidence(ctx.tx, row.id),
        openedBy: row.opened_by,
        openedAt: row.opened_at,
        course: await courseNow(ctx, row.id),
    }
}

const placeOf = (id: string): string => `inquiries.details:${id}`

async function sealDetails(ctx: ActionContext, id: string, details: Details): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, sealedWith(id), placeOf(id), JSON.stringify(details))
}

async function openDetails(ctx: ActionContext, row: store.InquiryRow): Promise<Details> {
    const text = await unseal(ctx.tx, ctx.services.keys, sealedWith(row.id), placeOf(row.id), row.details_ciphertext)
    return JSON.parse(text) as Details
}
