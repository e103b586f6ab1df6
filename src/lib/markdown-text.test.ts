import * as fc from "fast-check"
import { expect, test } from "vitest"
import { readContent } from "../demo/content.ts"
import { copyText } from "./carriers/resolved.ts"
import { example } from "../../test/advisories/any.ts"
import { cveRecord } from "./cve.ts"
import { markdownText } from "./markdown-text.ts"

type Loose = ReturnType<typeof JSON.parse>
const cna = { orgId: "6a1f1bd2-6d3c-4a52-9d27-0c5d8e1f2a3b", shortName: "example" }
const [vulnerability] = example.vulnerabilities

test.each([
    ["# In short\n\nWho is *signed in*\ncan run **code**.\n", "Who is signed in can run code."],
    [
        "It is `x` in [the page](https://a.example/) and <https://b.example/>.",
        "It is x in the page (https://a.example/) and https://b.example/.",
    ],
    ["- one\n- two\n  - three\n\n1. a\n2. b\n", "- one\n- two\n  - three\n\n1. a\n2. b"],
    ["> quoted\n\n---\n\n| a | b |\n|---|---|\n| 1 | `2` |\n", "quoted\n\na, b\n1, 2"],
    ["```\nx = 1\n```\n![a picture](b.png)\n", "x = 1\n\na picture"],
    ["# Only a heading\n", ""],
])("%j is read as %j", (markdown, text) => {
    expect(markdownText(markdown)).toBe(text)
})

test("any text is read, and nothing is thrown", () => {
    fc.assert(
        fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => typeof markdownText(text) === "string"),
    )
})

test("the description of a CVE record is a description, and no page of Markdown", () => {
    const summary = copyText(
        `${readContent("toolshell/summary.md")}\n## What to do\n\n- **Update**, see [this](https://a.example/).\n`,
    )
    const record = cveRecord({ ...example, summary }, vulnerability ?? { cve: "", cwe: "", vector: "" }, cna) as Loose
    const [{ value }] = record.containers.cna.descriptions
    expect(value).not.toMatch(/^#|\n#|\*\*|\]\(|`/)
    expect(value).toContain("- Update, see this (https://a.example/).")
})

test("a summary of nothing but headings gives what the facts say", () => {
    const record = cveRecord(
        { ...example, summary: copyText("# A\n") },
        vulnerability ?? { cve: "", cwe: "", vector: "" },
        cna,
    ) as Loose
    expect(record.containers.cna.descriptions[0].value).toContain("Code injection in Example Server (CVE-2025-10001")
})
