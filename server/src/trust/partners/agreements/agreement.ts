/**
 * Agreements: versioned texts that a partner's lead accepts for a term.
 *
 * A version says from when it applies, and is said beforehand. The newest that applies is in force: whoever accepted
 * only older ones, or whose term is over, is lapsed, and content waits. A version that is still to come can be accepted
 * before; it binds from when it applies, and until then the one in force does.
 */
import { type Instant, dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Obligation } from "./obligation.ts"
import type { AgreementState } from "../partner.ts"

export interface Agreement {
    readonly version: number
    readonly text: string
    /** How long an acceptance holds; null: until a newer version. */
    readonly termDays: number | null
    /** What the text binds to, for programs to check. */
    readonly obligations: readonly Obligation[]
    /** The longest embargo that an acceptance consents to beforehand, in days; 0: every case is asked about. */
    readonly longestEmbargoDays: number
    readonly since: Instant
    readonly appliesAt: Instant
}

/** A version, from when it is known, and from when it applies; of the versions that there are at some instant. */
export type Dated = Pick<Agreement, "version" | "since" | "appliesAt">

/** From when a new version is to apply. */
export type Applies = Instant | "at once"

export interface Acceptance {
    readonly partner: string
    readonly version: number
    readonly person: string
    readonly at: Instant
    /** Half-open: at this instant it holds no more. */
    readonly endsAt: Instant | null
}

type Made = Pick<Acceptance, "version" | "at" | "endsAt">

/** The newest of those that apply at this instant; null where none does. */
export function inForceAt(versions: readonly Pick<Dated, "version" | "appliesAt">[], instant: Instant): number | null {
    const apply = versions.filter(({ appliesAt }) => appliesAt <= instant).map(({ version }) => version)
    return apply.length > 0 ? Math.max(...apply) : null
}

/** Whether it was passed over: a newer one applies before it, or with it. */
export function isOvertaken(dated: Dated, versions: readonly Dated[]): boolean {
    return versions.some(({ version, appliesAt }) => version > dated.version && appliesAt <= dated.appliesAt)
}

/** The version that binds the partner: the one in force, or the first to come, of those it accepted; null: none. */
export function standsBy(inForce: number | null, acceptances: readonly Made[], instant: Instant): number | null {
    const holding = acceptances.filter(({ at, endsAt }) => at <= instant && (endsAt === null || instant < endsAt))
    const count = holding.map(({ version }) => version).filter((version) => version >= (inForce ?? 0))
    return count.length > 0 ? Math.min(...count) : null
}

/** The state at an instant of one partner's acceptances. */
export function agreementState(inForce: number | null, acceptances: readonly Made[], instant: Instant): AgreementState {
    if (standsBy(inForce, acceptances, instant) !== null) return "accepted"
    return acceptances.some(({ at }) => at <= instant) ? "lapsed" : "none"
}

export interface Lapse {
    readonly at: Instant
    /** Since when the version is known by which it lapses; null: its term ends. */
    readonly askedAt: Instant | null
}

/**
 * When what a partner accepted ceases to stand, or did, as far as is known now. Null: it does not, or nothing was ever
 * accepted.
 */
export function lapseOf(versions: readonly Dated[], acceptances: readonly Made[], now: Instant): Lapse | null {
    const made = acceptances.filter(({ at }) => at <= now)
    const stands = (instant: Instant) => standsBy(inForceAt(versions, instant), made, instant) !== null
    const ends = made.flatMap(({ endsAt }) => endsAt ?? [])
    const turns = [...versions.map(({ appliesAt }) => appliesAt), ...ends].toSorted((a, b) => a - b)
    const at = stands(now)
        ? turns.find((turn) => turn > now && !stands(turn))
        : (turns.findLast((turn) => turn <= now && stands(turn - 1) && !stands(turn)) ?? made[0]?.at)
    if (at === undefined) return null
    const by = versions.find(({ version, appliesAt }) => appliesAt === at && version === inForceAt(versions, at))
    return { at, askedAt: by?.since ?? null }
}

/** When an acceptance ends that binds from now on. */
export function termEnd(termDays: number | null, now: Instant): Instant | null {
    return termDays === null ? null : now + termDays * dayMs
}

const textMax = 100_000
const termDaysMax = 3660
/** How long before it applies a version can be said. */
const noticeDaysMax = 366

const longestEmbargoDaysMax = 365

/** Refuses what is no number of days that an embargo can last. */
export function validateLongestEmbargo(days: number): void {
    if (!(Number.isSafeInteger(days) && days >= 0 && days <= longestEmbargoDaysMax)) {
        const line = `consent beforehand is to embargoes of 0 to ${longestEmbargoDaysMax} whole days`
        refuse("invalid", "agreement.bad_embargo", line)
    }
}

/** Whether a new version consents to more than one does that is in force or to come. */
export function lengthens(
    versions: readonly (Pick<Agreement, "longestEmbargoDays"> & Dated)[],
    days: number,
    now: Instant,
): boolean {
    const inForce = inForceAt(versions, now) ?? 0
    return versions.some(({ version, longestEmbargoDays }) => version >= inForce && longestEmbargoDays < days)
}

/** What the version that binds a partner at this instant consents to beforehand; null where none does. */
export function longestEmbargoOf(
    versions: readonly (Pick<Agreement, "longestEmbargoDays"> & Dated)[],
    acceptances: readonly Made[],
    instant: Instant,
): number | null {
    const by = standsBy(inForceAt(versions, instant), acceptances, instant)
    return versions.find(({ version }) => version === by)?.longestEmbargoDays ?? null
}

/**
 * From when a new version applies. Without a word: at once where none is in force, for then nobody loses anything by it;
 * else after the notice of `noticeDays`.
 */
export function applyingAt(applies: Applies | undefined, noticeDays: number, now: Instant, isFirst: boolean): Instant {
    if (applies === "at once") return now
    if (applies === undefined) return isFirst ? now : now + noticeDays * dayMs
    if (!(applies > now && applies <= now + noticeDaysMax * dayMs)) {
        refuse("invalid", "agreement.bad_start", `a version applies at once, or within \`${noticeDaysMax}\` days`)
    }
    return applies
}

/** As it is said over HTTP: `at once`, an instant, or nothing, for the notice that the rules say. */
export function appliesIn(input: string | undefined): Applies | undefined {
    return input === undefined || input === "at once" ? input : parseInstant(input)
}

/** Whoever would be cut off before the notice is over was looked at before: `seen` is the hash of the preview. */
export function assertSeen(seen: string | undefined, expected: string, earliest: Instant): void {
    if (seen === expected) return
    const line = `before \`${formatInstant(earliest)}\` it would apply without notice: look at its preview first, as it is now`
    refuse("conflict", "agreement.not_previewed", line)
}

/** What a version consented to beforehand while it bound a partner. */
export interface Beforehand {
    readonly longestDays: number
    readonly from: Instant
    /** Half-open; null: it binds still. */
    readonly until: Instant | null
}

/** What a partner consented to beforehand up to this instant: by each version that bound it, in that order. */
export function consentedOf(
    versions: readonly (Pick<Agreement, "longestEmbargoDays"> & Dated)[],
    acceptances: readonly Made[],
    instant: Instant,
): Beforehand[] {
    const turns = [
        ...versions.map(({ appliesAt }) => appliesAt),
        ...acceptances.flatMap(({ at, endsAt }) => [at, endsAt ?? at]),
    ]
    const past = [...new Set(turns)].filter((turn) => turn <= instant).toSorted((a, b) => a - b)
    return past.flatMap((from, n) => {
        const longestDays = longestEmbargoOf(versions, acceptances, from)
        return longestDays === null ? [] : [{ longestDays, from, until: past[n + 1] ?? null }]
    })
}

export function validateAgreement(text: string, termDays: number | null): void {
    if (!(text.trim().length > 0 && text.length <= textMax)) {
        refuse("invalid", "agreement.bad_text", `an agreement has a text of 1 to ${textMax} characters`)
    }
    if (!(termDays === null || (Number.isSafeInteger(termDays) && termDays >= 1 && termDays <= termDaysMax))) {
        refuse("invalid", "agreement.bad_term", `a term is 1 to ${termDaysMax} whole days, or without end`)
    }
}
