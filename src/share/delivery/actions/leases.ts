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
import { type Computed, type State, isUnchanged, stateNow } from "../../../platform/changes.ts"
import { type Db, breaksOf } from "../../../platform/db.ts"
import type { Doors } from "../../../platform/doors.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { standingRead } from "../../../trust/partners/actions/facts.ts"
import { partnerOf } from "./projection.ts"

export interface Lease extends Computed {
    /** In real time, about: later it need not be asked whether it holds. */
    readonly over: number
    /** How often a connection had broken: a database that fell may number two transactions alike. */
    readonly breaks: number
    /** After so many reads there is a trial. */
    reads: number
}

/** In real time: who asked longer ago than that gets no lease, for it would have run out. */
const againMsMax = 10_000
/** Of no fixed length: that one ends is then no sign that something changed. */
const lengthMs = { least: 2_000, most: 10_000 }
/** Of so many reads under leases one is computed all the same, about. */
const trialOf = 256

const withoutLeases = new WeakSet<Db>()

/** Whether what was seen then is what is seen now. */
export async function holds(act: Act, lease: Lease): Promise<boolean> {
    const { state, from, until } = lease
    if (!(mayHold(act.doors, lease) && from <= act.now && act.now <= until)) return false
    const now = await isUnchanged(act.tx, act.doors.clock, state, partnerOf(act).partner)
    return now.same && isTrusted(now, act.now)
}

/** Whether to ask at all if it holds. */
export const mayHold = ({ db, realNow }: Pick<Doors, "db" | "realNow">, { over, breaks }: Lease): boolean =>
    !withoutLeases.has(db) && realNow() <= over && breaksOf(db) === breaks

/** Whether all is to be computed though the lease holds; from then on, until it is. */
export function isTrial(lease: Lease): boolean {
    if (lease.reads > 0) lease.reads--
    return lease.reads === 0
}

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
    const until = act.now + least + below(act, most - least)
    const breaks = breaksOf(act.doors.db)
    // In this order: of what is read after the state, nothing can be older.
    const { partner, person } = partnerOf(act)
    const [state, standingAt, sight, later] = await Promise.all([
        stateNow(act.tx, act.doors.clock),
        standingRead(act.tx, partner),
        see(act),
        see({ ...act, now: until }),
    ])
    const isSame = later.fingerprint === sight.fingerprint && standingAt(until) === standingAt(act.now)
    if (!isSame || state === null || !isTrusted(state, until)) return { sight, lease: null }
    const over = act.doors.realNow() + until - act.now
    const reads = 1 + below(act, 2 * trialOf)
    return { sight, lease: { partner, person, state, from: act.now, until, over, breaks, reads } }
}

const below = ({ doors }: Act, most: number): number => doors.random(2).readUInt16BE() % most

const isTrusted = ({ trustedUntil }: Pick<State, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
