import { createCipheriv } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../test/vectors/marks.json" with { type: "json" }
import type { Slot } from "./carriers/carrier.ts"
import { type EncryptBlocks, codebook, docKey, wordFor } from "./code.ts"

const encrypt: EncryptBlocks = (key, blocks) => {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return Buffer.concat([cipher.update(blocks), cipher.final()])
}

const slot = (id: string, size: number): Slot => ({
    id,
    kind: "test",
    robustness: "wording",
    variants: Array.from({ length: size }, () => []),
})

const master = new Uint8Array(32).fill(7)
const key = docKey(master, { document: "advisory", version: "1", epoch: 1 })
const mixed = Array.from({ length: 60 }, (_, i) => slot(`slot ${i}`, 2 + (i % 7)))

describe("codewords", () => {
    test.each(vectors.words)("$recipient of $document gets the published word", (vector) => {
        const ofVector = docKey(Buffer.from(vectors.master, "hex"), vector)
        expect(Buffer.from(ofVector).toString("hex")).toBe(vector.key)
        const slots = vectors.slots.map(({ id, variants }) => slot(id, variants))
        expect(wordFor(ofVector, vector.recipient, slots, encrypt)).toEqual(vector.word)
    })

    test("do not depend on the order of slots, nor on which others there are", () => {
        const whole = new Map(wordFor(key, "acme", mixed, encrypt).map((symbol, i) => [mixed[i]?.id, symbol]))
        fc.assert(
            fc.property(fc.shuffledSubarray(mixed), (some) => {
                expect(wordFor(key, "acme", some, encrypt)).toEqual(some.map((one) => whole.get(one.id)))
            }),
        )
    })

    test("are uniform over the variants, and independent between recipients", () => {
        const draws = 4000
        for (const size of [2, 3, 8]) {
            const slots = Array.from({ length: draws }, (_, i) => slot(`${size}/${i}`, size))
            const [a, b] = ["acme", "globex"].map((name) => wordFor(key, name, slots, encrypt))
            const cells = new Array<number>(size * size).fill(0)
            for (let i = 0; i < draws; i++) {
                const cell = (a?.[i] ?? 0) * size + (b?.[i] ?? 0)
                cells[cell] = (cells[cell] ?? 0) + 1
            }
            const expected = draws / cells.length
            const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
            const freedom = cells.length - 1
            expect(chiSquare).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom) + 4)
        }
    })

    test("reach every variant of a slot with 256, and never more", () => {
        const slots = Array.from({ length: 6000 }, (_, i) => slot(`wide ${i}`, 256))
        expect(new Set(wordFor(key, "acme", slots, encrypt))).toEqual(new Set(Array.from({ length: 256 }, (_, i) => i)))
    })

    test("change with document, version, epoch, master key and recipient", () => {
        const slots = Array.from({ length: 128 }, (_, i) => slot(`${i}`, 2))
        const of = { document: "d", version: "1", epoch: 1 }
        const words = [
            wordFor(docKey(master, of), "acme", slots, encrypt),
            wordFor(docKey(master, of), "acme ", slots, encrypt),
            wordFor(docKey(master, { ...of, document: "d2" }), "acme", slots, encrypt),
            wordFor(docKey(master, { ...of, version: "2" }), "acme", slots, encrypt),
            wordFor(docKey(master, { ...of, epoch: 2 }), "acme", slots, encrypt),
            wordFor(docKey(new Uint8Array(32).fill(8), of), "acme", slots, encrypt),
        ]
        expect(new Set(words.map((word) => word.join(""))).size).toBe(words.length)
    })

    test("refuse two slots with one id, a slot with too many variants, and a short master key", () => {
        expect(() => codebook(key, [slot("a", 2), slot("a", 2)], encrypt)).toThrow("same id")
        expect(() => codebook(key, [slot("a", 257)], encrypt)).toThrow("variants")
        expect(() => docKey(new Uint8Array(16), { document: "d", version: "1", epoch: 1 })).toThrow("32 bytes")
    })
})
