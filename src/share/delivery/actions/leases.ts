/**
 * A lease on what a reader sees: for a few seconds it is not computed anew, while nothing has changed that it was computed from.
 *
 * What is seen follows from rows and from the instant. That the rows are the same is asked at each read, behind the lock of
 * the partner. That the instant makes no difference is known beforehand: what is seen was computed for both ends of the lease, and
 * was the same. (What comes by time alone comes to stay: nothing opens, or shuts, for a few seconds by itself.) Only who has
 * just asked gets one, and nobody while the clocks are not trusted.
 *
 * Now and then all is computed though a lease holds. If it comes out otherwise, there are no more leases in this process.
 */
import type { Instant } from "../../../lib/instant.ts"
import { type State, isUnchanged, stateNow } from "../../../platform/changes.ts"
import type { Db } from "../../../platform/db.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { partnerOf } from "./projection.ts"

export interface Lease {
    readonly state: State
    readonly from: Instant
    /** Inclusive. */
    readonly until: Instant
}

/** In real time: who asked longer ago than that gets no lease, for it would have run out. */
const againMsMax = 10_000
/** Of no fixed length: that one ends is then no sign that something changed. */
const lengthMs = { least: 2_000, most: 10_000 }
/** Of so many reads under a lease one is computed all the same. */
const trialOf = 256

const withoutLeases = new WeakSet<Db>()

/** Whether what was seen then is what is seen now. */
export async function holds(act: Act, { state, from, until }: Lease): Promise<boolean> {
    const { clock, db } = act.doors
    if (withoutLeases.has(db) || !(from <= act.now && act.now <= until)) return false
    const now = await isUnchanged(act.tx, clock, state, partnerOf(act).partner)
    return now.same && isTrusted(now, act.now)
}

export const isTrial = (act: Act): boolean => act.doors.random(2).readUInt16BE() % trialOf === 0

/** A lease held, and what is seen is not what it says. */
export function endLeases(act: Act): void {
    withoutLeases.add(act.doors.db)
    act.doors.log.error("a lease was wrong: there are none from now on")
}

/** What is seen now, with a lease on it for who asked a short while ago. */
export async function seenWithLease<Sight extends { readonly fingerprint: string }>(
    act: Act,
    askedAt: number | null,
    see: (act: Act) => Promise<Sight>,
): Promise<{ readonly sight: Sight; readonly lease: Lease | null }> {
    if (askedAt === null || act.doors.realNow() - askedAt > againMsMax) return { sight: await see(act), lease: null }
    const { least, most } = lengthMs
    const until = act.now + least + (act.doors.random(2).readUInt16BE() % (most - least))
    // In this order: of what is read after the state, nothing can be older.
    const [state, sight, later] = await Promise.all([
        stateNow(act.tx, act.doors.clock),
        see(act),
        see({ ...act, now: until }),
    ])
    const isSame = later.fingerprint === sight.fingerprint
    return { sight, lease: isSame && state && isTrusted(state, until) ? { state, from: act.now, until } : null }
}

const isTrusted = ({ trustedUntil }: Pick<State, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
