/**
 * The store of a partner's copies. The caller implements it, for example with a folder or a database.
 *
 * A store must remember the log that it saw. Otherwise a fork of the log cannot be detected.
 */
import type { Seen } from "./log.ts"

/** A copy in the store. */
export interface Held {
    readonly warning: string
    readonly artifact: string
    readonly version: number
    /** The place of the copy, in the store's own notation. */
    readonly file: string
    /** SHA-256 of the sealed copy, in hex. */
    readonly sha256: string
    /** The id to request the receipt with. */
    readonly receipt: string
    /** Whether the receipt was fetched and checked. */
    readonly proven: boolean
}

/** A copy that was just fetched. */
export interface Arrived {
    readonly warning: string
    readonly artifact: string
    readonly version: number
    /** The result of `placeFor`. */
    readonly file: string
    /** An age file. */
    readonly bytes: Uint8Array
    readonly receipt: string
}

/**
 * Stores copies and the state of the log. Only one pull at a time may use a store. If `placeFor` or `keep` throws a
 * `Refusal`, the pull reports it and continues with the next copy.
 */
export interface Store {
    /** Reads the log as last seen; null before the first pull. */
    readonly log: () => Promise<Seen | null>
    readonly see: (log: Seen) => Promise<void>
    readonly copies: () => Promise<readonly Held[]>
    /**
     * Chooses the place of a copy before the fetch, which the audit log records. Names come from the program: do not
     * use them as paths.
     */
    readonly placeFor: (
        warning: string,
        artifact: { readonly id: string; readonly name: string; readonly version: number },
    ) => Promise<string>
    /** Stores a copy permanently, or throws and stores nothing of it. */
    readonly keep: (arrived: Arrived) => Promise<Held>
    /** Stores the proof of a fetch together with the log that it showed: both or neither. */
    readonly keepProof: (held: Held, receipt: string, log: Seen) => Promise<void>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Checks for an id, which is safe as a folder name. */
export function isId(text: string): boolean {
    return uuid.test(text)
}
