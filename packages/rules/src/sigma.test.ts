import * as fc from "fast-check"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { readSigma } from "./sigma.ts"

const head = "title: A Rule\nid: 5b0a9f5e-6d0c-4f1e-9a53-2f6d4b7c1e90\nlogsource:\n    category: webserver\n"

/** A rule of one selection with one field, or of a whole detection. */
function rule(detection: string): string {
    const indented = detection.split("\n").map((line) => `    ${line}`)
    return `${head}detection:\n${indented.join("\n")}\n`
}

function codes(text: string): string[] {
    return readSigma(text).issues.map(({ severity, line, column, code }) => `${severity} ${line}:${column} ${code}`)
}

function hits(detection: string, event: Readonly<Record<string, unknown>>): boolean | null {
    const { rules, issues: findings } = readSigma(rule(detection))
    expect(findings.filter((finding) => finding.severity === "error")).toEqual([])
    expect(rules).toHaveLength(1)
    return rules[0]?.hits(event) ?? null
}

/** `field`, its modifiers, the value as YAML, what the field holds in the event, and whether it is hit. */
const values: readonly (readonly [string, string, unknown, boolean | null])[] = [
    ["f", "POST", "post", true],
    ["f", "POST", "posts", false],
    ["f", "p*t", "POrtrait", true],
    ["f", "p*t", "portraits", false],
    ["f", "p?st", "pest", true],
    ["f", "p?st", "pst", false],
    ["f", "'p\\?st'", "p?st", true],
    ["f", "'p\\?st'", "pest", false],
    ["f", "'a\\*b'", "a*b", true],
    ["f", "'a\\*b'", "axxb", false],
    ["f", "'C:\\\\*'", "C:\\Windows", true],
    ["f", "'C:\\Windows'", "c:\\windows", true],
    ["f", "'a\\\\\\*'", "a\\*", true],
    ["f", "'a\\\\\\*'", "a\\b", false],
    ["f", "'\\\\\\\\srv'", "\\\\srv", true],
    ["f", "'*'", "", true],
    ["f", "''", "", true],
    ["f", "''", "x", false],
    ["f", "null", null, true],
    ["f", "null", undefined, true],
    ["f", "null", "", false],
    ["f", "'null'", null, false],
    ["f", "4688", 4688, true],
    ["f", "4688", "4688", true],
    ["f", "'4688'", 4688, true],
    ["f", "4688", 46880, false],
    ["f", "0x10", 16, true],
    ["f", "0x10", "0x10", true],
    ["f", "1.5", "1.50", true],
    ["f", "true", "TRUE", true],
    ["f", "true", true, true],
    ["f", "[a, b]", "b", true],
    ["f", "[a, b]", "c", false],
    ["f", "a", ["x", "A"], true],
    ["f|cased", "Post", "post", false],
    ["f|cased", "Post", "Post", true],
    ["f|contains", "/_layouts/", "x/_LAYOUTS/15", true],
    ["f|startswith", "adm", "Admin", true],
    ["f|startswith", "adm", "xadm", false],
    ["f|endswith", "'\\cmd.exe'", "C:\\Windows\\CMD.EXE", true],
    ["f|endswith", "'\\cmd.exe'", "C:\\xcmd.exe", false],
    ["f|contains|all", "[a, b]", "xbxa", true],
    ["f|contains|all", "[a, b]", "xbx", false],
    ["f|contains", "a*c", "xxabbcxx", true],
    ["f|contains", "a*c", "xxcbaxx", false],
    ["f|exists", "true", null, true],
    ["f|exists", "true", undefined, false],
    ["f|exists", "false", undefined, true],
    ["f|neq", "a", "b", true],
    ["f|neq", "a", "A", false],
    ["f|neq", "[a, b]", "b", false],
    ["f|re", "'^a.c$'", "abc", true],
    ["f|re", "'^a.c$'", "ABC", false],
    ["f|re|i", "'^a.c$'", "ABC", true],
    ["f|re", "'b'", "abc", true],
    ["f|re|m", "'^b$'", "a\nb\nc", true],
    ["f|re", "'a.b'", "a\nb", false],
    ["f|re|s", "'a.b'", "a\nb", true],
    ["f|re", "'\\\\w3wp\\.exe$'", "c:\\w3wp.exe", true],
    ["f|lt", "5", 4, true],
    ["f|lte", "5", "5", true],
    ["f|gt", "5", 5, false],
    ["f|gte", "5", 5, true],
    ["f|gt", "5", "many", false],
    ["f|hour|gte", "18", "2025-07-08T19:05:00Z", true],
    ["f|month", "7", "2025-07-08", true],
    ["f|day", "7", "2025-07-08", false],
    ["f|week", "28", "2025-07-08", null],
    ["f|cidr", "10.0.0.0/8", "10.200.1.1", true],
    ["f|cidr", "10.0.0.0/8", "11.0.0.1", false],
    ["f|cidr", "10.0.0.0/8", "10.0.0", false],
    ["f|cidr", "'2001:db8::/32'", "2001:0DB8:1::7", true],
    ["f|cidr", "'2001:db8::/32'", "10.0.0.1", false],
    ["f|windash|contains", "' -enc'", "powershell /enc x", true],
    ["f|windash|contains", "' /enc'", "powershell –enc x", true],
    ["f|windash|contains", "a-b", "a/b", false],
    ["f|base64", "foobar", "Zm9vYmFy", true],
    ["f|base64offset|contains", "foobar", "xxxZm9vYmFyxxx", true],
    ["f|base64offset|contains", "foobar", "eGZvb2Jhcg==", true],
    ["f|base64offset|contains", "foobar", "eHhmb29iYXI=", true],
    ["f|wide|base64offset|contains", "cmd", "YwBtAGQA", true],
    ["f|utf16be|base64", "cmd", "AGMAbQBk", true],
    ["f|utf16|base64", "a", "//5hAA==", true],
    ["f|expand", "'%Servers%'", "x", null],
    ["f|fieldref", "other", "Same", true],
    ["f|fieldref|endswith", "other", "the same", true],
    ["f|fieldref|neq", "other", "same", false],
    ["f|fieldref", "nowhere", "x", false],
]

describe("a value", () => {
    test.each(values)("`%s: %s` against %j: %s", (field, value, held, expected) => {
        const event = { other: "same", ...(held === undefined ? {} : { f: held }) }
        expect(hits(`s:\n    ${field}: ${value}\ncondition: s`, event)).toBe(expected)
    })

    test("is searched in nested objects, and in a key with dots", () => {
        expect(hits("s:\n    a.b: x\ncondition: s", { a: { b: "x" } })).toBe(true)
        expect(hits("s:\n    a.b: x\ncondition: s", { "a.b": "x" })).toBe(true)
        expect(hits("s:\n    constructor.name: Object\ncondition: s", {})).toBe(false)
    })
})

/** A condition over selections that hit where their name begins with `t`. */
const conditions: readonly (readonly [string, boolean])[] = [
    ["t1", true],
    ["f1", false],
    ["t1 and f1", false],
    ["t1 or f1 and f1", true],
    ["(t1 or f1) and f1", false],
    ["not f1 and t1", true],
    ["not (f1 and t1)", true],
    ["not not t1", true],
    ["not t1 or t2", true],
    ["1 of t*", true],
    ["all of t*", true],
    ["all of them", false],
    ["1 of them", true],
    ["1 of f*", false],
    ["all of *1", false],
    ["t1 and not 1 of f*", true],
    ["1 of _*", true],
]

describe("a condition", () => {
    test.each(conditions)("`%s`: %s", (condition, expected) => {
        const names = ["t1", "t2", "f1", "f2", "_t"]
        const list = names.map((name) => `${name}:\n    f: ${/^_?t/.test(name) ? "yes" : "no"}`)
        expect(hits(`${list.join("\n")}\ncondition: ${condition}`, { f: "yes" })).toBe(expected)
    })

    test("may be a list with at least one match", () => {
        expect(hits("a:\n    f: x\nb:\n    f: y\ncondition:\n    - a\n    - b", { f: "y" })).toBe(true)
    })

    test("has JavaScript's operator precedence in any spelling", () => {
        const tree: fc.Memo<string> = fc.memo((n) =>
            n <= 1
                ? fc.constantFrom("t1", "f1")
                : fc.oneof(
                      tree(1),
                      tree(n - 1).map((item) => `not ${item}`),
                      tree(n - 1).map((item) => `(${item})`),
                      fc.tuple(tree(n - 1), fc.constantFrom("and", "or"), tree(n - 1)).map((list) => list.join(" ")),
                  ),
        )
        fc.assert(
            fc.property(tree(5), (condition) => {
                const words: Readonly<Record<string, string>> = {
                    and: "&&",
                    or: "||",
                    not: "!",
                    t1: "true",
                    f1: "false",
                }
                const expected = truth(condition.replaceAll(/\w+/g, (word) => words[word] ?? word))
                const text = `t1:\n    f: yes\nf1:\n    f: no\ncondition: ${condition}`
                expect(hits(text, { f: "yes" })).toBe(expected)
            }),
        )
    })
})

/** `true`, `false`, `!`, `&&`, `||` and brackets, reduced by rewriting. */
function truth(text: string): boolean {
    let rest = text.replaceAll(" ", "")
    for (let before = ""; before !== rest;) {
        before = rest
        rest = rest
            .replace(/\((true|false)\)/, "$1")
            .replace("!true", "false")
            .replace("!false", "true")
        if (rest === before)
            rest = rest.replace(/(true|false)&&(true|false)/, (_, a, b) => String(a === "true" && b === "true"))
        if (rest === before) {
            rest = rest.replace(/(?<=^|\()(true|false)\|\|(true|false)(?=$|\)|\|\|)/, (_, a, b) =>
                String(a === "true" || b === "true"),
            )
        }
    }
    return rest === "true"
}

describe("keywords", () => {
    const event = { a: "the EvilService came", b: { c: ["and more"] } }
    test.each([
        ["s:\n    - evilservice\n    - nothing", true],
        ["s:\n    - nothing", false],
        ["s:\n    '|all':\n        - evil\n        - more", true],
        ["s:\n    '|all':\n        - evil\n        - less", false],
        ["s:\n    '|re':\n        - 'E[a-z]+S'", true],
        ["s:\n    - a: nothing\n    - b.c: 'and more'", true],
    ])("%j: %s", (selection, expected) => {
        expect(hits(`${selection}\ncondition: s`, event)).toBe(expected)
    })
})

const others = join(import.meta.dirname, "../../../../shared/data/sigma")

test.skipIf(!existsSync(others))("real public rules have no issue (needs ../shared/data next to the project)", () => {
    expect(readdirSync(others)).not.toEqual([])
    for (const file of readdirSync(others)) {
        const { rules, issues: findings } = readSigma(readFileSync(join(others, file), "utf8"))
        expect({ file, findings, rules: rules.length }).toEqual({ file, findings: [], rules: 1 })
    }
})

test("any text is checked without an error", () => {
    const near = fc.array(
        fc.constantFrom(
            "title: x\n",
            "detection:\n",
            "    s:\n",
            "        f|re: '(a'\n",
            "    condition: s\n",
            "- ",
            ": ",
            "---\n",
            "\t",
            "é",
        ),
        { maxLength: 30 },
    )
    fc.assert(
        fc.property(
            fc.oneof(
                near.map((list) => list.join("")),
                fc.string({ unit: "binary" }),
            ),
            (text) => {
                const { rules, issues: findings } = readSigma(text)
                expect(rules.length > 0 || findings.length > 0).toBe(true)
                for (const finding of findings) expect(finding.message).not.toMatch(/\n/)
            },
        ),
    )
})

test("a valid rule has no issue", () => {
    expect(codes(rule("s:\n    f: x\ncondition: s"))).toEqual([])
})
