import { createCipheriv } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/marks.json" with { type: "json" }
import type { Symbol } from "./carriers/carrier.ts"
import {
    type CipherOf,
    type Colluders,
    type CodeSlot,
    biases,
    codebookOf,
    designFor,
    docKey,
    noncesOf,
} from "./code.ts"
import { chanceOf } from "./code/coin.ts"
import { sumRows } from "./code/codewords.ts"

const cipherOf: CipherOf = (key) => {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return (blocks) => cipher.update(blocks)
}

const master = new Uint8Array(32).fill(7)
const subject = { document: "advisory", version: "1", epoch: 1 }
const key = docKey(master, subject)
const slots = (sizes: readonly number[]): CodeSlot[] => sizes.map((size, i) => ({ id: `slot ${i}`, size }))
const alike = (count: number, size: number): CodeSlot[] => slots(Array<number>(count).fill(size))
const mixed = slots(Array.from({ length: 175 }, (_, i) => 2 + (i % 7) * (i % 2)))

describe("codewords", () => {
    test.each(vectors.books)("match the published ones of $document for $colluders", (vector) => {
        const input = docKey(Buffer.from(vectors.master, "hex"), vector)
        expect(Buffer.from(input).toString("hex")).toBe(vector.key)
        const book = codebookOf(input, vectors.slots, vector.colluders as Colluders, cipherOf)
        expect(book.coins.map(([first]) => first)).toEqual(vector.firsts)
        expect(book.bits).toEqual(vector.bits)
        for (const { recipient, word } of vector.words) expect(book.codewordOf(recipient)).toEqual(word)
    })

    test("follow their biases, independently between recipients", () => {
        const draws = 4000
        for (const colluders of [2, 4, 8] as const) {
            for (const size of [2, 3, 8]) {
                const book = codebookOf(key, alike(draws, size), colluders, cipherOf)
                const [a, b] = ["acme", "globex"].map((name) => book.codewordOf(name))
                const [seen, expected] = [
                    new Array<number>(size * size).fill(0),
                    new Array<number>(size * size).fill(0),
                ]
                book.coins.forEach((coin, i) => {
                    const cell = (a?.[i] ?? 0) * size + (b?.[i] ?? 0)
                    seen[cell] = (seen[cell] ?? 0) + 1
                    for (let s = 0; s < size * size; s++) {
                        const both = chanceOf(coin, Math.floor(s / size)) * chanceOf(coin, s % size)
                        expected[s] = (expected[s] ?? 0) + both
                    }
                })
                const chiSquare = seen.reduce(
                    (sum, count, s) => sum + (count - (expected[s] ?? 0)) ** 2 / (expected[s] ?? 1),
                    0,
                )
                const freedom = seen.length - 1
                expect(chiSquare).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom) + 4)
            }
        }
    })

    test.each([2, 4, 8] as const)("use each listed bias for %i as often as it is listed, and no other", (colluders) => {
        const { coins } = codebookOf(key, alike(8000, 2), colluders, cipherOf)
        const entries = biases[colluders]
        const counts = [...new Set(entries)].map((level) => ({
            drawn: coins.filter(([first]) => first === level).length,
            listed: (entries.filter((entry) => entry === level).length * 8000) / entries.length,
        }))
        expect(counts.reduce((sum, { drawn }) => sum + drawn, 0)).toBe(8000)
        for (const { drawn, listed } of counts) expect(Math.abs(drawn - listed)).toBeLessThan(200)
    })

    test("reach each variant of a slot with up to 256", () => {
        const word = codebookOf(key, alike(6000, 256), 2, cipherOf).codewordOf("acme")
        expect(new Set(word)).toEqual(new Set(Array.from({ length: 256 }, (_, i) => i)))
    })

    test("change with document, version, epoch, master key, colluders and recipient", () => {
        const word = (input: Uint8Array, recipient: string, colluders: Colluders = 2) =>
            codebookOf(input, alike(128, 2), colluders, cipherOf).codewordOf(recipient).join("")
        const words = [
            word(key, "acme"),
            word(key, "acme "),
            word(key, "acme", 4),
            word(docKey(master, { ...subject, document: "d2" }), "acme"),
            word(docKey(master, { ...subject, version: "2" }), "acme"),
            word(docKey(master, { ...subject, epoch: 2 }), "acme"),
            word(docKey(new Uint8Array(32).fill(8), subject), "acme"),
        ]
        expect(new Set(words).size).toBe(words.length)
    })

    test("stay when other slots are added, removed or changed, except directly after them", () => {
        const id = (n: number) => ({ id: `slot ${n}`, size: 2 })
        const whole = Array.from({ length: 400 }, (_, n) => id(n))
        const wordOf = (places: readonly CodeSlot[]) => {
            const word = codebookOf(key, places, 4, cipherOf).codewordOf("acme")
            return new Map(places.map((place, i) => [place.id, word[i]]))
        }
        const before = wordOf(whole)
        fc.assert(
            fc.property(fc.nat(399), fc.boolean(), (at, isNew) => {
                const edited = isNew ? whole.toSpliced(at, 0, { id: "new", size: 3 }) : whole.toSpliced(at, 1)
                const changed = [...wordOf(edited)].filter(
                    ([name, symbol]) => name !== "new" && symbol !== before.get(name),
                )
                expect(changed.length).toBeLessThan(200)
            }),
        )
    })

    test("refuse a slot with one or too many variants, and a short master key", () => {
        expect(() => codebookOf(key, slots([257]), 2, cipherOf)).toThrow("variants")
        expect(() => codebookOf(key, slots([1]), 2, cipherOf)).toThrow("variants")
        expect(() => codebookOf(key, [...slots([2]), ...slots([2])], 2, cipherOf)).toThrow("same id")
        expect(() => docKey(new Uint8Array(16), subject)).toThrow("32 bytes")
    })

    test.each([
        [1, 2],
        [2, 2],
        [3, 4],
        [4, 4],
        [5, 8],
        [8, 8],
        [9, null],
    ])("for %d colluders have the biases for %s", (colluders, design) => {
        expect(designFor(colluders)).toBe(design)
    })
})

describe("sums", () => {
    const sizes = mixed.map(({ size }) => size)
    const fitting = (row: Uint32Array, bit: number) => ((row[bit >>> 5] ?? 0) >>> (bit & 31)) & 1

    test("of generated codewords match the codewords of each recipient", () => {
        const names = Array.from({ length: 700 }, (_, i) => `r${i}`)
        const symbol = (size: number) => fc.oneof(fc.nat(size - 1), fc.constantFrom<Symbol>(null, "mixed", size, -1))
        const leak = fc.tuple(...sizes.map(symbol)) as fc.Arbitrary<Symbol[]>
        fc.assert(
            fc.property(leak, fc.constantFrom<Colluders>(2, 4, 8), (symbols, colluders) => {
                const book = codebookOf(key, mixed, colluders, cipherOf)
                const { groups, bits } = book.rowsFor(symbols, noncesOf(names))
                names.forEach((name, n) => {
                    const row = bits.subarray(n * groups, (n + 1) * groups)
                    const word = book.codewordOf(name)
                    const expected = word.map((value, i) => Number(value === symbols[i]))
                    expect(book.bits.map((bit) => fitting(row, bit))).toEqual(expected)
                })
            }),
            { numRuns: 5 },
        )
    })

    test("add up slot by slot", () => {
        const book = codebookOf(key, mixed, 2, cipherOf)
        const word = book.codewordOf("acme")
        const symbols = sizes.map((size, i) => (i % 3 === 0 ? null : i % size))
        const rows = book.rowsFor(symbols, noncesOf(["acme"]))
        const [fits, others] = [new Float64Array(rows.groups * 32), new Float64Array(rows.groups * 32)]
        let expected = 0
        book.bits.forEach((bit, i) => {
            fits[bit] = i + 1
            others[bit] = -i
            expected += word[i] === symbols[i] ? i + 1 : -i
        })
        expect(sumRows(rows, fits, others)).toEqual(Float64Array.of(expected))
    })
})
