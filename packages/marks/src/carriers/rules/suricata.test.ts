import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { anyCodeword, slotFaults, misread, singleCodewords, unread } from "../../../../../test/support/words.ts"
import { checkSuricata } from "../../../../../server/src/platform/sandbox/suricata.ts"
import { Refusal } from "@tocsin/base/refusal"
import { readSnort as judgedAsSnort } from "@tocsin/rules/snort"
import { readSuricata as judged } from "@tocsin/rules/suricata"
import { readOptions, unquoted } from "@tocsin/rules/suricata/options"
import { applyCodeword } from "../carrier.ts"
import { loadMarkFormat } from "../registry.ts"
import { readSnort, readSuricata } from "./each.ts"
import { snort, suricata } from "./suricata.ts"

const samples: Readonly<Record<string, string>> = {
    ledger: readFileSync("test/fixtures/rules/ledger.rules", "utf8"),
    pane: readFileSync("server/src/demo/content/toolshell/request.rules", "utf8"),
}

/** A content as the bytes that it is. */
function bytesOf(value: string): string {
    const text = unquoted(value) ?? ""
    const plain = text.replaceAll(/\|([^|]*)\|/g, (_, hex: string) => {
        return hex.replaceAll(
            /\s*([0-9A-Fa-f]{2})\s*/g,
            (__, pair: string) => `\0${String.fromCharCode(parseInt(pair, 16))}`,
        )
    })
    const negated = value.startsWith("!") ? "!" : ""
    return negated + JSON.stringify(plain.replaceAll(/\\(.)/g, "$1").replaceAll("\0", ""))
}

const notified = new Set(["msg", "reference", "metadata", "sid", "rev", "classtype"])
const sides: Readonly<Record<string, string>> = { from_client: "to_server", from_server: "to_client" }

/** The matching options of each rule in order, and its other options in any order. */
function meaningOf(text: string): unknown[] {
    const bits = new Map<string, number>()
    return text
        .split("\n")
        .filter((line) => !/^\s*(#|$)/.test(line))
        .map((line) => {
            const { options, fault } = readOptions(line, line.indexOf("("))
            expect(fault).toBeNull()
            const sight = options
                .filter(({ name }) => !notified.has(name))
                .map(({ name, value }) => {
                    if (name === "content") return [name, bytesOf(value ?? "")]
                    if (name === "flow")
                        return [
                            name,
                            (value ?? "")
                                .split(",")
                                .map((word) => sides[word] ?? word)
                                .toSorted(),
                        ]
                    const [verb = "", bit] = (value ?? "").split(",")
                    if (name !== "flowbits" || bit === undefined)
                        return [name, name === "pcre" ? simplestMatch(value ?? "") : value]
                    if (!bits.has(bit)) bits.set(bit, bits.size)
                    return [name, verb, bits.get(bit)]
                })
            const pick = (name: string) =>
                options.filter((option) => option.name === name).map((option) => option.value ?? "")
            const metadata = pick("metadata").flatMap((value) => value.split(",").map((item) => item.trim()))
            const references = pick("reference").map((value) => value.replace("CVE-", ""))
            return [
                line.slice(0, line.indexOf("(")),
                sight,
                pick("sid"),
                pick("rev"),
                pick("classtype"),
                metadata.toSorted(),
                references.toSorted(),
            ]
        })
}

/** A pattern with its classes sorted and its equal forms made one. */
function simplestMatch(pattern: string): string {
    const replaceAll = pattern.replaceAll("[.]", "\\.").replaceAll("{0,1}", "?").replaceAll("[0-9]", "\\d")
    return replaceAll.replaceAll(
        /\[([^\]^]*)\]/g,
        (_, body: string) => `[${(body.match(/\\.|[^\\]/g) ?? []).toSorted().join("")}]`,
    )
}

describe.each(Object.entries(samples))("%s Suricata rules", (name, text) => {
    const slots = suricata.slots(text)
    const words = anyCodeword(slots)
    const rules = meaningOf(text).length

    test("have enough separate slots", () => {
        expect(slotFaults(text, slots)).toEqual([])
        expect(slots.length).toBeGreaterThanOrEqual(8 * rules)
    })

    test("are valid, and match the same in the same order, with any codeword", () => {
        const expected = meaningOf(text)
        const same = (word: readonly number[]): void => {
            const copy = applyCodeword(text, slots, word)
            expect(judged(copy).issues.filter(({ severity }) => severity === "error")).toEqual([])
            expect(meaningOf(copy)).toEqual(expected)
        }
        singleCodewords(slots).forEach(same)
        fc.assert(fc.property(words, same), { numRuns: 60 })
    })

    test("load in the engine, each variant alone and any combined, where it is installed", async () => {
        if ((await checkSuricata(text)) === null) {
            process.stderr.write("no suricata here: copies are read by our own grammar alone\n")
            return
        }
        const master = slots.map(() => 0)
        const alone = slots.flatMap(({ variants }, i) => variants.map((_, v) => master.with(i, v)))
        for (const word of [master, ...alone, ...fc.sample(words, { numRuns: 20, seed: 1 })]) {
            expect(await checkSuricata(applyCodeword(text, slots, word))).toEqual([])
        }
        expect(await checkSuricata(text.replace("content:", "contents:"))).toHaveLength(1)
    }, 300_000)

    test("are read back whole", () => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readSuricata(text, slots, applyCodeword(text, slots, word))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols)).toEqual([])
            }),
            { numRuns: 30 },
        )
    })

    test.each([
        ["removed comments", (value: string) => value.replaceAll(/^#.*\n/gm, ""), 1],
        ["other whitespace", (value: string) => value.replaceAll("; ", ";").replaceAll(/(\w):"/g, '$1: "'), 1],
        ["wrapped lines", (value: string) => value.replaceAll(/(.{40,76};) /g, "$1\n    "), 1],
        [
            "lines wrapped with the rule language's own sign",
            (value: string) => value.replaceAll(/(.{40,76};) /g, "$1 \\\n    "),
            0.8,
        ],
        ["an email quotation", (value: string) => `Look:\n${value.replaceAll(/^/gm, "> ")}\n\nRegards`, 1],
        ["another order of rules", (value: string) => value.trim().split("\n").toReversed().join("\n"), 0.7],
        [
            "removed messages",
            (value: string) => value.replaceAll(/ ?(?:metadata|reference|classtype):[^;]*;/g, ""),
            0.4,
        ],
    ])("survive %s", (_, change, share) => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readSuricata(text, slots, change(applyCodeword(text, slots, word)))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols).length).toBeLessThanOrEqual((1 - share) * slots.length)
            }),
            { numRuns: 8 },
        )
    })

    test("are read correctly from any single rule", () => {
        fc.assert(
            fc.property(words, (word) => {
                const lines = applyCodeword(text, slots, word)
                    .split("\n")
                    .filter((line) => line.startsWith("alert"))
                for (const line of lines) expect(misread(slots, readSuricata(text, slots, line), word)).toEqual([])
            }),
            { numRuns: 10 },
        )
    })

    test("are not found in other rules", () => {
        const foreign = Object.entries(samples).filter(([other]) => other !== name)
        for (const [, other] of foreign) {
            expect(readSuricata(text, slots, other).filter((symbol) => symbol !== null)).toEqual([])
        }
    })
})

/** The forms of one rule with these options. */
function formsOf(options: string): string[] {
    const text = `alert tcp any any -> any any (msg:"A"; ${options} sid:1900009; rev:1;)`
    const slots = suricata.slots(text).filter(({ kind }) => kind !== "option-order")
    return slots.flatMap((slot) =>
        slot.variants.slice(1).map((_, v) => applyCodeword(text, [slot], [v + 1]).slice(39, -21)),
    )
}

test.each([
    ['content:"a/b";', ['content:"a|2F|b";', 'content:"|61 2F 62|";']],
    ['content:"|3b|x";', ['content:"|3B 78|";']],
    ['content:"a\\;b";', ['content:"a|3B|b";', 'content:"|61 3B 62|";']],
    ['content:!"/";', ['content:!"|2F|";']],
    ['content:"a very long text of letters";', []],
    ['content:"é";', []],
    ["flow:to_server;", ["flow:from_client;"]],
    ["flow:established;", []],
    ["flow:established,to_client;", ["flow:established,from_server;", "flow:to_client,established;"]],
    ["flow:to_client, established;", ["flow:from_server, established;", "flow:established,to_client;"]],
    ["reference:cve,2025-10001;", ["reference:cve,CVE-2025-10001;"]],
    ["metadata:a b;", []],
    ["metadata:a b, c d;", ["metadata:a b; metadata:c d;", "metadata:c d, a b;"]],
    ["flowbits:set,other.bit;", []],
    ['pcre:"/a[bc]/x";', []],
    ['pcre:"/a[bc]/";', ['pcre:"/a[cb]/";']],
])("`%s` can be written as %j", (written, forms) => {
    expect(formsOf(written).toSorted()).toEqual(forms.toSorted())
})

test("a classtype and a priority do not swap", () => {
    const text = 'alert tcp any any -> any any (msg:"A"; classtype:misc-activity; priority:3; sid:1900009; rev:1;)'
    expect(suricata.slots(text)).toEqual([])
})

test("rules with errors are refused; continued lines are unchanged", () => {
    expect(() => suricata.slots('alert tcp any any -> any any (msg:"A";)')).toThrow(Refusal)
    const [line = ""] = (samples["ledger"] ?? "").split("\n").slice(1)
    expect(suricata.slots(line).length).toBeGreaterThan(5)
    expect(suricata.slots(line.replaceAll("; ", "; \\\n"))).toEqual([])
})

/** The samples, and what of Snort no Suricata reads: heads and actions of its own, modifiers within a content. */
const ofSnort = [
    ...(samples["ledger"] ?? "").split("\n").filter((line) => line.startsWith("alert tcp")),
    "sdrop tcp any any -> " +
        "any " +
        "7007 " +
        '(msg:"TESTS ' +
        "Ledgerline " +
        'refused"; ' +
        "flow:to_client,established; " +
        'content:"a/b"; http_raw_uri; ' +
        "metadata:policy " +
        "security-ips " +
        "drop, " +
        "service " +
        "http; " +
        "classtype:misc-activity; " +
        "sid:1900011; rev:2;)",
    'alert http (msg:"TESTS ' +
        "Ledgerline, " +
        "which " +
        "allows " +
        "an " +
        "attacker " +
        "to " +
        'look"; ' +
        "flow:to_server,established; " +
        'http_uri; content:"/ledger", nocase; pcre:"/[&?]v=[12]\\.\\d/"; ' +
        "reference:cve,2025-10001; " +
        "classtype:misc-activity; sid:1900012; rev:1;)",
].join("\n")

describe("Snort rules", () => {
    const slots = snort.slots(ofSnort)

    test("are recognised by their file name", async () => {
        const none = () => Promise.reject(new Error("no parser"))
        expect((await loadMarkFormat("a.snort.rules", none))?.carrier).toBe(snort)
        expect((await loadMarkFormat("snort.rules", none))?.carrier).toBe(suricata)
        expect(() => suricata.slots(ofSnort)).toThrow(Refusal)
    })

    test("have separate slots, and none that a version of Snort might not read", () => {
        expect(slotFaults(ofSnort, slots)).toEqual([])
        expect(slots.length).toBeGreaterThanOrEqual(25)
        expect(slots.filter(({ kind }) => kind === "metadata-form")).toEqual([])
        expect(suricata.slots(samples["ledger"] ?? "").map(({ kind }) => kind)).toContain("metadata-form")
    })

    test("are valid, match the same, and are read back whole", () => {
        const expected = meaningOf(ofSnort)
        fc.assert(
            fc.property(anyCodeword(slots), (word) => {
                const copy = applyCodeword(ofSnort, slots, word)
                expect(wellForSnort(copy)).toEqual([])
                expect(meaningOf(copy)).toEqual(expected)
                expect(misread(slots, readSnort(ofSnort, slots, copy), word)).toEqual([])
                expect(unread(slots, readSnort(ofSnort, slots, copy))).toEqual([])
            }),
            { numRuns: 30 },
        )
    })

    test("over several lines are unchanged", () => {
        expect(snort.slots(ofSnort.replaceAll("; ", ";\n    "))).toEqual([])
    })
})

const wellForSnort = (text: string) => judgedAsSnort(text).issues.filter(({ severity }) => severity === "error")

test("alternatives of the author are used in a message", () => {
    const text = 'alert tcp any any -> any any (msg:"A {{first|second}} way"; sid:1900009; rev:1;)'
    const slots = suricata.slots(text)
    const slot = slots.find(({ kind }) => kind === "alternative")
    expect(slot?.variants.map((_, v) => /msg:"([^"]*)"/.exec(applyCodeword(text, [slot], [v]))?.[1])).toEqual([
        "A first way",
        "A second way",
    ])
})
