/**
 * Handles findings: one member proposes, another signs, then the finding is confirmed. Only members see the approval.
 * It holds the inquiry's id and a salted hash; the text and the partner are read in the inquiry.
 */
import { refuse } from "@tocsin/base/refusal"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { loadApproval } from "../../../trust/approvals/actions/load-approvals.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type Effects, stateOf } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { loadPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { findAcceptedObligation } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { type BreachedObligation, type Conclusion, type Finding, validateConclusion } from "../inquiry.ts"
import { validateReason } from "../history.ts"
import { stateOf as stateOfQuestion } from "../question.ts"
import * as store from "../store/inquiries.ts"
import { lockInquiryAsMember, lockOpenInquiryAsMember, assertOperator, inquiryScope } from "./check-membership.ts"
import { listQuestions } from "./ask-question.ts"
import { commitTo, encryptTexts, newSalt, decryptTexts } from "./encrypt-texts.ts"

/** Proposes a finding, which waits for a second member's signature. */
export async function proposeFinding(
    ctx: ActionContext,
    inquiry: string,
    proposal: Conclusion,
): Promise<{ readonly finding: string; readonly approval: string }> {
    await lockOpenInquiryAsMember(ctx, inquiry)
    validateConclusion(proposal)
    const { partner, conclusion, confidence } = proposal
    if (partner !== null) await loadPartnerFacts(ctx, partner, ctx.now)
    const obligation =
        partner && proposal.obligation ? await loadBreachedObligation(ctx, partner, proposal.obligation) : null
    const id = ctx.services.newId()
    const onlyFor = await assertHasSigner(ctx, inquiry)
    const salt = newSalt(ctx)
    const effects = effectsOf(inquiry, id, { partner, conclusion, confidence, obligation, salt })
    const approval = await requestApproval(ctx, { ...effects, onlyFor })
    const text = JSON.stringify({ conclusion, confidence, obligation, salt })
    await store.insertFinding(ctx.tx, {
        id,
        inquiry,
        partner,
        details_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            inquiryScope(inquiry),
            `findings.details:${id}`,
            text,
        ),
        approval,
        proposed_by: assertOperator(ctx),
        proposed_at: ctx.now,
    })
    await record(ctx, { kind: "finding.proposed", finding: id, inquiry, partner, approval }, true)
    return { finding: id, approval }
}

async function loadBreachedObligation(ctx: ActionContext, partner: string, id: string): Promise<BreachedObligation> {
    const found = await findAcceptedObligation(ctx, partner, id)
    if (found) return { agreement: found.agreement, id, text: found.obligation.text }
    refuse(
        "invalid",
        "inquiry.obligation_not_found",
        `this partner accepted no agreement with an obligation \`${id.slice(0, 40)}\``,
        { id: id.slice(0, 40) },
    )
}

/** Lists the members. Refuses `inquiry.no_signer` where no other member can sign. */
async function assertHasSigner(ctx: ActionContext, inquiry: string): Promise<string[]> {
    const members = await store.listMembers(ctx.tx, inquiry)
    for (const member of members) {
        const person = member === assertOperator(ctx) ? null : await findPerson(ctx, member)
        if (person?.leftAt === null && person.roles.includes("approver")) return members
    }
    refuse("conflict", "inquiry.no_signer", "no other member is an approver: add one to read and sign this")
}

/**
 * Confirms a finding by applying the second signature. Where the partner got the finding summary and may still answer,
 * refuses `inquiry.answer_awaited` without a `reason`. Only the inquiry keeps that reason.
 */
export async function confirmFinding(
    ctx: ActionContext,
    inquiry: string,
    id: string,
    reason: string | null = null,
): Promise<void> {
    await lockOpenInquiryAsMember(ctx, inquiry)
    const finding = (await listFindings(ctx, inquiry)).find((finding) => finding.id === id)
    if (!finding) refuse("missing", "inquiry.finding_not_found", "no such finding")
    const isAwaited = (await listQuestions(ctx, inquiry)).some(
        (question) => question.finding === id && stateOfQuestion(question, ctx.now) === "open",
    )
    if (isAwaited && reason === null) {
        refuse(
            "conflict",
            "inquiry.answer_awaited",
            "the partner may still answer: wait, or give a reason why you do not",
        )
    }
    if (reason !== null) validateReason(reason)
    await applyApproval(ctx, finding.approval, effectsOf(inquiry, id, finding))
    const encryptedReason =
        reason === null || !isAwaited ? null : await encryptTexts(ctx, inquiry, withoutAnswerPlaceOf(id), { reason })
    await store.setConfirmed(ctx.tx, id, ctx.now, encryptedReason?.ciphertext ?? null)
    const facts = { finding: id, inquiry, partner: finding.partner, text: encryptedReason?.commitment ?? null }
    await record(ctx, { kind: "finding.confirmed", ...facts }, true)
}

/** The breach that a sanction is based on. */
export interface Breach extends Pick<Finding, "conclusion" | "confidence"> {
    readonly partner: string
    readonly obligation: BreachedObligation
}

/**
 * Returns a confirmed finding that a partner breached an obligation. For members. Refuses `inquiry.finding_not_found`,
 * `inquiry.not_confirmed` and `inquiry.no_breach`.
 */
export async function loadConfirmedBreach(ctx: ActionContext, inquiry: string, id: string): Promise<Breach> {
    await lockInquiryAsMember(ctx, inquiry)
    const finding = (await listFindings(ctx, inquiry)).find((finding) => finding.id === id)
    if (!finding) refuse("missing", "inquiry.finding_not_found", "no such finding")
    const { partner, obligation, conclusion, confidence, confirmedAt } = finding
    if (confirmedAt === null)
        refuse("conflict", "inquiry.not_confirmed", "this finding is not confirmed: a second member must sign it first")
    if (partner === null || obligation === null) {
        refuse("conflict", "inquiry.no_breach", "this finding names no obligation that a partner breached")
    }
    return { partner, obligation, conclusion, confidence }
}

/** Lists the findings of one inquiry, oldest first. The caller has checked membership. */
export async function listFindings(ctx: ActionContext, inquiry: string): Promise<Finding[]> {
    const findings: Finding[] = []
    for (const row of await store.listFindings(ctx.tx, inquiry)) {
        const place = `findings.details:${row.id}`
        const text = await decryptText(ctx.tx, ctx.services.keys, inquiryScope(inquiry), place, row.details_ciphertext)
        const details = JSON.parse(text) as Pick<Finding, "conclusion" | "confidence" | "obligation" | "salt">
        const { id, partner, approval } = row
        const state = stateOf(await loadApproval(ctx, approval), ctx.now)
        const dates = { proposedBy: row.proposed_by, proposedAt: row.proposed_at, confirmedAt: row.confirmed_at }
        const confirmedWithoutAnswer =
            row.without_answer_ciphertext &&
            (await decryptTexts<ReasonText>(ctx, inquiry, withoutAnswerPlaceOf(id), row.without_answer_ciphertext))
        findings.push({
            ...details,
            confirmedWithoutAnswer,
            id,
            partner,
            approval,
            state,
            ...dates,
        })
    }
    return findings
}

interface ReasonText {
    readonly reason: string
}

const withoutAnswerPlaceOf = (id: string): string => `findings.without_answer:${id}`

type FindingStatement = Pick<Finding, "partner" | "conclusion" | "confidence" | "obligation" | "salt">

function effectsOf(inquiry: string, finding: string, statement: FindingStatement): Effects {
    const { partner, conclusion, confidence, obligation, salt } = statement
    const texts = { finding, partner, conclusion, confidence, obligation: obligation && { ...obligation } }
    const detail = { inquiry, finding, digest: commitTo(salt, texts) }
    return { action: "finding.confirm", recipients: [], artifacts: [], at: null, detail }
}
