/**
 * The feed of a reader: what it sees, and since when. Polled channels use it to serve everything added after an
 * instant.
 *
 * What a reader can see is decided at each read. New items get their instant in the reading transaction, under the
 * partner's lock, before they are served. So the order of instants is the order of commits, whatever the clock does.
 * Items that disappear and return get a new instant. Each person has a feed of its own, since two people of one partner
 * may see different cases.
 */
import { createHmac, createSecretKey } from "node:crypto"
import type { Db } from "../../../platform/postgres/db.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { lockToShow } from "../../../kernel/locks.ts"
import type { Services } from "../../../kernel/services.ts"
import { partnerOf } from "../../delivery/actions/projection.ts"
import { type Dated, type Placed, Rows, type Shown } from "../rows.ts"
import { type View, Views, objectBytes } from "./views.ts"
import { type Feed, type Seen, type SeenNow, holds, seeAgain, seeNow } from "./lease-feed.ts"
import * as store from "../store.ts"

const kept = new WeakMap<Db, Views>()

/** Returns the views of one program. */
export function viewsOf({ db, polledBytesMax }: Pick<Services, "db" | "polledBytesMax">): Views {
    const views = kept.get(db) ?? new Views(polledBytesMax)
    kept.set(db, views)
    return views
}

/** The name of a view. With marks and without them, a reader has two views. */
const nameOf = ({ marksPolled }: Services, person: string, collection: store.Collection): string =>
    `${person} ${collection}${marksPolled ? " marked" : ""}`

/** Returns the last view of a reader. The caller must check that it is still valid. */
export function findView<Item>(services: Services, person: string, { collection }: Feed<Item>): View<Item> | null {
    return viewsOf(services).get(nameOf(services, person, collection)) as View<Item> | null
}

/** A reader that waited longer for the lock is served as of the later instant. */
const waitedMsMax = 250

/** Returns everything that the reader sees now, in order of addition; under a lease without computing it. */
export async function readFeed<Item>(ctx: ActionContext, feed: Feed<Item>): Promise<Rows<Item>> {
    const { partner, person } = partnerOf(ctx)
    const before = findView(ctx.services, person, feed)
    if (before?.lease && (await holds(ctx, before.lease))) return before.rows
    // The order matters: the feed is read after the lock is taken.
    const [, now, head, seen] = await Promise.all([
        lockToShow(ctx.tx, partner),
        ctx.services.clock.now(ctx.tx),
        store.findHead(ctx.tx, person, feed.collection),
        seeAgain(ctx, feed, before),
    ])
    const isSame = ({ fingerprint }: Seen<Item>) => before?.head === head && before?.fingerprint === fingerprint
    if (before && isSame(seen) && now - ctx.now <= waitedMsMax) return renewed(before, seen)
    // Something has changed, or may have. The clock and the feed are read again behind the lock.
    const then = { ...ctx, now }
    const again = await seeNow(then, feed)
    return before && isSame(again) ? renewed(before, again) : await dated(then, feed, again, { before, head })
}

function renewed<Item>(view: View<Item>, { decisions, wholeAt, known, lease }: Seen<Item>): Rows<Item> {
    Object.assign(view, { decisions, wholeAt, known, lease })
    return view.rows
}

/** Dates the items and keeps the view. It has no lease: if the transaction is rolled back, its dates never existed. */
async function dated<Item>(
    ctx: ActionContext,
    feed: Feed<Item>,
    { sight, ...seen }: SeenNow<Item>,
    { before, head }: { readonly before: View<Item> | null; readonly head: string | null },
): Promise<Rows<Item>> {
    const { person } = partnerOf(ctx)
    const { collection, keyOf } = feed
    const items = before?.fingerprint === seen.fingerprint ? before.items : await sight.all(before?.items ?? [])
    const { rows, isOther } = await dateAll(ctx, collection, items, keyOf)
    const after = isOther || head === null ? ctx.services.newId() : head
    if (after !== head) await store.setHead(ctx.tx, person, collection, after)
    const view = { ...seen, items, rows, head: after, lease: null }
    viewsOf(ctx.services).set(nameOf(ctx.services, person, collection), view, bytesIn(feed, view))
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
export async function readUnkeptFeed<Item>(
    ctx: ActionContext,
    collection: store.Collection,
    see: (ctx: ActionContext) => Promise<readonly Item[]>,
    keyOf: (item: Item) => string,
): Promise<Dated<Item>[]> {
    const [, now] = await Promise.all([lockToShow(ctx.tx, partnerOf(ctx).partner), ctx.services.clock.now(ctx.tx)])
    const then = { ...ctx, now }
    return [...(await dateAll(then, collection, await see(then), keyOf)).rows]
}

/** Returns the rows that were never handed out. */
export async function undeliveredAmong<Item>(ctx: ActionContext, rows: readonly Shown<Item>[]): Promise<Shown<Item>[]> {
    const open = rows.filter(({ delivered }) => !delivered)
    if (open.length === 0) return []
    const { partner } = partnerOf(ctx)
    // A reader under a lease has not taken the lock yet.
    await lockToShow(ctx.tx, partner)
    const instants = open.map(({ added }) => added)
    const known = new Set(await store.listDelivered(ctx.tx, partner, instants))
    // Committed deliveries stay delivered.
    for (const row of open) if (known.has(row.added)) row.delivered = true
    return open.filter(({ delivered }) => !delivered)
}

/** Gives each new item its instant. `isOther`: items were added or ended. */
async function dateAll<Item>(
    ctx: ActionContext,
    collection: store.Collection,
    items: readonly Item[],
    keyOf: (item: Item) => string,
): Promise<{ readonly rows: Rows<Item>; readonly isOther: boolean }> {
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
    const gone = known.filter(({ entry }) => !places.has(entry)).map(({ added }) => added)
    if (gone.length > 0) await store.endEntries(ctx.tx, log, gone, ctx.now)
    const old = new Set(known.map(({ entry }) => entry))
    const fresh = [...places.keys()].filter((entry) => !old.has(entry))
    const first = fresh.length === 0 ? 0 : Math.max((await store.findLast(ctx.tx, reader.partner)) + 1, ctx.now * 1000)
    if (fresh.length > 0) await store.insertBatch(ctx.tx, log, fresh, first)
    const entries = [...known, ...fresh.map((entry, n) => ({ entry, added: first + n, delivered: false }))]
    const placed = entries.flatMap(({ entry, added, delivered }): Placed[] => {
        const item = places.get(entry)
        return item === undefined ? [] : [{ item, added, delivered }]
    })
    return { rows: new Rows(items, placed), isOther: gone.length > 0 || fresh.length > 0 }
}
