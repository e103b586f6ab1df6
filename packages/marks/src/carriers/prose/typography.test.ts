import { createCipheriv } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { codebookOf } from "../../code.ts"
import { proseTokens } from "../../tokens.ts"
import { type Slot, type Codeword, applyCodeword, isCounted, placesOf } from "../carrier.ts"
import { markdown } from "./markdown.ts"
import { plain } from "./plain.ts"
import { readProse } from "./typography-read.ts"

const folder = "test/vectors/advisories"
const advisories = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, "utf8") }))

const layerOf = (slots: readonly Slot[]): Slot[] => slots.filter((slot) => !isCounted(slot))
/** The text with every sign of the layer turned. */
const alternativeOf = (text: string): string => {
    const layer = layerOf(markdown.slots(text))
    return applyCodeword(
        text,
        layer,
        layer.map(() => 1),
    )
}

describe("look-alike characters", () => {
    test.each([
        ["The module's own swan isn't there.", "The module’s own swan isn’t there."],
        ["It isn’t there.", "It isn't there."],
        ["It took 10-20 minutes of sleep.", "It took 10–20 minutes of sleep."],
        ["Wait 30 days for swans.", "Wait 30\u00a0days for swans."],
        ["The swans – grey birds – sleep.", "The swans - grey birds - sleep."],
        ["The swans — grey birds — sleep.", "The swans – grey birds – sleep."],
        ["Swans sleep on a lake.", "Swans sleep on a\u00a0lake."],
        ["Swans{{zero-width}} sleep.", "Swans\u2060 sleep."],
    ])("%j becomes %j", (text, other) => {
        expect(alternativeOf(text)).toBe(other)
        expect(proseTokens(applyCodeword(other, [], []))).toEqual(proseTokens(alternativeOf(text)))
    })

    test.each([
        ["code", "Swans `isn't 30 days` sleep.\n\n    it isn't\n\n```\nwait 30 days\n```\n"],
        ["links and URLs", "[It isn't](https://x.test/it's) and <https://x.test/a-b>."],
        ["headings", "## It isn't 30 days\n"],
        ["tables", "| it isn't |\n|---|\n| 30 days |\n"],
        ["quotations", '> It isn\'t.\n\nIt said "wait 30 days" and “it isn’t”.'],
        ["identifiers and versions", "CVE-2025-53770, x'sleep', 16.0.1-2, KB5002768, 2025-07-08 and v30 days."],
        ["file names", "Put it in o'clock-30.txt, in 7-8.zip, or on a config.ini."],
        ["alternatives in braces", "It {{is a lake|isn't a lake}}."],
    ])("%s are unchanged", (_, text) => {
        expect(layerOf(markdown.slots(text))).toEqual([])
    })

    test("are used in plain text that reads like prose", () => {
        const text = "The module isn't there.\n\n$ sleep 30 days isn't\n"
        expect(layerOf(plain.slots(text)).map(({ kind }) => kind)).toEqual(["apostrophe"])
    })

    test.each([
        ["in a heading", "# Swans{{zero-width}} sleep\n"],
        ["in a table", "| a{{zero-width}} |\n|---|\n"],
        ["inside a word", "Sw{{zero-width}}ans sleep."],
        ["before the first word", "{{zero-width}} swans sleep."],
        ["too often", `Swans ${"sleep{{zero-width}} ".repeat(17)}.`],
    ])("a zero-width character is refused %s", (_, text) => {
        expect(() => markdown.slots(text)).toThrow(expect.objectContaining({ code: "mark.bad_alternative" }))
    })
})

const wordOf = (slots: readonly Slot[]): fc.Arbitrary<Codeword> =>
    fc.tuple(...slots.map((slot) => fc.nat(slot.variants.length - 1)))
/** Changes that a mail client, a filter or a paste box makes to characters. */
const folded = (text: string): string =>
    text.replaceAll(/[’‘]/g, "'").replaceAll(/[–—]/g, "-").replaceAll("\u00a0", " ").replaceAll("\u2060", "")

const signed =
    "Swans don't sleep in the daytime, which isn't news. Herons waited 30 days at the lake's shore. The geese's nest " +
    "held 10 minutes – more than the duck's did. Grey cranes that weren't there lost 40 bytes of song. It wasn't the " +
    "fox's fault – nor the owl's – for 20 hours. Night fell on a meadow{{zero-width}} where mice couldn't " +
    "hide, and a " +
    "kestrel flew 50 minutes over the barn's roof.\n"

describe.each([{ name: "full of signs", text: signed }, ...advisories])("a text, $name", ({ text }) => {
    const slots = markdown.slots(text)

    test("a raw copy has the typography layer, without errors, and the same counted slots", () => {
        let [total, read] = [0, 0]
        fc.assert(
            fc.property(wordOf(slots), (word) => {
                const symbols = readProse(text, slots, applyCodeword(text, slots, word))
                expect(symbols.map((symbol, i) => symbol ?? word[i])).toEqual(word)
                total += layerOf(slots).length
                read += symbols.filter(
                    (symbol, i) => symbol !== null && layerOf(slots.slice(i, i + 1)).length > 0,
                ).length
            }),
            { numRuns: 30 },
        )
        expect(read / total).toBeGreaterThan(0.7)
    })

    test("a normalised copy has no typography layer, and all counted slots", () => {
        fc.assert(
            fc.property(wordOf(slots), (word) => {
                const symbols = readProse(text, slots, folded(applyCodeword(text, slots, word)))
                expect(symbols).toEqual(slots.map((slot, i) => (isCounted(slot) ? word[i] : null)))
            }),
            { numRuns: 30 },
        )
    })

    test("an editor with curly apostrophes erases only those", () => {
        const word = slots.map((_, i) => i % 2)
        const symbols = readProse(text, slots, applyCodeword(text, slots, word).replaceAll("'", "’"))
        const pick = (kind: string) => symbols.filter((_, i) => slots[i]?.kind === kind)
        expect(pick("apostrophe").every((symbol) => symbol === null)).toBe(true)
        expect(pick("space").some((symbol) => symbol !== null)).toBe(true)
    })

    test("the counted slots are generated as without the layer", () => {
        const key = new Uint8Array(32).fill(7)
        const cipherOf = (input: Uint8Array) => (blocks: Uint8Array) =>
            createCipheriv("aes-128-ecb", input, null).setAutoPadding(false).update(blocks)
        const counted = slots.filter(isCounted)
        const [whole, part] = [slots, counted].map((some) => codebookOf(key, placesOf(some), 4, cipherOf))
        expect(whole?.codewordOf("one").filter((_, i) => counted.includes(slots[i] as Slot))).toEqual(
            part?.codewordOf("one"),
        )
        expect(new Set(whole?.bits).size).toBe(slots.length)
    })
})

test("two merged copies are mixed where they differ", () => {
    const slots = markdown.slots(signed)
    const copy = (v: number) =>
        applyCodeword(
            signed,
            slots,
            slots.map((slot, i) => (isCounted(slot) ? 0 : (v + i) % 2)),
        )
    const symbols = readProse(signed, slots, `${copy(0)}\n${copy(1)}`)
    const layer = symbols.filter((_, i) => !isCounted(slots[i] as Slot))
    expect(layer.filter((symbol) => symbol === "mixed").length).toBeGreaterThan(layer.length / 3)
})
