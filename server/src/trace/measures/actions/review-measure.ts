/**
 * Reviews an interim suspension by two people who did not decide it. They extend it to a new date, or until a procedure
 * is decided. Reinstatement ends it. It stays until two people decide.
 */
import { type Instant, instantInWords } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { encryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type LetterText, validateLetter } from "../letter.ts"
import { type Measure, validateReviewDate } from "../measure.ts"
import { phaseOf } from "../procedure.ts"
import * as store from "../store/measures.ts"
import {
    type DecisionRequest,
    requestSecondSignature,
    listRelatedAccounts,
    listRelatedAccountsByGroup,
    applyRequest,
    loadRequestTexts,
} from "./request-decision.ts"
import { loadMeasure, assertMayDecide, listOpenMeasuresOfKind } from "./record-measure.ts"
import { notifyByLetter } from "./send-letter.ts"
import { draftEditableLetter } from "./set-template.ts"
import { lockProcedure } from "./record-entry.ts"

export type ReviewOutcome =
    | { readonly reviewBy: Instant; readonly procedure: null }
    | { readonly reviewBy: null; readonly procedure: string }

export interface NewReview {
    readonly reason: string
    readonly outcome: ReviewOutcome
    readonly letter?: LetterText | undefined
}

type ReviewTexts = DecisionRequest["texts"] & {
    readonly reason: string
    readonly letter: LetterText | null
} & ReviewOutcome

/** Requests a review from another person. Neither decided the suspension. Returns the approval's id. */
export async function requestReview(
    ctx: ActionContext,
    id: string,
    { reason, outcome, letter }: NewReview,
): Promise<string> {
    const person = assertMayDecide(ctx, reason)
    const interim = await lockInterimSuspension(ctx, id)
    const deciders = await listRelatedAccounts(ctx, [interim.takenBy])
    assertDidNotDecide(deciders, person)
    await validateReviewOutcome(ctx, interim, outcome)
    const draft =
        outcome.reviewBy === null
            ? null
            : (letter ?? (await draftExtensionLetter(ctx, interim.partner, outcome.reviewBy)))
    if (draft) validateLetter(draft)
    const letterText = draft && { subject: draft.subject, text: draft.text }
    return await requestSecondSignature(
        ctx,
        buildReviewRequest(interim, { reason, letter: letterText, ...outcome }, deciders),
    )
}

/** Drafts the letter about an extended suspension. */
export async function draftExtensionLetter(
    ctx: ActionContext,
    partner: string,
    reviewBy: Instant,
): Promise<LetterText> {
    return await draftEditableLetter(ctx, "suspension_extended", partner, { review_by: instantInWords(reviewBy) })
}

/** Applies a signed review. */
export async function applyReview(ctx: ActionContext, id: string, approval: string): Promise<void> {
    const texts = (await loadRequestTexts(ctx, approval, "measure.extend")) as ReviewTexts
    assertMayDecide(ctx, texts.reason)
    const interim = await lockInterimSuspension(ctx, id)
    const deciders = await listRelatedAccounts(ctx, [interim.takenBy])
    const signed = await applyRequest(ctx, approval, buildReviewRequest(interim, texts, deciders))
    for (const signer of signed.by) assertDidNotDecide(deciders, signer)
    await validateReviewOutcome(ctx, interim, texts)
    const review = ctx.services.newId()
    const { procedure, reviewBy, reason } = texts
    await store.insertReview(ctx.tx, {
        id: review,
        measure: id,
        procedure,
        review_due_at: reviewBy,
        approval,
        decided_at: ctx.now,
        reason_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            `partner:${interim.partner}`,
            `reviews.reason:${review}`,
            reason,
        ),
    })
    await record(ctx, {
        kind: "measure.reviewed",
        measure: id,
        partner: interim.partner,
        procedure,
        reviewBy,
        approval,
    })
    if (texts.letter === null) return
    await notifyByLetter(ctx, { partner: interim.partner, kind: "suspension_extended", measure: id }, texts.letter)
}

type InterimSuspension = Measure & { readonly partner: string }

async function lockInterimSuspension(ctx: ActionContext, id: string): Promise<InterimSuspension> {
    await store.lockMeasure(ctx.tx, id)
    const { partner, ...rest } = await loadMeasure(ctx, id)
    if (rest.kind !== "interim_suspension" || rest.endedAt !== null || partner === null) {
        refuse("conflict", "measure.not_reviewable", "only an open interim suspension can be reviewed")
    }
    return { ...rest, partner }
}

async function validateReviewOutcome(
    ctx: ActionContext,
    interim: InterimSuspension,
    outcome: ReviewOutcome,
): Promise<void> {
    if (outcome.reviewBy !== null) return validateReviewDate(outcome.reviewBy, ctx.now)
    const { partner, history } = await lockProcedure(ctx, outcome.procedure)
    const phase = phaseOf(history, ctx.now)
    if (partner === interim.partner && (phase === "answer_awaited" || phase === "to_decide")) return
    refuse(
        "conflict",
        "measure.procedure_not_found",
        "this procedure is not open for this partner: name a procedure without a decision",
    )
}

function buildReviewRequest(
    { id, partner }: InterimSuspension,
    texts: ReviewTexts,
    mayNotSign: readonly string[],
): DecisionRequest {
    const { procedure, reviewBy } = texts
    return { action: "measure.extend", partner, detail: { measure: id, procedure, reviewBy }, texts, mayNotSign }
}

function assertDidNotDecide(deciders: readonly string[], person: string): void {
    if (!deciders.includes(person)) return
    refuse("forbidden", "measure.own_review", "you decided this suspension: leave its review to other people")
}

/** Lists the people who may not extend a measure, for each measure. */
export async function listPeopleBarredFromReviews(
    ctx: ActionContext,
    measures: readonly Pick<Measure, "takenBy">[],
): Promise<string[][]> {
    return await listRelatedAccountsByGroup(
        ctx,
        measures.map(({ takenBy }) => [takenBy]),
    )
}

/** Lists interim suspensions to review, the most urgent first. */
export async function listSuspensionsToReview(ctx: ActionContext): Promise<InterimSuspension[]> {
    const open = (await listOpenMeasuresOfKind(ctx, "interim_suspension")).filter(
        (measure) => measure.procedure === null,
    )
    return open
        .flatMap((measure) => (measure.partner === null ? [] : [{ ...measure, partner: measure.partner }]))
        .toSorted((a, b) => (a.reviewBy ?? 0) - (b.reviewBy ?? 0))
}
