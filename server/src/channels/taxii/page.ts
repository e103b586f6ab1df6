/**
 * Where the next page begins, as a word for one reader of one collection: nothing of it is kept, it can be used again, and it is
 * good for nobody else, and nowhere else. A block of AES under a key of theirs: the position, and eight bytes of nothing to know it by.
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

export function nextFor(keys: Keys, reading: Reading, position: number): string {
    const block = Buffer.alloc(16)
    block.writeBigUInt64BE(BigInt(position))
    return Buffer.from(ofReading(keys, reading).encrypt(block)).toString("base64url")
}

/** Null for what was not given to this reader, of this collection. */
export function positionOf(keys: Keys, reading: Reading, next: string): number | null {
    if (!/^[A-Za-z0-9_-]{22}$/.test(next)) return null
    const block = Buffer.from(ofReading(keys, reading).decrypt(Buffer.from(next, "base64url")))
    return block.readBigUInt64BE(8) === 0n ? Number(block.readBigUInt64BE(0)) : null
}
