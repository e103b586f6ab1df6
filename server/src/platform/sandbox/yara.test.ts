import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { checkYara, yaraLimits } from "./yara.ts"

const rule = (condition: string, strings = "") => `rule a {${strings} condition: ${condition} }`

async function codes(rules: string): Promise<string[]> {
    const { issues: findings } = await checkYara(rules, [], { ...yaraLimits, timeMs: 20_000 })
    return findings.map((finding) => `${finding.severity} ${finding.line}:${finding.column} ${finding.code}`)
}

test("rules run over samples, and each sample lists the rules that matched", async () => {
    const rules = `${rule("$a", ' strings: $a = "needle" nocase')}\nrule b { condition: filesize == 3 }`
    const samples = ["a NEEDLE here", "xyz", "nothing"].map((item) => Buffer.from(item))
    expect(await checkYara(rules, samples)).toEqual({ issues: [], matched: [["a"], ["b"], []] })
})

test("samples may be binary", async () => {
    const yaraVerdict = await checkYara(rule("$a", " strings: $a = { 00 ff fe }"), [new Uint8Array([7, 0, 255, 254])])
    expect(yaraVerdict.matched).toEqual([["a"]])
})

describe("an error is reported with its place", () => {
    test.each([
        ["an incomplete rule", "rule a {", ["error 1:9 yara.e001"]],
        ["an undefined name", `\n${rule("tru")}`, ["error 2:21 yara.e009"]],
        ["a repeated rule", `${rule("filesize > 1")}\n${rule("filesize > 2")}`, ["error 2:6 yara.e012"]],
        ["an unused string", rule("filesize > 1", ' strings: $a = "needle"'), ["error 1:19 yara.e022"]],
        ["a condition that is always true", rule("true"), ["warning 1:21 yara.invariant_expr"]],
        ["another file", 'include "x.yar"\nrule a { condition: filesize > 1 }', ["error 1:1 yara.include"]],
        ["a module that writes", 'import "console"\nrule a { condition: console.log("x") }', ["error 1:1 yara.module"]],
        [
            "a module behind a comment",
            'import /* x */ "vt"\nrule a { condition: filesize > 1 }',
            ["error 1:1 yara.module"],
        ],
        ["no rule at all", "// rule a { condition: true }", ["error 1:1 yara.empty"]],
        ["too many rules", " ".repeat(300_000), ["error 1:1 yara.too_large"]],
    ])("%s", async (_, rules, expected) => {
        expect(await codes(rules)).toEqual(expected)
    })

    test.each([
        ["a module that reads the sample", 'import "pe"\nrule a { condition: pe.is_pe }'],
        ["`include` in a text", rule("$a", ' strings: $a = "include import \\"console\\""')],
        ["`include` in a pattern", rule("$a", ' strings: $a = /include "x\\/" import "y"/')],
        ["`include` in a comment", `/* include "x" */ ${rule("filesize > 1")}`],
    ])("and not because of %s", async (_, rules) => {
        expect((await codes(rules)).filter((code) => code.startsWith("error"))).toEqual([])
    })
})

test.each([
    ["never ends", rule("for all i in (0..100000000000) : (i >= 0)")],
    ["searches for a string that is everywhere", rule("$a", " strings: $a = /(a+)+$/")],
])("a rule that %s is ended", async (_, rules) => {
    const sample = Buffer.from(`${"a".repeat(200_000)}b`)
    const { issues: findings, matched } = await checkYara(rules, [sample], { ...yaraLimits, timeMs: 1500 })
    expect(findings.map((finding) => finding.code)).toEqual(["yara.time"])
    expect(matched).toBe(null)
})

const others = join(import.meta.dirname, "../../../../../shared/data/yara")

test.skipIf(!existsSync(others))("real public rules compile (needs ../shared/data next to the project)", async () => {
    expect(readdirSync(others)).not.toEqual([])
    for (const file of readdirSync(others)) {
        const errors = (await codes(readFileSync(join(others, file), "utf8"))).filter((code) =>
            code.startsWith("error"),
        )
        expect({ file, errors }).toEqual({ file, errors: [] })
    }
})
