import { describe, expect, test } from "vitest"
import { readSigma } from "./sigma.ts"

const whole = `title: A Rule
id: 5b0a9f5e-6d0c-4f1e-9a53-2f6d4b7c1e90
status: test
date: 2025-06-20
tags:
    - attack.t1190
logsource:
    category: webserver
detection:
    s:
        f: x
    condition: s
level: high
`

function codes(text: string): string[] {
    return readSigma(text).issues.map(({ line, column, code }) => `${line}:${column} ${code}`)
}

test("the rule changed below is valid", () => {
    expect(codes(whole)).toEqual([])
})

/** The text to replace, its replacement, and the reported issues. */
const spoiled: readonly (readonly [string, string, string])[] = [
    ["title: A Rule\n", "", "1:1 sigma.missing_field"],
    ["title: A Rule", "title: 7", "1:1 sigma.bad_field"],
    ["title: A Rule", `title: ${"x".repeat(257)}`, "1:1 sigma.bad_field"],
    ["id: 5b0a9f5e-6d0c-4f1e-9a53-2f6d4b7c1e90\n", "", "1:1 sigma.no_id"],
    ["id: 5b0a9f5e", "id: xb0a9f5e", "2:1 sigma.bad_field"],
    ["status: test", "status: tested", "3:1 sigma.bad_field"],
    ["date: 2025-06-20", "date: 2025/06/20", "4:1 sigma.bad_field"],
    ["date: 2025-06-20", "date: 2025-02-30", "4:1 sigma.bad_field"],
    ["date: 2025-06-20", "date: 2025-06-20\nmodified: 2025-06-19", "5:1 sigma.bad_field"],
    ["attack.t1190", "attack", "6:7 sigma.bad_tag"],
    ["attack.t1190", "attack.T1190", "6:7 sigma.bad_tag"],
    ["attack.t1190", "attack.t119", "6:7 sigma.bad_tag"],
    ["attack.t1190", "tlp.white", "6:7 sigma.bad_tag"],
    ["attack.t1190", "own.word", "6:7 sigma.unknown_namespace"],
    ["attack.t1190", "attack.t1190\n    - attack.t1190", "7:7 sigma.bad_field"],
    ["    category: webserver", "    other: webserver", "7:1 sigma.bad_field"],
    ["category: webserver", "category: Web Server", "8:5 sigma.logsource_form"],
    ["level: high", "level: severe", "13:1 sigma.bad_field"],
    ["level: high", "Level: high", "13:1 sigma.unknown_field"],
    ["    condition: s\n", "", "10:5 sigma.no_condition"],
    ["condition: s", "condition: selection", "12:16 sigma.unknown_selection"],
    ["condition: s", "condition: s and other", "12:22 sigma.unknown_selection"],
    ["condition: s", "condition: 1 of x*", "12:21 sigma.unknown_selection"],
    ["condition: s", "condition: s AND s", "12:18 sigma.bad_condition"],
    ["condition: s", "condition: (s", "12:18 sigma.bad_condition"],
    ["condition: s", "condition: s)", "12:17 sigma.bad_condition"],
    ["condition: s", "condition: s and", "12:21 sigma.bad_condition"],
    ["condition: s", "condition: 2 of s*", "12:16 sigma.bad_condition"],
    ["condition: s", "condition: s | count() > 5", "12:18 sigma.aggregation"],
    ["condition: s", "condition: s\n    timeframe: 5m", "13:5 sigma.not_supported"],
    ["condition: s", "condition: s\n    unused:\n        f: x", "13:5 sigma.unused_selection"],
    ["f: x", "f|contain: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|contains|contains: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|contains|startswith: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|all: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|i: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|re|contains: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|base64offset: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|wide: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|contains|base64: x", "11:9 sigma.bad_modifier"],
    ["f: x", "f|gte|hour: 5", "11:9 sigma.bad_modifier"],
    ["f: x", "f|exists: perhaps", "11:19 sigma.bad_value"],
    ["f: x", "f|re: '(a'", "11:15 sigma.bad_value"],
    ["f: x", "f|re: '(?=a)'", "11:15 sigma.bad_value"],
    ["f: x", "f|re: '(a)\\1'", "11:15 sigma.bad_value"],
    ["f: x", "f|re: '((a{1000}){1000}){1000}'", "11:15 sigma.bad_value"],
    ["f: x", "f|cidr: 10.0.0.0/33", "11:17 sigma.bad_value"],
    ["f: x", "f|cidr: 10.0.0.1/8", "11:17 sigma.bad_value"],
    ["f: x", "f|cidr: 010.0.0.0/8", "11:17 sigma.bad_value"],
    ["f: x", "f|gt: many", "11:15 sigma.bad_value"],
    ["f: x", "f|contains: ''", "11:21 sigma.bad_value"],
    ["f: x", "f|base64: 'a*'", "11:19 sigma.bad_value"],
    ["f: x", "f: []", "11:9 sigma.bad_value"],
    ["f: x", "f: {a: b}", "11:9 sigma.bad_value"],
    ["        f: x", "        []", "10:5 sigma.bad_selection"],
    ["    s:\n        f: x", "    s: x", "10:5 sigma.bad_selection"],
    ["f: x", "f: &a x", "11:15 yaml.alias"],
    ["f: x", "f: *a", "11:12 yaml.alias"],
    ["f: x", "f: !own x", "11:12 yaml.invalid"],
    ["f: x", "f: x\n        f: y", "12:9 yaml.invalid"],
    ["f: x", "f: 99999999999999999999", "11:12 yaml.bad_number"],
    ["f: x", "f: 1e999", "11:12 yaml.bad_number"],
    ["f: x", "f: \u0007", "11:1 yaml.invalid"],
]

test.each(spoiled)("`%s` as %j: %s", (from, to, expected) => {
    expect(whole).toContain(from)
    expect(codes(whole.replace(from, () => to))).toContain(expected)
})

describe("a file of several rules", () => {
    test("has each id once", () => {
        expect(codes(`${whole}---\n${whole}`)).toEqual(["15:1 sigma.duplicate_id"])
    })

    test("refuses correlations and filters, and checks the other rules", () => {
        const correlation = "title: C\ncorrelation:\n    type: event_count\n"
        expect(codes(`${whole}---\n${correlation}`)).toEqual(["16:1 sigma.not_supported"])
        expect(readSigma(`${whole}---\n${correlation}`).rules).toHaveLength(1)
    })

    test.each([
        ["nothing", ""],
        ["only a comment", "# nothing\n"],
    ])("of %s is refused", (_, text) => {
        expect(codes(text)).toEqual(["1:1 sigma.empty"])
    })
})

/** Small to write, or at least small to send, and large to read. */
const bombs: readonly (readonly [string, string, string])[] = [
    ["aliases of aliases", "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "yaml.alias"],
    ["deep brackets", `a: ${"[".repeat(100_000)}`, "yaml.too_large"],
    ["deep brackets on many lines", "[\n".repeat(3000), "yaml.too_deep"],
    ["deep maps", `a: ${"{b: ".repeat(500)}`, "yaml.too_deep"],
    ["deep lists", `${"- ".repeat(4000)}x`, "yaml.too_deep"],
    ["many values", "- x\n".repeat(30_000), "yaml.too_large"],
    ["many documents", "---\na: b\n".repeat(1000), "yaml.too_large"],
    ["a long text", "x".repeat(1_000_000), "yaml.too_large"],
    ["a long line", `a: ${"x".repeat(9000)}`, "yaml.too_large"],
    [
        "many brackets in a condition",
        whole.replace("condition: s", `condition: ${"(".repeat(4000)}s`),
        "sigma.bad_condition",
    ],
    ["a long condition", whole.replace("condition: s", `condition: ${"s or ".repeat(1500)}s`), "sigma.bad_condition"],
]

test.each(bombs)("%s", (_, text, expected) => {
    const found = readSigma(text).issues.map(({ code }) => code)
    expect(found.includes(expected) ? expected : found[0]).toBe(expected)
})

describe("a rule with exponential time in another engine", () => {
    test.each([
        ["an expression", "f|re: '^(a+)+$'", "a".repeat(60_000) + "b", false],
        ["many wildcards", `f: '${"*a".repeat(40)}*b'`, "a".repeat(20_000), false],
    ])("by %s is run", (_, field, held, expected) => {
        const { rules } = readSigma(whole.replace("f: x", () => field))
        expect(rules[0]?.hits({ f: held })).toBe(expected)
    })

    test("stops when it takes more steps than allowed", () => {
        const { rules } = readSigma(whole.replace("f: x", "f|re: '(a|b|c)*d'"))
        expect(rules[0]?.hits({ f: "abc".repeat(1000) }, 1000)).toBe(null)
    })
})
