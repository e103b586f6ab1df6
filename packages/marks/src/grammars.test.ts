import { expect, test } from "vitest"
import type { SyntaxNode } from "./carriers/tree.ts"
import { loadParser } from "./grammars.ts"

test.each([
    ["bash", "x=1 # one\n"],
    ["c", "int x = 1; // one\n"],
    ["cpp", "int x = 1; // one\n"],
    ["csharp", "int x = 1; // one\n"],
    ["go", "package a // one\n\nvar x = 1\n"],
    ["javascript", "let x = 1 // one\n"],
    ["powershell", "$x = 1 # one\n"],
    ["python", "x = 1 # one\n"],
    ["ruby", "x = 1 # one\n"],
    ["tsx", "let x = <a>1</a> // one\n"],
    ["typescript", "let x: number = 1 // one\n"],
])("parses %s, and finds its comment", async (language, text) => {
    const parse = await loadParser(language)
    const root = parse(text)
    expect(root.hasError).toBe(false)
    expect(
        flat(root).some((node) => node.type.includes("comment") && /one/.test(text.slice(node.start, node.end))),
    ).toBe(true)
})

test("counts in UTF-16 units for any characters", async () => {
    const parse = await loadParser("python")
    const text = 's = "é😀漢"; count = 1\n'
    const names = flat(parse(text)).filter((node) => node.type === "identifier")
    expect(names.map((node) => text.slice(node.start, node.end))).toEqual(["s", "count"])
})

test("reports unparsed and too deeply nested code", async () => {
    const parse = await loadParser("javascript")
    expect(parse("function (").hasError).toBe(true)
    expect(parse("x = 1 +").hasError).toBe(true)
    expect(parse("(".repeat(3000) + "1" + ")".repeat(3000)).hasError).toBe(true)
})

test("refuses a language without a grammar", () => {
    expect(() => loadParser("cobol")).toThrow("no grammar")
    expect(() => loadParser("constructor")).toThrow("no grammar")
})

function flat(node: SyntaxNode): SyntaxNode[] {
    return [node, ...node.children.flatMap(flat)]
}
