/**
 * The feed of a reader: its visible items, and since when each is visible. Polled channels use it to serve everything
 * added after an instant.
 *
 * Each read decides what the reader can see. New items get their instant in the reading transaction, under the
 * partner's lock, before they are served. So the order of instants is the order of commits, whatever the clock does.
 * Items that disappear and return get a new instant. Each person has a feed of its own, since two people of one partner
 * may see different cases.
 */
import { createHmac, createSecretKey } from "node:crypto"
import type { Db } from "../../../platform/postgres/db.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { PartnerActor } from "../../../kernel/actor.ts"
import { lockToUpdateFeed } from "../../../kernel/locks.ts"
import type { Services } from "../../../kernel/services.ts"
import { partnerOf } from "../../delivery/actions/project-warnings.ts"
import { type ReadonlyFeedEntry, type FeedPosition, Rows, type FeedEntry } from "../rows.ts"
import { type View, Views, objectBytes } from "./cache-views.ts"
import { type Feed, type ComputedFeed, type FreshFeed, isLeaseValid, recomputeFeed, computeFeed } from "./lease-feed.ts"
import * as store from "../store.ts"

const viewsByDb = new WeakMap<Db, Views>()

/** Returns the views of one program. */
export function viewsOf({
    db,
    taxiiCacheBytesMax: polledBytesMax,
}: Pick<Services, "db" | "taxiiCacheBytesMax">): Views {
    const views = viewsByDb.get(db) ?? new Views(polledBytesMax)
    viewsByDb.set(db, views)
    return views
}

/** The name of a view. With marks and without them, and with other roles, a reader has another view. */
const viewNameOf = (
    { marksTaxiiTexts: marksPolled }: Services,
    { person, roles }: PartnerActor,
    collection: store.Collection,
): string => `${person} ${roles.join()} ${collection}${marksPolled ? " marked" : ""}`

/** Returns the last view of a reader. The caller must check that it is still valid. */
export function findView<Item>(
    services: Services,
    reader: PartnerActor,
    { collection }: Feed<Item>,
): View<Item> | null {
    return viewsOf(services).get(viewNameOf(services, reader, collection)) as View<Item> | null
}

/** A reader that waited longer for the lock is served as of the later instant. */
const lockWaitMsMax = 250

/** Returns everything that the reader sees now, in order of addition; under a lease without computing it. */
export async function readFeed<Item>(ctx: ActionContext, feed: Feed<Item>): Promise<Rows<Item>> {
    const reader = partnerOf(ctx)
    const { partner, person } = reader
    const before = findView(ctx.services, reader, feed)
    if (before?.lease && (await isLeaseValid(ctx, before.lease))) return before.rows
    // The order matters: the feed is read after the lock is taken.
    const [, now, stateId, computed] = await Promise.all([
        lockToUpdateFeed(ctx.tx, partner),
        ctx.services.clock.now(ctx.tx),
        store.findStateId(ctx.tx, person, feed.collection),
        recomputeFeed(ctx, feed, before),
    ])
    const isSame = ({ fingerprint }: ComputedFeed<Item>) =>
        before?.stateId === stateId && before?.fingerprint === fingerprint
    if (before && isSame(computed) && now - ctx.now <= lockWaitMsMax) return renewView(before, computed)
    // Something has changed, or may have. The clock and the feed are read again behind the lock.
    const behindLock = { ...ctx, now }
    const recomputed = await computeFeed(behindLock, feed)
    return before && isSame(recomputed)
        ? renewView(before, recomputed)
        : await dateView(behindLock, feed, recomputed, { before, stateId })
}

function renewView<Item>(view: View<Item>, { decisions, wholeAt, known, lease }: ComputedFeed<Item>): Rows<Item> {
    Object.assign(view, { decisions, wholeAt, known, lease })
    return view.rows
}

/** Dates the items and keeps the view. It has no lease: if the transaction is rolled back, its dates never existed. */
async function dateView<Item>(
    ctx: ActionContext,
    feed: Feed<Item>,
    { snapshot, ...computed }: FreshFeed<Item>,
    { before, stateId }: { readonly before: View<Item> | null; readonly stateId: string | null },
): Promise<Rows<Item>> {
    const reader = partnerOf(ctx)
    const { collection, keyOf } = feed
    const items =
        before?.fingerprint === computed.fingerprint ? before.items : await snapshot.loadItems(before?.items ?? [])
    const { rows, hasChanged } = await dateItems(ctx, collection, items, keyOf)
    const nextStateId = hasChanged || stateId === null ? ctx.services.newId() : stateId
    if (nextStateId !== stateId) await store.setStateId(ctx.tx, reader.person, collection, nextStateId)
    const view = { ...computed, items, rows, stateId: nextStateId, lease: null }
    viewsOf(ctx.services).set(viewNameOf(ctx.services, reader, collection), view, bytesIn(feed, view))
    return rows
}

function bytesIn<Item>({ bytesOf, heldIn }: Feed<Item>, view: View<Item>): Map<object, number> {
    const bytes = new Map<object, number>()
    for (const item of view.items) {
        const whole = heldIn?.(item) ?? view
        bytes.set(whole, (bytes.get(whole) ?? 0) + objectBytes + bytesOf(item))
    }
    return bytes
}

/** Returns the same as `readFeed`, of a collection that is never kept. Calls `see` after taking the lock. */
export async function readUncachedFeed<Item>(
    ctx: ActionContext,
    collection: store.Collection,
    loadItems: (ctx: ActionContext) => Promise<readonly Item[]>,
    keyOf: (item: Item) => string,
): Promise<ReadonlyFeedEntry<Item>[]> {
    const [, now] = await Promise.all([
        lockToUpdateFeed(ctx.tx, partnerOf(ctx).partner),
        ctx.services.clock.now(ctx.tx),
    ])
    const behindLock = { ...ctx, now }
    return [...(await dateItems(behindLock, collection, await loadItems(behindLock), keyOf)).rows]
}

/** Returns the rows that were never handed out. */
export async function listUndelivered<Item>(
    ctx: ActionContext,
    rows: readonly FeedEntry<Item>[],
): Promise<FeedEntry<Item>[]> {
    const open = rows.filter(({ delivered }) => !delivered)
    if (open.length === 0) return []
    const { partner } = partnerOf(ctx)
    // A reader under a lease has not taken the lock yet.
    await lockToUpdateFeed(ctx.tx, partner)
    const instants = open.map(({ added }) => added)
    const known = new Set(await store.listDelivered(ctx.tx, partner, instants))
    // Committed deliveries stay delivered.
    for (const row of open) if (known.has(row.added)) row.delivered = true
    return open.filter(({ delivered }) => !delivered)
}

/** Gives each new item its instant. `isOther`: items were added or ended. */
async function dateItems<Item>(
    ctx: ActionContext,
    collection: store.Collection,
    items: readonly Item[],
    keyOf: (item: Item) => string,
): Promise<{ readonly rows: Rows<Item>; readonly hasChanged: boolean }> {
    const reader = partnerOf(ctx)
    const key = createSecretKey(ctx.services.keys.derive(`shown:${reader.person}`, 32))
    const hash = (text: string) => createHmac("sha256", key).update(text).digest("hex").slice(0, 32)
    const places = new Map<string, number>()
    for (const [place, item] of items.entries()) {
        const entry = hash(keyOf(item))
        if (!places.has(entry)) places.set(entry, place)
    }
    const log = { ...reader, collection }
    const known = await store.listEntries(ctx.tx, log)
    const ended = known.filter(({ entry }) => !places.has(entry)).map(({ added }) => added)
    if (ended.length > 0) await store.endEntries(ctx.tx, log, ended, ctx.now)
    const knownEntries = new Set(known.map(({ entry }) => entry))
    const fresh = [...places.keys()].filter((entry) => !knownEntries.has(entry))
    const first =
        fresh.length === 0 ? 0 : Math.max((await store.findLastInstant(ctx.tx, reader.partner)) + 1, ctx.now * 1000)
    if (fresh.length > 0) await store.insertBatch(ctx.tx, log, fresh, first)
    const entries = [...known, ...fresh.map((entry, n) => ({ entry, added: first + n, delivered: false }))]
    const placed = entries.flatMap(({ entry, added, delivered }): FeedPosition[] => {
        const item = places.get(entry)
        return item === undefined ? [] : [{ item, added, delivered }]
    })
    return { rows: new Rows(items, placed), hasChanged: ended.length > 0 || fresh.length > 0 }
}
