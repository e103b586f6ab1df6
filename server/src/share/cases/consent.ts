/**
 * Consent: a participant's state under the current terms of an embargo, computed from its history and never stored.
 *
 * An accepted agreement gives advance consent to embargoes up to its limit. So partners that were never invited are
 * signatories of those embargoes. An invited participant answers for itself, and silence declines. An earlier end
 * lapses no consent. A later end than consented to lapses it, and the participant is invited again.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { AdvanceConsent } from "../../trust/partners/agreements/agreement.ts"
import {
    type Embargo,
    type EmbargoEntry,
    type ParticipantId,
    endOf,
    longestOf,
    longestSince,
    openProposals,
    shortestOf,
    entriesUntil,
} from "./embargo.ts"

/** The state of a partner's consent to one embargo. */
export type Consent = "none" | "invited" | "signatory" | "expired" | "declined"

/** An entry in the history of a consent. */
export type ConsentEntry =
    | { readonly kind: "invited"; readonly at: Instant; readonly answerBy: Instant }
    | { readonly kind: "signed"; readonly at: Instant; readonly endsAt: Instant }
    | { readonly kind: "declined"; readonly at: Instant }
    /** A signatory leaves. The embargo continues for the others. */
    | { readonly kind: "exited"; readonly at: Instant }

export const answerDeadlineMs = 7 * dayMs
export const answerDeadlineMsMin = 72 * hourMs
const answerDeadlineMsMax = 30 * dayMs

/**
 * Returns the state at an instant. `end` is the current end, null where none was agreed; for `isStanding` see
 * `standsFor`.
 */
export function consentAt(
    history: readonly ConsentEntry[],
    end: Instant | null,
    now: Instant,
    hasAdvanceConsent: boolean,
): Consent {
    const last = history.findLast((entry) => entry.at <= now)
    if (last === undefined) return hasAdvanceConsent ? "signatory" : "none"
    if (last.kind === "declined" || last.kind === "exited") return "declined"
    if (last.kind === "invited") return now < last.answerBy ? "invited" : "declined"
    return end === null || end <= last.endsAt ? "signatory" : "expired"
}

/** The advance consent of a partner's agreements. */
export interface AgreementConsent {
    /** The limit of the accepted agreement: 0 where each case needs an invitation, null where none is accepted. */
    readonly longestEmbargoDays: number | null
    /** The limits of all agreements that have bound the partner. */
    readonly advanceConsents: readonly AdvanceConsent[]
}

/**
 * Whether a partner's agreement gives advance consent to this embargo.
 *
 * This is the accepted agreement, or, while one is accepted, an earlier one that bound it when the embargo got its
 * latest end. So a new agreement takes no consent away. An earlier end never adds advance consent: one person sets it,
 * and it would give access without a signature.
 */
export function givesAdvanceConsent(
    embargo: Embargo,
    { longestEmbargoDays, advanceConsents }: AgreementConsent,
): boolean {
    if (longestEmbargoDays === null) return false
    const since = longestSince(embargo)
    const before = since === null ? [] : advanceConsents.filter(({ until }) => until === null || until > since)
    return [longestEmbargoDays, ...before.map(({ longestDays }) => longestDays)].some((days) => covers(embargo, days))
}

const covers = (embargo: Embargo, days: number): boolean => days > 0 && (longestOf(embargo) ?? 0) <= days * dayMs

/** Whether advance consent, also of expired agreements, ever covered the end of that time. */
export function gaveAdvanceConsent(embargo: Embargo, advanceConsents: readonly AdvanceConsent[]): boolean {
    const endIndexes = embargo.flatMap(({ kind }, n) => (kind === "agreed" || kind === "moved" ? [n] : []))
    return endIndexes.some((n, i) => {
        const earlier = embargo.slice(0, n + 1)
        const since = earlier.at(-1)?.at ?? 0
        const next = endIndexes[i + 1]
        const end = next === undefined ? Infinity : (embargo[next]?.at ?? Infinity)
        return advanceConsents.some(
            ({ longestDays, from, until }) => from < end && (until ?? Infinity) > since && covers(earlier, longestDays),
        )
    })
}

/**
 * Returns the invitation entry. Parties that declined, left, lapsed or did not answer can be invited again. Refuses
 * `consent.too_short`, `consent.too_long`, `consent.already_invited`.
 */
export function invite(
    history: readonly ConsentEntry[],
    end: Instant | null,
    now: Instant,
    withinMs: number = answerDeadlineMs,
): ConsentEntry {
    if (!(withinMs >= answerDeadlineMsMin)) {
        refuse("invalid", "consent.too_short", "the answer deadline is too short: allow at least `72` hours")
    }
    if (!(withinMs <= answerDeadlineMsMax)) {
        refuse("invalid", "consent.too_long", "the answer deadline is too long: allow at most `30` days")
    }
    const state = consentAt(history, end, now, false)
    if (state === "invited" || state === "signatory") {
        refuse("conflict", "consent.already_invited", "this party is already invited: wait for its answer")
    }
    return { kind: "invited", at: now, answerBy: now + withinMs }
}

/** Returns the end to which acceptance consents: the agreed end, else the earliest proposed one. */
export function termsOf(embargo: Embargo, now: Instant): Instant | null {
    return endOf(embargo) ?? shortestOf(openProposals(embargo, now))?.endsAt ?? null
}

/** Returns the entry of an answer. Refuses `consent.not_open`. */
export function answer(history: readonly ConsentEntry[], accepts: boolean, end: Instant, now: Instant): ConsentEntry {
    const state = consentAt(history, end, now, false)
    if (!mayAnswer(history, end, now)) {
        refuse("conflict", "consent.not_open", `no open invitation: the state is \`${state}\``, { state })
    }
    return accepts ? { kind: "signed", at: now, endsAt: end } : { kind: "declined", at: now }
}

/** Whether an answer is still possible: the state is invited or lapsed. */
export function mayAnswer(history: readonly ConsentEntry[], end: Instant | null, now: Instant): boolean {
    const state = consentAt(history, end, now, false)
    return state === "invited" || state === "expired"
}

/** Returns the entry of an exit; the consent of others does not change. Refuses `consent.not_signatory`. */
export function exit(
    history: readonly ConsentEntry[],
    end: Instant | null,
    now: Instant,
    hasAdvanceConsent: boolean,
): ConsentEntry {
    const state = consentAt(history, end, now, hasAdvanceConsent)
    if (state !== "signatory" && state !== "expired") {
        refuse("conflict", "consent.not_signatory", `only a signatory can leave: the state is \`${state}\``, { state })
    }
    return { kind: "exited", at: now }
}

/**
 * Whether a participant adheres, or adhered, to the embargo until the end that it consented to. Inquiries are stored
 * elsewhere.
 */
export interface Adherence {
    /** `none`: it never consented. `exited`: it left before that end. */
    readonly state: "none" | "adhering" | "adhered" | "exited"
    /** The end that it consented to, or the embargo's end where that is earlier. */
    readonly until: Instant | null
    readonly exitedAt: Instant | null
}

/** Computes a party's adherence from its entries and the embargo. */
export function adherenceOf(
    history: readonly ConsentEntry[],
    embargo: Embargo,
    now: Instant,
    hasAdvanceConsent: boolean,
): Adherence {
    const past = history.filter((entry) => entry.at <= now)
    const exitedAt = past.at(-1)?.kind === "exited" ? (past.at(-1)?.at ?? null) : null
    const entries = entriesUntil(embargo, exitedAt ?? now)
    const signed = past.findLast((entry) => entry.kind === "signed")
    const byAgreement = hasAdvanceConsent && past.every((entry) => entry.kind === "exited")
    const end = endOf(entries)
    if (end === null || (signed === undefined && !byAgreement)) return { state: "none", until: null, exitedAt }
    const until = signed === undefined ? end : Math.min(signed.endsAt, end)
    if (exitedAt !== null && exitedAt < until) return { state: "exited", until, exitedAt }
    return { state: now < until ? "adhering" : "adhered", until, exitedAt }
}

/** An entry of the embargo as invited parties see it: state and end, without the content of the case. */
export interface DisclosedEntry {
    readonly kind: EmbargoEntry["kind"]
    readonly at: Instant
    readonly endsAt: Instant | null
    /** The proposer, without revealing other parties. Null for other entries. */
    readonly by: "you" | "another" | null
    /** Whether it is a proposal that waits for a decision. */
    readonly open: boolean
}

/** Returns the history that a party may see. After it declined or left, it sees no later entries. */
export function disclosedHistoryOf(
    embargo: Embargo,
    history: readonly ConsentEntry[],
    now: Instant,
    participantId: ParticipantId,
): DisclosedEntry[] {
    const until = informedUntil(history, now)
    const entries = entriesUntil(embargo, until)
    const open = new Set(openProposals(entries, until).map(({ n }) => n))
    return entries.map((entry, n) => ({
        kind: entry.kind,
        at: entry.at,
        endsAt: "endsAt" in entry ? entry.endsAt : null,
        by: entry.kind === "proposed" ? (entry.by === participantId ? "you" : "another") : null,
        open: open.has(n),
    }))
}

/** Returns the instant until which a party is informed about the embargo. */
export function informedUntil(history: readonly ConsentEntry[], now: Instant): Instant {
    const last = history.findLast((entry) => entry.at <= now)
    if (last?.kind === "declined" || last?.kind === "exited") return last.at
    return last?.kind === "invited" ? Math.min(last.answerBy, now) : now
}
