/**
 * A lease on what a reader sees: for a few seconds it is not computed anew, while nothing has changed that it was computed from.
 *
 * What is seen follows from rows and from the instant. That the rows are the same is asked at each read, behind the lock of
 * the partner. That the instant makes no difference is known beforehand: what is seen was computed at an instant before, and for the
 * far end of the lease, and was the same. (What comes by time alone comes to stay: nothing opens, or shuts, for some twenty
 * seconds by itself.) Only who has just asked gets one, and nobody while the clocks are not trusted.
 *
 * Whoever asks a second time gets one with the answer, at the price of the answer. The next is given beside the requests, one
 * after the other, so that nobody waits for it: what is decided is asked, and what follows from it only where that is otherwise.
 * To go on is also a trial, once a minute of all that is seen: if that is something else though the lease holds, there are no
 * more leases in this process.
 */
import type { Instant } from "@tocsin/base/instant"
import { type State, isUnchanged, findStateNow } from "../../../../kernel/change-detection.ts"
import { type Db, breaksOf } from "../../../../platform/postgres/db.ts"
import type { Services } from "../../../../kernel/services.ts"
import { causeOf } from "../../../../platform/log/log.ts"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { findRosterActor } from "../../../../trust/identity/actions.ts"
import { loadStandingRead } from "../../../../trust/partners/actions/load-facts.ts"
import { partnerOf } from "../../actions/projection.ts"
import type { Known, Lease, Sight, View } from "./views.ts"
import { type Collection, findHead } from "../store/feed.ts"

/** In real time: who asked longer ago than that gets no lease, for it would have run out. */
const againMsMax = 10_000
/** Of no fixed length: that one ends is then no sign that something changed. */
const lengthMs = { least: 2_000, most: 10_000 }

/** In real time: where only what is decided was computed for longer, all that is seen is computed again. */
const wholeMsMax = 60_000

const withoutLeases = new WeakSet<Db>()

/** Whether what was seen then is what is seen now. */
export async function holds(ctx: ActionContext, lease: Lease): Promise<boolean> {
    const { state, from, until } = lease
    if (!(mayHold(ctx.services, lease) && from <= ctx.now && ctx.now <= until)) return false
    const now = await isUnchanged(ctx.tx, ctx.services.clock, state, partnerOf(ctx).partner)
    return now.same && isTrusted(now, ctx.now)
}

/** Whether to ask at all if it holds. */
export const mayHold = ({ db, realNow }: Pick<Services, "db" | "realNow">, { over, breaks }: Lease): boolean =>
    !withoutLeases.has(db) && realNow() <= over && breaksOf(db) === breaks

/** Who reads, whenever. */
type Reader = Pick<ActionContext, "actor" | "services">

interface Leased<Of> {
    readonly collection: Collection
    readonly see: (ctx: ActionContext) => Promise<Sight<Of>>
    readonly decide?: (ctx: ActionContext) => Promise<string>
    readonly isNoted?: true
}

interface Found {
    readonly sight: Pick<Sight<never>, "decisions">
    /** When all of it was computed, in real time, and not what is decided alone. */
    readonly wholeAt: number
    /** Null where it is not to be known: of what notes no changes, and in a transaction that has written. */
    readonly known: Known | null
    readonly lease: Lease | null
}

export interface Seen<Of> extends Found {
    readonly sight: Sight<Of>
}

/** What is seen now. */
export async function seeNow<Of>(ctx: ActionContext, leased: Leased<Of>): Promise<Seen<Of>> {
    const { clock, db, realNow } = ctx.services
    const [breaks, wholeAt] = [breaksOf(db), realNow()]
    // In this order: of what is read after the state, nothing can be older.
    const [state, sight] = await Promise.all([leased.isNoted ? findStateNow(ctx.tx, clock) : null, leased.see(ctx)])
    return { sight, wholeAt, known: state && { state, from: ctx.now, until: ctx.now, breaks }, lease: null }
}

/**
 * What is seen now, which was asked before. Where that was a short while ago, and the rows are the same, the far end of a lease
 * is computed instead: what is seen there is what is seen now, if it is what was seen then.
 */
export async function seeAgain<Of>(ctx: ActionContext, leased: Leased<Of>, view: View<Of> | null): Promise<Seen<Of>> {
    const isAgain = view !== null && asksAgain(ctx, leased, view)
    const lease = isAgain ? await leaseOn(ctx, view.known) : null
    if (view === null || lease === null) return await seeNow(ctx, leased)
    const see = await seeOn({ ...ctx, now: lease.until }, leased, view)
    return see.sight.fingerprint === view.fingerprint ? { ...see, known: lease, lease } : await seeNow(ctx, leased)
}

/** `head`: of the log, as it is now. */
export function saveLease(view: View<unknown>, { sight, wholeAt, known, lease }: Found, head: string | null): void {
    view.known = known
    view.wholeAt = wholeAt
    view.decisions = sight.decisions ?? null
    if (lease === null) return
    view.lease = lease
    if (view.dated?.head === head) view.dated.lease = lease
}

/** Whether it was asked a short while ago. */
function asksAgain(
    { services: { db, realNow } }: Reader,
    { isNoted }: Pick<Leased<never>, "isNoted">,
    view: View<unknown>,
): boolean {
    const [now, before] = [realNow(), view.askedAt]
    view.askedAt = now
    return isNoted !== undefined && now - before <= againMsMax && !withoutLeases.has(db)
}

/** Of each database the last that was set off; and for which there is one to come. */
const given = new WeakMap<Db, Promise<unknown>>()
const due = new WeakSet<View<unknown>>()

/** Sets off the next lease for a reader who asked a short while ago, where the one there is ends soon. */
export function leaseSoon<Of>(reader: Reader, leased: Leased<Of>, view: View<Of>): void {
    const { db, log, realNow } = reader.services
    const isWanted = asksAgain(reader, leased, view) && view.lease !== null && realNow() >= view.lease.endingAt
    if (!isWanted || due.has(view)) return
    due.add(view)
    const failed = (error: unknown) => log.debug("no lease was given", { error: causeOf(error) })
    const giving = leasesGiven(db)
        .then(() => goOn(reader, leased, view))
        .catch(failed)
        .finally(() => due.delete(view))
    given.set(db, giving)
}

/** When those are given, or are not, that were set off. */
export const leasesGiven = (db: Db): Promise<unknown> => given.get(db) ?? Promise.resolve()

async function goOn<Of>(reader: Reader, leased: Leased<Of>, view: View<Of>): Promise<void> {
    const { services } = reader
    const { person } = partnerOf(reader)
    await services.db.transaction(async (tx) => {
        // Who reads may be another one by now.
        const [now, actor] = await Promise.all([services.clock.now(tx), findRosterActor(tx, person)])
        if (actor === null) return
        const ctx = { tx, now, actor, services }
        const { lease: held } = view
        const lease = await leaseOn(ctx, view.known)
        if (lease === null) return
        const [head, input] = await Promise.all([
            findHead(tx, person, leased.collection),
            seeOn({ ...ctx, now: lease.until }, leased, view),
        ])
        if (input.sight.fingerprint === view.fingerprint)
            return saveLease(view, { ...input, known: lease, lease }, head)
        const isOther = (await leased.see(ctx)).fingerprint !== view.fingerprint
        if (isOther && held !== null && (await holds(ctx, held))) endLeases(ctx)
    })
}

/** Rows are the same, so that what is decided alike is seen alike; now and then all of it is computed, as a trial. */
async function seeOn<Of>(
    ctx: ActionContext,
    leased: Leased<Of>,
    view: View<Of>,
): Promise<Pick<Seen<Of>, "sight" | "wholeAt">> {
    const { fingerprint, decisions, items, wholeAt } = view
    const now = ctx.services.realNow()
    const isRecent = now - wholeAt <= wholeMsMax
    const isSame = isRecent && decisions !== null && (await leased.decide?.(ctx)) === decisions
    if (isSame) return { sight: { fingerprint, decisions, all: async () => items }, wholeAt }
    const sight = await leased.see(ctx)
    const isOdd = decisions !== null && sight.decisions === decisions && sight.fingerprint !== fingerprint
    if (isOdd) await findOut(ctx, view)
    return { sight, wholeAt: now }
}

/** The same is decided, and something else is seen: a row has changed since, or else one of which nothing was noted. */
async function findOut(ctx: ActionContext, { known }: View<unknown>): Promise<void> {
    if (known === null) return
    const { same } = await isUnchanged(ctx.tx, ctx.services.clock, known.state, partnerOf(ctx).partner)
    if (same) endLeases(ctx)
}

/** To be given if the same is seen at its end. Null where what was known may be known no more. */
async function leaseOn(ctx: ActionContext, known: Known | null): Promise<Lease | null> {
    const { clock, db, random, realNow } = ctx.services
    const { partner, person } = partnerOf(ctx)
    const { least, most } = lengthMs
    const breaks = breaksOf(db)
    const isRecent = known !== null && known.from <= ctx.now && ctx.now - known.until <= againMsMax
    if (!isRecent || known.breaks !== breaks) return null
    // In this order: what has not changed until after the state, is the same as of it.
    const [state, { same }, standingAt] = await Promise.all([
        findStateNow(ctx.tx, clock),
        isUnchanged(ctx.tx, clock, known.state, partner),
        loadStandingRead(ctx.tx, partner),
    ])
    const length = least + (random(2).readUInt16BE() % (most - least))
    const [until, now] = [ctx.now + length, realNow()]
    if (state === null || !same || !isTrusted(state, until) || standingAt(until) !== standingAt(ctx.now)) return null
    return { partner, person, state, from: ctx.now, until, breaks, over: now + length, endingAt: now + length / 2 }
}

/** A lease held, or would have, and what is seen is not what it says. */
function endLeases(ctx: ActionContext): void {
    if (withoutLeases.has(ctx.services.db)) return
    withoutLeases.add(ctx.services.db)
    ctx.services.log.error("a lease was wrong: there are none from now on")
}

const isTrusted = ({ trustedUntil }: Pick<State, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
