import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { anyWord, faultsOf, misread, singleWords, unread } from "../../../../test/words.ts"
import { suricataOpinion } from "../../../platform/suricata.ts"
import { Refusal } from "../../refusal.ts"
import { readSuricata as judged } from "../../rules/suricata.ts"
import { readOptions, unquoted } from "../../rules/suricata/options.ts"
import { applyWord } from "../carrier.ts"
import { readSuricata } from "./each.ts"
import { suricata } from "./suricata.ts"

const samples: Readonly<Record<string, string>> = {
    ledger: readFileSync("test/fixtures/rules/ledger.rules", "utf8"),
    pane: readFileSync("src/demo/content/toolshell/request.rules", "utf8"),
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

const told = new Set(["msg", "reference", "metadata", "sid", "rev", "classtype"])
const sides: Readonly<Record<string, string>> = { from_client: "to_server", from_server: "to_client" }

/** Each rule as far as it looks into packets, in its order, and what it is told apart by, in any order. */
function meaning(text: string): unknown[] {
    const bits = new Map<string, number>()
    return text
        .split("\n")
        .filter((line) => !/^\s*(#|$)/.test(line))
        .map((line) => {
            const { options, fault } = readOptions(line, line.indexOf("("))
            expect(fault).toBeNull()
            const sight = options
                .filter(({ name }) => !told.has(name))
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
                        return [name, name === "pcre" ? simplest(value ?? "") : value]
                    if (!bits.has(bit)) bits.set(bit, bits.size)
                    return [name, verb, bits.get(bit)]
                })
            const of = (name: string) => options.filter((one) => one.name === name).map((one) => one.value ?? "")
            const metadata = of("metadata").flatMap((value) => value.split(",").map((one) => one.trim()))
            const references = of("reference").map((value) => value.replace("CVE-", ""))
            return [
                line.slice(0, line.indexOf("(")),
                sight,
                of("sid"),
                of("rev"),
                of("classtype"),
                metadata.toSorted(),
                references.toSorted(),
            ]
        })
}

/** A pattern with its classes sorted and its equal forms made one. */
function simplest(pattern: string): string {
    const one = pattern.replaceAll("[.]", "\\.").replaceAll("{0,1}", "?").replaceAll("[0-9]", "\\d")
    return one.replaceAll(
        /\[([^\]^]*)\]/g,
        (_, body: string) => `[${(body.match(/\\.|[^\\]/g) ?? []).toSorted().join("")}]`,
    )
}

describe.each(Object.entries(samples))("rules of Suricata, %s,", (name, text) => {
    const slots = suricata.slots(text)
    const words = anyWord(slots)
    const rules = meaning(text).length

    test("have slots apart from each other, and enough of them", () => {
        expect(faultsOf(text, slots)).toEqual([])
        expect(slots.length).toBeGreaterThanOrEqual(8 * rules)
    })

    test("are well, and look for the same in the same order, whatever is chosen", () => {
        const expected = meaning(text)
        const same = (word: readonly number[]): void => {
            const copy = applyWord(text, slots, word)
            expect(judged(copy).findings.filter(({ severity }) => severity === "error")).toEqual([])
            expect(meaning(copy)).toEqual(expected)
        }
        singleWords(slots).forEach(same)
        fc.assert(fc.property(words, same), { numRuns: 60 })
    })

    test("load in the engine, each variant alone and any together, where it is installed", async () => {
        if ((await suricataOpinion(text)) === null) {
            process.stderr.write("no suricata here: copies are read by our own grammar alone\n")
            return
        }
        const master = slots.map(() => 0)
        const alone = slots.flatMap(({ variants }, i) => variants.map((_, v) => master.with(i, v)))
        for (const word of [master, ...alone, ...fc.sample(words, { numRuns: 20, seed: 1 })]) {
            expect(await suricataOpinion(applyWord(text, slots, word))).toEqual([])
        }
        expect(await suricataOpinion(text.replace("content:", "contents:"))).toHaveLength(1)
    }, 300_000)

    test("are read back whole", () => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readSuricata(text, slots, applyWord(text, slots, word))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols)).toEqual([])
            }),
            { numRuns: 30 },
        )
    })

    test.each([
        ["comments taken out", (its: string) => its.replaceAll(/^#.*\n/gm, ""), 1],
        ["other white space", (its: string) => its.replaceAll("; ", ";").replaceAll(/(\w):"/g, '$1: "'), 1],
        ["lines wrapped", (its: string) => its.replaceAll(/(.{40,76};) /g, "$1\n    "), 1],
        [
            "lines wrapped by the program's own sign",
            (its: string) => its.replaceAll(/(.{40,76};) /g, "$1 \\\n    "),
            0.8,
        ],
        ["a quotation in a mail", (its: string) => `Look:\n${its.replaceAll(/^/gm, "> ")}\n\nRegards`, 1],
        ["rules in another order", (its: string) => its.trim().split("\n").toReversed().join("\n"), 0.7],
        [
            "what it tells taken out",
            (its: string) => its.replaceAll(/ ?(?:metadata|reference|classtype):[^;]*;/g, ""),
            0.4,
        ],
    ])("survive %s", (_, change, share) => {
        fc.assert(
            fc.property(words, (word) => {
                const symbols = readSuricata(text, slots, change(applyWord(text, slots, word)))
                expect(misread(slots, symbols, word)).toEqual([])
                expect(unread(slots, symbols).length).toBeLessThanOrEqual((1 - share) * slots.length)
            }),
            { numRuns: 8 },
        )
    })

    test("are read right from any one rule alone", () => {
        fc.assert(
            fc.property(words, (word) => {
                const lines = applyWord(text, slots, word)
                    .split("\n")
                    .filter((line) => line.startsWith("alert"))
                for (const line of lines) expect(misread(slots, readSuricata(text, slots, line), word)).toEqual([])
            }),
            { numRuns: 10 },
        )
    })

    test("are not seen in other rules", () => {
        const foreign = Object.entries(samples).filter(([other]) => other !== name)
        for (const [, other] of foreign) {
            expect(readSuricata(text, slots, other).filter((symbol) => symbol !== null)).toEqual([])
        }
    })
})

/** What one rule with these options may become. */
function formsOf(options: string): string[] {
    const text = `alert tcp any any -> any any (msg:"A"; ${options} sid:1900009; rev:1;)`
    const slots = suricata.slots(text).filter(({ kind }) => kind !== "option-order")
    return slots.flatMap((slot) =>
        slot.variants.slice(1).map((_, v) => applyWord(text, [slot], [v + 1]).slice(39, -21)),
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

test("a class and a priority do not change places", () => {
    const text = 'alert tcp any any -> any any (msg:"A"; classtype:misc-activity; priority:3; sid:1900009; rev:1;)'
    expect(suricata.slots(text)).toEqual([])
})

test("rules with errors are refused; what goes on in the next line is left alone", () => {
    expect(() => suricata.slots('alert tcp any any -> any any (msg:"A";)')).toThrow(Refusal)
    const [line = ""] = (samples["ledger"] ?? "").split("\n").slice(1)
    expect(suricata.slots(line).length).toBeGreaterThan(5)
    expect(suricata.slots(line.replaceAll("; ", "; \\\n"))).toEqual([])
})

test("the author's own alternatives are taken in a message", () => {
    const text = 'alert tcp any any -> any any (msg:"A {{first|second}} way"; sid:1900009; rev:1;)'
    const slots = suricata.slots(text)
    const slot = slots.find(({ kind }) => kind === "alternative")
    expect(slot?.variants.map((_, v) => /msg:"([^"]*)"/.exec(applyWord(text, [slot], [v]))?.[1])).toEqual([
        "A first way",
        "A second way",
    ])
})
