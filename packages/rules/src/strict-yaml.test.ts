import * as fc from "fast-check"
import { expect, test } from "vitest"
import { stringify } from "yaml"
import { jsonPositions } from "@tocsin/formats/json-positions"
import { type YamlNode, readYaml } from "./strict-yaml.ts"

function plain(node: YamlNode | undefined): unknown {
    if (node === undefined || node.kind === "scalar") return node?.value
    if (node.kind === "list") return node.items.map(plain)
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]))
}

const leaf = fc.oneof(fc.string({ unit: "grapheme-ascii" }), fc.integer(), fc.boolean(), fc.constant(null))
const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
        { depthSize: "small", maxDepth: 5 },
        leaf,
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie("tree"), { maxKeys: 4 }),
    ),
}))

test("written YAML is read back", () => {
    fc.assert(
        fc.property(tree, (value) => {
            const { documents, issues: findings } = readYaml(stringify({ value }, { lineWidth: 0 }))
            expect(findings).toEqual([])
            expect(plain(documents[0])).toEqual({ value })
        }),
    )
})

test.each([
    ["a: 1\nb:\n    - x\n    - yes\n", { a: 1, b: ["x", "yes"] }],
    ["a: 0x10\nb: 010\nc: 1.5\nd: ~\ne: 2025-07-08\n", { a: 16, b: 10, c: 1.5, d: null, e: "2025-07-08" }],
    ["a: |\n    two\n    lines\n", { a: "two\nlines\n" }],
])("%j", (text, expected) => {
    expect(plain(readYaml(text).documents[0])).toEqual(expected)
})

test.each([
    ["a: &x 1", "yaml.alias"],
    ["a: *x", "yaml.alias"],
    ["a: !!js/function x", "yaml.tag"],
    ["<<: {a: 1}", "yaml.bad_key"],
    ["? [a]\n: 1", "yaml.bad_key"],
    ["__proto__: 1", "yaml.bad_key"],
    ["a: 1\na: 2", "yaml.invalid"],
    ["a: 'x", "yaml.invalid"],
    ["\ta: 1", "yaml.invalid"],
    ["%YAML 1.1\n---\na: 1", "yaml.invalid"],
    ["a: .inf", "yaml.bad_number"],
    ["a: 9007199254740993", "yaml.bad_number"],
    ["a: \ud800", "yaml.invalid"],
])("%j is refused", (text, expected) => {
    expect(readYaml(text).issues.map((finding) => finding.code)).toContain(expected)
    expect(readYaml(text).documents).toEqual([])
})

test("every value of a JSON text has its place", () => {
    const check = (
        value: unknown,
        way: readonly (string | number)[],
        text: string,
        at: ReturnType<typeof jsonPositions>,
    ) => {
        const written = JSON.stringify(value)
        const first = typeof value === "object" && value !== null ? written.slice(0, 1) : written
        expect(text.slice(at(way)).startsWith(first)).toBe(true)
        if (Array.isArray(value)) for (const [n, item] of value.entries()) check(item, [...way, n], text, at)
        else if (typeof value === "object" && value !== null) {
            for (const [key, item] of Object.entries(value)) check(item, [...way, key], text, at)
        }
    }
    fc.assert(
        fc.property(tree, fc.nat(3), (value, spaces) => {
            const text = JSON.stringify({ value }, null, spaces)
            check({ value }, [], text, jsonPositions(text))
        }),
    )
})
