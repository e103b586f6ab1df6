/**
 * Encodes a page position as a token for one reader of one collection. Nothing is stored, and the token can be used
 * again. It is one AES block under a key of that reader and collection: the position and eight zero bytes to recognise
 * it.
 */
import { type Permutation, permutationOf } from "../../platform/crypto/aes-blocks.ts"
import type { Keys } from "../../platform/crypto/keys.ts"

export interface PageScope {
    readonly person: string
    readonly collection: "warnings" | "sightings"
}

const permutationsMax = 10_000
const permutationsByKeys = new WeakMap<Keys, Map<string, Permutation>>()

function permutationOfScope(keys: Keys, { person, collection }: PageScope): Permutation {
    const permutations = permutationsByKeys.get(keys) ?? new Map<string, Permutation>()
    permutationsByKeys.set(keys, permutations)
    const name = `${person}:${collection}`
    const permutation = permutations.get(name) ?? permutationOf(keys.derive(`taxii-next:${name}`, 16))
    if (permutations.size >= permutationsMax) permutations.clear()
    permutations.set(name, permutation)
    return permutation
}

/** Encodes a position. */
export function encodePosition(keys: Keys, scope: PageScope, position: number): string {
    const block = Buffer.alloc(16)
    block.writeBigUInt64BE(BigInt(position))
    return Buffer.from(permutationOfScope(keys, scope).encrypt(block)).toString("base64url")
}

/** Decodes a token. Returns null for one of another reader or collection. */
export function decodePosition(keys: Keys, scope: PageScope, next: string): number | null {
    if (!/^[A-Za-z0-9_-]{22}$/.test(next)) return null
    const block = Buffer.from(permutationOfScope(keys, scope).decrypt(Buffer.from(next, "base64url")))
    return block.readBigUInt64BE(8) === 0n ? Number(block.readBigUInt64BE(0)) : null
}
