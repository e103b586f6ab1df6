/**
 * Encodes a page position as a token for one reader of one collection. Nothing is stored, and the token can be used
 * again. It is one AES block under a key of that reader and collection: the position and eight zero bytes to recognise
 * it.
 */
import { type Permutation, permutationOf } from "../../platform/crypto/aes-blocks.ts"
import type { Keys } from "../../platform/crypto/keys.ts"

export interface Reading {
    readonly person: string
    readonly collection: "warnings" | "sightings"
}

const readingsMax = 10_000
const known = new WeakMap<Keys, Map<string, Permutation>>()

function ofReading(keys: Keys, { person, collection }: Reading): Permutation {
    const list = known.get(keys) ?? new Map<string, Permutation>()
    known.set(keys, list)
    const name = `${person}:${collection}`
    const permutation = list.get(name) ?? permutationOf(keys.derive(`taxii-next:${name}`, 16))
    if (list.size >= readingsMax) list.clear()
    list.set(name, permutation)
    return permutation
}

/** Encodes a position. */
export function nextFor(keys: Keys, reading: Reading, position: number): string {
    const block = Buffer.alloc(16)
    block.writeBigUInt64BE(BigInt(position))
    return Buffer.from(ofReading(keys, reading).encrypt(block)).toString("base64url")
}

/** Decodes a token. Returns null for one of another reader or collection. */
export function positionOf(keys: Keys, reading: Reading, next: string): number | null {
    if (!/^[A-Za-z0-9_-]{22}$/.test(next)) return null
    const block = Buffer.from(ofReading(keys, reading).decrypt(Buffer.from(next, "base64url")))
    return block.readBigUInt64BE(8) === 0n ? Number(block.readBigUInt64BE(0)) : null
}
