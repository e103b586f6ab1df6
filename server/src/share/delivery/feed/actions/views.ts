/**
 * Keeps the last feed of each reader in memory, so that unchanged feeds are not read, decrypted and serialised again.
 *
 * Each read decides whether the feed is unchanged; this module decides nothing.
 *
 * Readers share no views, so that response times do not reveal the requests of others.
 */
import type { Db } from "../../../../platform/postgres/db.ts"
import type { Services } from "../../../../kernel/services.ts"
import type { Computed } from "../../../../kernel/change-detection.ts"
import type { Rows } from "./rows.ts"

/** The rows and the span of time for which a saved feed is valid. */
export interface Known extends Pick<Computed, "state" | "from" | "until"> {
    /** How often a connection had broken. After a crash, a database may number two transactions alike. */
    readonly breaks: number
}

export interface Lease extends Computed, Known {
    /** About when the lease ends, in wall-clock time. After that, `holds` need not be asked. */
    readonly over: number
    /** A poll after this wall-clock instant prepares the next lease. */
    readonly endingAt: number
}

/** What a reader can see, by the decisions as of now. */
export interface Sight<Of> {
    /** Changes whenever what can be seen changes in any byte. */
    readonly fingerprint: string
    /** Identifies the decisions. While no row changes, equal decisions give an equal feed. */
    readonly decisions?: string
    /** Returns the items; `before` holds the last ones, for reuse. */
    readonly all: (before: readonly Of[]) => Promise<readonly Of[]>
}

export interface View<Of> {
    /** A fingerprint of everything that determines `items`. */
    readonly fingerprint: string
    /** The decisions behind `items`; null where the collection does not name them. */
    decisions: string | null
    readonly items: readonly Of[]
    /** Since when each item is shown, as of one state of the log; null where that was not asked. */
    readonly dated: DatedView<Of> | null
    /** The last poll, and the last computation of the whole feed, in wall-clock time. */
    askedAt: number
    wholeAt: number
    /** When `items` is valid, whatever the log says; null where the reading transaction had written. */
    known: Known | null
    lease: Lease | null
}

export interface DatedView<Of> {
    readonly head: string
    readonly rows: Rows<Of>
    /** Set only where `head` was found in the log: the instants of a rolled-back transaction never existed. */
    lease: Lease | null
}

/** The overhead of each object in addition to its text, and of its place in a view, in bytes. */
export const objectBytes = 200
const placeBytes = 21

type Bytes = ReadonlyMap<object, number>

class Views {
    private readonly bytesMax: number
    /** The least recently used view is first. */
    private readonly all = new Map<string, { readonly view: View<unknown>; readonly bytes: Bytes }>()
    /** Objects that several views share count once. */
    private readonly held = new Map<object, { readonly bytes: number; views: number }>()
    private sum = 0

    constructor(bytesMax: number) {
        this.bytesMax = bytesMax
    }

    get(name: string): View<unknown> | null {
        const known = this.all.get(name)
        if (known === undefined) return null
        this.all.delete(name)
        this.all.set(name, known)
        return known.view
    }

    /** `bytes`: the size of each object in the view, shared or not. */
    set(name: string, view: View<unknown>, bytes: Bytes): void {
        this.#drop(name)
        this.all.set(name, { view, bytes })
        this.sum += placeBytes * view.items.length
        for (const [item, value] of bytes) {
            const known = this.held.get(item)
            this.held.set(item, { bytes: value, views: (known?.views ?? 0) + 1 })
            if (known === undefined) this.sum += value
        }
        for (const oldest of this.all.keys()) {
            if (this.sum <= this.bytesMax) return
            this.#drop(oldest)
        }
    }

    #drop(name: string): void {
        const known = this.all.get(name)
        if (known === undefined) return
        this.all.delete(name)
        this.sum -= placeBytes * known.view.items.length
        for (const item of known.bytes.keys()) {
            const input = this.held.get(item)
            if (input !== undefined && --input.views === 0) {
                this.held.delete(item)
                this.sum -= input.bytes
            }
        }
    }
}

const kept = new WeakMap<Db, Views>()

/** Returns the views of one program. */
export function viewsOf({ db, polledBytesMax }: Pick<Services, "db" | "polledBytesMax">): Views {
    const views = kept.get(db) ?? new Views(polledBytesMax)
    kept.set(db, views)
    return views
}
