/**
 * An interim suspension, looked at again by two who did not take it: they keep it to a new date, or let it wait for the
 * decision of a procedure. To end it is a reinstatement. Until they decide it stays, and nothing ends it by itself.
 */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { seal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { type LetterText, mustBeLetter } from "../letter.ts"
import { type Measure, mustBeReviewDate } from "../measure.ts"
import { phaseOf } from "../procedure.ts"
import * as store from "../store/measures.ts"
import { dated } from "../template.ts"
import { type Asked, askTwo, related, relatedEach, useTwo, wordsAsked } from "./asking.ts"
import { measureOf, mustDecide, openOfKind } from "./keeping.ts"
import { tell } from "./letters.ts"
import { draftToSend } from "./templates.ts"
import { lockedProcedure } from "./turns.ts"

export type ReviewOutcome =
    | { readonly reviewBy: Instant; readonly procedure: null }
    | { readonly reviewBy: null; readonly procedure: string }

export interface NewReview {
    readonly reason: string
    readonly outcome: ReviewOutcome
    readonly letter?: LetterText | undefined
}

type Words = Asked["words"] & { readonly reason: string; readonly letter: LetterText | null } & ReviewOutcome

/** Asks a second person to sign; neither is the one who took it. Returns the approval's id. */
export async function requestReview(act: Act, id: string, { reason, outcome, letter }: NewReview): Promise<string> {
    const person = mustDecide(act, reason)
    const its = await mustBeOpen(act, id)
    const takers = await related(act, [its.takenBy])
    mustNotHaveTaken(takers, person)
    await mustBePossible(act, its, outcome)
    const text = outcome.reviewBy === null ? null : (letter ?? (await keptLetter(act, its.partner, outcome.reviewBy)))
    if (text) mustBeLetter(text)
    const kept = text && { subject: text.subject, text: text.text }
    return await askTwo(act, asked(its, { reason, letter: kept, ...outcome }, takers))
}

/** What the letter would say where it is kept. */
export async function keptLetter(act: Act, partner: string, reviewBy: Instant): Promise<LetterText> {
    return await draftToSend(act, "suspension kept", partner, { "review by": dated(reviewBy) })
}

/** Carries out what was signed. */
export async function carryOutReview(act: Act, id: string, approval: string): Promise<void> {
    const words = (await wordsAsked(act, approval, "measure.extend")) as Words
    mustDecide(act, words.reason)
    const its = await mustBeOpen(act, id)
    const takers = await related(act, [its.takenBy])
    const carried = await useTwo(act, approval, asked(its, words, takers))
    for (const one of carried.by) mustNotHaveTaken(takers, one)
    await mustBePossible(act, its, words)
    const review = act.doors.newId()
    const { procedure, reviewBy, reason } = words
    await store.insertReview(act.tx, {
        ...{ id: review, measure: id, procedure, review_due_at: reviewBy, approval, decided_at: act.now },
        reason_ciphertext: await seal(
            act.tx,
            act.doors.keys,
            `partner:${its.partner}`,
            `reviews.reason:${review}`,
            reason,
        ),
    })
    await record(act, { kind: "measure.reviewed", measure: id, partner: its.partner, procedure, reviewBy, approval })
    if (words.letter === null) return
    await tell(act, { partner: its.partner, kind: "suspension kept", measure: id }, words.letter)
}

type Interim = Measure & { readonly partner: string }

async function mustBeOpen(act: Act, id: string): Promise<Interim> {
    await store.lockMeasure(act.tx, id)
    const { partner, ...its } = await measureOf(act, id)
    if (its.kind !== "interim suspension" || its.endedAt !== null || partner === null) {
        refuse("conflict", "measure.not_reviewable", "only an interim suspension that holds is looked at again")
    }
    return { ...its, partner }
}

async function mustBePossible(act: Act, its: Interim, outcome: ReviewOutcome): Promise<void> {
    if (outcome.reviewBy !== null) return mustBeReviewDate(outcome.reviewBy, act.now)
    const { partner, turns } = await lockedProcedure(act, outcome.procedure)
    const phase = phaseOf(turns, act.now)
    if (partner === its.partner && (phase === "answer awaited" || phase === "to decide")) return
    refuse(
        "conflict",
        "measure.procedure_not_found",
        "no procedure about this partner waits for its decision under this id",
    )
}

function asked({ id, partner }: Interim, words: Words, mayNotSign: readonly string[]): Asked {
    const { procedure, reviewBy } = words
    return { act: "measure.extend", partner, detail: { measure: id, procedure, reviewBy }, words, mayNotSign }
}

function mustNotHaveTaken(takers: readonly string[], person: string): void {
    if (!takers.includes(person)) return
    refuse("forbidden", "measure.own_review", "whoever suspended does not decide that it is kept")
}

/** The persons who may not decide that a measure is kept, for each measure. */
export async function reviewsBarredTo(act: Act, measures: readonly Pick<Measure, "takenBy">[]): Promise<string[][]> {
    return await relatedEach(
        act,
        measures.map(({ takenBy }) => [takenBy]),
    )
}

/** What waits for two to look at it again, the most urgent first. */
export async function openReviews(act: Act): Promise<Interim[]> {
    const open = (await openOfKind(act, "interim suspension")).filter((one) => one.procedure === null)
    return open
        .flatMap((one) => (one.partner === null ? [] : [{ ...one, partner: one.partner }]))
        .toSorted((a, b) => (a.reviewBy ?? 0) - (b.reviewBy ?? 0))
}
