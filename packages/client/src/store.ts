/**
 * The store of a partner's copies. The caller implements it, for example with a folder or a database.
 *
 * A store must remember the log that it saw. Otherwise a fork of the log cannot be detected.
 */
import type { KnownKeys } from "./key-change.ts"
import type { KnownLog } from "./log.ts"
import type { SealedFormat } from "./sealed-format.ts"

/** A copy in the store. */
export interface HeldCopy {
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
export interface FetchedCopy {
    readonly warning: string
    readonly artifact: string
    readonly version: number
    /** The result of `choosePlace`. */
    readonly place: string
    readonly bytes: Uint8Array
    /** An age file, or an OpenPGP message. It is known only now: the server decides by the partner's keys. */
    readonly format: SealedFormat
    readonly receipt: string
}

/**
 * Stores copies and the state of the log. Only one pull at a time may use a store. If `choosePlace` or `saveCopy`
 * throws a `Refusal`, the pull reports it and continues with the next copy.
 */
export interface Store {
    /** Reads the log as last seen; null before the first pull. */
    readonly loadLog: () => Promise<KnownLog | null>
    readonly saveLog: (log: KnownLog) => Promise<void>
    readonly listCopies: () => Promise<readonly HeldCopy[]>
    /**
     * Chooses the place of a copy before the fetch, which the audit log records. Names come from the program: do not
     * use them as paths.
     */
    readonly choosePlace: (
        warning: string,
        artifact: { readonly id: string; readonly name: string; readonly version: number },
    ) => Promise<string>
    /** Stores a copy permanently, or throws and stores nothing of it. */
    readonly saveCopy: (fetchedCopy: FetchedCopy) => Promise<HeldCopy>
    /** Reads the changes of the partner's keys as last seen; null before the first. */
    readonly loadKeys: () => Promise<KnownKeys | null>
    /** Stores the changes together with the log that proved them: both or neither. */
    readonly saveKeys: (keys: KnownKeys, log: KnownLog) => Promise<void>
    /** Stores the proof of a fetch together with the log that it showed: both or neither. */
    readonly saveProof: (held: HeldCopy, receipt: string, log: KnownLog) => Promise<void>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Checks for an id, which is safe as a folder name. */
export function isId(text: string): boolean {
    return uuid.test(text)
}
