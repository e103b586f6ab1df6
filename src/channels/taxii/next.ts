/**
 * Where the next page begins, as a word for one reader: nothing of it is kept, it can be used again, and it is good for
 * nobody else. A block of AES under a key of the reader's: the position, and eight bytes of nothing to know it by.
 */
import { type Permutation, permutationOf } from "../../platform/blocks.ts"
import type { Keys } from "../../platform/keys.ts"

const readersMax = 10_000
const known = new WeakMap<Keys, Map<string, Permutation>>()

function ofReader(keys: Keys, reader: string): Permutation {
    const all = known.get(keys) ?? new Map<string, Permutation>()
    known.set(keys, all)
    const its = all.get(reader) ?? permutationOf(keys.derive(`taxii-next:${reader}`, 16))
    if (all.size >= readersMax) all.clear()
    all.set(reader, its)
    return its
}

export function nextFor(keys: Keys, reader: string, position: number): string {
    const block = Buffer.alloc(16)
    block.writeBigUInt64BE(BigInt(position))
    return Buffer.from(ofReader(keys, reader).encrypt(block)).toString("base64url")
}

/** Null for what was not given to this reader. */
export function positionOf(keys: Keys, reader: string, next: string): number | null {
    if (!/^[A-Za-z0-9_-]{22}$/.test(next)) return null
    const block = Buffer.from(ofReader(keys, reader).decrypt(Buffer.from(next, "base64url")))
    return block.readBigUInt64BE(8) === 0n ? Number(block.readBigUInt64BE(0)) : null
}
