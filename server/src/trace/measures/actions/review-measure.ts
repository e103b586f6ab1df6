/**
 * Reviews an interim suspension by two people who did not decide it. They extend it to a new date, or until a procedure
 * is decided. Reinstatement ends it. It stays until two people decide.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { seal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type LetterText, validateLetter } from "../letter.ts"
import { type Measure, validateReviewDate } from "../measure.ts"
import { phaseOf } from "../procedure.ts"
import * as store from "../store/measures.ts"
import { dated } from "../template.ts"
import { type Asked, askTwo, related, relatedEach, useTwo, wordsAsked } from "./request-decision.ts"
import { measureOf, assertDecided, openOfKind } from "./record-measure.ts"
import { tell } from "./send-letter.ts"
import { draftToSend } from "./set-template.ts"
import { lockedProcedure } from "./record-entry.ts"

export type ReviewOutcome =
    | { readonly reviewBy: Instant; readonly procedure: null }
    | { readonly reviewBy: null; readonly procedure: string }

export interface NewReview {
    readonly reason: string
    readonly outcome: ReviewOutcome
    readonly letter?: LetterText | undefined
}

type Words = Asked["words"] & { readonly reason: string; readonly letter: LetterText | null } & ReviewOutcome

/** Requests a review from another person. Neither decided the suspension. Returns the approval's id. */
export async function requestReview(
    ctx: ActionContext,
    id: string,
    { reason, outcome, letter }: NewReview,
): Promise<string> {
    const person = assertDecided(ctx, reason)
    const interim = await assertOpen(ctx, id)
    const takers = await related(ctx, [interim.takenBy])
    assertNotTaken(takers, person)
    await validatePossible(ctx, interim, outcome)
    const text =
        outcome.reviewBy === null ? null : (letter ?? (await keptLetter(ctx, interim.partner, outcome.reviewBy)))
    if (text) validateLetter(text)
    const kept = text && { subject: text.subject, text: text.text }
    return await askTwo(ctx, asked(interim, { reason, letter: kept, ...outcome }, takers))
}

/** Drafts the letter about an extended suspension. */
export async function keptLetter(ctx: ActionContext, partner: string, reviewBy: Instant): Promise<LetterText> {
    return await draftToSend(ctx, "suspension_extended", partner, { review_by: dated(reviewBy) })
}

/** Applies a signed review. */
export async function applyReview(ctx: ActionContext, id: string, approval: string): Promise<void> {
    const words = (await wordsAsked(ctx, approval, "measure.extend")) as Words
    assertDecided(ctx, words.reason)
    const interim = await assertOpen(ctx, id)
    const takers = await related(ctx, [interim.takenBy])
    const carried = await useTwo(ctx, approval, asked(interim, words, takers))
    for (const item of carried.by) assertNotTaken(takers, item)
    await validatePossible(ctx, interim, words)
    const review = ctx.services.newId()
    const { procedure, reviewBy, reason } = words
    await store.insertReview(ctx.tx, {
        id: review,
        measure: id,
        procedure,
        review_due_at: reviewBy,
        approval,
        decided_at: ctx.now,
        reason_ciphertext: await seal(
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
    if (words.letter === null) return
    await tell(ctx, { partner: interim.partner, kind: "suspension_extended", measure: id }, words.letter)
}

type Interim = Measure & { readonly partner: string }

async function assertOpen(ctx: ActionContext, id: string): Promise<Interim> {
    await store.lockMeasure(ctx.tx, id)
    const { partner, ...rest } = await measureOf(ctx, id)
    if (rest.kind !== "interim_suspension" || rest.endedAt !== null || partner === null) {
        refuse("conflict", "measure.not_reviewable", "only an open interim suspension can be reviewed")
    }
    return { ...rest, partner }
}

async function validatePossible(ctx: ActionContext, interim: Interim, outcome: ReviewOutcome): Promise<void> {
    if (outcome.reviewBy !== null) return validateReviewDate(outcome.reviewBy, ctx.now)
    const { partner, turns } = await lockedProcedure(ctx, outcome.procedure)
    const phase = phaseOf(turns, ctx.now)
    if (partner === interim.partner && (phase === "answer_awaited" || phase === "to_decide")) return
    refuse(
        "conflict",
        "measure.procedure_not_found",
        "this procedure is not open for this partner: name a procedure without a decision",
    )
}

function asked({ id, partner }: Interim, words: Words, mayNotSign: readonly string[]): Asked {
    const { procedure, reviewBy } = words
    return { act: "measure.extend", partner, detail: { measure: id, procedure, reviewBy }, words, mayNotSign }
}

function assertNotTaken(takers: readonly string[], person: string): void {
    if (!takers.includes(person)) return
    refuse("forbidden", "measure.own_review", "you decided this suspension: leave its review to other people")
}

/** Lists the people who may not extend a measure, for each measure. */
export async function reviewsBarredTo(
    ctx: ActionContext,
    measures: readonly Pick<Measure, "takenBy">[],
): Promise<string[][]> {
    return await relatedEach(
        ctx,
        measures.map(({ takenBy }) => [takenBy]),
    )
}

/** Lists interim suspensions to review, the most urgent first. */
export async function openReviews(ctx: ActionContext): Promise<Interim[]> {
    const open = (await openOfKind(ctx, "interim_suspension")).filter((measure) => measure.procedure === null)
    return open
        .flatMap((measure) => (measure.partner === null ? [] : [{ ...measure, partner: measure.partner }]))
        .toSorted((a, b) => (a.reviewBy ?? 0) - (b.reviewBy ?? 0))
}
