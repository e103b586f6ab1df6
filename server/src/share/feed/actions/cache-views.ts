/**
 * Keeps the last feed of each reader in memory, so that unchanged feeds are not read, decrypted and serialised again.
 *
 * Each read decides whether the feed is unchanged; this module decides nothing. Readers share no views, so that
 * response times do not reveal the requests of others.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ComputedAnswer } from "../../../kernel/change-detection.ts"
import type { Rows } from "../rows.ts"

/** The rows and the span of program time for which a view is valid. */
export interface ValiditySpan extends Pick<ComputedAnswer, "state" | "from" | "until"> {
    /** How often a connection had broken. After a crash, a database may number two transactions alike. */
    readonly connectionBreaks: number
}

export interface Lease extends ComputedAnswer, ValiditySpan {
    /** About when the lease ends, in wall-clock time. After that, the database is not asked. */
    readonly endsAt: Instant
}

/** The last feed of one reader. */
export interface View<Item> {
    /** A fingerprint of everything that determines the items. */
    readonly fingerprint: string
    /** The decisions behind the items; null where the feed does not name them. */
    decisions: string | null
    readonly items: readonly Item[]
    readonly rows: Rows<Item>
    /** The state of the feed's log to which `rows` belongs. */
    readonly stateId: string
    /** When everything was last computed, in wall-clock time. */
    wholeAt: Instant
    /** Null where the feed notes no changes, or where the reading transaction had written. */
    known: ValiditySpan | null
    lease: Lease | null
}

/** The overhead of each object in addition to its text, and of its place in a view, in bytes. */
export const objectBytes = 200
const placeBytes = 21

type ObjectSizes = ReadonlyMap<object, number>

/** The views of one process, up to a number of bytes. The least recently used view makes room. */
export class Views {
    private readonly bytesMax: number
    /** The least recently used view is first. */
    private readonly entries = new Map<string, { readonly view: View<unknown>; readonly bytes: ObjectSizes }>()
    /** Objects that several views share count once. */
    private readonly objects = new Map<object, { readonly bytes: number; views: number }>()
    private sum = 0

    constructor(bytesMax: number) {
        this.bytesMax = bytesMax
    }

    get(name: string): View<unknown> | null {
        const known = this.entries.get(name)
        if (known === undefined) return null
        this.entries.delete(name)
        this.entries.set(name, known)
        return known.view
    }

    /** `bytes`: the size of each object in the view, shared or not. */
    set(name: string, view: View<unknown>, bytes: ObjectSizes): void {
        this.#drop(name)
        this.entries.set(name, { view, bytes })
        this.sum += placeBytes * view.items.length
        for (const [object, size] of bytes) {
            const known = this.objects.get(object)
            this.objects.set(object, { bytes: size, views: (known?.views ?? 0) + 1 })
            if (known === undefined) this.sum += size
        }
        for (const oldest of this.entries.keys()) {
            if (this.sum <= this.bytesMax) return
            this.#drop(oldest)
        }
    }

    #drop(name: string): void {
        const known = this.entries.get(name)
        if (known === undefined) return
        this.entries.delete(name)
        this.sum -= placeBytes * known.view.items.length
        for (const object of known.bytes.keys()) {
            const holding = this.objects.get(object)
            if (holding !== undefined && --holding.views === 0) {
                this.objects.delete(object)
                this.sum -= holding.bytes
            }
        }
    }
}
