import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Edit, type Slot, applyWord, writerOf, writerSlack } from "./carrier.ts"

/** A slot of the spans that it replaces: variant 0 keeps them, variant n writes the nth of `texts` there. */
function slot(id: string, start: number, end: number, texts: readonly string[]): Slot {
    const variants: Edit[][] = [[], ...texts.map((text) => [{ start, end, text }])]
    return { id, kind: "synonym", robustness: "wording", variants }
}

/** As a writer of bytes writes it, with no more room than it was promised. */
function written(text: string, slots: readonly Slot[], word: readonly number[]): string {
    const room = Buffer.byteLength(applyWord(text, slots, word)) + writerSlack
    const into = Buffer.alloc(room + 8, "#").subarray(4, 4 + room)
    return into.subarray(0, writerOf(text, slots)(word, into)).toString()
}

describe("writing a word into a document", () => {
    const text = "The quick fox jumps."
    const slots = [slot("fox", 10, 13, ["cat", "armadillo"]), slot("quick", 4, 9, ["slow"]), slot("end", 20, 20, ["!"])]

    test.each([
        ["leaves it as it was where nothing is chosen", [0, 0, 0], "The quick fox jumps."],
        ["replaces with something longer", [2, 0, 0], "The quick armadillo jumps."],
        ["replaces with something shorter, in text order", [1, 1, 0], "The slow cat jumps."],
        ["adds at the very end", [0, 0, 1], "The quick fox jumps.!"],
        ["leaves slots alone that the word is too short for", [0, 1], "The slow fox jumps."],
        ["leaves slots alone where there is no such variant", [9, 1, 0], "The slow fox jumps."],
    ])("%s", (_, word, expected) => {
        expect(applyWord(text, slots, word)).toBe(expected)
        expect(written(text, slots, word)).toBe(expected)
    })

    test("writes all splices of a variant, in whatever order they stand", () => {
        const edits = [
            { start: 5, end: 6, text: "a" },
            { start: 0, end: 1, text: "b" },
        ]
        const swap: Slot = { id: "order", kind: "list-order", robustness: "order", variants: [[], edits] }
        expect(applyWord("a or b", [swap], [1])).toBe("b or a")
        expect(written("a or b", [swap], [1])).toBe("b or a")
        expect(applyWord("a or b", [swap], [0])).toBe("a or b")
    })

    test("keeps what is between the slots, whatever is chosen", () => {
        const any = fc.string({ unit: "grapheme" })
        const piece = fc.record({ kept: any, was: any, forms: fc.array(any, { minLength: 1 }) })
        fc.assert(
            fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(4)), (pieces, choices) => {
                let document = ""
                const its = pieces.map(({ kept, was, forms }, i) => {
                    const start = document.length + kept.length
                    document += kept + was
                    return slot(String(i), start, start + was.length, forms)
                })
                const word = its.map(({ variants }, i) => (choices[i] ?? 0) % variants.length)
                const expected = pieces.map(({ kept, was, forms }, i) => kept + (word[i] ? forms[word[i] - 1] : was))
                expect(applyWord(document, its, word)).toBe(expected.join(""))
                expect(written(document, its, word)).toBe(expected.join(""))
            }),
        )
    })
})
