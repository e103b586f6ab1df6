/**
 * Builds a batch: a Merkle tree of exactly 1,024 leaves that hides how many places are used.
 *
 * Commitments are at random places. All other places have padding, which looks random without the seed. A path always
 * has 10 hashes. Neither the place nor the path reveals how full the batch is or which commitments are next to it.
 */
import { sha256 } from "#sha256"
import { type Hash, leafHash, nodeHash, proveInclusion, rootOf } from "./merkle.ts"

/** The number of places in a batch. */
export const placesInBatch = 1024
/** The block of SHA-256, in bytes. */
const hmacBlock = 64
/** The number of hashes in a path. */
export const pathHashes = 10

/** The random bytes that a shuffle needs: 8 for each place. */
export const shuffleBytes = placesInBatch * 8

/**
 * Lists all places in a random order, by sorting 64-bit random numbers. Every order is equally likely. Two equal
 * numbers occur once in 2^45 batches. Throws a RangeError if `random` has a wrong length.
 */
export function shuffledPlaces(random: Uint8Array): number[] {
    if (random.length !== shuffleBytes)
        throw new RangeError("the random bytes have a wrong length: give 8 bytes for each place")
    const bytes = new DataView(random.buffer, random.byteOffset, random.length)
    const numbered = Array.from({ length: placesInBatch }, (_, place) => ({
        place,
        key: bytes.getBigUint64(place * 8),
    }))
    return numbered.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ place }) => place)
}

/** Computes the padding of a place: HMAC-SHA256 of the seed and the place (two bytes, high byte first). */
export function padding(seed: Uint8Array, place: number): Hash {
    return paddingOf(seed)(place)
}

/** Prepares both passes of HMAC (RFC 2104) once for all places. */
function paddingOf(seed: Uint8Array): (place: number) => Hash {
    if (seed.length > hmacBlock) throw new RangeError("the seed is too long")
    const inner = new Uint8Array(hmacBlock + 2).fill(0x36, 0, hmacBlock)
    const outer = new Uint8Array(hmacBlock + 32).fill(0x5c, 0, hmacBlock)
    for (const [i, byte] of seed.entries()) {
        inner[i] = byte ^ 0x36
        outer[i] = byte ^ 0x5c
    }
    return (place) => {
        inner[hmacBlock] = place >> 8
        inner[hmacBlock + 1] = place & 0xff
        outer.set(sha256(inner), hmacBlock)
        return sha256(outer)
    }
}

/** Lists the leaf hashes of a batch: commitments at their places, and padding elsewhere. */
export function batchLeaves(seed: Uint8Array, commitments: ReadonlyMap<number, Hash>): Hash[] {
    const paddingAt = paddingOf(seed)
    return Array.from({ length: placesInBatch }, (_, place) => leafHash(commitments.get(place) ?? paddingAt(place)))
}

/** Computes the root of a batch. */
export function batchRoot(leaves: readonly Hash[]): Hash {
    return rootOf(leaves)
}

/** Proves a place of a batch: hashes from the leaf's sibling up. */
export function batchPath(leaves: readonly Hash[], place: number): Hash[] {
    return proveInclusion(leaves, place)
}

/** Does what `batchPath` does, for many places, and hashes each node once. */
export function batchPaths(leaves: readonly Hash[], places: readonly number[]): Hash[][] {
    const levels = [leaves]
    for (let nodes = leaves; nodes.length > 2;) {
        const below = nodes
        nodes = Array.from({ length: below.length / 2 }, (_, n) =>
            nodeHash(nodeAt(below, 2 * n), nodeAt(below, 2 * n + 1)),
        )
        levels.push(nodes)
    }
    return places.map((place) => levels.map((hashes, level) => nodeAt(hashes, (place >> level) ^ 1)))
}

function nodeAt(nodes: readonly Hash[], place: number): Hash {
    const node = nodes[place]
    if (node === undefined) throw new RangeError("there is no such place in a batch")
    return node
}

/** Computes the root from a commitment, its place and its path; null if place or path cannot belong to a batch. */
export function rootFromPath(commitment: Hash, place: number, path: readonly Hash[]): Hash | null {
    if (!(Number.isInteger(place) && place >= 0 && place < placesInBatch && path.length === pathHashes)) return null
    return path.reduce(
        (hash, sibling, level) => ((place >> level) % 2 === 0 ? nodeHash(hash, sibling) : nodeHash(sibling, hash)),
        leafHash(commitment),
    )
}
