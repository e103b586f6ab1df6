/**
 * Keeps the last feed of each reader in memory, so that unchanged feeds are not read, decrypted and serialised again.
 *
 * Each read decides whether the feed is unchanged; this module decides nothing. Readers share no views, so that
 * response times do not reveal the requests of others.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Computed } from "../../../kernel/change-detection.ts"
import type { Rows } from "../rows.ts"

/** The rows and the span of program time for which a view is valid. */
export interface Known extends Pick<Computed, "state" | "from" | "until"> {
    /** How often a connection had broken. After a crash, a database may number two transactions alike. */
    readonly breaks: number
}

export interface Lease extends Computed, Known {
    /** About when the lease ends, in wall-clock time. After that, the database need not be asked. */
    readonly over: Instant
}

/** The last feed of one reader. */
export interface View<Item> {
    /** A fingerprint of everything that determines the items. */
    readonly fingerprint: string
    /** The decisions behind the items; null where the feed does not name them. */
    decisions: string | null
    readonly items: readonly Item[]
    readonly rows: Rows<Item>
    /** The state of the log of dates that `rows` is of. */
    readonly head: string
    /** When everything was last computed, in wall-clock time. */
    wholeAt: Instant
    /** Null where the feed notes no changes, or where the reading transaction had written. */
    known: Known | null
    lease: Lease | null
}

/** The overhead of each object in addition to its text, and of its place in a view, in bytes. */
export const objectBytes = 200
const placeBytes = 21

type Bytes = ReadonlyMap<object, number>

/** The views of one process, up to a number of bytes. The least recently used view makes room. */
export class Views {
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
        for (const [object, size] of bytes) {
            const known = this.held.get(object)
            this.held.set(object, { bytes: size, views: (known?.views ?? 0) + 1 })
            if (known === undefined) this.sum += size
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
        for (const object of known.bytes.keys()) {
            const holding = this.held.get(object)
            if (holding !== undefined && --holding.views === 0) {
                this.held.delete(object)
                this.sum -= holding.bytes
            }
        }
    }
}
