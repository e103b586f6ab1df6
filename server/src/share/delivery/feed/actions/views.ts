/**
 * What readers were shown last, in memory, so that it need not be read, opened and written anew while it is the same. Whether
 * it is the same is found out at each read, from what is decided then: nothing here decides.
 *
 * It is kept for each reader apart: how long an answer takes tells nobody whether others have asked before.
 */
import type { Db } from "../../../../platform/postgres/db.ts"
import type { Services } from "../../../../kernel/services.ts"
import type { Computed } from "../../../../kernel/change-detection.ts"
import type { Rows } from "./rows.ts"

/** As of which rows, and from when until when, what is kept is what is seen. */
export interface Known extends Pick<Computed, "state" | "from" | "until"> {
    /** How often a connection had broken: a database that fell may number two transactions alike. */
    readonly breaks: number
}

export interface Lease extends Computed, Known {
    /** In real time, about: later it need not be asked whether it holds. */
    readonly over: number
    /** Whoever asks from then on, in real time, sets off the next. */
    readonly endingAt: number
}

/** What can be seen now, by what was decided now. */
export interface Sight<Of> {
    /** Another one whenever what can be seen is, in any letter. */
    readonly fingerprint: string
    /** Names what was decided: as long as no row is another, the same is seen while this is the same. */
    readonly decisions?: string
    /** `before`: what was seen last, of which the same may be taken again. */
    readonly all: (before: readonly Of[]) => Promise<readonly Of[]>
}

export interface View<Of> {
    /** Of everything that determines `items`. */
    readonly fingerprint: string
    /** What was decided by what is known; null where that has no name. */
    decisions: string | null
    readonly items: readonly Of[]
    /** Since when each is shown, as of a state of the log; null where that was not asked. */
    readonly dated: DatedView<Of> | null
    /** In real time, as is when all of it was computed last. */
    askedAt: number
    wholeAt: number
    /** Of `items`, whatever the log says; null where it was read by a transaction that had written. */
    known: Known | null
    lease: Lease | null
}

export interface DatedView<Of> {
    readonly head: string
    readonly rows: Rows<Of>
    /** Given only where `head` was found in the log: what was dated in a transaction that failed never was. */
    lease: Lease | null
}

/** Of each object, besides its text; and of its place in a view. */
export const objectBytes = 200
const placeBytes = 21

type Bytes = ReadonlyMap<object, number>

class Views {
    private readonly bytesMax: number
    /** The one that was not asked for the longest stands first. */
    private readonly all = new Map<string, { readonly view: View<unknown>; readonly bytes: Bytes }>()
    /** What several views hold counts once. */
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

    /** `bytes`: of what it holds, whether or not others hold it too. */
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

/** Of one program. */
export function viewsOf({ db, polledBytesMax }: Pick<Services, "db" | "polledBytesMax">): Views {
    const views = kept.get(db) ?? new Views(polledBytesMax)
    kept.set(db, views)
    return views
}
