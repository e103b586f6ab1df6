import { describe, expect, test } from "vitest"
import { type ArtifactClass, artifactClasses, polledClasses } from "./artifact.ts"
import { mayHaveCanaries, canaryClasses, canaryIssues } from "./canary-use.ts"
import { validateDraft } from "./actions/validate-artifact.ts"

const codes = (value: ArtifactClass, name: string, content: string, hasZone = true) =>
    canaryIssues({ class: value, name, content }, hasZone).map(({ code, line, column }) => `${line}:${column} ${code}`)

describe("where canaries may appear", () => {
    test.each<[string, ArtifactClass, string, string, string[]]>([
        ["prose", "technical", "a.md", "Ask {{canary:host}}.", []],
        ["steps", "repro", "a.txt", "Ask {{canary:url}}.", []],
        ["code", "poc", "a.py", "host = '{{canary:host}}'", []],
        ["detection rules", "rules", "a.yml", "title: x\ndetection: '{{canary:host}}'", ["2:13 canary.not_here"]],
        ["patterns", "rules", "a.yar", '$a = "{{canary:host}}"', ["1:7 canary.not_here"]],
        ["structured indicators", "indicators", "a.json", '{"ip":"{{canary:address}}"}', ["1:8 canary.not_here"]],
        ["indicators in prose", "indicators", "a.md", "{{canary:address}}", ["1:1 canary.not_here"]],
        ["a published class", "summary", "a.md", "{{canary:host}}", ["1:1 canary.not_here"]],
        ["a polled class", "guidance", "a.md", "{{canary:host}}", ["1:1 canary.not_here"]],
        ["a patch", "patch", "a.txt", "{{canary:host}}", ["1:1 canary.not_here"]],
        ["STIX objects, under any file name", "technical", "a.json", "{{canary:host}}", ["1:1 canary.not_here"]],
        ["an unmarked class", "technical", "a.csv", "{{canary:host}}", ["1:1 canary.not_here"]],
        ["invalid notation", "technical", "a.md", "a {{canary:hots}}", ["1:3 canary.malformed"]],
        ["escaped notation", "rules", "a.yml", "a: \\{{canary:host}}", []],
    ])("%s", (_, value, name, content, expected) => {
        expect(codes(value, name, content)).toEqual(expected)
    })

    test("hosts need a zone; other kinds do not", () => {
        expect(codes("technical", "a.md", "{{canary:host}} {{canary:url}}", false)).toEqual([
            "1:1 canary.no_zone",
            "1:17 canary.no_zone",
        ])
        expect(codes("technical", "a.md", "{{canary:address}} {{canary:credential}} {{canary:hash}}", false)).toEqual(
            [],
        )
    })

    test("sixteen are the limit", () => {
        const many = (count: number) => Array.from({ length: count }, (_, n) => `{{canary:host:n${n}}}`).join("\n")
        expect(codes("technical", "a.md", many(16))).toEqual([])
        expect(codes("technical", "a.md", many(17))).toEqual(["17:1 canary.too_many"])
    })

    test("no published class and no class read by machines may have canaries", () => {
        expect(canaryClasses.filter((canaryClass) => polledClasses.includes(canaryClass))).toEqual([])
        const endings = ["yml", "yaml", "json", "yar", "yara", "rules"]
        const any = artifactClasses.flatMap((artifactClass) =>
            endings.map((ending) => mayHaveCanaries({ class: artifactClass, name: `a.${ending}` })),
        )
        expect(any).not.toContain(true)
    })

    test("a canary elsewhere is an error that stops the release", async () => {
        const draft = {
            class: "rules",
            tlp: "AMBER",
            pap: "AMBER",
            name: "a.rules",
            content: "# {{canary:host}}\n",
        } as const
        const found = await validateDraft(draft, [], true)
        expect(found.filter(({ severity }) => severity === "error").map(({ code }) => code)).toContain(
            "canary.not_here",
        )
    })
})
