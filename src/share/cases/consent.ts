/**
 * Consent: a partner's state towards the current terms of an embargo, computed from what was said, never stored.
 *
 * The accepted agreement is standing consent, so a partner who was never invited is a signatory. Whoever was invited
 * answers for itself, and silence declines. An earlier end lapses nobody; a later one than was signed lapses.
 */
import { type Instant, dayMs, hourMs } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"

export type Consent = "none" | "invited" | "signatory" | "lapsed" | "declined"

export type ConsentTurn =
    | { readonly kind: "invited"; readonly at: Instant; readonly answerBy: Instant }
    | { readonly kind: "signed"; readonly at: Instant; readonly endsAt: Instant }
    | { readonly kind: "declined"; readonly at: Instant }

export const answerMs = 7 * dayMs
export const answerMsMin = 72 * hourMs

/** `end`: until when the embargo runs now; null where none was agreed. */
export function consentAt(turns: readonly ConsentTurn[], end: Instant | null, now: Instant): Consent {
    const last = turns.findLast((turn) => turn.at <= now)
    if (last === undefined) return "signatory"
    if (last.kind === "declined") return "declined"
    if (last.kind === "invited") return now < last.answerBy ? "invited" : "declined"
    return end === null || end <= last.endsAt ? "signatory" : "lapsed"
}

export function invite(turns: readonly ConsentTurn[], now: Instant, withinMs: number = answerMs): ConsentTurn {
    if (!(withinMs >= answerMsMin)) {
        refuse("invalid", "consent.too_short", "an invitation leaves 72 hours for its answer at least")
    }
    if (turns.length > 0) refuse("conflict", "consent.invited_already", "this partner was invited already")
    return { kind: "invited", at: now, answerBy: now + withinMs }
}

export function answer(turns: readonly ConsentTurn[], accepts: boolean, end: Instant, now: Instant): ConsentTurn {
    const state = consentAt(turns, end, now)
    if (state !== "invited" && state !== "lapsed") {
        refuse("conflict", "consent.nothing_asked", `nothing waits for an answer here: the state is \`${state}\``)
    }
    return accepts ? { kind: "signed", at: now, endsAt: end } : { kind: "declined", at: now }
}
