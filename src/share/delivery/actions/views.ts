/**
 * What readers were shown last, in memory, so that it need not be read, opened and written anew while it is the same. Whether
 * it is the same is found out at each read, from what is decided then: nothing here decides.
 *
 * It is kept for each reader apart: how long an answer takes tells nobody whether others have asked before.
 */
import type { Db } from "../../../platform/db.ts"

export interface View<Of> {
    /** Of everything that determines `items`. */
    readonly fingerprint: string
    readonly items: readonly Of[]
    /** Since when each is shown, as of a state of the log; null where that was not asked. */
    readonly dated: { readonly head: string; readonly rows: readonly Shown<Of>[] } | null
}

export interface Shown<Of> {
    readonly of: Of
    /** Microseconds since 1970. */
    readonly added: number
    /** Whether it was handed out before, and not only listed. */
    delivered: boolean
}

/** Some 300 bytes of each item, besides its text. */
const itemChars = 300

class Views {
    private readonly charsMax: number
    /** The one that was not asked for the longest stands first. */
    private readonly all = new Map<string, { readonly view: View<unknown>; readonly chars: number }>()

    constructor(charsMax: number) {
        this.charsMax = charsMax
    }

    get(name: string): View<unknown> | null {
        const known = this.all.get(name)
        if (known === undefined) return null
        this.all.delete(name)
        this.all.set(name, known)
        return known.view
    }

    set(name: string, view: View<unknown>, textChars: number): void {
        this.all.delete(name)
        this.all.set(name, { view, chars: textChars + itemChars * view.items.length })
        let sum = this.all.values().reduce((chars, one) => chars + one.chars, 0)
        for (const [oldest, { chars }] of this.all) {
            if (sum <= this.charsMax) return
            this.all.delete(oldest)
            sum -= chars
        }
    }
}

const charsMax = 256 * 1024 * 1024
const kept = new WeakMap<Db, Views>()

/** Of one program. */
export function viewsOf(db: Db): Views {
    const views = kept.get(db) ?? new Views(charsMax)
    kept.set(db, views)
    return views
}
