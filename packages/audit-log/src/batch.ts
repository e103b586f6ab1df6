/**
 * A batch: a Merkle tree of exactly 1,024 leaves, of which nobody can tell how many hold something.
 *
 * Commitments stand at random places; every other place holds padding, which is as random to whoever lacks the seed.
 * So a path has always 10 hashes, and neither place nor path tells how full the batch is or who stands beside.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { type Hash, leafHash, nodeHash, proveInclusion, rootOf } from "./merkle.ts"

export const placesInBatch = 1024
export const pathHashes = 10

/** For each of the 1,024 places so many bytes of chance. */
export const chanceBytes = placesInBatch * 8

/**
 * All places in a random order. They are sorted by numbers of 64 bits, so that every order is as likely and nothing
 * is drawn again; that two numbers are equal happens once in 2^45 batches.
 */
export function shuffledPlaces(chance: Uint8Array): number[] {
    if (chance.length !== chanceBytes) throw new RangeError("a batch is shuffled with 8 bytes for each place")
    const bytes = new DataView(chance.buffer, chance.byteOffset, chance.length)
    const drawn = Array.from({ length: placesInBatch }, (_, place) => ({ place, by: bytes.getBigUint64(place * 8) }))
    return drawn.sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0)).map(({ place }) => place)
}

/** HMAC-SHA256 of the seed and the place (two bytes, the higher first). */
export function padding(seed: Uint8Array, place: number): Hash {
    return hmac(sha256, seed, Uint8Array.of(place >> 8, place & 0xff))
}

/** The leaf hashes of a batch: the commitments at their places, and padding everywhere else. */
export function batchLeaves(seed: Uint8Array, held: ReadonlyMap<number, Hash>): Hash[] {
    return Array.from({ length: placesInBatch }, (_, place) => leafHash(held.get(place) ?? padding(seed, place)))
}

export function batchRoot(leaves: readonly Hash[]): Hash {
    return rootOf(leaves)
}

/** From the leaf's sibling up. */
export function batchPath(leaves: readonly Hash[], place: number): Hash[] {
    return proveInclusion(leaves, place)
}

/** The root that a commitment at this place leads to; null unless place and path are a batch's. */
export function climbBatch(commitment: Hash, place: number, path: readonly Hash[]): Hash | null {
    if (!(Number.isInteger(place) && place >= 0 && place < placesInBatch && path.length === pathHashes)) return null
    return path.reduce(
        (hash, sibling, level) => ((place >> level) % 2 === 0 ? nodeHash(hash, sibling) : nodeHash(sibling, hash)),
        leafHash(commitment),
    )
}
