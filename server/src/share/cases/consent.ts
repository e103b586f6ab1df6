/**
 * Consent: a party's state towards the current terms of an embargo, computed from what was said, never stored.
 *
 * The accepted agreement is standing consent to embargoes up to its longest, so a partner who was never asked is a
 * signatory of those. Whoever was asked answers for itself, and silence declines. An earlier end lapses nobody; a
 * later one than was consented to lapses, and whoever lapses so is asked anew.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Beforehand } from "../../trust/partners/agreements/agreement.ts"
import {
    type Embargo,
    type Turn,
    type Voice,
    endOf,
    longestOf,
    longestSince,
    openProposals,
    shortestOf,
    upTo,
} from "./embargo.ts"

export type Consent = "none" | "invited" | "signatory" | "lapsed" | "declined"

export type ConsentTurn =
    | { readonly kind: "invited"; readonly at: Instant; readonly answerBy: Instant }
    | { readonly kind: "signed"; readonly at: Instant; readonly endsAt: Instant }
    | { readonly kind: "declined"; readonly at: Instant }
    /** A signatory leaves. The embargo goes on for the others. */
    | { readonly kind: "exited"; readonly at: Instant }

export const answerMs = 7 * dayMs
export const answerMsMin = 72 * hourMs
const answerMsMax = 30 * dayMs

/** `end`: until when the embargo runs now; null where none was agreed. `isStanding`: see `standsFor`. */
export function consentAt(
    turns: readonly ConsentTurn[],
    end: Instant | null,
    now: Instant,
    isStanding: boolean,
): Consent {
    const last = turns.findLast((turn) => turn.at <= now)
    if (last === undefined) return isStanding ? "signatory" : "none"
    if (last.kind === "declined" || last.kind === "exited") return "declined"
    if (last.kind === "invited") return now < last.answerBy ? "invited" : "declined"
    return end === null || end <= last.endsAt ? "signatory" : "lapsed"
}

/** What a partner's agreements consent to beforehand. */
export interface Consenting {
    /** The one that stands accepted: 0 where every case is asked about, null where none stands. */
    readonly longestEmbargoDays: number | null
    /** Those that bound it so far. */
    readonly consented: readonly Beforehand[]
}

/**
 * Whether a partner's agreement consents to this embargo beforehand: the one that stands accepted, or while one does, one
 * that bound it since the embargo has its latest end; another text takes nothing away from what was agreed before. What
 * it did not cover once it does not cover by an earlier end: one person sets that, and would open by it what nobody
 * signed for this partner.
 */
export function standsFor(embargo: Embargo, { longestEmbargoDays, consented }: Consenting): boolean {
    if (longestEmbargoDays === null) return false
    const since = longestSince(embargo)
    const before = since === null ? [] : consented.filter(({ until }) => until === null || until > since)
    return [longestEmbargoDays, ...before.map(({ longestDays }) => longestDays)].some((days) => covers(embargo, days))
}

const covers = (embargo: Embargo, days: number): boolean => days > 0 && (longestOf(embargo) ?? 0) <= days * dayMs

/** Whether what was consented to beforehand, by agreements that may hold no more, once reached the end that stood then. */
export function stoodFor(embargo: Embargo, consented: readonly Beforehand[]): boolean {
    const places = embargo.flatMap(({ kind }, n) => (kind === "agreed" || kind === "moved" ? [n] : []))
    return places.some((n, i) => {
        const stood = embargo.slice(0, n + 1)
        const since = stood.at(-1)?.at ?? 0
        const next = places[i + 1]
        const end = next === undefined ? Infinity : (embargo[next]?.at ?? Infinity)
        return consented.some(
            ({ longestDays, from, until }) => from < end && (until ?? Infinity) > since && covers(stood, longestDays),
        )
    })
}

/** Asks; whoever declined, by silence too, left or lapsed, may be asked once more. */
export function invite(
    turns: readonly ConsentTurn[],
    end: Instant | null,
    now: Instant,
    withinMs: number = answerMs,
): ConsentTurn {
    if (!(withinMs >= answerMsMin)) {
        refuse("invalid", "consent.too_short", "an invitation leaves 72 hours for its answer at least")
    }
    if (!(withinMs <= answerMsMax)) {
        refuse("invalid", "consent.too_long", "an invitation leaves 30 days for its answer at most")
    }
    const state = consentAt(turns, end, now, false)
    if (state === "invited" || state === "signatory") {
        refuse("conflict", "consent.already_invited", "this party was invited already")
    }
    return { kind: "invited", at: now, answerBy: now + withinMs }
}

/** What a yes consents to: the end that was agreed, or while none was, the earliest that is proposed. */
export function termsOf(embargo: Embargo, now: Instant): Instant | null {
    return endOf(embargo) ?? shortestOf(openProposals(embargo, now))?.endsAt ?? null
}

export function answer(turns: readonly ConsentTurn[], accepts: boolean, end: Instant, now: Instant): ConsentTurn {
    const state = consentAt(turns, end, now, false)
    if (!mayAnswer(turns, end, now)) {
        refuse("conflict", "consent.not_open", `nothing waits for an answer here: the state is \`${state}\``)
    }
    return accepts ? { kind: "signed", at: now, endsAt: end } : { kind: "declined", at: now }
}

/** Whether a yes would be heard by now: whoever asks for a signature asks for this one too. */
export function mayAnswer(turns: readonly ConsentTurn[], end: Instant | null, now: Instant): boolean {
    const state = consentAt(turns, end, now, false)
    return state === "invited" || state === "lapsed"
}

/** Leaves the embargo; nobody else's consent changes by it. */
export function exit(
    turns: readonly ConsentTurn[],
    end: Instant | null,
    now: Instant,
    isStanding: boolean,
): ConsentTurn {
    const state = consentAt(turns, end, now, isStanding)
    if (state !== "signatory" && state !== "lapsed") {
        refuse("conflict", "consent.not_signatory", `only a signatory leaves: the state is \`${state}\``)
    }
    return { kind: "exited", at: now }
}

/** Whether a party keeps, or kept, to the end that it consented to. What others found out stands elsewhere. */
export interface Adherence {
    /** `none`: it never consented. `exited`: it left before that end. */
    readonly state: "none" | "keeping" | "kept" | "exited"
    /** What it consented to, or the embargo's end where that came earlier. */
    readonly until: Instant | null
    readonly exitedAt: Instant | null
}

export function adherenceOf(
    turns: readonly ConsentTurn[],
    embargo: Embargo,
    now: Instant,
    isStanding: boolean,
): Adherence {
    const consentTurns = turns.filter((turn) => turn.at <= now)
    const left = consentTurns.at(-1)?.kind === "exited" ? (consentTurns.at(-1)?.at ?? null) : null
    const entries = upTo(embargo, left ?? now)
    const signed = consentTurns.findLast((turn) => turn.kind === "signed")
    const byAgreement = isStanding && consentTurns.every((turn) => turn.kind === "exited")
    const end = endOf(entries)
    if (end === null || (signed === undefined && !byAgreement)) return { state: "none", until: null, exitedAt: left }
    const until = signed === undefined ? end : Math.min(signed.endsAt, end)
    if (left !== null && left < until) return { state: "exited", until, exitedAt: left }
    return { state: now < until ? "keeping" : "kept", until, exitedAt: left }
}

/** A turn of the embargo as every invited party is told it: its state and its end, and nothing of what it is about. */
export interface ToldTurn {
    readonly kind: Turn["kind"]
    readonly at: Instant
    readonly endsAt: Instant | null
    /** Whose proposal it is: nobody is told who else is there. Null for what is no proposal. */
    readonly by: "you" | "another" | null
    /** A proposal that waits for its decision. */
    readonly open: boolean
}

/** Whoever declined or left is told what happened until then, and no more. */
export function toldOf(embargo: Embargo, turns: readonly ConsentTurn[], now: Instant, voice: Voice): ToldTurn[] {
    const until = toldUntil(turns, now)
    const entries = upTo(embargo, until)
    const open = new Set(openProposals(entries, until).map(({ n }) => n))
    return entries.map((turn, n) => ({
        kind: turn.kind,
        at: turn.at,
        endsAt: "endsAt" in turn ? turn.endsAt : null,
        by: turn.kind === "proposed" ? (turn.by === voice ? "you" : "another") : null,
        open: open.has(n),
    }))
}

/** Up to which instant a party is told of the embargo. */
export function toldUntil(turns: readonly ConsentTurn[], now: Instant): Instant {
    const last = turns.findLast((turn) => turn.at <= now)
    if (last?.kind === "declined" || last?.kind === "exited") return last.at
    return last?.kind === "invited" ? Math.min(last.answerBy, now) : now
}
