/**
 * Computes the append-only Merkle tree of RFC 6962, section 2.1.
 *
 * A root commits to every leaf, in order. About log2(n) hashes prove that a leaf is under a root, or that one root
 * extends another. Proofs are first computed as ranges of leaves. The hash of a range comes from an array of leaves, or
 * from complete nodes that are stored elsewhere.
 */
import { sha256, sha256Hex } from "#sha256"
import { writeHex } from "./hex.ts"

/** A SHA-256 hash, 32 bytes. */
export type Hash = Uint8Array

/** The leaves from `start` up to, but without, `end`. A range is a subtree of some tree and never empty. */
export interface Range {
    readonly start: number
    readonly end: number
}

/** The place of a complete subtree of 2^level leaves: number `pos` of its level, from 0. */
export interface Place {
    readonly level: number
    readonly pos: number
}

/** A complete node. It never changes as the tree grows. */
export interface Node extends Place {
    readonly hash: Hash
}

/** Reads a complete node. Called only for places that `placesIn` and `edgePlaces` list. */
export type NodeAt = (level: number, pos: number) => Hash

/** Different prefixes for leaves and nodes, so that a node cannot pass as a leaf. */
const leafMark = 0x00
const nodeMark = 0x01

/** Hashes an entry, or the UTF-8 of a text, to a leaf. */
export function leafHash(entry: Uint8Array | string): Hash {
    if (typeof entry === "string") return sha256(String.fromCharCode(leafMark) + entry)
    const bytes = new Uint8Array(1 + entry.length)
    bytes[0] = leafMark
    bytes.set(entry, 1)
    return sha256(bytes)
}

/** Room for two nodes, because new arrays would take longer than the hash. */
const nodeBytes = Uint8Array.of(nodeMark, ...new Uint8Array(64))

/** Hashes two nodes to their parent. */
export function nodeHash(left: Hash, right: Hash): Hash {
    if (left.length !== 32 || right.length !== 32) throw new RangeError("a node has 32 bytes")
    nodeBytes.set(left, 1)
    nodeBytes.set(right, 33)
    return sha256(nodeBytes)
}

/** Does what `leafHash` does, and gives hex. */
export function leafHashHex(entry: string): string {
    return sha256Hex(String.fromCharCode(leafMark) + entry)
}

/** Does what `nodeHash` does, for hashes in hex: 64 digits each, which the caller has checked. */
export function nodeHashHex(left: string, right: string): string {
    writeHex(left, nodeBytes, 1)
    writeHex(right, nodeBytes, 33)
    return sha256Hex(nodeBytes)
}

// --- From a whole array of leaf hashes

/** Computes the root of all leaves. */
export function rootOf(leaves: readonly Hash[]): Hash {
    const [only] = leaves
    if (only === undefined) return sha256(new Uint8Array())
    if (leaves.length === 1) return only
    const cut = cutOf(leaves.length)
    return nodeHash(rootOf(leaves.slice(0, cut)), rootOf(leaves.slice(cut)))
}

/**
 * Proves that a leaf is in the tree: hashes from the leaf's sibling up. Throws a RangeError if there is no such leaf.
 */
export function proveInclusion(leaves: readonly Hash[], index: number): Hash[] {
    return inclusionRanges(index, leaves.length).map(({ start, end }) => rootOf(leaves.slice(start, end)))
}

/** Proves that this tree extends the tree of the first `size` leaves. Throws a RangeError if it does not. */
export function proveConsistency(leaves: readonly Hash[], size: number): Hash[] {
    return consistencyRanges(size, leaves.length).map(({ start, end }) => rootOf(leaves.slice(start, end)))
}

// --- From complete nodes that are stored elsewhere

/**
 * Appends one leaf to a tree of `size` leaves. `edge` has the hashes of the complete subtrees at the right edge, in the
 * order of `edgePlaces(size)`. Returns the new complete nodes, lowest first and beginning with the leaf, and the new
 * edge. Throws a RangeError if the edge does not fit the size.
 */
export function append(size: number, leaf: Hash, edge: readonly Hash[]): { nodes: Node[]; edge: Hash[] } {
    if (edgePlaces(size).length !== edge.length) throw new RangeError("the edge does not fit the size")
    const nodes: Node[] = [{ level: 0, pos: size, hash: leaf }]
    let [level, pos, hash] = [0, size, leaf]
    for (const left of edge.toReversed()) {
        if (pos % 2 === 0) break
        ;[level, pos, hash] = [level + 1, half(pos), nodeHash(left, hash)]
        nodes.push({ level, pos, hash })
    }
    return { nodes, edge: [...edge.slice(0, edge.length - level), hash] }
}

/** Lists the complete subtrees of a tree of `size` leaves, from the left, largest first. */
export function edgePlaces(size: number): Place[] {
    return size === 0 ? [] : placesIn({ start: 0, end: size })
}

/** Lists the complete subtrees of a range, from the left. */
export function placesIn(range: Range): Place[] {
    const places: Place[] = []
    for (let start = range.start; start < range.end;) {
        let [level, width] = [0, 1]
        while (width * 2 <= range.end - start) [level, width] = [level + 1, width * 2]
        places.push({ level, pos: start / width })
        start += width
    }
    return places
}

/** Computes the hash of a range. */
export function rangeHash(range: Range, node: NodeAt): Hash {
    return placesIn(range)
        .map(({ level, pos }) => node(level, pos))
        .reduceRight((right, left) => nodeHash(left, right))
}

/** Computes the root of a tree of `size` leaves. */
export function rootFrom(size: number, node: NodeAt): Hash {
    return size === 0 ? rootOf([]) : rangeHash({ start: 0, end: size }, node)
}

/** Does what `proveInclusion` does, for a tree of `size` leaves. */
export function inclusionFrom(index: number, size: number, node: NodeAt): Hash[] {
    return inclusionRanges(index, size).map((range) => rangeHash(range, node))
}

/** Does what `proveConsistency` does, from a tree of `earlierSize` leaves to one of `size`. */
export function consistencyFrom(earlierSize: number, size: number, node: NodeAt): Hash[] {
    return consistencyRanges(earlierSize, size).map((range) => rangeHash(range, node))
}

// --- Proofs as ranges

/** Lists the ranges whose hashes prove a leaf, from its sibling up. Throws a RangeError if there is no such leaf. */
export function inclusionRanges(index: number, size: number): Range[] {
    if (!(0 <= index && index < size)) throw new RangeError("the leaf is not in the tree")
    const ranges: Range[] = []
    let [start, end] = [0, size]
    while (end - start > 1) {
        const middle = start + cutOf(end - start)
        if (index < middle) {
            ranges.push({ start: middle, end })
            end = middle
        } else {
            ranges.push({ start, end: middle })
            start = middle
        }
    }
    return ranges.reverse()
}

/** Lists the ranges whose hashes prove consistency. Throws a RangeError unless 0 < past ≤ size. */
export function consistencyRanges(earlierSize: number, size: number): Range[] {
    if (!(0 < earlierSize && earlierSize <= size)) throw new RangeError("the earlier size is not in the tree")
    const ranges: Range[] = []
    let [start, end] = [0, size]
    while (end > earlierSize) {
        const middle = start + cutOf(end - start)
        if (earlierSize <= middle) {
            ranges.push({ start: middle, end })
            end = middle
        } else {
            ranges.push({ start, end: middle })
            start = middle
        }
    }
    // The verifier already holds the root of an earlier tree that is one subtree from the first leaf on.
    if (start > 0) ranges.push({ start, end })
    return ranges.reverse()
}

/** Lists the right siblings on the way from a subtree's root to its first leaf, smallest first. */
export function siblingRanges(subtree: Range): Range[] {
    const ranges: Range[] = []
    for (let end = subtree.end; end - subtree.start > 1;) {
        const middle = subtree.start + cutOf(end - subtree.start)
        ranges.push({ start: middle, end })
        end = middle
    }
    return ranges.reverse()
}

// --- Verification of proofs from outside

/** Verifies that a leaf is under a root. False for any malformed input. */
export function provesInclusion(proof: readonly Hash[], leaf: Hash, index: number, size: number, root: Hash): boolean {
    if (!(isCount(index) && isCount(size) && index < size && leaf.length === 32)) return false
    const path = climb(index, size - 1, leaf, leaf, proof)
    return path !== null && hashesEqual(path.newer, root)
}

/** Verifies that one root extends another. False for an earlier tree of 0 leaves, because that proves nothing. */
export function provesConsistency(
    proof: readonly Hash[],
    size: number,
    root: Hash,
    newSize: number,
    newRoot: Hash,
): boolean {
    if (!(isCount(size) && isCount(newSize) && 0 < size && size <= newSize && root.length === 32)) return false
    if (size === newSize) return proof.length === 0 && hashesEqual(root, newRoot)
    // An earlier tree of 2^k leaves is a whole subtree. Its root is the first hash, and the proof omits it.
    const path = cutOf(size) * 2 === size || size === 1 ? [root, ...proof] : proof
    const [first, ...rest] = path
    if (first?.length !== 32) return false
    let [at, last] = [size - 1, newSize - 1]
    while (at % 2 === 1) [at, last] = [half(at), half(last)]
    const end = climb(at, last, first, first, rest)
    return end !== null && hashesEqual(end.older, root) && hashesEqual(end.newer, newRoot)
}

/** Computes both roots from the path, the earlier and the present one; null if the path does not fit. */
function climb(
    at: number,
    last: number,
    older: Hash,
    newer: Hash,
    path: readonly Hash[],
): { older: Hash; newer: Hash } | null {
    for (const sibling of path) {
        if (last === 0 || sibling.length !== 32) return null
        if (at % 2 === 1 || at === last) {
            older = nodeHash(sibling, older)
            newer = nodeHash(sibling, newer)
            while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
        } else {
            newer = nodeHash(newer, sibling)
        }
        ;[at, last] = [half(at), half(last)]
    }
    return last === 0 ? { older, newer } : null
}

/** Finds the largest power of two below the size, where RFC 6962 splits a tree. */
function cutOf(size: number): number {
    let cut = 1
    while (cut * 2 < size) cut *= 2
    return cut
}

function isCount(n: number): boolean {
    return Number.isSafeInteger(n) && n >= 0
}

function half(n: number): number {
    return Math.floor(n / 2)
}

/** Compares two hashes. Roots are public, so the comparison need not take constant time. */
export function hashesEqual(a: Hash, b: Hash): boolean {
    if (a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
    return true
}
