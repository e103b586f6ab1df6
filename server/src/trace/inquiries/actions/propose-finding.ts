/**
 * Handles findings: one member proposes, another signs, then the finding is confirmed. Only members see the approval.
 * It holds the inquiry's id and a salted hash; the text and the partner are read in the inquiry.
 */
import { createHmac } from "node:crypto"
import { type Json, canonical } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import { approval as approvalOf, requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, stateOf } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/load-facts.ts"
import { acceptedObligation } from "../../../trust/partners/agreements/actions/accept-agreement.ts"
import { type Breached, type Conclusion, type Finding, validateConclusion } from "../inquiry.ts"
import { validateReason } from "../history.ts"
import { stateOf as stateOfQuestion } from "../question.ts"
import * as store from "../store.ts"
import { memberOf, memberOfOpen, assertOperator, sealedWith } from "./check-membership.ts"
import { questionsOf } from "./ask-question.ts"
import { commitTo, saveTexts, newSalt, openWords } from "./load-texts.ts"

/** Proposes a finding, which waits for a second member's signature. */
export async function conclude(
    ctx: ActionContext,
    inquiry: string,
    input: Conclusion,
): Promise<{ readonly finding: string; readonly approval: string }> {
    await memberOfOpen(ctx, inquiry)
    validateConclusion(input)
    const { partner, conclusion, confidence } = input
    if (partner !== null) await partnerFactsOf(ctx, partner, ctx.now)
    const obligation = partner && input.obligation ? await breachedBy(ctx, partner, input.obligation) : null
    const id = ctx.services.newId()
    const onlyFor = await assertHasSigner(ctx, inquiry)
    const salt = newSalt(ctx)
    const effects = effectsOf(ctx, inquiry, id, { partner, conclusion, confidence, obligation, salt })
    const approval = await requestApproval(ctx, { ...effects, onlyFor })
    const text = JSON.stringify({ conclusion, confidence, obligation, salt })
    await store.insertFinding(ctx.tx, {
        id,
        inquiry,
        partner,
        details_ciphertext: await seal(ctx.tx, ctx.services.keys, sealedWith(inquiry), `findings.details:${id}`, text),
        approval,
        proposed_by: assertOperator(ctx),
        proposed_at: ctx.now,
    })
    await record(ctx, { kind: "finding.proposed", finding: id, inquiry, partner, approval }, true)
    return { finding: id, approval }
}

async function breachedBy(ctx: ActionContext, partner: string, id: string): Promise<Breached> {
    const found = await acceptedObligation(ctx, partner, id)
    if (found) return { agreement: found.agreement, id, text: found.obligation.text }
    refuse(
        "invalid",
        "inquiry.obligation_not_found",
        `this partner accepted no agreement with an obligation \`${id.slice(0, 40)}\``,
    )
}

/** Lists the members. Refuses `inquiry.no_signer` where no other member can sign. */
async function assertHasSigner(ctx: ActionContext, inquiry: string): Promise<string[]> {
    const members = await store.listMembers(ctx.tx, inquiry)
    for (const member of members) {
        const person = member === assertOperator(ctx) ? null : await personById(ctx, member)
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
    await memberOfOpen(ctx, inquiry)
    const finding = (await findingsOf(ctx, inquiry)).find((finding) => finding.id === id)
    if (!finding) refuse("missing", "inquiry.finding_not_found", "no such finding")
    const isAwaited = (await questionsOf(ctx, inquiry)).some(
        (heardQuestion) => heardQuestion.finding === id && stateOfQuestion(heardQuestion, ctx.now) === "open",
    )
    if (isAwaited && reason === null) {
        refuse(
            "conflict",
            "inquiry.answer_awaited",
            "the partner may still answer: wait, or give a reason why you do not",
        )
    }
    if (reason !== null) validateReason(reason)
    await useApproval(ctx, finding.approval, effectsOf(ctx, inquiry, id, finding))
    const unheard = reason === null || !isAwaited ? null : await saveTexts(ctx, inquiry, unheardPlaceOf(id), { reason })
    await store.setConfirmed(ctx.tx, id, ctx.now, unheard?.box ?? null)
    const facts = { finding: id, inquiry, partner: finding.partner, words: unheard?.words ?? null }
    await record(ctx, { kind: "finding.confirmed", ...facts }, true)
}

/** The breach that a sanction is based on. */
export interface Breach extends Pick<Finding, "conclusion" | "confidence"> {
    readonly partner: string
    readonly obligation: Breached
}

/**
 * Returns a confirmed finding that a partner breached an obligation. For members. Refuses `inquiry.finding_not_found`,
 * `inquiry.not_confirmed` and `inquiry.no_breach`.
 */
export async function confirmedBreach(ctx: ActionContext, inquiry: string, id: string): Promise<Breach> {
    await memberOf(ctx, inquiry)
    const finding = (await findingsOf(ctx, inquiry)).find((finding) => finding.id === id)
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
export async function findingsOf(ctx: ActionContext, inquiry: string): Promise<Finding[]> {
    const found: Finding[] = []
    for (const row of await store.listFindings(ctx.tx, inquiry)) {
        const place = `findings.details:${row.id}`
        const text = await unseal(ctx.tx, ctx.services.keys, sealedWith(inquiry), place, row.details_ciphertext)
        const words = JSON.parse(text) as Pick<Finding, "conclusion" | "confidence" | "obligation"> & { salt?: string }
        const { id, partner, approval } = row
        const state = stateOf(await approvalOf(ctx, approval), ctx.now)
        const by = { proposedBy: row.proposed_by, proposedAt: row.proposed_at, confirmedAt: row.confirmed_at }
        const unheard =
            row.without_answer_ciphertext &&
            (await openWords<Reason>(ctx, inquiry, unheardPlaceOf(id), row.without_answer_ciphertext))
        found.push({ ...words, salt: words.salt ?? null, unheard, id, partner, approval, state, ...by })
    }
    return found
}

interface Reason {
    readonly reason: string
}

const unheardPlaceOf = (id: string): string => `findings.unheard:${id}`

type Said = Pick<Finding, "partner" | "conclusion" | "confidence" | "obligation" | "salt">

/** `salted` tells a verifier that these texts need their salt. */
function effectsOf(ctx: ActionContext, inquiry: string, finding: string, statement: Said): Effects {
    const { partner, conclusion, confidence, obligation, salt } = statement
    const words = { finding, partner, conclusion, confidence, obligation: obligation && { ...obligation } }
    const digest = salt === null ? keyedHash(ctx, words) : commitTo(salt, words)
    const detail = { inquiry, finding, digest, ...(salt !== null && { salted: true }) }
    return { act: "finding.confirm", recipients: [], artifacts: [], at: null, detail }
}

/** Computes the hash of findings that were signed before salts existed. */
function keyedHash(ctx: ActionContext, words: Json): string {
    return createHmac("sha256", ctx.services.keys.derive("findings", 32)).update(canonical(words)).digest("hex")
}
