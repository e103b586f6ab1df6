import { expect, test } from "vitest"
import { validate } from "../share/artifacts/actions/validate-artifact.ts"
import { readContent } from "./content.ts"
import { corpusOf } from "./corpus.ts"
import { demoCases } from "./toolshell.ts"

const artifacts = demoCases.flatMap((demoCase) => demoCase.artifacts)

test.each(artifacts)("$file is valid, and treats its samples as required", async (demoArtifact) => {
    const findings = await validate(
        { ...demoArtifact, content: readContent(demoArtifact.file) },
        corpusOf(demoArtifact.file),
        false,
    )
    expect(findings).toEqual([])
})

test("has samples of both kinds for every Sigma and YARA rule", () => {
    const rules = artifacts.filter((demoArtifact) => demoArtifact.format === "sigma" || demoArtifact.format === "yara")
    expect(rules.length).toBeGreaterThan(3)
    for (const { file } of rules)
        expect([file, corpusOf(file).map((sample) => sample.must)]).toEqual([file, ["hit", "miss"]])
})
