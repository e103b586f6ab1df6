import { createHmac } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/receipt.json" with { type: "json" }
import {
    batchLeaves,
    batchPath,
    batchPaths,
    batchRoot,
    shuffleBytes,
    rootFromPath,
    padding,
    shuffledPlaces,
} from "./batch.ts"
import type { Hash } from "./merkle.ts"

const hex = (hash: Uint8Array | null) => hash && Buffer.from(hash).toString("hex")
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"))
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** A batch of so many, from one stream of chance. */
const batch = fc.record({ seed: hash, chance: fc.uint8Array({ minLength: shuffleBytes, maxLength: shuffleBytes }) })

function filled(commitments: readonly Hash[], chance: Uint8Array): Map<number, Hash> {
    const places = shuffledPlaces(chance)
    return new Map(commitments.map((hash, i): [number, Hash] => [places[i]!, hash]))
}

describe("a batch", () => {
    test.each(vectors.batches)("has the published root: $at", ({ seed, held, root }) => {
        const at = new Map(Object.entries(held).map(([place, item]): [number, Hash] => [Number(place), bytes(item)]))
        expect(hex(batchRoot(batchLeaves(bytes(seed), at)))).toBe(root)
    })

    test("has 1,024 leaves and paths of ten hashes, whatever it holds, and each leads to the root", () => {
        const held = fc.uniqueArray(hash, { maxLength: 20, selector: (item) => hex(item) })
        fc.assert(
            fc.property(batch, held, ({ seed, chance }, commitments) => {
                const places = filled(commitments, chance)
                const leaves = batchLeaves(seed, places)
                expect(leaves).toHaveLength(1024)
                for (const [place, commitment] of places) {
                    const path = batchPath(leaves, place)
                    expect(path).toHaveLength(10)
                    expect(hex(rootFromPath(commitment, place, path))).toBe(hex(batchRoot(leaves)))
                }
                const usedPlaces = [...places.keys()]
                expect(batchPaths(leaves, usedPlaces)).toEqual(usedPlaces.map((place) => batchPath(leaves, place)))
                expect(() => batchPaths(leaves, [1024])).toThrow(RangeError)
            }),
            { numRuns: 10 },
        )
    })

    test("holds between zero and 1,024 receipts", () => {
        const chance = new Uint8Array(Buffer.alloc(shuffleBytes).map((_, i) => (i * 131) & 255))
        const hashes = Array.from({ length: 1024 }, (_, i) => padding(new Uint8Array(32).fill(9), i))
        const places = filled(hashes, chance)
        expect([...places.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 1024 }, (_, i) => i))
        const leaves = batchLeaves(new Uint8Array(32), places)
        for (const place of [0, 511, 1023]) {
            const path = batchPath(leaves, place)
            expect(hex(rootFromPath(places.get(place)!, place, path))).toBe(hex(batchRoot(leaves)))
        }
    })

    test.each<[string, (place: number, path: Hash[]) => [number, Hash[]]]>([
        ["another index", (place, path) => [place ^ 1, path]],
        ["an index out of range", (place, path) => [place + 1024, path]],
        ["a fractional index", (place, path) => [place + 0.5, path]],
        ["a shorter path", (place, path) => [place, path.slice(1)]],
        ["a longer path", (place, path) => [place, [...path, path[0]!]]],
        ["another order of the path", (place, path) => [place, path.toReversed()]],
    ])("rejects %s", (_, bend) => {
        const commitment = new Uint8Array(32).fill(5)
        const leaves = batchLeaves(new Uint8Array(32), new Map([[300, commitment]]))
        const [place, path] = bend(300, batchPath(leaves, 300))
        expect(hex(rootFromPath(commitment, place, path))).not.toBe(hex(batchRoot(leaves)))
    })
})

describe("padding", () => {
    test("is HMAC-SHA256 of seed and index", () => {
        const seed = new Uint8Array(32).fill(7)
        for (const place of [0, 255, 256, 1023]) {
            const two = Buffer.of(place >> 8, place & 255)
            expect(hex(padding(seed, place))).toBe(createHmac("sha256", seed).update(two).digest("hex"))
        }
    })

    test("never repeats, and has as many ones as random bits", () => {
        const seed = new Uint8Array(32).fill(3)
        const hashes = Array.from({ length: 1024 }, (_, place) => padding(seed, place))
        expect(new Set(hashes.map(hex)).size).toBe(1024)
        const ones = hashes.reduce((sum, hash) => sum + hash.reduce((n, byte) => n + popcount(byte), 0), 0)
        // 262,144 fair coins: ten standard deviations are 2,560.
        expect(Math.abs(ones - 131_072)).toBeLessThan(2560)
    })
})

const popcount = (byte: number): number => byte.toString(2).replaceAll("0", "").length

describe("the order of leaves", () => {
    test("is a permutation that depends only on the random bytes", () => {
        fc.assert(
            fc.property(batch, ({ chance }) => {
                const places = shuffledPlaces(chance)
                expect(new Set(places).size).toBe(1024)
                expect(shuffledPlaces(chance)).toEqual(places)
            }),
            { numRuns: 20 },
        )
    })

    test("is uniform: no index is more likely", () => {
        const quarter = Array.from({ length: 4 }, () => 0)
        for (let n = 0; n < 400; n++) {
            const stream = Buffer.concat(
                Array.from({ length: 256 }, (_, i) => createHmac("sha256", "stream").update(`${n} ${i}`).digest()),
            )
            const [first = 0] = shuffledPlaces(new Uint8Array(stream))
            quarter[Math.floor(first / 256)]! += 1
        }
        // 100 are expected in each; six standard deviations are 52.
        for (const count of quarter) expect(Math.abs(count - 100)).toBeLessThan(52)
    })

    test("needs all its random bytes", () => {
        expect(() => shuffledPlaces(new Uint8Array(8))).toThrow(RangeError)
    })
})
