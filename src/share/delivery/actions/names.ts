/**
 * Ids as one partner sees them: the same thing has another id for each partner, and none tells when it was made.
 *
 * A 128-bit id is one block of AES under a key of the partner and the kind of thing, so that nothing is stored and
 * a foreign id decodes to a thing that does not exist.
 */
import { createHmac } from "node:crypto"
import { decryptBlocks, encryptBlocks } from "../../../platform/blocks.ts"
import type { Keys } from "../../../platform/keys.ts"

export type Named = "warning" | "artifact" | "recall" | "collection"

const keyBytes = 16

export function nameFor(keys: Keys, partner: string, kind: Named, id: string): string {
    return toUuid(encryptBlocks(keyOf(keys, partner, kind), toBytes(id)))
}

/** The inner id; for a foreign or invented name, one that nothing has. */
export function idBehind(keys: Keys, partner: string, kind: Named, name: string): string {
    return toUuid(decryptBlocks(keyOf(keys, partner, kind), toBytes(name)))
}

/**
 * An id that is the same for all who may see the thing, so that partners can compare; and of things that nobody showed them
 * it reveals nothing: a keyed hash, which looks like a random UUID.
 */
export function commonId(keys: Keys, purpose: string, names: readonly string[]): string {
    const hash = createHmac("sha256", keys.derive(purpose, 32)).update(JSON.stringify(names)).digest()
    hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x40
    hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
    return toUuid(hash.subarray(0, 16))
}

function keyOf(keys: Keys, partner: string, kind: Named): Buffer {
    return keys.derive(`names:${kind}:${partner}`, keyBytes)
}

function toBytes(uuid: string): Buffer {
    return Buffer.from(uuid.replaceAll("-", ""), "hex")
}

function toUuid(bytes: Uint8Array): string {
    const hex = Buffer.from(bytes).toString("hex")
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
