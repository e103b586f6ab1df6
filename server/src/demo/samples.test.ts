import { expect, test } from "vitest"
import { validateDraft } from "../share/artifacts/actions/validate-artifact.ts"
import { readContent } from "./content.ts"
import { samplesOf } from "./samples.ts"
import { demoCases } from "./toolshell.ts"

const artifacts = demoCases.flatMap((demoCase) => demoCase.artifacts)

test.each(artifacts)("$file is valid, and treats its samples as required", async (demoArtifact) => {
    const findings = await validateDraft(
        { ...demoArtifact, content: readContent(demoArtifact.file) },
        samplesOf(demoArtifact.file),
        false,
    )
    expect(findings).toEqual([])
})

test("has samples of both kinds for every Sigma and YARA rule", () => {
    const rules = artifacts.filter((demoArtifact) => demoArtifact.format === "sigma" || demoArtifact.format === "yara")
    expect(rules.length).toBeGreaterThan(3)
    for (const { file } of rules)
        expect([file, samplesOf(file).map((sample) => sample.must)]).toEqual([file, ["hit", "miss"]])
})
