/**
 * Ids as one partner sees them: the same thing has another id for each partner, and none tells when it was made.
 *
 * A 128-bit id is one block of AES under a key of the partner and the kind of thing, so that nothing is stored and
 * a foreign id decodes to a thing that does not exist.
 */
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
