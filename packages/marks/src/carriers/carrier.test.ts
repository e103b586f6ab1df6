import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Edit, type Slot, applyCodeword, writerOf, writerSlack } from "./carrier.ts"

/** A slot of the spans that it replaces: variant 0 keeps them, variant n writes the nth of `texts` there. */
function slot(id: string, start: number, end: number, texts: readonly string[]): Slot {
    const variants: Edit[][] = [[], ...texts.map((text) => [{ start, end, text }])]
    return { id, kind: "synonym", robustness: "wording", variants }
}

/** Writes bytes with exactly the promised space. */
function written(text: string, slots: readonly Slot[], word: readonly number[]): string {
    const room = Buffer.byteLength(applyCodeword(text, slots, word)) + writerSlack
    const into = Buffer.alloc(room + 8, "#").subarray(4, 4 + room)
    return into.subarray(0, writerOf(text, slots)(word, into)).toString()
}

describe("writing a codeword into a document", () => {
    const text = "The quick fox jumps."
    const slots = [slot("fox", 10, 13, ["cat", "armadillo"]), slot("quick", 4, 9, ["slow"]), slot("end", 20, 20, ["!"])]

    test.each([
        ["leaves the text unchanged when nothing is chosen", [0, 0, 0], "The quick fox jumps."],
        ["replaces text with a longer form", [2, 0, 0], "The quick armadillo jumps."],
        ["replaces text with shorter forms, in text order", [1, 1, 0], "The slow cat jumps."],
        ["appends at the end", [0, 0, 1], "The quick fox jumps.!"],
        ["leaves slots beyond a short codeword", [0, 1], "The slow fox jumps."],
        ["leaves slots without such a variant", [9, 1, 0], "The slow fox jumps."],
    ])("%s", (_, word, expected) => {
        expect(applyCodeword(text, slots, word)).toBe(expected)
        expect(written(text, slots, word)).toBe(expected)
    })

    test("writes all splices of a variant, in any order", () => {
        const edits = [
            { start: 5, end: 6, text: "a" },
            { start: 0, end: 1, text: "b" },
        ]
        const swap: Slot = { id: "order", kind: "list-order", robustness: "order", variants: [[], edits] }
        expect(applyCodeword("a or b", [swap], [1])).toBe("b or a")
        expect(written("a or b", [swap], [1])).toBe("b or a")
        expect(applyCodeword("a or b", [swap], [0])).toBe("a or b")
    })

    describe("moving pieces that contain slots", () => {
        const text = "{a: [one, two]; b: [three]}"
        const place = (value: string): [number, number] => [text.indexOf(value), text.indexOf(value) + value.length]
        const swap = (id: string, item: string, two: string): Slot => {
            const [first, second] = [place(item), place(two)]
            const edits: Edit[] = [
                { start: first[0], end: first[1], text: two, from: second },
                { start: second[0], end: second[1], text: item, from: first },
            ]
            return { id, kind: "statement-order", robustness: "wording", variants: [[], edits] }
        }
        const slots = [
            swap("outer", "a: [one, two]", "b: [three]"),
            slot("a", ...place("a"), ["first"]),
            swap("inner", "one", "two"),
            slot("one", ...place("one"), ["\u00e9ins"]),
            slot("three", ...place("three"), [""]),
        ]

        test.each([
            ["moves the chosen forms inside", [1, 1, 0, 1, 1], "{b: []; first: [\u00e9ins, two]}"],
            ["moves a piece inside a moved piece", [1, 0, 1, 1, 0], "{b: [three]; a: [two, \u00e9ins]}"],
            ["leaves all in place", [0, 0, 0, 1, 0], "{a: [\u00e9ins, two]; b: [three]}"],
        ])("%s", (_, word, expected) => {
            expect(applyCodeword(text, slots, word)).toBe(expected)
            expect(written(text, slots, word)).toBe(expected)
        })
    })

    test("keeps the text between slots for any codeword", () => {
        const any = fc.string({ unit: "grapheme" })
        const piece = fc.record({ kept: any, was: any, forms: fc.array(any, { minLength: 1 }) })
        fc.assert(
            fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(4)), (pieces, choices) => {
                let document = ""
                const slots = pieces.map(({ kept, was, forms }, i) => {
                    const start = document.length + kept.length
                    document += kept + was
                    return slot(String(i), start, start + was.length, forms)
                })
                const word = slots.map(({ variants }, i) => (choices[i] ?? 0) % variants.length)
                const expected = pieces.map(({ kept, was, forms }, i) => kept + (word[i] ? forms[word[i] - 1] : was))
                expect(applyCodeword(document, slots, word)).toBe(expected.join(""))
                expect(written(document, slots, word)).toBe(expected.join(""))
            }),
        )
    })
})
