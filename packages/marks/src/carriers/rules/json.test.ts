import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readSharedData } from "../../../../../test/support/shared-data.ts"
import { anyCodeword, slotFaults, misread, singleCodewords, unread } from "../../../../../test/support/words.ts"
import { canonical } from "@tocsin/base/canonical"
import { hasError } from "@tocsin/base/issue"
import { Refusal } from "@tocsin/base/refusal"
import { isStix, readStix } from "@tocsin/formats/stix/validate"
import { applyCodeword } from "../carrier.ts"
import { json } from "./json.ts"
import { readJson } from "./json-read.ts"

const samples: Readonly<Record<string, string>> = {
    notes: readFileSync("test/fixtures/rules/notes.json", "utf8"),
    indicators: readFileSync("server/src/demo/content/toolshell/indicators.json", "utf8"),
    "indicators of the bypass": readFileSync("server/src/demo/content/bypass/indicators.json", "utf8"),
}

const telling = new Set(["description", "text", "details", "summary"])

/** Everything that programs compare: all but what people read, and lists as sets. */
function meaningOf(value: unknown, key = ""): unknown {
    if (Array.isArray(value)) return value.map((item) => canonical(meaningOf(item))).toSorted()
    if (typeof value === "object" && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, meaningOf(item, name)]))
    }
    return telling.has(key) ? "" : value
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== "object" || value === null) return value
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

describe.each(Object.entries(samples))("%s JSON", (name, text) => {
    const slots = json.slots(text)
    const words = anyCodeword(slots)

    test("has enough separate slots", () => {
        expect(slotFaults(text, slots)).toEqual([])
        expect(slots.filter(({ robustness }) => robustness !== "fragile").length).toBeGreaterThanOrEqual(8)
    })

    test("has the same meaning with any codeword", () => {
        const expected = meaningOf(JSON.parse(text))
        const same = (word: readonly number[]): void => {
            const copy = applyCodeword(text, slots, word)
            expect(meaningOf(JSON.parse(copy))).toEqual(expected)
            if (isStix(text)) expect(hasError(readStix(copy).issues)).toBe(false)
        }
        singleCodewords(slots).forEach(same)
        fc.assert(fc.property(words, same), { numRuns: 40 })
    })

    test("is read back whole, except where keys are in sorted order", () => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readJson(text, slots, applyCodeword(text, slots, word))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols).filter((kind) => kind !== "key-order")).toEqual([])
            }),
            { numRuns: 20 },
        )
    })

    test.each([
        ["loading and storing", (value: string) => JSON.stringify(JSON.parse(value)), 0],
        ["wide indentation", (value: string) => JSON.stringify(JSON.parse(value), null, 8), 0],
        ["sorted keys", (value: string) => JSON.stringify(sorted(JSON.parse(value)), null, 2), 0],
        ["an email quotation", (value: string) => `Look:\n${value.replaceAll(/^/gm, "> ")}\n\nRegards`, 0],
        ["a code fence", (value: string) => `# Data\n\n\`\`\`json\n${value}\n\`\`\`\n`, 0],
        ["a program variable", (value: string) => `const data = ${value};\nexport { data }\n`, 0],
        ["a cut end", (value: string) => value.slice(0, Math.floor(value.length * 0.75)), 0.5],
    ])("survives %s", (_, change, lost) => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readJson(text, slots, change(applyCodeword(text, slots, word)))
                expect(misread(slots, symbols, word)).toEqual([])
                const gone = unread(slots, symbols).filter((kind) => kind !== "key-order")
                expect(gone.length).toBeLessThanOrEqual(lost * slots.length)
            }),
            { numRuns: 5 },
        )
    })

    test("is not found in other data", () => {
        const foreign = Object.entries(samples).filter(([other]) => other.slice(0, 5) !== name.slice(0, 5))
        for (const [, other] of foreign) {
            expect(readJson(text, slots, other).filter((symbol) => symbol !== null)).toEqual([])
        }
    })
})

test("two copies in one leak contradict each other", () => {
    const text = samples["notes"] ?? ""
    const slots = json.slots(text)
    const [item, other] = [0, 1].map((v) =>
        applyCodeword(
            text,
            slots,
            slots.map(() => v),
        ),
    )
    const symbols = readJson(text, slots, `[${item},${other}]`)
    const orders = symbols.filter((_, i) => slots[i]?.robustness === "order")
    expect(new Set(orders)).toEqual(new Set(["mixed"]))
})

test.each(['{"type": "x"}\n', '[{"type": "note"}]\nseen here:\n', '> {"id": "a"}\n'])(
    "is read with %j before the copy",
    (decoy) => {
        const text = samples["indicators"] ?? ""
        const slots = json.slots(text)
        const [word = []] = fc.sample(anyCodeword(slots), { numRuns: 1, seed: 5 })
        expect(readJson(text, slots, decoy + applyCodeword(text, slots, word))).toEqual(
            readJson(text, slots, applyCodeword(text, slots, word)),
        )
    },
)

test("an object with selectors keeps the order of its lists, and ids, times and patterns are unchanged", () => {
    const object = (more: string) =>
        `{"type": "report", "spec_version": "2.1", "id": "report--1", "labels": ["b", "a"], "pattern": "use ` +
        `it, for example", "description": "For example this." ${more}}`
    expect(json.slots(object("")).map(({ kind }) => kind)).toEqual(expect.arrayContaining(["labels-order", "wording"]))
    const marked = json.slots(object(`, "granular_markings": [{"selectors": ["labels.[0]"]}]`))
    expect(marked.map(({ kind }) => kind)).not.toContain("labels-order")
})

test("an unknown format changes only fields known by name, and never legally required text", () => {
    const kinds = (input: object) => json.slots(JSON.stringify(input)).map(({ kind }) => kind)
    const value = "For example this."
    expect(kinds({ objects: ["a", "b"], content: value, fixed: ["a", "b"] })).toEqual([])
    expect(kinds({ tags: ["a", "b"], description: value })).toEqual(["tags-order", "wording"])
    const note = { category: "legal_disclaimer", text: value }
    expect(kinds({ csaf_version: "2.0", notes: [note, { ...note, category: "general" }] })).toEqual(["wording"])
})

test("strings with escapes are unchanged, except sentences after a line break", () => {
    const text = String.raw`{"description": "For example \"a\". Next.\nFor example b."}`
    expect(json.slots(text).map(({ variants }) => variants[1]?.[0]?.start)).toEqual([text.lastIndexOf("For")])
})

test("ambiguous JSON is refused", () => {
    for (const text of ["", "{", '{"a": 1, "a": 2}', "[".repeat(100) + "]".repeat(100)]) {
        expect(() => json.slots(text)).toThrow(Refusal)
    }
})

test("hostile input is read in bounded time, and gives nothing", () => {
    const text = samples["notes"] ?? ""
    const slots = json.slots(text)
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`
    const hostile = [
        deep,
        `"${'\\"'.repeat(20_000)}`,
        "{".repeat(20_000),
        '{"a":'.repeat(20_000),
        `[${"[],".repeat(50_000)}[]]`,
    ]
    for (const leak of hostile) expect(readJson(text, slots, leak).filter((symbol) => symbol !== null)).toEqual([])
}, 60_000)

test("slots of a large bundle are found and read in linear time", () => {
    const item = JSON.parse(samples["indicators"] ?? "") as { objects: { id: string }[] }
    const many = Array.from({ length: 8 }, (_, n) =>
        item.objects.map(
            (object) => JSON.parse(JSON.stringify(object).replaceAll(/-[0-9a-f]{4}-/g, `-${1000 + n}-`)) as unknown,
        ),
    )
    const text = JSON.stringify({ ...item, objects: many.flat() }, null, 1)
    const slots = json.slots(text)
    expect(slots.length).toBeGreaterThan(60)
    expect(JSON.stringify(slots).length).toBeLessThan(12 * text.length)
    const [word = []] = fc.sample(anyCodeword(slots), { numRuns: 1, seed: 2 })
    expect(misread(slots, readJson(text, slots, applyCodeword(text, slots, word)), word)).toEqual([])
}, 30_000)

test("public data keeps its meaning (needs ../shared/data next to the project)", () => {
    for (const { text } of [...readSharedData("stix", ".json"), ...readSharedData("csaf", ".json")]) {
        const slots = json.slots(text)
        expect(slotFaults(text, slots)).toEqual([])
        for (const word of fc.sample(anyCodeword(slots), { numRuns: 3, seed: 4 })) {
            const copy = applyCodeword(text, slots, word)
            expect(meaningOf(JSON.parse(copy))).toEqual(meaningOf(JSON.parse(text)))
            expect(misread(slots, readJson(text, slots, JSON.stringify(sorted(JSON.parse(copy)))), word)).toEqual([])
        }
    }
}, 60_000)
