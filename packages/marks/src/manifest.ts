/**
 * Hashes everything that decides the copies of a version: its slots, its text and its key. The audit log commits to the
 * hash before the first copy is handed out. The hash reveals nothing about any copy.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes } from "@noble/hashes/utils.js"
import type { Colluders } from "./code.ts"

/** The inputs of a manifest. */
export interface ManifestInput {
    readonly artifact: string
    readonly version: number
    readonly colluders: Colluders
    /** SHA-256 of the slots as stored, and of the text in UTF-8. */
    readonly slots: Uint8Array
    readonly master: Uint8Array
    /** The key K_doc. */
    readonly key: Uint8Array
    /** Present if copies have canaries: the zone of their hosts, null if no canary is a host. */
    readonly canaries?: { readonly zone: string | null } | undefined
}

/** Computes the manifest hash, 32 bytes. */
export function manifestOf({ artifact, version, colluders, slots, master, key, canaries }: ManifestInput): Uint8Array {
    const zone = canaries === undefined ? [] : [canaries.zone]
    const head = new TextEncoder().encode(JSON.stringify(["tocsin-marks/1", artifact, version, colluders, ...zone]))
    return sha256(concatBytes(head, slots, master, sha256(key)))
}
