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
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { lockToShow } from "../../../../kernel/locks.ts"
import { type Seen, holds, saveLease, leaseSoon, seeAgain, seeNow } from "./leases.ts"
import { partnerOf } from "../../actions/projection.ts"
import { type Dated, type Placed, Rows, type Shown } from "./rows.ts"
import { type Lease, type Sight, type View, objectBytes, viewsOf } from "./views.ts"
import * as store from "../store/feed.ts"

/** A collection whose items are kept in memory while they are unchanged. */
export interface Kept<Of> {
    readonly collection: store.Collection
    readonly see: (ctx: ActionContext) => Promise<Sight<Of>>
    /**
     * Whether every table behind the collection notes its changes; without that there is no lease. Fetches are noted
     * only where an artifact was recalled: other fetches do not change the feed.
     */
    readonly isNoted?: true
    /** Computes the `decisions` of the feed without the items. */
    readonly decide?: (ctx: ActionContext) => Promise<string>
    /** Identifies one item in one version across collections. Of two items with one key, the first counts. */
    readonly keyOf: (item: Of) => string
    readonly bytesOf: (item: Of) => number
    /** The shared object that holds the item, where several readers share one. */
    readonly heldIn?: (item: Of) => object
}

/** Returns everything that can be seen now, in order of addition. Calls `see` after taking the lock. */
export async function shownNow<Of>(
    ctx: ActionContext,
    collection: store.Collection,
    see: (ctx: ActionContext) => Promise<readonly Of[]>,
    keyOf: (item: Of) => string,
): Promise<Dated<Of>[]> {
    const then = await onceLocked(ctx)
    return [...(await dateAll(then, collection, await see(then), keyOf)).rows]
}

/** A reader that waited longer for the lock is served as of the later instant. */
const waitedMsMax = 250

/**
 * Returns the feed as `shownNow` does, from memory where possible. While nothing changes, reads only what decides that.
 */
export async function keptNow<Of>(ctx: ActionContext, subject: Kept<Of>): Promise<Rows<Of>> {
    const { partner, person } = partnerOf(ctx)
    const before = keptView(ctx, subject)
    if (before?.dated && (await isHeld(ctx, before, before.dated))) {
        leaseSoon(ctx, subject, before)
        return before.dated.rows
    }
    // The order matters: the feed is read after the lock is taken.
    const [, now, head, input] = await Promise.all([
        lockToShow(ctx.tx, partner),
        ctx.services.clock.now(ctx.tx),
        store.findHead(ctx.tx, person, subject.collection),
        seeAgain(ctx, subject, before),
    ])
    const isSame = before?.dated?.head === head && before.fingerprint === input.sight.fingerprint
    if (isSame && now - ctx.now <= waitedMsMax) {
        saveLease(before, input, head)
        return before.dated.rows
    }
    // Something has changed, or may have. The clock and the feed are read again behind the lock.
    const then = { ...ctx, now }
    const { view, put } = await look(then, subject, await seeNow(then, subject))
    if (view.dated !== null && view.dated.head === head) return view.dated.rows
    const { rows, isOther } = await dateAll(then, subject.collection, view.items, subject.keyOf)
    const after = isOther || head === null ? ctx.services.newId() : head
    if (after !== head) await store.setHead(ctx.tx, person, subject.collection, after)
    put({ ...view, dated: { head: after, rows, lease: null } })
    return rows
}

/** Returns everything that can be seen now, without instants. */
export async function seenNow<Of>(ctx: ActionContext, subject: Kept<Of>): Promise<readonly Of[]> {
    const before = keptView(ctx, subject)
    const view =
        before && (await isHeld(ctx, before, before))
            ? before
            : (await look(ctx, subject, await seeAgain(ctx, subject, before))).view
    if (view === before) leaseSoon(ctx, subject, view)
    return view.items
}

/** Whether the lease holds; drops it from the view where it does not. */
async function isHeld(
    ctx: ActionContext,
    view: View<unknown>,
    { lease }: { readonly lease: Lease | null },
): Promise<boolean> {
    const held = lease !== null && (await holds(ctx, lease))
    if (!held && view.lease === lease) view.lease = null
    if (!held && view.dated?.lease === lease) view.dated.lease = null
    return held
}

/** Returns the rows that were never handed out. */
export async function freshOf<Of>(ctx: ActionContext, rows: readonly Shown<Of>[]): Promise<Shown<Of>[]> {
    const open = rows.filter(({ delivered }) => !delivered)
    if (open.length === 0) return []
    // A reader under a lease has not taken the lock yet.
    await lockToShow(ctx.tx, partnerOf(ctx).partner)
    const added = open.map((view) => view.added)
    const known = new Set(await store.delivered(ctx.tx, partnerOf(ctx).partner, added))
    // Committed deliveries stay delivered.
    for (const view of open) if (known.has(view.added)) view.delivered = true
    return open.filter((view) => !view.delivered)
}

async function onceLocked(ctx: ActionContext): Promise<ActionContext> {
    const [, now] = await Promise.all([lockToShow(ctx.tx, partnerOf(ctx).partner), ctx.services.clock.now(ctx.tx)])
    return { ...ctx, now }
}

export const viewName = (person: string, collection: store.Collection): string => `${person} ${collection}`

function keptView<Of>(ctx: ActionContext, { collection }: Kept<Of>): View<Of> | null {
    return viewsOf(ctx.services).get(viewName(partnerOf(ctx).person, collection)) as View<Of> | null
}

async function look<Of>(ctx: ActionContext, subject: Kept<Of>, seen: Seen<Of>) {
    const { fingerprint, all: run } = seen.sight
    const { collection, bytesOf, heldIn } = subject
    const views = viewsOf(ctx.services)
    const name = viewName(partnerOf(ctx).person, collection)
    const before = keptView(ctx, subject)
    const put = (view: View<Of>) => {
        const bytes = new Map<object, number>()
        for (const item of view.items) {
            const whole = heldIn?.(item) ?? view
            bytes.set(whole, (bytes.get(whole) ?? 0) + objectBytes + bytesOf(item))
        }
        views.set(name, view, bytes)
    }
    if (before?.fingerprint === fingerprint) {
        saveLease(before, seen, null)
        return { view: before, put }
    }
    const items = await run(before?.items ?? [])
    const askedAt = ctx.services.realNow()
    const { known, wholeAt } = seen
    const decisions = seen.sight.decisions ?? null
    const view: View<Of> = { fingerprint, decisions, items, dated: null, known, lease: null, askedAt, wholeAt }
    put(view)
    return { view, put }
}

/** Gives each new item its instant. `isOther`: items were added or ended. */
async function dateAll<Of>(
    ctx: ActionContext,
    collection: store.Collection,
    list: readonly Of[],
    keyOf: (item: Of) => string,
): Promise<{ readonly rows: Rows<Of>; readonly isOther: boolean }> {
    const reader = partnerOf(ctx)
    const key = createSecretKey(ctx.services.keys.derive(`shown:${reader.person}`, 32))
    const hash = (text: string) => createHmac("sha256", key).update(text).digest("hex").slice(0, 32)
    const seen = new Map<string, number>()
    for (const [item, shown] of list.entries()) {
        const entry = hash(keyOf(shown))
        if (!seen.has(entry)) seen.set(entry, item)
    }
    const log = { ...reader, collection }
    const known = await store.shownTo(ctx.tx, log)
    const gone = known.filter(({ entry }) => !seen.has(entry)).map(({ added }) => added)
    if (gone.length > 0) await store.endShown(ctx.tx, log, gone, ctx.now)
    const old = new Set(known.map(({ entry }) => entry))
    const fresh = [...seen.keys()].filter((entry) => !old.has(entry))
    const first = fresh.length === 0 ? 0 : Math.max((await store.lastShown(ctx.tx, reader.partner)) + 1, ctx.now * 1000)
    if (fresh.length > 0) await store.insertShown(ctx.tx, log, fresh, first)
    const entries = [...known, ...fresh.map((entry, n) => ({ entry, added: first + n, delivered: false }))]
    const placed = entries.flatMap(({ entry, added, delivered }): Placed[] => {
        const item = seen.get(entry)
        return item === undefined ? [] : [{ item, added, delivered }]
    })
    return { rows: new Rows(list, placed), isOther: gone.length > 0 || fresh.length > 0 }
}
