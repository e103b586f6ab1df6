/**
 * Leases on a reader's feed: for a few seconds it is not computed again, while nothing that it depends on has changed.
 *
 * A feed depends on rows and on the instant. Each read checks, behind the partner's lock, that the rows are unchanged.
 * To rule out the instant, the feed is computed for the past and for the end of the lease, and must be equal. Changes
 * by time alone last at least twenty seconds. Only readers that polled recently get a lease, and no reader does while
 * the clocks are distrusted.
 *
 * The second poll computes its lease with its answer. Later leases are computed in the background, one after the other.
 * An extension compares only the decisions, and the rest only where the decisions differ. Once a minute everything is
 * compared. If a valid lease then proves wrong, this process gives no more leases.
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

/** In wall-clock time. A reader whose last poll is older gets no lease, since the lease would have expired. */
const againMsMax = 10_000
/** The length is random, so that the end of a lease does not reveal a change. */
const lengthMs = { least: 2_000, most: 10_000 }

/** In wall-clock time. After this time, the whole feed is computed again instead of the decisions alone. */
const wholeMsMax = 60_000

const withoutLeases = new WeakSet<Db>()

/** Whether the leased feed is still what the reader may see now. */
export async function holds(ctx: ActionContext, lease: Lease): Promise<boolean> {
    const { state, from, until } = lease
    if (!(mayHold(ctx.services, lease) && from <= ctx.now && ctx.now <= until)) return false
    const now = await isUnchanged(ctx.tx, ctx.services.clock, state, partnerOf(ctx).partner)
    return now.same && isTrusted(now, ctx.now)
}

/** Whether it is worth asking `holds`. */
export const mayHold = ({ db, realNow }: Pick<Services, "db" | "realNow">, { over, breaks }: Lease): boolean =>
    !withoutLeases.has(db) && realNow() <= over && breaksOf(db) === breaks

/** The reader, without a transaction. */
type Reader = Pick<ActionContext, "actor" | "services">

interface Leased<Of> {
    readonly collection: Collection
    readonly see: (ctx: ActionContext) => Promise<Sight<Of>>
    readonly decide?: (ctx: ActionContext) => Promise<string>
    readonly isNoted?: true
}

interface Found {
    readonly sight: Pick<Sight<never>, "decisions">
    /** When the whole feed was last computed, in wall-clock time. */
    readonly wholeAt: number
    /** Null where the feed notes no changes, or where the transaction has written. */
    readonly known: Known | null
    readonly lease: Lease | null
}

export interface Seen<Of> extends Found {
    readonly sight: Sight<Of>
}

/** Computes the feed as of now. */
export async function seeNow<Of>(ctx: ActionContext, leased: Leased<Of>): Promise<Seen<Of>> {
    const { clock, db, realNow } = ctx.services
    const [breaks, wholeAt] = [breaksOf(db), realNow()]
    // The order matters: what is read after the state cannot be older than the state.
    const [state, sight] = await Promise.all([leased.isNoted ? findStateNow(ctx.tx, clock) : null, leased.see(ctx)])
    return { sight, wholeAt, known: state && { state, from: ctx.now, until: ctx.now, breaks }, lease: null }
}

/**
 * Computes the feed of a reader that polled before.
 *
 * If the last poll was recent and the rows are unchanged, computes the feed for the end of a lease instead. If that
 * equals the saved feed, it is also the feed as of now.
 */
export async function seeAgain<Of>(ctx: ActionContext, leased: Leased<Of>, view: View<Of> | null): Promise<Seen<Of>> {
    const isAgain = view !== null && asksAgain(ctx, leased, view)
    const lease = isAgain ? await leaseOn(ctx, view.known) : null
    if (view === null || lease === null) return await seeNow(ctx, leased)
    const see = await seeOn({ ...ctx, now: lease.until }, leased, view)
    return see.sight.fingerprint === view.fingerprint ? { ...see, known: lease, lease } : await seeNow(ctx, leased)
}

/** Saves the computed feed and its lease in the view; `head` is the current state of the log. */
export function saveLease(view: View<unknown>, { sight, wholeAt, known, lease }: Found, head: string | null): void {
    view.known = known
    view.wholeAt = wholeAt
    view.decisions = sight.decisions ?? null
    if (lease === null) return
    view.lease = lease
    if (view.dated?.head === head) view.dated.lease = lease
}

/** Whether the reader polled a short while ago. */
function asksAgain(
    { services: { db, realNow } }: Reader,
    { isNoted }: Pick<Leased<never>, "isNoted">,
    view: View<unknown>,
): boolean {
    const [now, before] = [realNow(), view.askedAt]
    view.askedAt = now
    return isNoted !== undefined && now - before <= againMsMax && !withoutLeases.has(db)
}

/** For each database, the last lease in preparation; and the views with one in preparation. */
const given = new WeakMap<Db, Promise<unknown>>()
const due = new WeakSet<View<unknown>>()

/** Prepares the next lease in the background for a reader that polled recently, where the current lease ends soon. */
export function leaseSoon<Of>(reader: Reader, leased: Leased<Of>, view: View<Of>): void {
    const { db, log, realNow } = reader.services
    const isWanted = asksAgain(reader, leased, view) && view.lease !== null && realNow() >= view.lease.endingAt
    if (!isWanted || due.has(view)) return
    due.add(view)
    const failed = (error: unknown) => log.debug("no lease was given", { error: causeOf(error) })
    const giving = leasesGiven(db)
        .then(() => extend(reader, leased, view))
        .catch(failed)
        .finally(() => due.delete(view))
    given.set(db, giving)
}

/** Resolves when all leases in preparation are given or have failed. */
export const leasesGiven = (db: Db): Promise<unknown> => given.get(db) ?? Promise.resolve()

async function extend<Of>(reader: Reader, leased: Leased<Of>, view: View<Of>): Promise<void> {
    const { services } = reader
    const { person } = partnerOf(reader)
    await services.db.transaction(async (tx) => {
        // The credential may belong to another partner by now.
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

/**
 * Computes the feed under unchanged rows: equal decisions give an equal feed. Sometimes computes everything, as a
 * check.
 */
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

/** Ends all leases where the decisions and the rows are equal but the feed differs: then a change was not noted. */
async function findOut(ctx: ActionContext, { known }: View<unknown>): Promise<void> {
    if (known === null) return
    const { same } = await isUnchanged(ctx.tx, ctx.services.clock, known.state, partnerOf(ctx).partner)
    if (same) endLeases(ctx)
}

/** Returns a lease to give if the feed is equal at its end. Null where an earlier state can no longer be relied on. */
async function leaseOn(ctx: ActionContext, known: Known | null): Promise<Lease | null> {
    const { clock, db, random, realNow } = ctx.services
    const { partner, person } = partnerOf(ctx)
    const { least, most } = lengthMs
    const breaks = breaksOf(db)
    const isRecent = known !== null && known.from <= ctx.now && ctx.now - known.until <= againMsMax
    if (!isRecent || known.breaks !== breaks) return null
    // The order matters: what has not changed until after the state, is the same as of the state.
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

/** Ends all leases of this process, because a valid lease gave a wrong feed. */
function endLeases(ctx: ActionContext): void {
    if (withoutLeases.has(ctx.services.db)) return
    withoutLeases.add(ctx.services.db)
    ctx.services.log.error("a feed lease was wrong: leases are disabled until restart")
}

const isTrusted = ({ trustedUntil }: Pick<State, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
