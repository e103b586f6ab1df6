/**
 * Leases on a reader's feed: for a few seconds it is served without being computed.
 *
 * A feed depends on rows and on the instant. The database proves at each read that no row has changed. For the instant,
 * the feed is computed as of the end of the lease, and must equal the last one. Nothing comes and goes by time alone
 * within twenty seconds, so both ends are enough.
 *
 * A renewal compares the decisions, and once a minute everything. If a feed differs although no row changed, a change
 * was not noted: this process then gives no more leases.
 */
import type { Instant } from "@tocsin/base/instant"
import { type State, findStateNow, isUnchanged } from "../../../kernel/change-detection.ts"
import { type Db, breaksOf } from "../../../platform/postgres/db.ts"
import type { Services } from "../../../kernel/services.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadStandingRead } from "../../../trust/partners/actions/load-facts.ts"
import { partnerOf } from "../../delivery/actions/projection.ts"
import type { Known, Lease, View } from "./views.ts"
import type { Collection } from "../store.ts"

/** In program time. Later than this after the last valid instant, the feed is computed as of now. */
const renewedMsMax = 10_000
/** The length is random, so that the end of a lease does not reveal a change. */
const lengthMs = { least: 2_000, most: 10_000 }
/** In wall-clock time. After this time, everything is computed again instead of the decisions alone. */
const wholeMsMax = 60_000

/** What a reader can see, by the decisions as of now. */
export interface Sight<Item> {
    /** Changes whenever what can be seen changes in any byte. */
    readonly fingerprint: string
    /** Identifies the decisions. While no row changes, equal decisions give an equal feed. */
    readonly decisions?: string
    /** Returns the items; `before` holds the last ones, for reuse. */
    readonly all: (before: readonly Item[]) => Promise<readonly Item[]>
}

/** A collection of which each reader has a feed. */
export interface Feed<Item> {
    readonly collection: Collection
    readonly see: (ctx: ActionContext) => Promise<Sight<Item>>
    /** Computes the `decisions` alone. */
    readonly decide?: (ctx: ActionContext) => Promise<string>
    /** Whether events note every change of the feed; without that there is no lease. */
    readonly isNoted?: true
    /** Identifies one item in one version across collections. Of two items with one key, the first counts. */
    readonly keyOf: (item: Item) => string
    readonly bytesOf: (item: Item) => number
    /** The shared object that holds the item, where several readers share one. */
    readonly heldIn?: (item: Item) => object
}

/** A computed feed; `sight` is null where it equals the last one. */
export interface Seen<Item> extends Pick<View<Item>, "fingerprint" | "decisions" | "wholeAt" | "known" | "lease"> {
    readonly sight: Sight<Item> | null
}

export interface SeenNow<Item> extends Seen<Item> {
    readonly sight: Sight<Item>
}

/** Databases whose feeds changed unnoted. */
const withoutLeases = new WeakSet<Db>()

/** Whether it is worth asking the database about a lease. */
export const mayHold = ({ db, realNow }: Pick<Services, "db" | "realNow">, { over, breaks }: Lease): boolean =>
    !withoutLeases.has(db) && realNow() <= over && breaksOf(db) === breaks

/** Whether the leased feed is still what the reader may see now. */
export async function holds(ctx: ActionContext, lease: Lease): Promise<boolean> {
    const { state, from, until } = lease
    if (!(mayHold(ctx.services, lease) && from <= ctx.now && ctx.now <= until)) return false
    const { same, trustedUntil } = await isUnchanged(ctx.tx, ctx.services.clock, state, partnerOf(ctx).partner)
    return same && isTrusted({ trustedUntil }, ctx.now)
}

/** Computes the feed as of now. */
export async function seeNow<Item>(ctx: ActionContext, feed: Feed<Item>): Promise<SeenNow<Item>> {
    const { clock, db, realNow } = ctx.services
    const [breaks, wholeAt] = [breaksOf(db), realNow()]
    // The order matters: what is read after the state cannot be older than the state.
    const [state, sight] = await Promise.all([feed.isNoted ? findStateNow(ctx.tx, clock) : null, feed.see(ctx)])
    const known = state && { state, from: ctx.now, until: ctx.now, breaks }
    return { sight, fingerprint: sight.fingerprint, decisions: sight.decisions ?? null, wholeAt, known, lease: null }
}

/** Computes the feed of a reader with a view: as of the end of a lease if no row has changed, otherwise as of now. */
export async function seeAgain<Item>(
    ctx: ActionContext,
    feed: Feed<Item>,
    view: View<Item> | null,
): Promise<Seen<Item>> {
    const renewed = view && (await renew(ctx, feed, view))
    if (renewed) return renewed
    const seen = await seeNow(ctx, feed)
    // Without decisions, as with marks, a part may change that no event notes.
    const isOther = view !== null && view.decisions !== null && view.fingerprint !== seen.fingerprint
    if (isOther && view.known) await checkNotes(ctx, feed, view, view.known)
    return seen
}

async function renew<Item>(ctx: ActionContext, feed: Feed<Item>, view: View<Item>): Promise<Seen<Item> | null> {
    const { known, fingerprint, decisions } = view
    const lease = known && !withoutLeases.has(ctx.services.db) ? await leaseAfter(ctx, known) : null
    if (known === null || lease === null) return null
    const [then, now] = [{ ...ctx, now: lease.until }, ctx.services.realNow()]
    const same = { sight: null, fingerprint, decisions, known: lease, lease }
    const isRecent = now - view.wholeAt <= wholeMsMax
    if (isRecent && decisions !== null && (await feed.decide?.(then)) === decisions) {
        return { ...same, wholeAt: view.wholeAt }
    }
    return (await feed.see(then)).fingerprint === fingerprint ? { ...same, wholeAt: now } : null
}

/** Returns a lease to give if the feed is equal at its end. Null where the earlier state can no longer be relied on. */
async function leaseAfter(ctx: ActionContext, known: Known): Promise<Lease | null> {
    const { clock, db, random, realNow } = ctx.services
    const { partner, person } = partnerOf(ctx)
    const { least, most } = lengthMs
    const breaks = breaksOf(db)
    const isRecent = known.from <= ctx.now && ctx.now - known.until <= renewedMsMax
    if (!isRecent || known.breaks !== breaks) return null
    // The order matters: what has not changed until after the state, is the same as of the state.
    const [state, { same }, standingAt] = await Promise.all([
        findStateNow(ctx.tx, clock),
        isUnchanged(ctx.tx, clock, known.state, partner),
        loadStandingRead(ctx.tx, partner),
    ])
    const length = least + (random(2).readUInt16BE() % (most - least))
    const until = ctx.now + length
    if (state === null || !same || !isTrusted(state, until) || standingAt(until) !== standingAt(ctx.now)) return null
    return { partner, person, state, from: ctx.now, until, breaks, over: realNow() + length }
}

/**
 * Ends all leases of this process if a change was not noted: no row has changed, and the feed as of the instant of the
 * view is another one now.
 */
async function checkNotes<Item>(ctx: ActionContext, feed: Feed<Item>, view: View<Item>, known: Known): Promise<void> {
    const { db, clock, log } = ctx.services
    const isUnnoted = async () =>
        (await isUnchanged(ctx.tx, clock, known.state, partnerOf(ctx).partner)).same &&
        known.breaks === breaksOf(db) &&
        !withoutLeases.has(db)
    if (!(await isUnnoted())) return
    if ((await feed.see({ ...ctx, now: known.until })).fingerprint === view.fingerprint) return
    // A change may have been noted while the feed was computed.
    if (!(await isUnnoted())) return
    withoutLeases.add(db)
    log.error("a feed lease was wrong: leases are disabled until restart")
}

const isTrusted = ({ trustedUntil }: Pick<State, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
