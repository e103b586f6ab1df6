/**
 * A lease on what a reader sees: for a few seconds it is not computed anew, while nothing has changed that it was computed from.
 *
 * What is seen follows from rows and from the instant. That the rows are the same is asked at each read, behind the lock of
 * the partner. That the instant makes no difference is known beforehand: what is seen was computed for both ends of the lease, and
 * was the same. (What comes by time alone comes to stay: nothing opens, or shuts, for a few seconds by itself.) Only who has
 * just asked gets one, and nobody while the clocks are not trusted.
 *
 * Leases are given beside the requests, one after the other, so that nobody waits for them. To go on with one is also its trial: if
 * what is seen is something else though it holds, there are no more leases in this process.
 */
import type { Instant } from "../../../lib/instant.ts"
import { type State, isUnchanged, stateNow } from "../../../platform/changes.ts"
import { type Db, breaksOf } from "../../../platform/db.ts"
import type { Doors } from "../../../platform/doors.ts"
import { causeOf } from "../../../platform/log.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { rosterActor } from "../../../trust/identity/actions.ts"
import { standingRead } from "../../../trust/partners/actions/facts.ts"
import { partnerOf } from "./projection.ts"
import type { Lease, View } from "./views.ts"
import { type Collection, headOf } from "../store/shown.ts"

/** In real time: who asked longer ago than that gets no lease, for it would have run out. */
const againMsMax = 10_000
/** Of no fixed length: that one ends is then no sign that something changed. */
const lengthMs = { least: 2_000, most: 10_000 }

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

/** Who reads, whenever. */
type Reader = Pick<Act, "actor" | "doors">

interface Leased {
    readonly collection: Collection
    readonly see: (act: Act) => Promise<{ readonly fingerprint: string }>
    readonly isNoted?: true
}

/** Of each database the last that was set off; and for which there is one to come. */
const given = new WeakMap<Db, Promise<unknown>>()
const due = new WeakSet<View<unknown>>()

/** Sets off a lease on what was kept of this, where its reader asked a short while ago and has none that goes on. */
export function leaseSoon(reader: Reader, of: Leased, view: View<unknown>): void {
    const { db, log, realNow } = reader.doors
    const [now, before] = [realNow(), view.askedAt]
    view.askedAt = now
    const { lease } = view
    const goesOn = lease !== null && mayHold(reader.doors, lease) && now < lease.endingAt
    const isWanted = of.isNoted !== undefined && now - before <= againMsMax && !withoutLeases.has(db)
    if (!isWanted || goesOn || due.has(view)) return
    due.add(view)
    const failed = (error: unknown) => log.debug("no lease was given", { error: causeOf(error) })
    const giving = leasesGiven(db)
        .then(() => giveLease(reader, of, view))
        .catch(failed)
        .finally(() => due.delete(view))
    given.set(db, giving)
}

/** When those are given, or are not, that were set off. */
export const leasesGiven = (db: Db): Promise<unknown> => given.get(db) ?? Promise.resolve()

async function giveLease(reader: Reader, of: Leased, view: View<unknown>): Promise<void> {
    const { doors } = reader
    const { person } = partnerOf(reader)
    await doors.db.transaction(async (tx) => {
        // In this order: of what is read after the state, nothing can be older; who reads may be another one by now.
        const [state, now, actor] = await Promise.all([
            stateNow(tx, doors.clock),
            doors.clock.now(tx),
            rosterActor(tx, person),
        ])
        if (state === null || actor === null) return
        const act = { tx, now, actor, doors }
        const [head, lease] = await Promise.all([headOf(tx, person, of.collection), leaseOn(act, of, view, state)])
        if (lease === null) return
        view.lease = lease
        if (view.dated !== null && view.dated.head === head) view.dated.lease = lease
    })
}

/** Null where it is not known that what was kept is what is seen until then. */
async function leaseOn(
    act: Act,
    of: Leased,
    { fingerprint, lease: held }: View<unknown>,
    state: State,
): Promise<Lease | null> {
    const { least, most } = lengthMs
    const length = least + (act.doors.random(2).readUInt16BE() % (most - least))
    const until = act.now + length
    const breaks = breaksOf(act.doors.db)
    const { partner, person } = partnerOf(act)
    const [standingAt, later] = await Promise.all([standingRead(act.tx, partner), of.see({ ...act, now: until })])
    const isSame = later.fingerprint === fingerprint && standingAt(until) === standingAt(act.now)
    const isHeld = held !== null && (await holds(act, held))
    // What holds says of now what else would have to be computed.
    if (!(isHeld && isSame) && (await of.see(act)).fingerprint !== fingerprint) {
        if (isHeld && (await holds(act, held))) endLeases(act)
        return null
    }
    if (!isSame || !isTrusted(state, until)) return null
    const now = act.doors.realNow()
    return { partner, person, state, from: act.now, until, breaks, over: now + length, endingAt: now + length / 2 }
}

/** A lease held, and what is seen is not what it says. */
function endLeases(act: Act): void {
    withoutLeases.add(act.doors.db)
    act.doors.log.error("a lease was wrong: there are none from now on")
}

const isTrusted = ({ trustedUntil }: Pick<State, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
