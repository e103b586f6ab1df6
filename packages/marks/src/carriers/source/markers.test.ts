import { describe, expect, test } from "vitest"
import { loadParser } from "../../grammars.ts"
import { applyCodeword } from "../carrier.ts"
import { sourceCarrier } from "./carrier.ts"

/** Every copy of a text that has one slot. */
async function copies(language: string, text: string): Promise<string[]> {
    const list = sourceCarrier(language, await loadParser(language)).slots(text)
    const slots = list.filter(({ kind }) => kind.startsWith("marked-"))
    expect(slots).toHaveLength(1)
    return slots.flatMap((slot) => slot.variants.map((_, i) => applyCodeword(text, [slot], [i])))
}

describe("markers of an author", () => {
    test.each([
        ["a range", "python", "x = 3  # mark: 2..4", ["x = 3", "x = 2", "x = 4"]],
        ["a range of a named value", "python", "x = f(3) # mark: port 2..4", ["x = f(3)", "x = f(2)", "x = f(4)"]],
        ["a hexadecimal range", "python", "x = 0x0b # mark: 10..11", ["x = 0x0b", "x = 0xa"]],
        ["one of several", "python", "x = 'a b'  # mark: one of c|a b", ["x = 'a b'", "x = 'c'"]],
        ["one of several numbers", "python", "x = 3 # mark: one of 3|30", ["x = 3", "x = 30"]],
        ["a length", "python", "x = 'ABABA'  # mark: length 4..6", ["x = 'ABABA'", "x = 'ABAB'", "x = 'ABABAB'"]],
        ["a length of bytes", "python", "x = b'AA'  # mark: length 2..3", ["x = b'AA'", "x = b'AAA'"]],
        [
            "an order",
            "python",
            "x = { # mark: order\n  a: b,\n  c: d,\n}",
            ["x = {\n  a: b,\n  c: d,\n}", "x = {\n  c: d,\n  a: b,\n}"],
        ],
        ["an order of a list", "javascript", "x = [a, b] // mark: order", ["x = [a, b]", "x = [b, a]"]],
        ["a number, in a block comment", "javascript", "x = 3 /* mark: 3..4 */;", ["x = 3;", "x = 4;"]],
        ["a number in a shell script", "bash", "sleep 3 # mark: 3..4\n", ["sleep 3\n", "sleep 4\n"]],
        ["a string in a shell script", "bash", 'x="a" # mark: one of a|b\n', ['x="a"\n', 'x="b"\n']],
        ["a number in PowerShell", "powershell", "$x = 3 # mark: 3..4\n", ["$x = 3\n", "$x = 4\n"]],
        ["a string in PowerShell", "powershell", '$x = "a" # mark: one of a|b\n', ['$x = "a"\n', '$x = "b"\n']],
        ["a number in C", "c", "int x = 3; // mark: 3..4\n", ["int x = 3;\n", "int x = 4;\n"]],
        ["a string in C", "c", 'char *x = "a"; // mark: one of a|b\n', ['char *x = "a";\n', 'char *x = "b";\n']],
        ["a number in C#", "csharp", "int x = 3; // mark: 3..4\n", ["int x = 3;\n", "int x = 4;\n"]],
        ["a string in C#", "csharp", 'var x = "a"; // mark: one of a|b\n', ['var x = "a";\n', 'var x = "b";\n']],
        [
            "a number in Go",
            "go",
            "package a\n\nvar x = 3 // mark: 3..4\n",
            ["package a\n\nvar x = 3\n", "package a\n\nvar x = 4\n"],
        ],
        [
            "a string in Go",
            "go",
            'package a\n\nvar x = "a" // mark: one of a|b\n',
            ['package a\n\nvar x = "a"\n', 'package a\n\nvar x = "b"\n'],
        ],
        ["a number in Ruby", "ruby", "x = 3 # mark: 3..4\n", ["x = 3\n", "x = 4\n"]],
        ["a string in Ruby", "ruby", "x = 'a' # mark: one of a|b\n", ["x = 'a'\n", "x = 'b'\n"]],
    ])("%s", async (_, language, text, expected) => {
        expect(await copies(language, text)).toEqual(expected)
    })

    test("give at most 256 values, evenly, the written one first", async () => {
        const values = (await copies("python", "x = 70000  # mark: 1..100000")).map((copy) => Number(copy.slice(4)))
        expect(values).toHaveLength(256)
        expect(values[0]).toBe(70000)
        expect(new Set(values).size).toBe(256)
        expect([Math.min(...values), Math.max(...values)]).toEqual([1, 100000])
    })

    test("allow several markers in one map", async () => {
        const text = "x = {  # mark: order\n    'a': 3,  # mark: 3..4\n    'b': y,\n    'c': z,\n}\n"
        const slots = sourceCarrier("python", await loadParser("python")).slots(text)
        expect(slots.map(({ kind, variants }) => [kind, variants.length])).toEqual([
            ["marked-order", 2],
            ["marked-number", 2],
        ])
        expect(applyCodeword(text, slots, [1, 1])).toBe("x = {\n    'a': 4,\n    'c': z,\n    'b': y,\n}\n")
    })
})

test.each([
    ["an unknown marker", "x = 3  # mark: any"],
    ["a range without a number", "x = y  # mark: 1..4"],
    ["a range with two numbers", "x = 3 + 4  # mark: 1..4"],
    ["a range without the written number", "x = 5  # mark: 1..4"],
    ["a descending range", "x = 3  # mark: 4..1"],
    ["choices without the written one", "x = 'a'  # mark: one of b|c"],
    ["choices with quotes", "x = 'a'  # mark: one of a|b'"],
    ["a length with escapes", "x = 'a\\n'  # mark: length 1..4"],
    ["an order of nothing", "x = 3  # mark: order"],
    ["an order of one", "x = [y]  # mark: order"],
    ["an order with a spread", "x = {**y, 'a': 1}  # mark: order"],
])("refuses %s", async (_, text) => {
    const carrier = sourceCarrier("python", await loadParser("python"))
    expect(() => carrier.slots(text)).toThrow(expect.objectContaining({ code: "mark.marker_unclear" }))
})
