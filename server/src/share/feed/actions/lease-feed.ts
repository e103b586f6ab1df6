/**
 * Leases on a reader's feed: for a few seconds it is served without being computed.
 *
 * A feed depends on rows and on the instant. The database proves at each read that no row has changed. For the instant,
 * the feed is computed as of the end of the lease, and must equal the last one. By time alone, no item appears and
 * disappears within twenty seconds, so both ends are enough.
 *
 * A renewal compares the decisions, and once a minute everything. If a feed differs although no row changed, a change
 * was not noted. This process then gives no further leases.
 */
import type { Instant } from "@tocsin/base/instant"
import { type FeedState, findFeedState, isUnchanged } from "../../../kernel/change-detection.ts"
import { type Db, breaksOf } from "../../../platform/postgres/db.ts"
import type { Services } from "../../../kernel/services.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadPartnerStatusReader } from "../../../trust/partners/actions/load-facts.ts"
import { partnerOf } from "../../delivery/actions/project-warnings.ts"
import type { ValiditySpan, Lease, View } from "./cache-views.ts"
import type { Collection } from "../store.ts"

/** In program time. Later than this after the last valid instant, the feed is computed as of now. */
const renewalMsMax = 10_000
/** The length is random, so that the end of a lease does not reveal a change. */
const lengthMs = { min: 2_000, max: 10_000 }
/** In wall-clock time. After this time, everything is computed again instead of the decisions alone. */
const recomputeMsMax = 60_000

/** The content that a reader can see, by the decisions as of now. */
export interface FeedSnapshot<Item> {
    /** Changes whenever the visible content changes in any byte. */
    readonly fingerprint: string
    /** Identifies the decisions. While no row changes, equal decisions give an equal feed. */
    readonly decisions?: string
    /** Returns the items; `before` holds the last ones, for reuse. */
    readonly loadItems: (before: readonly Item[]) => Promise<readonly Item[]>
}

/** A collection of which each reader has a feed. */
export interface Feed<Item> {
    readonly collection: Collection
    readonly load: (ctx: ActionContext) => Promise<FeedSnapshot<Item>>
    /** Computes the `decisions` alone. */
    readonly decide?: (ctx: ActionContext) => Promise<string>
    /** Whether events note every change of the feed; without that there is no lease. */
    readonly isTracked?: true
    /** Identifies one item in one version across collections. Of two items with one key, the first counts. */
    readonly keyOf: (item: Item) => string
    readonly bytesOf: (item: Item) => number
    /** The shared object that holds the item, where several readers share one. */
    readonly heldIn?: (item: Item) => object
}

/** A computed feed; `snapshot` is null where it equals the last one. */
export interface ComputedFeed<Item> extends Pick<
    View<Item>,
    "fingerprint" | "decisions" | "wholeAt" | "known" | "lease"
> {
    readonly snapshot: FeedSnapshot<Item> | null
}

export interface FreshFeed<Item> extends ComputedFeed<Item> {
    readonly snapshot: FeedSnapshot<Item>
}

/** Databases whose feeds changed unnoted. */
const dbsWithoutLeases = new WeakSet<Db>()

/** Whether a lease of this process was wrong, so that it gives none until it restarts. */
export const areLeasesDisabled = (db: Db): boolean => dbsWithoutLeases.has(db)

/** Whether a lease may still be valid, so that a query is worthwhile. */
export const mayBeValid = (
    { db, realNow }: Pick<Services, "db" | "realNow">,
    { endsAt, connectionBreaks }: Lease,
): boolean => !dbsWithoutLeases.has(db) && realNow() <= endsAt && breaksOf(db) === connectionBreaks

/** Whether the leased feed still shows all that the reader may see now. */
export async function isLeaseValid(ctx: ActionContext, lease: Lease): Promise<boolean> {
    const { state, from, until } = lease
    if (!(mayBeValid(ctx.services, lease) && from <= ctx.now && ctx.now <= until)) return false
    const { same, trustedUntil } = await isUnchanged(ctx.tx, ctx.services.clock, state, partnerOf(ctx).partner)
    return same && isTrusted({ trustedUntil }, ctx.now)
}

/** Computes the feed as of now. */
export async function computeFeed<Item>(ctx: ActionContext, feed: Feed<Item>): Promise<FreshFeed<Item>> {
    const { clock, db, realNow } = ctx.services
    const [connectionBreaks, wholeAt] = [breaksOf(db), realNow()]
    // The order matters: data read after the state cannot be older than the state.
    const [state, snapshot] = await Promise.all([feed.isTracked ? findFeedState(ctx.tx, clock) : null, feed.load(ctx)])
    const known = state && { state, from: ctx.now, until: ctx.now, connectionBreaks }
    return {
        snapshot,
        fingerprint: snapshot.fingerprint,
        decisions: snapshot.decisions ?? null,
        wholeAt,
        known,
        lease: null,
    }
}

/** Computes the feed of a reader with a view: as of the end of a lease if no row has changed, otherwise as of now. */
export async function recomputeFeed<Item>(
    ctx: ActionContext,
    feed: Feed<Item>,
    view: View<Item> | null,
): Promise<ComputedFeed<Item>> {
    const renewed = view && (await renewLease(ctx, feed, view))
    if (renewed) return renewed
    const computed = await computeFeed(ctx, feed)
    // Without decisions, as with marks, a part may change that no event notes.
    const hasChanged = view !== null && view.decisions !== null && view.fingerprint !== computed.fingerprint
    if (hasChanged && view.known) await assertChangesNoted(ctx, feed, view, view.known)
    return computed
}

async function renewLease<Item>(
    ctx: ActionContext,
    feed: Feed<Item>,
    view: View<Item>,
): Promise<ComputedFeed<Item> | null> {
    const { known, fingerprint, decisions } = view
    const lease = known && !dbsWithoutLeases.has(ctx.services.db) ? await computeLease(ctx, known) : null
    if (known === null || lease === null) return null
    const [atLeaseEnd, now] = [{ ...ctx, now: lease.until }, ctx.services.realNow()]
    const same = { snapshot: null, fingerprint, decisions, known: lease, lease }
    const isRecent = now - view.wholeAt <= recomputeMsMax
    if (isRecent && decisions !== null && (await feed.decide?.(atLeaseEnd)) === decisions) {
        return { ...same, wholeAt: view.wholeAt }
    }
    return (await feed.load(atLeaseEnd)).fingerprint === fingerprint ? { ...same, wholeAt: now } : null
}

/** Returns a lease to give if the feed is equal at its end. Null where the earlier state can no longer be relied on. */
async function computeLease(ctx: ActionContext, known: ValiditySpan): Promise<Lease | null> {
    const { clock, db, random, realNow } = ctx.services
    const { partner, person } = partnerOf(ctx)
    const { min, max } = lengthMs
    const connectionBreaks = breaksOf(db)
    const isRecent = known.from <= ctx.now && ctx.now - known.until <= renewalMsMax
    if (!isRecent || known.connectionBreaks !== connectionBreaks) return null
    // The order matters: data that has not changed until after the state is the same as of the state.
    const [state, { same }, statusAt] = await Promise.all([
        findFeedState(ctx.tx, clock),
        isUnchanged(ctx.tx, clock, known.state, partner),
        loadPartnerStatusReader(ctx.tx, partner),
    ])
    const length = min + (random(2).readUInt16BE() % (max - min))
    const until = ctx.now + length
    if (state === null || !same || !isTrusted(state, until) || statusAt(until) !== statusAt(ctx.now)) return null
    return { partner, person, state, from: ctx.now, until, connectionBreaks, endsAt: realNow() + length }
}

/**
 * Ends all leases of this process if a change was not noted: no row has changed, and the feed as of the instant of the
 * view is another one now.
 */
async function assertChangesNoted<Item>(
    ctx: ActionContext,
    feed: Feed<Item>,
    view: View<Item>,
    known: ValiditySpan,
): Promise<void> {
    const { db, clock, log } = ctx.services
    const isUntracked = async () =>
        (await isUnchanged(ctx.tx, clock, known.state, partnerOf(ctx).partner)).same &&
        known.connectionBreaks === breaksOf(db) &&
        !dbsWithoutLeases.has(db)
    if (!(await isUntracked())) return
    if ((await feed.load({ ...ctx, now: known.until })).fingerprint === view.fingerprint) return
    // A change may have been noted while the feed was computed.
    if (!(await isUntracked())) return
    dbsWithoutLeases.add(db)
    log.error("a feed lease was wrong: leases are disabled until restart")
}

const isTrusted = ({ trustedUntil }: Pick<FeedState, "trustedUntil">, instant: Instant): boolean =>
    trustedUntil === null || instant <= trustedUntil
