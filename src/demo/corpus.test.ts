import { expect, test } from "vitest"
import { validate } from "../share/artifacts/actions/validation.ts"
import { readContent } from "./content.ts"
import { corpusOf } from "./corpus.ts"
import { demoCases } from "./toolshell.ts"

const artifacts = demoCases.flatMap((one) => one.artifacts)

test.each(artifacts)("$file is well, and does to its samples what it must", async (its) => {
    const findings = await validate({ ...its, content: readContent(its.file) }, corpusOf(its.file), false)
    expect(findings).toEqual([])
})

test("every rule of Sigma and YARA has samples of both kinds", () => {
    const rules = artifacts.filter((one) => one.format === "sigma" || one.format === "yara")
    expect(rules.length).toBeGreaterThan(3)
    for (const { file } of rules) expect([file, corpusOf(file).map((one) => one.must)]).toEqual([file, ["hit", "miss"]])
})
