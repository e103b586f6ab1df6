/**
 * Since when a reader is shown something, for channels that are polled: what came after an instant must be found by whoever
 * asks for what came after it.
 *
 * What can be seen is decided at each read. Whatever is newly there gets its instant then, in the reading transaction and
 * under a lock of the partner, before it is served: so the order of instants is the order of commits, whatever the
 * clock does. What went and comes again gets a new one. It is kept for each person, for two of one partner may see
 * different cases.
 */
import { createHmac, createSecretKey } from "node:crypto"
import type { Act } from "../../../trust/audit/actions.ts"
import { lockToShow } from "../../../platform/locks.ts"
import { type Seen, holds, keepLease, leaseSoon, seeAgain, seeNow } from "./leases.ts"
import { partnerOf } from "./projection.ts"
import { type Dated, type Placed, Rows, type Shown } from "./rows.ts"
import { type Lease, type Sight, type View, objectBytes, viewsOf } from "./views.ts"
import * as store from "../store/shown.ts"

/** A collection whose things are kept in memory as long as they are the same. */
export interface Kept<Of> {
    readonly collection: store.Collection
    readonly see: (act: Act) => Promise<Sight<Of>>
    /**
     * Every table from which it is seen notes its changes: without that there is no lease. What a partner fetched
     * is noted where it was called back: else it makes no difference to what is seen.
     */
    readonly isNoted?: true
    /** The `decisions` of what would be seen. */
    readonly decide?: (act: Act) => Promise<string>
    /** Tells one thing, in one version, from another, in whatever collection; of two with one key the first counts. */
    readonly keyOf: (one: Of) => string
    readonly bytesOf: (one: Of) => number
    /** Of which it is a part that several readers hold together. */
    readonly heldIn?: (one: Of) => object
}

/** Everything that can be seen now, in the order in which it came; `see` reads it, once the lock is held. */
export async function shownNow<Of>(
    act: Act,
    collection: store.Collection,
    see: (act: Act) => Promise<readonly Of[]>,
    keyOf: (one: Of) => string,
): Promise<Dated<Of>[]> {
    const then = await onceLocked(act)
    return [...(await dateAll(then, collection, await see(then), keyOf)).rows]
}

/** Who waited longer for the lock is shown what may be seen then, and not what could be when it asked. */
const waitedMsMax = 250

/** As `shownNow`, of what is kept: while nothing is otherwise, nothing is read again but what decides that. */
export async function keptNow<Of>(act: Act, of: Kept<Of>): Promise<Rows<Of>> {
    const { partner, person } = partnerOf(act)
    const before = keptView(act, of)
    if (before?.dated && (await isHeld(act, before, before.dated))) {
        leaseSoon(act, of, before)
        return before.dated.rows
    }
    // In this order: what is seen is read once the lock is held.
    const [, now, head, its] = await Promise.all([
        lockToShow(act.tx, partner),
        act.doors.clock.now(act.tx),
        store.headOf(act.tx, person, of.collection),
        seeAgain(act, of, before),
    ])
    const isSame = before?.dated?.head === head && before.fingerprint === its.sight.fingerprint
    if (isSame && now - act.now <= waitedMsMax) {
        keepLease(before, its, head)
        return before.dated.rows
    }
    // Something is otherwise, and gets its instant, or may be by now: by a clock that was read behind the lock, as is what is seen then.
    const then = { ...act, now }
    const { view, put } = await look(then, of, await seeNow(then, of))
    if (view.dated !== null && view.dated.head === head) return view.dated.rows
    const { rows, isOther } = await dateAll(then, of.collection, view.items, of.keyOf)
    const after = isOther || head === null ? act.doors.newId() : head
    if (after !== head) await store.setHead(act.tx, person, of.collection, after)
    put({ ...view, dated: { head: after, rows, lease: null } })
    return rows
}

/** Everything that can be seen now, since whenever. */
export async function seenNow<Of>(act: Act, of: Kept<Of>): Promise<readonly Of[]> {
    const before = keptView(act, of)
    const its =
        before && (await isHeld(act, before, before))
            ? before
            : (await look(act, of, await seeAgain(act, of, before))).view
    if (its === before) leaseSoon(act, of, its)
    return its.items
}

/** What does not hold is dropped: there may be another one. */
async function isHeld(act: Act, view: View<unknown>, { lease }: { readonly lease: Lease | null }): Promise<boolean> {
    const held = lease !== null && (await holds(act, lease))
    if (!held && view.lease === lease) view.lease = null
    if (!held && view.dated?.lease === lease) view.dated.lease = null
    return held
}

/** Of these, what was never handed out. */
export async function freshOf<Of>(act: Act, rows: readonly Shown<Of>[]): Promise<Shown<Of>[]> {
    const open = rows.filter(({ delivered }) => !delivered)
    if (open.length === 0) return []
    // Who reads under a lease has not taken it yet.
    await lockToShow(act.tx, partnerOf(act).partner)
    const added = open.map((one) => one.added)
    const known = new Set(await store.delivered(act.tx, partnerOf(act).partner, added))
    // What another transaction has committed stays so.
    for (const one of open) if (known.has(one.added)) one.delivered = true
    return open.filter((one) => !one.delivered)
}

async function onceLocked(act: Act): Promise<Act> {
    const [, now] = await Promise.all([lockToShow(act.tx, partnerOf(act).partner), act.doors.clock.now(act.tx)])
    return { ...act, now }
}

export const viewName = (person: string, collection: store.Collection): string => `${person} ${collection}`

function keptView<Of>(act: Act, { collection }: Kept<Of>): View<Of> | null {
    return viewsOf(act.doors).get(viewName(partnerOf(act).person, collection)) as View<Of> | null
}

async function look<Of>(act: Act, of: Kept<Of>, seen: Seen<Of>) {
    const { fingerprint, all } = seen.sight
    const { collection, bytesOf, heldIn } = of
    const views = viewsOf(act.doors)
    const name = viewName(partnerOf(act).person, collection)
    const before = keptView(act, of)
    const put = (view: View<Of>) => {
        const bytes = new Map<object, number>()
        for (const one of view.items) {
            const whole = heldIn?.(one) ?? view
            bytes.set(whole, (bytes.get(whole) ?? 0) + objectBytes + bytesOf(one))
        }
        views.set(name, view, bytes)
    }
    if (before?.fingerprint === fingerprint) {
        keepLease(before, seen, null)
        return { view: before, put }
    }
    const items = await all(before?.items ?? [])
    const askedAt = act.doors.realNow()
    const { known, wholeAt } = seen
    const decisions = seen.sight.decisions ?? null
    const view: View<Of> = { fingerprint, decisions, items, dated: null, known, lease: null, askedAt, wholeAt }
    put(view)
    return { view, put }
}

/** `isOther`: something came, or went. */
async function dateAll<Of>(
    act: Act,
    collection: store.Collection,
    all: readonly Of[],
    keyOf: (one: Of) => string,
): Promise<{ readonly rows: Rows<Of>; readonly isOther: boolean }> {
    const reader = partnerOf(act)
    const key = createSecretKey(act.doors.keys.derive(`shown:${reader.person}`, 32))
    const hash = (text: string) => createHmac("sha256", key).update(text).digest("hex").slice(0, 32)
    const seen = new Map<string, number>()
    for (const [item, one] of all.entries()) {
        const entry = hash(keyOf(one))
        if (!seen.has(entry)) seen.set(entry, item)
    }
    const log = { ...reader, collection }
    const known = await store.shownTo(act.tx, log)
    const gone = known.filter(({ entry }) => !seen.has(entry)).map(({ added }) => added)
    if (gone.length > 0) await store.endShown(act.tx, log, gone, act.now)
    const old = new Set(known.map(({ entry }) => entry))
    const fresh = [...seen.keys()].filter((entry) => !old.has(entry))
    const first = fresh.length === 0 ? 0 : Math.max((await store.lastShown(act.tx, reader.partner)) + 1, act.now * 1000)
    if (fresh.length > 0) await store.insertShown(act.tx, log, fresh, first)
    const entries = [...known, ...fresh.map((entry, n) => ({ entry, added: first + n, delivered: false }))]
    const placed = entries.flatMap(({ entry, added, delivered }): Placed[] => {
        const item = seen.get(entry)
        return item === undefined ? [] : [{ item, added, delivered }]
    })
    return { rows: new Rows(all, placed), isOther: gone.length > 0 || fresh.length > 0 }
}
