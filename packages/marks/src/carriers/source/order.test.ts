import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { beforeAll, describe, expect, test } from "vitest"
import { runnerOf } from "../../../../../test/support/programs.ts"
import { loadParser } from "../../grammars.ts"
import { type Slot, applyCodeword } from "../carrier.ts"
import { sourceCarrier } from "./carrier.ts"
import type { Parse } from "../tree.ts"

const languages = ["bash", "c", "csharp", "go", "javascript", "powershell", "python", "ruby", "typescript"]
const parsers = new Map<string, Parse>()
beforeAll(async () => {
    for (const language of languages) parsers.set(language, await loadParser(language))
})

const slotsOf = (language: string, code: string): Slot[] =>
    sourceCarrier(language, parsers.get(language) as Parse).slots(code)

/** The code with its statements or branches in each other order, everything else as it was. */
function history(language: string, code: string): string[] {
    const slots = slotsOf(language, code).filter(({ kind }) => /^(statement|branch)-order$/.test(kind))
    return slots.flatMap((slot) => slot.variants.slice(1).map((_, i) => applyCodeword(code, [slot], [i + 1])))
}

const py = (...lines: string[]): string => `def f(given):\n${lines.map((line) => `    ${line}\n`).join("")}`
const js = (...lines: string[]): string => `function f(given) {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`
const goFunction = (...lines: string[]): string =>
    `package main\n\nfunc f(given string) {\n${lines.map((line) => `\t${line}\n`).join("")}}\n`
const c = (...lines: string[]): string => `int f(int given) {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`
const cs = (...lines: string[]): string =>
    `class A {\n    void F() {\n${lines.map((line) => `        ${line}\n`).join("")}    }\n}\n`
const rubyFunction = (...lines: string[]): string =>
    `def f(given)\n${lines.map((line) => `  ${line}\n`).join("")}  given\nend\n`
const sh = (...lines: string[]): string => `#!/bin/bash\nf() {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`
const ps = (...lines: string[]): string => `function F {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`

describe("statements can change places", () => {
    test.each<[string, (...lines: string[]) => string, string[], string[]]>([
        ["python", py, ["a = 1", 'b = "x"'], ['b = "x"', "a = 1"]],
        ["python", py, ["a = 1", "b = print(given)"], ["b = print(given)", "a = 1"]],
        ["python", py, ["a = given", "print(2)"], ["print(2)", "a = given"]],
        ["javascript", js, ["const a = 1", "given()"], ["given()", "const a = 1"]],
        ["javascript", js, ["const a = 1;", "const b = [];"], ["const b = [];", "const a = 1;"]],
        ["typescript", js, ["let a = -1", "const b = new Map()"], ["const b = new Map()", "let a = -1"]],
        ["go", goFunction, ["a := 1", "b := g()"], ["b := g()", "a := 1"]],
        ["c", c, ["int a = 1;", "g(given);"], ["g(given);", "int a = 1;"]],
        ["csharp", cs, ["int a = 1;", "G();"], ["G();", "int a = 1;"]],
        ["ruby", rubyFunction, ["a = 1", "puts(given)"], ["puts(given)", "a = 1"]],
        ["bash", sh, ["local a=1", 'local b="$1"'], ['local b="$1"', "local a=1"]],
        ["powershell", ps, ["$a = 1", "$b = 'x'"], ["$b = 'x'", "$a = 1"]],
    ])("%s: %#", (language, wrap, lines, others) => {
        expect(history(language, wrap(...lines))).toEqual([wrap(...others)])
    })
})

describe("statements stay where they are", () => {
    test.each<[string, string, string]>([
        ["when one reads what the other writes", "python", py("a = 1", "b = a")],
        ["when both have unknown effects", "python", py("a = g()", "b = h()")],
        [
            "when a handler could observe the order",
            "python",
            py("try:", "    a = 1", "    g()", "except E:", "    print(a)"),
        ],
        ["when a destructor could have effects", "python", py("a = g()", "g(a)", "", "a = None", "g()")],
        ["when a comment is about one", "python", py("# the first", "a = 1", 'b = "x"')],
        ["when an empty line separates them", "python", py("a = 1", "", 'b = "x"')],
        ["when they differ only by names", "python", py("a = []", "b = []")],
        ["when they share a name", "python", py("global a", "a = 1", "g()")],
        ["when an inner function uses the name", "python", py("def h(): return a", "a = 1", "h()")],
        ["when text may contain the name", "python", py("a = 1", 'g("a")')],
        ["when a value is not plain", "python", py("a = given + 1", "g()")],
        ["when a property may have effects", "javascript", js("const a = given.b", "g()")],
        ["when an inner function uses the name", "javascript", js("const h = () => a", "const a = 1", "h()")],
        ["when a line could continue into the next", "javascript", js("const a = 1", "[given].map(g)")],
        ["when one line ends differently", "javascript", js("const a = 1", "g();")],
        ["when the parameters are read as a whole", "javascript", js("given = 1", "g(arguments)")],
        ["when an address is taken", "go", goFunction("a := 1", "h(&a)", "a = 2", "g()")],
        ["when a panic is caught", "go", goFunction("defer func() { recover() }()", "a := 1", "g()", "print(a)")],
        ["when a jump skips one", "c", c("goto end;", "int a = 1;", "g();", "end: return a;")],
        ["when a macro may read it", "c", c("int a = 1;", "SHOW(1);", "return a;")],
        ["when an address is taken", "c", c("int a = 1;", "g(given);", "h(&a);", "a = 2;", "g(given);")],
        ["when one waits", "csharp", cs("int a = 1;", "await G();")],
        ["when the last value is returned", "ruby", "def f\n  a = 1\n  b = 'x'\nend\n"],
        ["when a rescue could observe the order", "ruby", "def f\n  a = 1\n  g(2)\n  2\nrescue E\n  a\nend\n"],
        ["when a called function reads the caller's names", "bash", sh("local a=1", "g")],
        ["when a command runs for the value", "bash", sh("local a=1", 'local b="$(g)"')],
        ["when a name is declared as a number", "bash", sh("local -i a", "a=1", 'b="x"')],
        ["when a called function reads the caller's names", "powershell", ps("$a = 1", "$b = Get-It")],
        ["when a type may refuse the value", "powershell", ps("[int]$a = 0", "$a = 1", "$b = 'x'")],
    ])("%s (%s)", (_, language, code) => {
        expect(history(language, code)).toEqual([])
    })
})

/** An `if` of two branches, as each language writes it. */
const ifs: Readonly<Record<string, (condition: string, item: string, two: string) => string>> = {
    python: (condition, item, two) => `if ${condition}:\n    ${item}\nelse:\n    ${two}\n`,
    javascript: (condition, item, two) => `if (${condition}) {\n    ${item}\n} else {\n    ${two}\n}\n`,
    ruby: (condition, item, two) => `if ${condition}\n  ${item}\nelse\n  ${two}\nend\n`,
    bash: (condition, item, two) => `if ${condition}; then\n    ${item}\nelse\n    ${two}\nfi\n`,
    powershell: (condition, item, two) => `if (${condition}) {\n    ${item}\n} else {\n    ${two}\n}\n`,
    go: (condition, item, two) => goFunction(`if ${condition} {`, `\t${item}`, "} else {", `\t${two}`, "}"),
    c: (condition, item, two) => c(`if (${condition}) {`, `    ${item}`, "} else {", `    ${two}`, "}"),
    csharp: (condition, item, two) => cs(`if (${condition}) {`, `    ${item}`, "} else {", `    ${two}`, "}"),
}

describe("branches can change places", () => {
    test.each<[string, string, string | null]>([
        ["python", "a == 1", "a != 1"],
        ["python", "a is None", "a is not None"],
        ["python", "a not in b", "a in b"],
        ["python", "not a", "a"],
        ["python", "a.b(c)", "not a.b(c)"],
        ["python", "len(a) > len(b)", "len(a) <= len(b)"],
        ["python", "a < 1", null],
        ["python", "a and b", null],
        ["python", "(a := b)", null],
        ["javascript", "a === 1", "a !== 1"],
        ["javascript", "!a", "a"],
        ["javascript", "!(a && b)", "a && b"],
        ["javascript", "a.b", "!a.b"],
        ["javascript", "a < 1", null],
        ["javascript", "a = b", null],
        ["ruby", "a == 1", "a != 1"],
        ["ruby", "a.nil?", "!a.nil?"],
        ["ruby", "a =~ b", null],
        ["ruby", "a < 1", null],
        ["bash", '[ "$a" = b ]', '! [ "$a" = b ]'],
        ["bash", "! grep -q a b", "grep -q a b"],
        ["bash", "a | b", "! a | b"],
        ["bash", "a && b", null],
        // A comparison picks from a list: `@(1, 2) -eq 1` is true and so is `@(1, 2) -ne 1`.
        ["powershell", "$a -eq 1", "-not ($a -eq 1)"],
        ["powershell", "$a", "-not $a"],
        ["powershell", "Test-Path a", null],
        ["powershell", "$a = 1", null],
        ["go", "err != nil", "err == nil"],
        ["go", "ok", "!ok"],
        ["go", "a < b", null],
        ["go", "a := b; a", null],
        ["c", "a == 1", "a != 1"],
        ["c", "strlen(a) < strlen(b)", "strlen(a) >= strlen(b)"],
        ["c", "a < 1", null],
        ["c", "CHECK(a)", null],
        ["csharp", "a == 1", "a != 1"],
        ["csharp", "A.B(c, out d)", null],
        ["csharp", "a is string", null],
        ["csharp", "a < 1", null],
    ])("%s: %j to %j", (language, condition, other) => {
        const wrap = ifs[language] as (condition: string, item: string, two: string) => string
        const end = /^(c|csharp)$/.test(language) ? ";" : ""
        const [item, two] = [`x(1)${end}`, `y(2)${end}`]
        const found = history(language, wrap(condition, item, two))
        expect(found).toEqual(other === null ? [] : [wrap(other, two, item)])
    })

    test.each<[string, string, string]>([
        ["three branches", "python", "if a == 1:\n    x()\nelif b:\n    y()\nelse:\n    z()\n"],
        ["three branches", "javascript", "if (a === 1) {\n    x()\n} else if (b) {\n    y()\n} else {\n    z()\n}\n"],
        ["with a comment between", "python", "if a == 1:\n    x()\n# else\nelse:\n    y()\n"],
        ["with functions inside", "javascript", "if (a === 1) {\n    function x() {}\n} else {\n    y()\n}\n"],
        [
            "when the file redefines `==`",
            "python",
            "class A:\n    def __eq__(self, b): pass\nif a == 1:\n    x()\nelse:\n    y()\n",
        ],
        ["when the status of a test is read", "bash", "if a; then\n    x $?\nelse\n    y $?\nfi\n"],
        ["when they define a variable one after the other", "ruby", "if a == 1\n  b = 1\nelse\n  c(b)\nend\n"],
    ])("but not %s (%s)", (_, language, code) => {
        expect(history(language, code)).toEqual([])
    })
})

const files = [
    ["bash", "turns.sh"],
    ["c", "turns.c"],
    ["csharp", "Turns.cs"],
    ["go", "turns.go"],
    ["javascript", "turns.js"],
    ["powershell", "turns.ps1"],
    ["python", "turns.py"],
    ["ruby", "turns.rb"],
] as const

describe.each(files)("%s: %s", (language, file) => {
    const master = readFileSync(`test/fixtures/source/turns/${file}`, "utf8")
    const run = runnerOf(language, file)

    test("has reorderings, each of which parses", () => {
        const found = history(language, master)
        expect(found.length).toBeGreaterThan(2)
        for (const copy of found) expect(parsers.get(language)?.(copy).hasError).toBe(false)
    })

    test.skipIf(run === null)(
        "behaves the same with each reordering and with any combined",
        { timeout: 300_000 },
        () => {
            const expected = run?.(master)
            for (const copy of history(language, master)) expect(run?.(copy)).toBe(expected)
            const slots = slotsOf(language, master)
            const words = fc.tuple(...slots.map(({ variants }) => fc.nat(variants.length - 1)))
            const check = fc.property(words, (word) => {
                expect(run?.(applyCodeword(master, slots, word))).toBe(expected)
            })
            const ends = [0, 255].map((most) => slots.map(({ variants }) => Math.min(most, variants.length - 1)))
            fc.assert(check, { numRuns: 12, examples: ends.map((word): [number[]] => [word]) })
        },
    )
})
