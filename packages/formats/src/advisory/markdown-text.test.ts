import * as fc from "fast-check"
import { expect, test } from "vitest"
import { readContent } from "../../../../server/src/demo/content.ts"
import { copyText } from "@tocsin/marks/carriers/resolved-text"
import { example } from "../../../../test/advisories/any.ts"
import { cveRecord } from "../cve/record.ts"
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
    ["```\nx = 1\n```\n![a picture](b.png)\n", "a picture"],
    ['<!-- hidden -->\n\nA <b title="x">b</b>.\n', "A b."],
    ["# Only a heading\n", ""],
])("%j is read as %j", (markdown, text) => {
    expect(markdownText(markdown)).toBe(text)
})

test("any text is read without an error", () => {
    fc.assert(
        fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => typeof markdownText(text) === "string"),
    )
})

const bare = { cve: "", cwe: "", vector: "", products: [] }
const described = (summary: string): string => {
    const record = cveRecord({ ...example, summary: copyText(summary) }, vulnerability ?? bare, cna) as Loose
    return record.containers.cna.descriptions[0].value
}

test("the description of a CVE record is about that vulnerability, without Markdown", () => {
    const page =
        `# In short\n\nThis note is for all.\n\n## One\n\n**CVE-2025-10001** lets *anyone* ` +
        `[run](https://a.example/) \`code\`.\n\nCVE-2025-100011 and CVE-2025-10002 are others.\n`
    expect(described(page)).toMatch(
        new RegExp(
            String.raw`^Code injection in Example Server\. Improper Control of Generation of Code .*` +
                String.raw` \(CWE-94\) in Acme .*` +
                String.raw` before 16\.0\.1.*\.\n\nCVE-2025-10001 lets anyone run \(https://a\.example/\) code\.$`,
        ),
    )
})

test("a description has the list items and table rows that name the vulnerability", () => {
    const list = `It is:\n\n- CVE-2025-10001 lets anyone\n  run code\n- CVE-2025-10002 shows files\n- neither\n`
    expect(described(list)).toMatch(/\.\n\nCVE-2025-10001 lets anyone run code$/)
    expect(described(`1. CVE-2025-10002 is first\n2. CVE-2025-10001 is second\n`)).toMatch(
        /\.\n\nCVE-2025-10001 is second$/,
    )
    expect(described(`| a | b |\n|---|---|\n| CVE-2025-10001 | 1 |\n| CVE-2025-10002 | 2 |\n`)).toMatch(
        /\.\n\nCVE-2025-10001, 1$/,
    )
    expect(described("- CVE-2025-10001 is one\n- more of it\n")).toMatch(/\.\n\n- CVE-2025-10001 is one\n- more of it$/)
})

test("a description has the facts when the summary does not mention the vulnerability", () => {
    expect(described("# A\n\nNothing.\n")).toMatch(/^Code injection in Example Server\. .*\(CWE-94\).*\.$/)
    expect(described(readContent("toolshell/summary.md"))).not.toMatch(/\n|#|\{\{/)
})
