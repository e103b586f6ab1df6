import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runYara } from "../../../../../test/support/doubles/engine.ts"
import { readSharedData } from "../../../../../test/support/shared-data.ts"
import { anyCodeword, slotFaults, misread, singleCodewords, unread } from "../../../../../test/support/words.ts"
import { Refusal } from "@tocsin/base/refusal"
import { type Slot, applyCodeword } from "../carrier.ts"
import { readYara } from "./each.ts"
import { yara } from "./yara.ts"

const demo = (name: string) => readFileSync(`server/src/demo/content/toolshell/${name}`, "utf8")
const bytes = (...parts: readonly (string | Buffer)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)))
const wide = (text: string) => Buffer.from(text, "utf16le")
const filler = (size: number) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919 + (i >> 5) * 31) & 0xff))

const container = (inside: string | Buffer) => bytes("LBK1", inside, "........", "LEND")
const macro = container(bytes(wide("MacroStream"), "MacroStream", "oNoPeN(", "PK\x03\x04123\x01\x00", "run"))

const samples: Readonly<Record<string, { text: string; files: readonly Buffer[] }>> = {
    containers: {
        text: readFileSync("test/fixtures/rules/container.yar", "utf8"),
        files: [
            container("nothing"),
            bytes("LBK2", "nothing........", "LEND"),
            macro,
            container(bytes("MacroStream MacroStream", "pipe-123.tmp", "PK\x03\x04123\x01\x00", "run")),
            container(bytes("MacroStream", "pipe-123.tmp", "PK\x03\x04123\x01\x00", "run")),
            container(bytes("MacroStream MacroStream", "HTTPS://a1.example/lbk#", "PK\x03\x04123\x01\x00", "run")),
            container(bytes("MacroStream MacroStream", "https://a_example/lbk#", "PK\x03\x04123\x01\x00", "run")),
            container(bytes("\\Scripts\\run\x00", "OnOpen(", "x")),
            bytes("LBK1", filler(8000)),
            bytes("LBK1", Buffer.alloc(8000)),
        ],
    },
    pages: {
        text: demo("layouts-page.yar"),
        files: [
            Buffer.from(demo("samples/web-log.txt")),
            Buffer.from(demo("samples/honest-log.txt")),
            bytes('<%@ Page %>RUNAT="server" MachineKeySection ValidationKey Response.Write'),
            bytes("<%@ Page %>", wide("MachineKeySection"), "DecryptionKey", wide("Response.Write")),
            bytes("<%@ Page %> MachineKeySection Response.Write"),
            bytes("<%@ Page %> MachineKeySection ValidationKey Response.Write", Buffer.alloc(65_536)),
        ],
    },
}

/** Of each file the rules that match it; and no fault, save that bytes could be a text. */
function matchesOf(text: string, files: readonly Buffer[]): readonly (readonly string[])[] {
    const { errors, warnings, matched } = runYara(text, files)
    expect([...errors, ...warnings.filter((warning) => !warning.startsWith("warning[text_as_hex]"))]).toEqual([])
    return matched
}

describe.each(Object.entries(samples))("%s YARA rules", (name, { text, files }) => {
    const slots = yara.slots(text)
    const words = anyCodeword(slots)

    test("have enough separate slots", () => {
        expect(slotFaults(text, slots)).toEqual([])
        expect(slots.length).toBeGreaterThanOrEqual(8 * (text.match(/^(?:private )?rule /gm)?.length ?? 0))
    })

    test("compile, and match the same files, with any codeword", () => {
        const expected = matchesOf(text, files)
        expect(new Set(expected.flat()).size).toBeGreaterThan(1)
        expect(expected.some((names) => names.length === 0)).toBe(true)
        const ends = slots.map(({ variants }) => variants.length - 1)
        for (const word of [ends, ...fc.sample(words, { numRuns: 25, seed: 7 })]) {
            expect(matchesOf(applyCodeword(text, slots, word), files)).toEqual(expected)
        }
    })

    test("match the same after any single choice", () => {
        const expected = matchesOf(text, files)
        for (const word of singleCodewords(slots)) {
            expect(matchesOf(applyCodeword(text, slots, word), files)).toEqual(expected)
        }
    })

    test("are read back whole", () => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readYara(text, slots, applyCodeword(text, slots, word))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols)).toEqual([])
            }),
            { numRuns: 30 },
        )
    })

    test.each([
        ["removed comments", (value: string) => value.replaceAll(/\/\*[^]*?\*\/|\s\/\/ [^\n]*/g, ""), 0.95],
        ["other whitespace", (value: string) => value.replaceAll(/\n {4,8}/g, "\n\t").replaceAll(" = ", "="), 1],
        ["wrapped lines", (value: string) => value.replaceAll(/(?<=\n\s+and) /g, "\n            "), 1],
        ["an email quotation", (value: string) => `Look:\n${value.replaceAll(/^/gm, "> ")}\n\nRegards`, 1],
        ["a code fence", (value: string) => `# Rules\n\n\`\`\`yara\n${value}\n\`\`\`\n`, 1],
        ["removed metadata", (value: string) => value.replaceAll(/^\s+meta:\n(?:\s+\w+ = .*\n)+/gm, ""), 0.7],
        ["other rule names", (value: string) => value.replaceAll(/rule \w+/g, "rule Renamed"), 0.9],
        [
            "another order of rules",
            (value: string) =>
                value
                    .split(/^(?=(?:private )?rule )/m)
                    .toReversed()
                    .join("\n"),
            0.9,
        ],
    ])("survive %s", (_, change, share) => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readYara(text, slots, change(applyCodeword(text, slots, word)))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols).length).toBeLessThanOrEqual((1 - share) * slots.length)
            }),
            { numRuns: 8 },
        )
    })

    test("are not found in other rules", () => {
        const foreign = Object.entries(samples).filter(([other]) => other !== name)
        for (const [, other] of foreign) {
            expect(readYara(text, slots, other.text).filter((symbol) => symbol !== null)).toEqual([])
        }
    })

    test("keep comments, rule names, dates and links", () => {
        const kept = (value: string) =>
            value.match(/\/\*[^]*?\*\/|\s\/\/ [^\n]*|rule \w+|https?:\/\/tests[^"]*|date = .*|score = .*/g)?.toSorted()
        for (const word of fc.sample(words, { numRuns: 20, seed: 3 })) {
            expect(kept(applyCodeword(text, slots, word))).toEqual(kept(text))
        }
    })
})

/** The forms of a string inside one rule. */
function formsOf(string: string, condition = "$a"): string[] {
    const text = `rule A { strings: $a = ${string} condition: ${condition} }`
    const slots = yara.slots(text).filter(({ kind }) => kind !== "string-name")
    const copies = slots.flatMap((slot: Slot) =>
        slot.variants.slice(1).map((_, v) => applyCodeword(text, [slot], [v + 1])),
    )
    return copies.map((copy) => /\$a = (.*) condition: /.exec(copy)?.[1] ?? "").filter((form) => form !== string)
}

test.each([
    ['"MZ"', ["{ 4D 5A }", '"MZ" ascii']],
    ["{ 4D 5A }", ['"MZ"', '"MZ" ascii']],
    ["{ 22 5c 41 }", ['"\\"\\\\A"', '"\\"\\\\A" ascii']],
    ["{ 4D 5? }", []],
    ["{ 4D [2] 5A }", []],
    ["{ 00 5A }", []],
    ['"a\\x00\\n" ascii', ['"a\\x00\\n"', "{ 61 00 0A }"]],
    ['"é"', ['"é" ascii', "{ C3 A9 }"]],
    ['"a" wide', []],
    ['"a" wide ascii', ['"a" ascii wide']],
    ['"a" nocase', ['"a" nocase ascii', '"a" ascii nocase']],
    ['"a" xor', []],
    ['"ab" xor(1-2)', []],
    ['"abc" base64', []],
    ['"abc" fullword private', expect.arrayContaining(['"abc" private fullword', '"abc" ascii fullword private'])],
    ["/a[bc]/", expect.arrayContaining(["/a[cb]/", "/a[bc]/ ascii"])],
    ["/a[b-c]/ wide", []],
    ["/[^a-]x/ wide", []],
    ["/a??b/ wide", []],
    ["/ab?c/ wide", ["/ab{0,1}c/ wide"]],
    ["/a(b)?c/ wide", ["/a(b){0,1}c/ wide"]],
    ["/a+?c/ wide", []],
    ["/\\d\\.x/ wide", ["/[0-9]\\.x/ wide", "/\\d[.]x/ wide"]],
])("%s can be written as %j", (written, forms) => {
    const found = formsOf(written)
    if (Array.isArray(forms)) expect(found.toSorted()).toEqual(forms.toSorted())
    else expect(found).toEqual(forms)
})

test("names change with `#`, `@`, `!` and wildcards; `$`, `them` and names in comments stay", () => {
    const text = `rule A {
    strings:
        $key_one = "one"
        $kept = "kept" // $kept as in the report
        $ = "nameless"
    condition:
        #key_one > 1 and @key_one[1] < !key_one[1] and any of ($key_*) and any of them and $kept
}`
    const [slot, ...more] = yara.slots(text).filter(({ kind }) => kind === "string-name")
    expect(more).toEqual([])
    const names = slot?.variants.map(
        (_, v) => /\$(key_\w+) =/.exec(applyCodeword(text, slot ? [slot] : [], [v]))?.[1] ?? "",
    )
    expect(new Set(names).size).toBeGreaterThan(4)
    for (const [v, name] of (names ?? []).entries()) {
        const copy = applyCodeword(text, slot ? [slot] : [], [v])
        expect(copy).toBe(text.replaceAll("key_one", name))
        expect(name).toMatch(/^key_/)
    }
})

test("numbered strings change together", () => {
    const text = `rule A { strings: $x1 = /a/ $x2 = /b/ $y = /c/ condition: 2 of ($x*) and $y }`
    const names = yara.slots(text).filter(({ kind }) => kind === "string-name")
    expect(names).toHaveLength(2)
    const [first] = names
    for (const v of first?.variants.keys() ?? []) {
        expect(applyCodeword(text, first ? [first] : [], [v])).toMatch(/\$(x\w*)1 = \/a\/ \$\1(?:2) = /)
    }
})

test("an invalid rule is refused, and an unknown construct is unchanged", () => {
    expect(() => yara.slots("nothing of the kind")).toThrow(Refusal)
    expect(() => yara.slots('rule A { strings: $a = "never closed')).toThrow(Refusal)
    const broken = "rule A { condition }\nrule B { strings: $part = /xyz/ condition: $part }"
    expect(yara.slots(broken).every(({ variants }) => variants.flat().every(({ start }) => start > 21))).toBe(true)
})

test("hostile input is parsed in bounded time", () => {
    const hostile = [
        `rule A { strings: $a = "${'\\"'.repeat(100_000)}`,
        "rule ".repeat(40_000),
        `rule A { strings: $a = /${"(".repeat(200_000)}`,
    ]
    for (const text of hostile) expect(() => yara.slots(text)).toThrow(Refusal)
})

test("public rules match as before (needs ../shared/data next to the project)", () => {
    for (const { text } of readSharedData("yara", ".yar")) {
        const slots = yara.slots(text)
        const files = [...text.matchAll(/= "((?:[^"\\]|\\.)+)"/g)].map((item) =>
            Buffer.from((item[1] ?? "").replaceAll("\\\\", "\\")),
        )
        const expected = matchesOf(text, files)
        for (const word of fc.sample(anyCodeword(slots), { numRuns: 8, seed: 5 })) {
            const copy = applyCodeword(text, slots, word)
            expect(matchesOf(copy, files)).toEqual(expected)
            expect(misread(slots, readYara(text, slots, copy), word)).toEqual([])
        }
    }
})
