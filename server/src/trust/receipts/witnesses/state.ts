/** Defines what is known of the witnesses of the receipt log, and since when their signatures are late. */
import { type Instant, hourMs } from "@tocsin/base/instant"

/**
 * Why a witness did not sign. `ahead`: it says that it signed a longer log than this database has. `differs`: it says
 * that it signed a log which this one does not continue. Its words are not signed: only a checkpoint with the signature
 * of this log proves them.
 */
export const witnessProblems = ["unreachable", "unknown_log", "key_refused", "bad_answer", "ahead", "differs"] as const
export type WitnessProblem = (typeof witnessProblems)[number]

export interface WitnessState {
    /** `name+hash` of its key. */
    readonly name: string
    readonly firstAskedAt: Instant
    readonly askedAt: Instant
    /** The size of the log that it signed last; 0 before the first time. */
    readonly signedSize: number
    readonly problem: WitnessProblem | null
}

/** All instants are wall-clock times. */
export interface WitnessingState {
    /** Whether there is a policy with witnesses. */
    readonly isExpected: boolean
    /** The newest checkpoint that enough witnesses signed, with the time of the last of their signatures. */
    readonly quorum: { readonly size: number; readonly at: Instant } | null
    readonly lateSince: Instant | null
    readonly witnesses: readonly WitnessState[]
}

/** A witness can be away for a while before this is a task. */
const graceMs = hourMs

/** Since when a quorum is late; null: it is not. A new batch comes once in `intervalMs`. */
export function lateSince(last: Instant | null, intervalMs: number, now: Instant): Instant | null {
    if (last === null) return null
    const since = last + intervalMs + graceMs
    return now >= since ? since : null
}

/** A witness that failed is asked again after this time, and at once after a success. */
export const retryMs = 60_000

/** The clocks of witness and server may differ so much. */
export const clockMsMax = hourMs
