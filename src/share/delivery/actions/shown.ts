/**
 * Since when a reader is shown something, for channels that are polled: what came after an instant must be found by whoever
 * asks for what came after it.
 *
 * What can be seen is decided at each read. Whatever is newly there gets its instant then, in the reading transaction and
 * under a lock of the partner, before it is served: so the order of instants is the order of commits, whatever the
 * clock does. What went and comes again gets a new one. It is kept for each person, for two of one partner may see
 * different cases.
 */
import { createHmac } from "node:crypto"
import type { Act } from "../../../trust/audit/actions.ts"
import { lockToShow } from "../../../platform/locks.ts"
import { partnerOf } from "./projection.ts"
import * as store from "../store/shown.ts"

export interface Dated<Of> {
    readonly of: Of
    readonly added: store.Micros
    /** Whether it was handed out before, and not only listed. */
    readonly delivered: boolean
}

/**
 * Everything that can be seen now, in the order in which it came; `see` reads it, once the lock is held. `keyOf` tells one
 * thing, in one version, from another, in whatever collection; of two with one key the first counts.
 */
export async function shownNow<Of>(
    act: Act,
    collection: store.Collection,
    see: (act: Act) => Promise<readonly Of[]>,
    keyOf: (one: Of) => string,
): Promise<Dated<Of>[]> {
    const reader = partnerOf(act)
    await lockToShow(act.tx, reader.partner)
    const then = { ...act, now: await act.doors.clock.now(act.tx) }
    const key = act.doors.keys.derive(`shown:${reader.person}`, 32)
    const hash = (text: string) => createHmac("sha256", key).update(text).digest("hex").slice(0, 32)
    const seen = new Map<string, Of>()
    for (const one of await see(then)) {
        const entry = hash(keyOf(one))
        if (!seen.has(entry)) seen.set(entry, one)
    }
    const known = await store.shownTo(act.tx, reader.person, collection)
    const gone = known.map(({ entry }) => entry).filter((entry) => !seen.has(entry))
    if (gone.length > 0) await store.endShown(act.tx, reader.person, gone, then.now)
    const old = new Set(known.map(({ entry }) => entry))
    const fresh = [...seen.keys()].filter((entry) => !old.has(entry))
    const first =
        fresh.length === 0 ? 0 : Math.max((await store.lastShown(act.tx, reader.partner)) + 1, then.now * 1000)
    if (fresh.length > 0) await store.insertShown(act.tx, { ...reader, collection }, fresh, first)
    const rows = [...known, ...fresh.map((entry, n) => ({ entry, added: first + n, delivered: false }))]
    return rows.flatMap(({ entry, added, delivered }) => {
        const of = seen.get(entry)
        return of === undefined ? [] : [{ of, added, delivered }]
    })
}
