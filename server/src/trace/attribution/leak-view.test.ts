import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { Slot, Symbol } from "@tocsin/marks/carriers/carrier"
import { applyCodeword, isCounted } from "@tocsin/marks/carriers/carrier"
import { markdown } from "@tocsin/marks/carriers/prose/markdown"
import { readContent } from "../../demo/content.ts"
import { cutLeakView } from "./leak-view.ts"

const slot = (id: string, ...variants: Slot["variants"]): Slot => ({
    id,
    kind: "synonym",
    robustness: "wording",
    variants,
})
const swap = (master: string, from: string, to: string): Slot => {
    const start = master.indexOf(from)
    return slot(from, [], [{ start, end: start + from.length, text: to }])
}

const master = "The server often trusts a header that an attacker sends."
const slots = [swap(master, "often", "frequently"), swap(master, "trusts", "believes"), swap(master, "sends", "writes")]

test("shows each slot as it was read, with its form", () => {
    expect(cutLeakView(master, slots, [1, "mixed", null])).toEqual([
        [
            { text: "The server ", state: null, form: null },
            { text: "often", state: "read", form: "frequently" },
            { text: " ", state: null, form: null },
            { text: "trusts", state: "mixed", form: null },
            { text: " a header that an attacker ", state: null, form: null },
            { text: "sends", state: "erased", form: null },
            { text: ".", state: null, form: null },
        ],
    ])
})

test("shows a slot of several places at each place, and an insertion where it would be", () => {
    const twice = "run f, then run f"
    const named = slot(
        "f",
        [],
        [
            { start: 4, end: 5, text: "g" },
            { start: 16, end: 17, text: "g" },
        ],
    )
    const added = slot("please", [], [{ start: 0, end: 0, text: "please " }])
    const [part] = cutLeakView(twice, [added, named], [0, 1])
    expect(part?.filter(({ state }) => state !== null)).toEqual([
        { text: "", state: "read", form: "" },
        { text: "f", state: "read", form: "g" },
        { text: "f", state: "read", form: "g" },
    ])
})

test("never shows the author's spelling of a slot", () => {
    const written =
        `${readContent("toolshell/technical.md")}\n\nIt {{waits|listens}}{{zero-width}} at ` +
        `{{=port:20000-20255}}.\n`
    const slots = markdown.slots(written)
    for (const [every, known] of [
        [1, 7],
        [3, 2],
        [40, 1],
    ] as const) {
        const symbols = slots.map((_, i) => (i % every === 0 ? i % known : null))
        const parts = cutLeakView(written, slots, symbols)
        expect(parts.length).toBeGreaterThan(0)
        expect(JSON.stringify(parts)).not.toMatch(/\{\{|\}\}|\w\|\w/)
    }
})

test("omits what the leak does not show", () => {
    const long = `The secret is here. ${"x".repeat(2000)} It often fails. ${"y".repeat(2000)} The end is often secret.`
    const [middle] = [swap(long, "often", "frequently")]
    const parts = cutLeakView(long, middle ? [middle] : [], [0])
    const shown = parts
        .flat()
        .map(({ text }) => text)
        .join("")
    expect(parts).toHaveLength(1)
    expect(shown).toContain("It often fails.")
    expect(shown).not.toContain("secret")
    expect(cutLeakView(long, middle ? [middle] : [], [null])).toEqual([])
    expect(cutLeakView(long, [], [])).toEqual([])
})

test("takes parts from the unmarked text in its order, and forms from the copy", () => {
    const text = readContent("toolshell/technical.md")
    const found = markdown.slots(text).filter(isCounted)
    const symbol = fc.constantFrom<Symbol>(0, 1, null, "mixed")
    const plain = applyCodeword(
        text,
        found,
        found.map(() => 0),
    )
    fc.assert(
        fc.property(fc.array(symbol, { minLength: found.length, maxLength: found.length }), (symbols) => {
            const parts = cutLeakView(text, found, symbols)
            let at = 0
            for (const part of parts) {
                const own = part.map((piece) => piece.text).join("")
                const place = plain.indexOf(own, at)
                expect(place).toBeGreaterThanOrEqual(at)
                at = place + own.length
            }
        }),
    )
    const pieces = cutLeakView(
        text,
        found,
        found.map(() => 1),
    )
    const asRead = pieces
        .flat()
        .map(({ text: own, form }) => form ?? own)
        .join("")
    const copy = applyCodeword(
        text,
        found,
        found.map(() => 1),
    )
    if (pieces.length === 1) expect(copy).toContain(asRead)
    else for (const part of pieces) expect(copy).toContain(part.map(({ text: own, form }) => form ?? own).join(""))
})
