import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseAllDocuments, parseDocument, stringify } from "yaml"
import { readSharedData } from "../../../../../test/support/shared-data.ts"
import { anyCodeword, slotFaults, misread, singleCodewords, unread } from "../../../../../test/support/words.ts"
import { Refusal } from "@tocsin/base/refusal"
import { readSigma } from "@tocsin/rules/sigma"
import { type Slot, applyCodeword } from "../carrier.ts"
import { areSorted, dataReader } from "./read.ts"
import { sigma } from "./sigma.ts"

const read = dataReader("yaml")
const readFixture = (name: string) => readFileSync(`test/fixtures/rules/${name}`, "utf8")
const readDemo = (name: string) => readFileSync(`server/src/demo/content/${name}`, "utf8")
const logged = (name: string): Record<string, unknown>[] =>
    readDemo(name)
        .trim()
        .split(/\n(?=\{)/)
        .map((line) => JSON.parse(line) as Record<string, unknown>)

const packed = {
    Image: "C:\\tools\\packer.exe",
    CurrentDirectory: "D:\\Public\\x",
    User: "BOOKS\\ines",
    CommandLine: "packer -a q.lbk ledger",
    Version: 7,
}
const refused = {
    Result: "failure",
    Reason: "Locked",
    Agent: "my python-requests/2",
    Host: "login3.ledgerline.example",
}

const samples: Readonly<Record<string, { text: string; events: readonly Record<string, unknown>[] }>> = {
    archiver: {
        text: readFixture("archiver.yml"),
        events: [
            packed,
            { ...packed, Image: "other", OriginalFileName: "packer.exe" },
            { ...packed, Image: "C:\\packer.exe.bak" },
            { ...packed, CurrentDirectory: "C:\\Shared\\" },
            { ...packed, CurrentDirectory: "C:\\Private\\" },
            { ...packed, Version: 8 },
            { ...packed, User: "BOOKSHOP\\ines" },
            { ...packed, CommandLine: "packer -a q.lbk" },
            { ...packed, ParentImage: "C:\\ledgerline.exe" },
            { ...packed, ParentCommandLine: "nightly.cmd", IntegrityLevel: "System" },
            { ...packed, ParentCommandLine: "nightly.cmd", IntegrityLevel: "system" },
            {},
        ],
    },
    "sign-in": {
        text: readFixture("sign-in.yml"),
        events: [
            refused,
            { ...refused, Address: "10.2.3.4" },
            { ...refused, Agent: "curl" },
            { ...refused, Host: "login33.ledgerline.example" },
            { ...refused, Reason: "not yet" },
            { ...refused, Reason: "never" },
            { note: "an impossible travel, said the log" },
            { note: 'too many "tries"', Address: "192.0.2.1" },
            { path: "/etc/ledgerline/a.key", user: "root" },
            { path: "/etc/ledgerline/a.key", user: "ledgerline" },
            { path: "/home/ledgerline.key", user: "root" },
            { path: "/home/ledgerline.keys", user: "root" },
        ],
    },
    "worker process": {
        text: readDemo("toolshell/worker-process.yml"),
        events: [...logged("toolshell/samples/interpreter.json"), ...logged("toolshell/samples/inventory.json")],
    },
    "web log": {
        text: readDemo("toolshell/request-web-log.yml"),
        events: [...logged("toolshell/samples/pane-request.jsonl"), ...logged("toolshell/samples/honest-edit.jsonl")],
    },
    bypass: {
        text: readDemo("bypass/request-web-log.yml"),
        events: [...logged("bypass/samples/pane-request.json"), ...logged("bypass/samples/honest-edit.json")],
    },
}

/** Whether each rule matches each event. */
function matchesOf(text: string, events: readonly Record<string, unknown>[]): (boolean | null)[][] {
    const { rules, issues: findings } = readSigma(text)
    expect(findings).toEqual([])
    return rules.map((rule) => events.map((event) => rule.hits(event)))
}

const robust = (slots: readonly Slot[]) => slots.filter(({ robustness }) => robustness !== "fragile")

/** Loaded and stored again, as a program does it. */
function stored(
    text: string,
    options: { sortMapEntries?: boolean; json?: boolean; only?: string; indent?: number },
): string {
    return parseAllDocuments(text)
        .map((document) => {
            const value = document.toJS() as Record<string, unknown>
            const input = options.only === undefined ? value : { [options.only]: value[options.only] }
            if (options.json) return JSON.stringify(input, null, options.indent ?? 0)
            return stringify(input, { sortMapEntries: options.sortMapEntries ?? false, indent: options.indent ?? 2 })
        })
        .join("---\n")
}

/** With every list of plain values sorted. */
function sortedLists(text: string): string {
    const enter = (value: unknown): unknown => {
        if (Array.isArray(value)) {
            return value.every((item) => typeof item === "string") ? value.toSorted() : value.map(enter)
        }
        if (typeof value !== "object" || value === null) return value
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, enter(item)]))
    }
    return parseAllDocuments(text)
        .map((document) => stringify(enter(document.toJS())))
        .join("---\n")
}

describe.each(Object.entries(samples))("a %s Sigma rule", (name, { text, events }) => {
    const slots = sigma.slots(text)
    const words = anyCodeword(slots)

    test("has enough separate slots", () => {
        expect(slotFaults(text, slots)).toEqual([])
        expect(robust(slots).length).toBeGreaterThanOrEqual(8)
    })

    test("has matching and other events", () => {
        const inputs = new Set(matchesOf(text, events).flat())
        expect(inputs).toEqual(new Set([true, false]))
    })

    test("is valid, and matches the same events with any codeword", () => {
        const expected = matchesOf(text, events)
        for (const word of singleCodewords(slots))
            expect(matchesOf(applyCodeword(text, slots, word), events)).toEqual(expected)
        fc.assert(
            fc.property(words, (word) => {
                expect(matchesOf(applyCodeword(text, slots, word), events)).toEqual(expected)
            }),
            { numRuns: 60 },
        )
    })

    test("matches the same events made of its own words", () => {
        const values = [...text.matchAll(/['"]?[*]?([\w\\/.: -]{3,40})[*]?['"]?$/gm)].map((found) => found[1] ?? "")
        const fields = [...new Set([...text.matchAll(/^[ -]+([\w-]+)(?:\|[\w|]+)?:/gm)].map((found) => found[1] ?? ""))]
        const value = fc.tuple(
            fc.constantFrom("", "x", "C:\\"),
            fc.constantFrom(...values),
            fc.constantFrom("", "x", "\\"),
        )
        const event = fc.dictionary(
            fc.constantFrom(...fields),
            value.map((parts) => parts.join("")),
        )
        fc.assert(
            fc.property(words, fc.array(event, { maxLength: 20 }), (word, many) => {
                expect(matchesOf(applyCodeword(text, slots, word), many)).toEqual(matchesOf(text, many))
            }),
            { numRuns: 60 },
        )
    })

    test("keeps its comments, ids and title", () => {
        const kept = (value: string) => [
            value.match(/#[^\n]*/g),
            value.match(/^(?:id|title|level|date|related): ?.*/gm)?.toSorted(),
        ]
        fc.assert(
            fc.property(words, (word) => {
                expect(kept(applyCodeword(text, slots, word))).toEqual(kept(text))
            }),
            { numRuns: 20 },
        )
    })

    test("is read back whole, except where keys are in sorted order", () => {
        fc.assert(
            fc.property(words, (word) => {
                fc.pre(!areSorted(text, slots, word))
                const symbols = read(text, slots, applyCodeword(text, slots, word))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols).filter((kind) => kind !== "key-order")).toEqual([])
            }),
            { numRuns: 30 },
        )
    })

    const ways: readonly [string, (value: string) => string, RegExp][] = [
        ["loading and storing", (value) => stored(value, {}), /./],
        ["storing by wide indents", (value) => stored(value, { indent: 6 }), /./],
        ["sorted keys", (value) => stored(value, { sortMapEntries: true }), /./],
        ["becoming JSON", (value) => stored(value, { json: true, indent: 2 }), /./],
        [
            "keeping the detection alone",
            (value) => stored(value, { only: "detection" }),
            /^(?:selection|value|condition)/,
        ],
        ["comments taken out", (value) => value.replaceAll(/(?:^|\s+)#[^\n]*/gm, ""), /./],
        ["a quotation in a mail", (value) => `Look:\n${value.replaceAll(/^/gm, "> ")}\n\nRegards`, /./],
        ["a fence in a page", (value) => `# Rule\n\nThey sent this:\n\n\`\`\`yaml\n${value}\n\`\`\`\n`, /./],
    ]
    // Two documents in one file are no JSON.
    const here = ways.filter(([how]) => name !== "sign-in" || how !== "becoming JSON")
    test.each(here)("survives %s", (_, change, kinds) => {
        const declared = robust(slots).filter(({ kind }) => kinds.test(kind))
        fc.assert(
            fc.property(words, (word) => {
                const left = word.map((symbol, i) => (kinds.test(slots[i]?.kind ?? "") ? symbol : null))
                fc.pre(!areSorted(text, slots, left))
                const symbols = read(text, slots, change(applyCodeword(text, slots, word)))
                expect(misread(slots, symbols, word)).toEqual([])
                const lost = declared.filter((slot) => typeof symbols[slots.indexOf(slot)] !== "number")
                expect(lost.length).toBeLessThanOrEqual(0.1 * declared.length)
            }),
            { numRuns: 8 },
        )
    })

    test("gives nothing from its lists when all of them were sorted", () => {
        const orders = slots.filter(({ robustness }) => robustness === "order")
        const sortable = orders.reduce((product, { variants }) => product * variants.length, 1) >= 24
        fc.assert(
            fc.property(words, (word) => {
                const leak = stored(sortedLists(applyCodeword(text, slots, word)), {})
                const symbols = read(text, slots, leak).map((symbol, i) =>
                    orders.includes(slots[i] as Slot) ? symbol : null,
                )
                if (sortable) expect(symbols.filter((symbol) => symbol !== null)).toEqual([])
            }),
            { numRuns: 8 },
        )
    })

    test("is not found in another rule", () => {
        const foreign = Object.entries(samples).filter(
            ([other]) => other !== name && !/web log|bypass/.test(other + name),
        )
        for (const [, other] of foreign) {
            expect(read(text, slots, other.text).filter((symbol) => symbol !== null)).toEqual([])
        }
    })
})

test("two copies in one leak contradict each other", () => {
    const { text } = samples["worker process"] ?? { text: "" }
    const slots = sigma.slots(text)
    const [item, other] = [0, 1].map((v) =>
        applyCodeword(
            text,
            slots,
            slots.map(() => v),
        ),
    )
    const symbols = read(text, slots, `${item}\n---\n${other}`)
    expect(symbols.filter((symbol) => typeof symbol === "number").length).toBeLessThan(0.2 * slots.length)
})

test.each([
    ["a|contains: x", "a: '*x*'", true],
    ["a|startswith: 'C:\\'", "a: 'C:\\*'", false],
    ["a|contains: '\\'", "a: '*\\*'", false],
    ["a: '*x\\*'", "a|contains: 'x\\*'", false],
    ["a: '*it''s*'", "a|contains: 'it''s'", true],
    ["a|endswith|cased: .key", "a|cased: '*.key'", true],
    ["a: '**'", "a|contains: ''", false],
    ["a|re: '.*x'", "a: '*x'", false],
])("`%s` is written as `%s`: %s", (written, other, isSame) => {
    const text = `title: A\nlogsource:\n    product: a\ndetection:\n    s:\n        ${written}\n    condition: s\n`
    const slots = sigma.slots(text)
    const forms = slots.flatMap((slot) => slot.variants.map((_, v) => applyCodeword(text, [slot], [v])))
    expect(forms.some((form) => form.includes(`\n        ${other}\n`))).toBe(isSame)
})

test("a name that a comment mentions, or that would collide with another key, stays", () => {
    const text = `title: A
logsource:
    product: a
detection:
    selection: # selection is what we look for
        a|contains: x
        a: y
    condition: selection
`
    expect(sigma.slots(text).map(({ kind }) => kind)).toEqual(["value-form", "value-form"])
    const [first] = sigma.slots(text)
    expect(first?.variants).toHaveLength(2)
})

test("YAML with another meaning has no slots, and a rule with errors is refused", () => {
    expect(sigma.slots("services:\n    web:\n        ports: [80, 443]\n")).toEqual([])
    expect(() => sigma.slots("title: A\nlogsource:\n    product: a\ndetection:\n    s:\n        a: b\n")).toThrow(
        Refusal,
    )
})

test("hostile input is read in bounded time, and gives nothing", () => {
    const { text } = samples["web log"] ?? { text: "" }
    const slots = sigma.slots(text)
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`
    const bomb = `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\ndetection: *a\n`
    const quotes = `"${'\\"'.repeat(10_000)}`
    for (const leak of [deep, bomb, quotes, "{".repeat(10_000), "> ".repeat(10_000), "detection:\n".repeat(2000)]) {
        expect(read(text, slots, leak).filter((symbol) => symbol !== null)).toEqual([])
    }
    expect(() => sigma.slots(deep)).not.toThrow()
    expect(parseDocument(text).errors).toEqual([])
}, 60_000)

test("a rule repeated hundreds of times in a leak is read as once, in linear time", () => {
    const { text } = samples["worker process"] ?? { text: "" }
    const slots = sigma.slots(text)
    const copy = applyCodeword(
        text,
        slots,
        slots.map(() => 1),
    )
    expect(read(text, slots, `${copy}\n`.repeat(400))).toEqual(read(text, slots, `${copy}\n`.repeat(4)))
}, 20_000)

test("public rules match as before (needs ../shared/data next to the project)", () => {
    for (const { text } of readSharedData("sigma", ".yml")) {
        const slots = sigma.slots(text)
        expect(slotFaults(text, slots)).toEqual([])
        const values = [...text.matchAll(/'([^']+)'/g)].map((found) => found[1] ?? "")
        const fields = [...new Set([...text.matchAll(/^[ -]+([\w-]+)(?:\|[\w|]+)?:/gm)].map((found) => found[1] ?? ""))]
        const event = fc.dictionary(
            fc.constantFrom(...fields),
            fc.constantFrom(...values, ...values.map((value) => `x${value}`)),
        )
        fc.assert(
            fc.property(anyCodeword(slots), fc.array(event, { maxLength: 20 }), (word, events) => {
                const copy = applyCodeword(text, slots, word)
                expect(matchesOf(copy, events)).toEqual(matchesOf(text, events))
                expect(misread(slots, read(text, slots, stored(copy, { sortMapEntries: true })), word)).toEqual([])
            }),
            { numRuns: 15 },
        )
    }
})
