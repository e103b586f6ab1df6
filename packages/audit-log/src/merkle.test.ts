import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/rfc6962.json" with { type: "json" }
import {
    append,
    consistencyFrom,
    edgePlaces,
    type Hash,
    inclusionFrom,
    leafHash,
    nodeHash,
    type NodeAt,
    placesIn,
    proveConsistency,
    proveInclusion,
    provesConsistency,
    provesInclusion,
    rootFrom,
    rootOf,
    siblingRanges,
} from "./merkle.ts"

const sizeMax = 300
const leaves = (n: number) => Array.from({ length: n }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255)))
const otherHash = leafHash(new TextEncoder().encode("rewritten"))

/** Grows a tree leaf by leaf, keeping its complete nodes as a store would, each written once. */
function grow(entries: readonly Hash[]): NodeAt {
    const stored = new Map<string, Hash>()
    let edge: Hash[] = []
    entries.forEach((leaf, size) => {
        const grown = append(size, leaf, edge)
        for (const { level, pos, hash } of grown.nodes) {
            if (stored.has(`${level}/${pos}`)) throw new Error("a complete node was written twice")
            stored.set(`${level}/${pos}`, hash)
        }
        edge = grown.edge
    })
    return (level, pos) => stored.get(`${level}/${pos}`) ?? expect.fail(`node ${level}/${pos} is not complete`)
}

describe("the Merkle tree", () => {
    test.each(vectors.roots.map((root, i) => [i + 1, root]))("agrees with the reference on %i leaves", (n, root) => {
        const known = vectors.leaves.slice(0, Number(n)).map((entry) => leafHash(hexToBytes(entry)))
        expect(bytesToHex(rootOf(known))).toBe(root)
        expect(bytesToHex(rootFrom(Number(n), grow(known)))).toBe(root)
    })

    test("of no leaves hashes nothing", () => {
        const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        expect(bytesToHex(rootOf([]))).toBe(empty)
        expect(bytesToHex(rootFrom(0, grow([])))).toBe(empty)
    })

    test("proves each leaf of each tree, and no other leaf at its index", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: sizeMax }), fc.nat(), fc.nat(), (n, i, j) => {
                const [tree, index, other] = [leaves(n), i % n, j % n]
                const proof = proveInclusion(tree, index)
                const claim = (at: number) => provesInclusion(proof, tree[at]!, index, n, rootOf(tree))
                expect(claim(index)).toBe(true)
                expect(claim(other)).toBe(other === index)
            }),
        )
    })

    test("proves each earlier tree, and no rewritten one", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: sizeMax }), fc.nat(), fc.nat(), (n, m, k) => {
                const [tree, size] = [leaves(n), (m % n) + 1]
                const past = tree.slice(0, size)
                const proof = proveConsistency(tree, size)
                const claim = (root: Hash) => provesConsistency(proof, size, root, n, rootOf(tree))
                expect(claim(rootOf(past))).toBe(true)
                past[k % size] = otherHash
                expect(claim(rootOf(past))).toBe(false)
            }),
        )
    })

    test("refuses a proof with a missing, extra or changed hash", () => {
        fc.assert(
            fc.property(fc.integer({ min: 2, max: sizeMax }), fc.nat(), fc.nat(), (n, i, k) => {
                const [tree, index] = [leaves(n), i % n]
                const proof = proveInclusion(tree, index)
                const claim = (path: Hash[]) => provesInclusion(path, tree[index]!, index, n, rootOf(tree))
                expect(claim(proof.slice(0, -1))).toBe(false)
                expect(claim([...proof, tree[0]!])).toBe(false)
                expect(claim(proof.with(k % proof.length, otherHash))).toBe(false)
            }),
        )
    })

    test("refuses a proof for another index or size", () => {
        const [n, index] = [13, 6]
        const tree = leaves(n)
        const proof = proveInclusion(tree, index)
        const fits = (at: number, size: number) => provesInclusion(proof, tree[index]!, at, size, rootOf(tree))
        const sound = [-1, 0, 1, 5, 6, 7, 12, 13, 6.5, Number.NaN].filter((at) => fits(at, n))
        expect(sound).toEqual([index])
        expect([0, 1, 6, 7, 8, 20, Number.POSITIVE_INFINITY].filter((size) => fits(index, size))).toEqual([])
    })
})

describe("degenerate proofs are refused", () => {
    const tree = leaves(7)
    const root = rootOf(tree)
    const nothing = rootOf([])
    const short = new Uint8Array()
    test.each([
        ["an earlier tree without leaves", () => provesConsistency([], 0, nothing, 7, root)],
        ["an earlier tree without leaves, with a proof", () => provesConsistency([root], 0, nothing, 7, root)],
        ["an empty tree before an empty tree", () => provesConsistency([], 0, nothing, 0, nothing)],
        ["an earlier tree that is larger", () => provesConsistency([], 8, root, 7, root)],
        ["the same size with another root", () => provesConsistency([], 7, otherHash, 7, root)],
        ["the same size with a proof", () => provesConsistency([root], 7, root, 7, root)],
        ["an empty earlier root", () => provesConsistency(proveConsistency(tree, 4), 4, short, 7, root)],
        [
            "an empty new root",
            () => provesConsistency(proveConsistency(tree, 4), 4, rootOf(tree.slice(0, 4)), 7, short),
        ],
        ["equal empty roots", () => provesConsistency([], 7, short, 7, short)],
        ["an empty leaf", () => provesInclusion([], short, 0, 1, short)],
        ["an empty root", () => provesInclusion(proveInclusion(tree, 3), tree[3]!, 3, 7, short)],
        ["a leaf of an empty tree", () => provesInclusion([], nothing, 0, 0, nothing)],
        ["a hash of another length", () => provesInclusion([tree[0]!.slice(1)], tree[1]!, 1, 2, root)],
    ])("%s", (_, claim) => {
        expect(claim()).toBe(false)
    })

    test("and are never created", () => {
        expect(() => proveConsistency(tree, 0)).toThrow(RangeError)
        expect(() => proveConsistency(tree, 8)).toThrow(RangeError)
        expect(() => proveConsistency([], 0)).toThrow(RangeError)
        expect(() => proveInclusion(tree, 7)).toThrow(RangeError)
        expect(() => proveInclusion([], 0)).toThrow(RangeError)
    })
})

describe("a tree whose complete nodes are stored elsewhere", () => {
    test("equals the tree of the whole array for every size, leaf and earlier tree up to 40", () => {
        const hashes = leaves(40)
        const node = grow(hashes)
        for (let size = 1; size <= hashes.length; size++) {
            const tree = hashes.slice(0, size)
            expect(rootFrom(size, node)).toEqual(rootOf(tree))
            for (let k = 0; k < size; k++) {
                expect(inclusionFrom(k, size, node)).toEqual(proveInclusion(tree, k))
                expect(consistencyFrom(k + 1, size, node)).toEqual(proveConsistency(tree, k + 1))
            }
        }
    })

    test("equals it for larger sizes, and writes each node once", () => {
        const hashes = leaves(sizeMax)
        const node = grow(hashes)
        fc.assert(
            fc.property(fc.integer({ min: 1, max: sizeMax }), fc.nat(), (size, k) => {
                const tree = hashes.slice(0, size)
                expect(rootFrom(size, node)).toEqual(rootOf(tree))
                expect(inclusionFrom(k % size, size, node)).toEqual(proveInclusion(tree, k % size))
                expect(consistencyFrom((k % size) + 1, size, node)).toEqual(proveConsistency(tree, (k % size) + 1))
            }),
        )
    })

    test("refuses a node that does not fit", () => {
        expect(() => append(3, otherHash, [otherHash])).toThrow(RangeError)
        expect(() => append(4, otherHash, [otherHash, otherHash])).toThrow(RangeError)
    })

    test("counts exactly where floating-point logarithms would round", () => {
        expect(edgePlaces(2 ** 50 - 1)).toHaveLength(50)
        expect(edgePlaces(2 ** 50)).toEqual([{ level: 50, pos: 0 }])
        expect(placesIn({ start: 2 ** 50, end: 2 ** 50 + 3 })).toEqual([
            { level: 1, pos: 2 ** 49 },
            { level: 0, pos: 2 ** 50 + 2 },
        ])
    })
})

describe("the siblings of a subtree's first leaf", () => {
    test("hash up to the subtree, and each leaf except the first is below one of them", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: sizeMax }), (size) => {
                const tree = leaves(size)
                const siblings = siblingRanges({ start: 0, end: size })
                const up = siblings.reduce((hash, r) => nodeHash(hash, rootOf(tree.slice(r.start, r.end))), tree[0]!)
                expect(up).toEqual(rootOf(tree))
                expect(siblings.map((r) => r.start)).toEqual(
                    [1, ...siblings.map((r) => r.end)].slice(0, siblings.length),
                )
                expect(siblings.at(-1)?.end ?? 1).toBe(size)
            }),
        )
    })
})
