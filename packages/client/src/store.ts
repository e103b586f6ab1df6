/**
 * What a partner keeps of what it fetched. The client says when; where it lies is the caller's: a folder, a database.
 *
 * A store that forgets what was seen of the log cannot find that the log was forked in between.
 */
import type { Seen } from "./log.ts"

/** A copy that is held. */
export interface Held {
    readonly warning: string
    readonly artifact: string
    readonly version: number
    /** Where it lies, as the store has it. */
    readonly file: string
    /** SHA-256 of the sealed copy, in hex. */
    readonly sha256: string
    /** What its receipt is asked with. */
    readonly receipt: string
    /** Whether the receipt's proof was had and checked. */
    readonly proven: boolean
}

/** A copy that has just come. */
export interface Arrived {
    readonly warning: string
    readonly artifact: string
    readonly version: number
    /** What `placeFor` gave. */
    readonly file: string
    /** An age file. */
    readonly bytes: Uint8Array
    readonly receipt: string
}

/** One pull at a time uses a store. A `Refusal` thrown by `placeFor` or `keep` is told, and the next copy has its turn. */
export interface Store {
    /** The log as it was last seen; null before the first look. */
    readonly log: () => Promise<Seen | null>
    readonly see: (log: Seen) => Promise<void>
    readonly copies: () => Promise<readonly Held[]>
    /** Before a copy is fetched, which is put on record: where it would lie. Names come from the program: they are no paths. */
    readonly placeFor: (
        warning: string,
        artifact: { readonly id: string; readonly name: string; readonly version: number },
    ) => Promise<string>
    /** Keeps a copy for good, or throws and holds nothing of it. */
    readonly keep: (arrived: Arrived) => Promise<Held>
    /** Keeps the proof of a fetch, and what it showed of the log, both or none. */
    readonly keepProof: (held: Held, receipt: string, log: Seen) => Promise<void>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether this is an id, and so safe as a folder's name. */
export function isId(text: string): boolean {
    return uuid.test(text)
}
