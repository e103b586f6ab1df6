/**
 * What makes every copy of a version, in one hash: its slots, its text and its document's key. It is committed to before the
 * first copy is handed out, and tells nothing of any of them.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes } from "@noble/hashes/utils.js"
import type { Colluders } from "./code.ts"

export interface Copied {
    readonly artifact: string
    readonly version: number
    readonly colluders: Colluders
    /** SHA-256 of the slots as they are kept, and of the text in UTF-8. */
    readonly slots: Uint8Array
    readonly master: Uint8Array
    /** K_doc itself. */
    readonly key: Uint8Array
    /** Of a text whose copies have canaries: the zone of their hosts, null where it has none of those. */
    readonly canaries?: { readonly zone: string | null } | undefined
}

export function manifestOf({ artifact, version, colluders, slots, master, key, canaries }: Copied): Uint8Array {
    const zone = canaries === undefined ? [] : [canaries.zone]
    const head = new TextEncoder().encode(JSON.stringify(["tocsin-marks/1", artifact, version, colluders, ...zone]))
    return sha256(concatBytes(head, slots, master, sha256(key)))
}
