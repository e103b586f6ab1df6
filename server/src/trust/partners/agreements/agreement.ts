/**
 * Defines agreements: versioned texts that a partner's lead accepts for a term.
 *
 * A version is announced before it applies. The newest version that applies is in force. Acceptances of older
 * versions, or with an ended term, are expired, and content is withheld. A future version can be accepted early and
 * binds from its start.
 */
import { type Instant, dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Obligation } from "./obligation.ts"
import type { AgreementState } from "../partner.ts"

/** A version of the agreement. */
export interface Agreement {
    readonly version: number
    readonly text: string
    /** Term of an acceptance in days; null: until a newer version. */
    readonly termDays: number | null
    /** The obligations of the text, in a form that can be checked. */
    readonly obligations: readonly Obligation[]
    /** Longest embargo in days that an acceptance consents to in advance; 0: each case needs its own consent. */
    readonly longestEmbargoDays: number
    readonly since: Instant
    readonly appliesAt: Instant
}

/** A version with the instants of its announcement and of its start. */
export type AgreementVersion = Pick<Agreement, "version" | "since" | "appliesAt">

/** The requested start of a new version. */
export type AgreementStart = Instant | "at_once"

/** A partner's acceptance of one version. */
export interface Acceptance {
    readonly partner: string
    readonly version: number
    readonly person: string
    readonly at: Instant
    /** Half-open: expired at this instant. */
    readonly endsAt: Instant | null
}

type AcceptedTerm = Pick<Acceptance, "version" | "at" | "endsAt">

/** The version in force at this instant; null where none applies. */
export function inForceAt(
    versions: readonly Pick<AgreementVersion, "version" | "appliesAt">[],
    instant: Instant,
): number | null {
    const applicable = versions.filter(({ appliesAt }) => appliesAt <= instant).map(({ version }) => version)
    return applicable.length > 0 ? Math.max(...applicable) : null
}

/** Whether a newer version applies before this one or with it, so that this one never comes into force. */
export function isSuperseded(agreement: AgreementVersion, versions: readonly AgreementVersion[]): boolean {
    return versions.some(({ version, appliesAt }) => version > agreement.version && appliesAt <= agreement.appliesAt)
}

/** The accepted version that binds the partner: the one in force, else the first future one; null: none. */
export function boundVersion(
    inForce: number | null,
    acceptances: readonly AcceptedTerm[],
    instant: Instant,
): number | null {
    const valid = acceptances.filter(({ at, endsAt }) => at <= instant && (endsAt === null || instant < endsAt))
    const candidates = valid.map(({ version }) => version).filter((version) => version >= (inForce ?? 0))
    return candidates.length > 0 ? Math.min(...candidates) : null
}

/** State of one partner's acceptances at an instant. */
export function agreementState(
    inForce: number | null,
    acceptances: readonly AcceptedTerm[],
    instant: Instant,
): AgreementState {
    if (boundVersion(inForce, acceptances, instant) !== null) return "accepted"
    return acceptances.some(({ at }) => at <= instant) ? "expired" : "none"
}

/** When an acceptance ends, and why. */
export interface AcceptanceExpiry {
    readonly at: Instant
    /** When the version that ends the acceptance was announced; null: the term ends. */
    readonly announcedAt: Instant | null
}

/** When the partner's acceptance expires or expired, as known now. Null: it does not, or there is none. */
export function expiryOf(
    versions: readonly AgreementVersion[],
    acceptances: readonly AcceptedTerm[],
    now: Instant,
): AcceptanceExpiry | null {
    const past = acceptances.filter(({ at }) => at <= now)
    const isBound = (instant: Instant) => boundVersion(inForceAt(versions, instant), past, instant) !== null
    const ends = past.flatMap(({ endsAt }) => endsAt ?? [])
    const changes = [...versions.map(({ appliesAt }) => appliesAt), ...ends].toSorted((a, b) => a - b)
    const at = isBound(now)
        ? changes.find((change) => change > now && !isBound(change))
        : (changes.findLast((change) => change <= now && isBound(change - 1) && !isBound(change)) ?? past[0]?.at)
    if (at === undefined) return null
    const nextVersion = versions.find(
        ({ version, appliesAt }) => appliesAt === at && version === inForceAt(versions, at),
    )
    return { at, announcedAt: nextVersion?.since ?? null }
}

/** End of an acceptance that starts now. */
export function termEnd(termDays: number | null, now: Instant): Instant | null {
    return termDays === null ? null : now + termDays * dayMs
}

const textMax = 100_000
const termDaysMax = 3660
/** Maximum days between announcement and start. */
const noticeDaysMax = 366

const longestEmbargoDaysMax = 365

/** Refuses `agreement.bad_embargo` for days that no embargo can last. */
export function validateLongestEmbargo(days: number): void {
    if (!(Number.isSafeInteger(days) && days >= 0 && days <= longestEmbargoDaysMax)) {
        const line = `advance consent must be to embargoes of 0 to ${longestEmbargoDaysMax} whole days`
        refuse("invalid", "agreement.bad_embargo", line, { max: longestEmbargoDaysMax })
    }
}

/** Whether a new version consents to longer embargoes than every present or future one. */
export function isLongerEmbargo(
    versions: readonly (Pick<Agreement, "longestEmbargoDays"> & AgreementVersion)[],
    days: number,
    now: Instant,
): boolean {
    const inForce = inForceAt(versions, now) ?? 0
    return versions.some(({ version, longestEmbargoDays }) => version >= inForce && longestEmbargoDays < days)
}

/** Advance consent in days of the version that binds a partner at this instant; null where none does. */
export function longestEmbargoOf(
    versions: readonly (Pick<Agreement, "longestEmbargoDays"> & AgreementVersion)[],
    acceptances: readonly AcceptedTerm[],
    instant: Instant,
): number | null {
    const bound = boundVersion(inForceAt(versions, instant), acceptances, instant)
    return versions.find(({ version }) => version === bound)?.longestEmbargoDays ?? null
}

/**
 * Start of a new version. By default at once where none is in force, because no partner loses access; otherwise after
 * `noticeDays`.
 */
export function startOf(
    applies: AgreementStart | undefined,
    noticeDays: number,
    now: Instant,
    isFirst: boolean,
): Instant {
    if (applies === "at_once") return now
    if (applies === undefined) return isFirst ? now : now + noticeDays * dayMs
    if (!(applies > now && applies <= now + noticeDaysMax * dayMs)) {
        refuse(
            "invalid",
            "agreement.bad_start",
            `the start is out of range: use \`at_once\` or an instant within \`${noticeDaysMax}\` days`,
            { max: noticeDaysMax },
        )
    }
    return applies
}

/** Reads the start from HTTP input: `at_once`, an instant, or nothing for the notice of the rules. */
export function parseStart(input: string | undefined): AgreementStart | undefined {
    return input === undefined || input === "at_once" ? input : parseInstant(input)
}

/**
 * Refuses `agreement.not_previewed` where partners would expire before the end of the notice and `previewHash` is not
 * the preview's hash.
 */
export function assertPreviewed(previewHash: string | undefined, expected: string, earliest: Instant): void {
    if (previewHash === expected) return
    const line =
        `before \`${formatInstant(earliest)}\` it would apply without notice: read its preview first, as it is ` + "now"
    refuse("conflict", "agreement.not_previewed", line, { earliest: formatInstant(earliest) })
}

/** Advance consent of one version while it bound a partner. */
export interface AdvanceConsent {
    readonly longestDays: number
    readonly from: Instant
    /** Half-open; null: it still binds. */
    readonly until: Instant | null
}

/** Advance consents of a partner up to this instant, in order. */
export function advanceConsentsOf(
    versions: readonly (Pick<Agreement, "longestEmbargoDays"> & AgreementVersion)[],
    acceptances: readonly AcceptedTerm[],
    instant: Instant,
): AdvanceConsent[] {
    const changes = [
        ...versions.map(({ appliesAt }) => appliesAt),
        ...acceptances.flatMap(({ at, endsAt }) => [at, endsAt ?? at]),
    ]
    const past = [...new Set(changes)].filter((change) => change <= instant).toSorted((a, b) => a - b)
    return past.flatMap((from, n) => {
        const longestDays = longestEmbargoOf(versions, acceptances, from)
        return longestDays === null ? [] : [{ longestDays, from, until: past[n + 1] ?? null }]
    })
}

/** Refuses `agreement.bad_text` and `agreement.bad_term`. */
export function validateAgreement(text: string, termDays: number | null): void {
    if (!(text.trim().length > 0 && text.length <= textMax)) {
        refuse("invalid", "agreement.bad_text", `the text has a wrong length: use 1 to ${textMax} characters`, {
            max: textMax,
        })
    }
    if (!(termDays === null || (Number.isSafeInteger(termDays) && termDays >= 1 && termDays <= termDaysMax))) {
        refuse(
            "invalid",
            "agreement.bad_term",
            `the term is not valid: use 1 to ${termDaysMax} whole days, or no end`,
            { max: termDaysMax },
        )
    }
}
