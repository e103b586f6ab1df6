import { readFileSync, readdirSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readSlots } from "../../align.ts"
import { proseTokens } from "../../tokens.ts"
import { type Slot, type Codeword, applyCodeword, isCounted } from "../carrier.ts"
import { markdown } from "./markdown.ts"

const folders = ["test/vectors/advisories", "server/src/demo/content/toolshell", "server/src/demo/content/bypass"]
const advisories = folders.flatMap((path) => {
    const folder = new URL(`../../../../../${path}/`, import.meta.url)
    // Texts for the public go out without marks, and are not written for them.
    const names = readdirSync(folder).filter((name) => name.endsWith(".md") && !name.endsWith(".public.md"))
    return names.map((name) => ({ name: `${path}/${name}`, text: readFileSync(new URL(name, folder), "utf8") }))
})

/** Changes that another house style makes to a text. */
function restyled(text: string): string {
    const digits = new Map(
        "ten 10 eleven 11 twelve 12 thirty 30 sixty 60 ninety 90"
            .match(/\w+ \d+/g)
            ?.map((pair) => pair.split(" ") as [string, string]),
    )
    return text
        .replaceAll(/\b(do|does|did|is|are|was|were|has|have|had|should|could|would)\s+not\b/g, "$1n’t")
        .replaceAll(/\bcan ?not\b/g, "can’t")
        .replaceAll(
            /\b(they|we|you)\s+(?:have|are)\b/g,
            (whole, person: string) => person + (whole.endsWith("have") ? "'ve" : "'re"),
        )
        .replaceAll(/\bwill\s+not\b/g, "won't")
        .replaceAll(/, (and|or) /g, " $1 ")
        .replaceAll(/\b[a-z]+\b/g, (item) => digits.get(item) ?? item)
        .replaceAll(/\bwhich (?=[a-z])/g, "that ")
        .replaceAll(/^- /gm, "* ")
        .replaceAll(" – ", " — ")
        .normalize("NFKC")
        .replaceAll(/(\S)\n[ \t]*(?=[a-z])/g, "$1 ")
}

/** Every form that the only slot of a line takes. */
function forms(line: string): string[] {
    const slots = slotsOf(line)
    const longest = Math.max(0, ...slots.map((slot) => slot.variants.length))
    return Array.from({ length: longest }, (_, v) =>
        applyCodeword(
            line,
            slots,
            slots.map((slot) => Math.min(v, slot.variants.length - 1)),
        ),
    )
}

const wordOf = (slots: readonly Slot[]): fc.Arbitrary<Codeword> =>
    fc.tuple(...slots.map((slot) => fc.nat(slot.variants.length - 1)))

/** The place of each slot in the copy. */
function placesIn(slots: readonly Slot[], word: Codeword): number[] {
    let moved = 0
    return slots.map((slot, i) => {
        const edit = slot.variants[word[i] ?? 0]?.[0]
        const place = (edit ?? slot.variants.flat()[0])?.start ?? 0
        if (edit === undefined) return place + moved
        moved += edit.text.length - (edit.end - edit.start)
        return edit.start + moved
    })
}

/** Typography is a layer of its own: see typography.test.ts. */
const slotsOf = (text: string): Slot[] => markdown.slots(text).filter(isCounted)

const isRobust = ({ robustness }: Slot): boolean => robustness !== "fragile"
const bits = (slots: readonly Slot[]): number => slots.reduce((sum, slot) => sum + Math.log2(slot.variants.length), 0)

describe.each(advisories)("the advisory $name", ({ text }) => {
    const slots = slotsOf(text)

    test("has a robust slot per eight words, and 20 bits in a window of 150", () => {
        const words = proseTokens(applyCodeword(text, slots, [])).length
        expect(words / slots.filter(isRobust).length).toBeLessThan(8)
        const starts = slots.map((slot) => slot.variants.flat()[0]?.start ?? 0)
        const ends = [...text.matchAll(/\s+/g)].map((match) => match.index)
        const windows = ends.slice(0, -150).map((from, i) => {
            const to = ends[i + 150] ?? text.length
            return bits(slots.filter((_, s) => (starts[s] ?? 0) >= from && (starts[s] ?? 0) < to))
        })
        const enough = windows.filter((sum) => sum >= 20).length
        expect(enough / windows.length).toBeGreaterThan(0.75)
        expect(Math.min(...windows)).toBeGreaterThan(15)
    })

    test("is read back from the whole document", () => {
        fc.assert(
            fc.property(wordOf(slots), (word) => {
                expect(readSlots(text, slots, applyCodeword(text, slots, word))).toEqual(word)
            }),
            { numRuns: 30 },
        )
    })

    test("is read back from robust slots after a change of style, without errors", () => {
        let read = 0
        const runs = 20
        fc.assert(
            fc.property(wordOf(slots), (word) => {
                const symbols = readSlots(text, slots, restyled(applyCodeword(text, slots, word)))
                const lasting = symbols
                    .map((symbol, i) => ({ symbol, i }))
                    .filter(({ i }) => slots.slice(i, i + 1).some(isRobust))
                expect(lasting.map(({ symbol, i }) => symbol ?? word[i])).toEqual(lasting.map(({ i }) => word[i]))
                read += lasting.filter(({ symbol }) => symbol !== null).length
            }),
            { numRuns: runs },
        )
        expect(read / runs / slots.filter(isRobust).length).toBeGreaterThan(0.95)
    })

    test("is read without errors in any window, and almost completely", () => {
        let [inside, read] = [0, 0]
        fc.assert(
            fc.property(wordOf(slots), fc.nat(10_000), fc.integer({ min: 40, max: 200 }), (word, at, size) => {
                const copy = applyCodeword(text, slots, word)
                const gaps = [...copy.matchAll(/\s+/g)].map((match) => match.index)
                const first = at % Math.max(1, gaps.length - size)
                const [from, to] = [gaps[first] ?? 0, gaps[first + size] ?? copy.length]
                const symbols = readSlots(text, slots, copy.slice(from, to))
                expect(symbols.map((symbol, i) => symbol ?? word[i])).toEqual(word)
                const places = placesIn(slots, word)
                const whole = symbols.filter((_, i) => (places[i] ?? 0) > from + 30 && (places[i] ?? 0) < to - 60)
                inside += whole.length
                read += whole.filter((symbol) => symbol !== null).length
            }),
            { numRuns: 60 },
        )
        expect(read / inside).toBeGreaterThan(0.95)
    })

    test("keeps structure, code, numbers and names in each copy", () => {
        const kept = (copy: string): string[] =>
            copy.match(/`[^`]*`|CVE-\d+-\d+|\d+(?:\.\d+)*|^#+ .*$|^\s*(?:-|\d+\.) /gm) ?? []
        const unmarked = applyCodeword(text, slots, [])
        const lasting = slots.filter(isRobust)
        fc.assert(
            fc.property(wordOf(lasting), (word) => {
                const copy = applyCodeword(text, lasting, word)
                expect(kept(copy)).toEqual(kept(unmarked))
                expect(copy).not.toMatch(/(?<![\w-])(\w+)\s\1\b|\ba\s[aeio]\w|\ban\s[bcdfgjklmnpqrstvwxyz]\w/i)
            }),
            { numRuns: 30 },
        )
    })

    test("keeps the id of a slot when other text changes", () => {
        const later = slotsOf(`# New\n\nSomething was added, for example here.\n\n${text}`)
        const ids = new Set(later.map((slot) => slot.id))
        expect(slots.filter((slot) => !ids.has(slot.id))).toEqual([])
        expect(new Set(slots.map((slot) => slot.id)).size).toBe(slots.length)
    })
})

describe("word choices", () => {
    test.each([
        ["An attacker has an account.", ["An adversary has an account."]],
        ["It is an\nadversary, no more.", ["It is an\nattacker, no more."]],
        ["It is a\nweakness of it.", ["It is a\nflaw of it."]],
        ["It is there, for example here.", ["It is there, for instance here."]],
        ["For example, it fails.", ["For instance, it fails."]],
        [
            "It fails in\nsome cases, and waits.",
            ["It fails in some\ninstances, and waits.", "It fails in certain\ncases, and waits."],
        ],
        ["We saw more than 10 of them.", ["We saw over 10 of them."]],
        ["It carries out a test.", ["It performs a test."]],
    ])("%j becomes %j", (line, others) => {
        expect(forms(line)).toEqual([line, ...others])
    })

    test.each([
        ["code", "Run `for example` first, then\n\n    for example\n\n```\nfor example, the attacker is\n```"],
        ["headings", "## For example, the attacker is known"],
        ["links", "See [for example the attacker](https://x.test/for-example)."],
        ["quotations", '> For example, it fails.\n\nIt says “for example, this” and "for instance, that".'],
        ["emphasis", "The **attacker is** there."],
        ["tables", "| a |\n|---|\n| the attacker is |"],
        ["names", "It is called Attacker Is."],
        ["raw HTML", "<div>\nfor example, the attacker is\n</div>"],
        [
            "contexts that do not fit",
            "The lead to follow. We saw more than one. It is due to be released. How often is it?",
        ],
    ])("leave %s alone", (_, text) => {
        expect(slotsOf(text)).toEqual([])
    })
})

describe("alternatives in braces", () => {
    test("resolve to one form, the first by default, without braces", () => {
        const text =
            "It {{fails|breaks|stops}} {{at once|soon}}.\n\n## A {{small|little}} heading\n\n| {{=n:1-9}} |\n|---|\n"
        const slots = slotsOf(text)
        expect(slots.map((slot) => slot.variants.length)).toEqual([3, 2, 2, 9])
        expect(applyCodeword(text, slots, [])).toBe("It fails at once.\n\n## A small heading\n\n| 1 |\n|---|\n")
        expect(applyCodeword(text, slots, [2, 1, 1, 8])).toBe("It stops soon.\n\n## A little heading\n\n| 9 |\n|---|\n")
    })

    test("resolve a value once per document, in code too", () => {
        const text =
            "Send it to port {{=port:20000-20255}}.\n\n```\nnc localhost {{=port:20000-20255}}\n```\n\nThat " +
            "was all there is to it here, and {{ x }} no more."
        expect(() => slotsOf(text)).toThrow("offers no choice")
        const fixed = text.replace("{{ x }}", "\\{{ x }}")
        const slots = slotsOf(fixed)
        expect(slots.map(({ kind, robustness }) => [kind, robustness])).toEqual([["value", "value"]])
        expect(slots[0]?.variants.length).toBe(256)
        const copy = applyCodeword(fixed, slots, [77])
        expect(copy.match(/20\d\d\d/g)).toEqual(["20077", "20077"])
        expect(readSlots(fixed, slots, copy)).toEqual([77])
    })

    test.each([
        ["an empty one", "a {{b|}} c"],
        ["a single one", "a {{b}} c"],
        ["equal ones", "a {{b|B}} c"],
        ["an unclosed brace", "a {{b|c d"],
        ["an unopened brace", "a b|c}} d"],
        ["nesting", "a {{b|{{c|d}}}} e"],
        ["formatting", "a {{b|**c**}} d"],
        ["code", "a {{b|`c`}} d"],
        ["a line break", "a {{b|c\nd}} e"],
        ["one cut by a table", "| a {{b|c}} d |\n|---|---|"],
        ["one in a URL", "[a](https://x.test/{{b|c}})"],
        ["a value without a name", "a {{=1-2}} c"],
        ["a value with a range that is too wide", "a {{=n:1-1000}} c"],
        ["a value without a range", "a {{=n:7-7}} c"],
        ["a value with two ranges", "a {{=n:1-2}} b {{=n:1-3}} c"],
        ["too many", `a {{${Array.from({ length: 17 }, (_, i) => `b${i}`).join("|")}}} c`],
    ])("are refused: %s", (_, text) => {
        expect(() => slotsOf(text)).toThrow(expect.objectContaining({ code: "mark.bad_alternative" }))
    })

    test("leave braces in code unchanged", () => {
        const text = "Use `{{ name }}` here.\n\n```yaml\nkey: ${{ secrets.KEY }}\n```\n"
        expect(slotsOf(text)).toEqual([])
    })
})
