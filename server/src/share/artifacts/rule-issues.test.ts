import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { type ArtifactClass, assertLabelsAgree } from "./artifact.ts"
import { type Sample, validateSample, runSigma, sampleCharsMax } from "./sample.ts"
import { checkDraft } from "./rule-issues.ts"
import { formatOf } from "./format.ts"
import { readSigma } from "@tocsin/rules/sigma"

const draft = (input: { class?: ArtifactClass; name?: string; content: string }) => ({
    class: "technical" as ArtifactClass,
    tlp: "AMBER" as const,
    pap: "AMBER" as const,
    name: "technical.md",
    ...input,
})
const codes = (input: Parameters<typeof draft>[0]) => checkDraft(draft(input)).issues.map((finding) => finding.code)

test.each([
    ["rules", "a.yml", "", "sigma"],
    ["rules", "a.YAML", "", "sigma"],
    ["rules", "a.yar", "", "yara"],
    ["rules", "a.rules", "", "suricata"],
    ["rules", "a.snort.rules", "", "snort"],
    ["rules", "a.b.Snort.RULES", "", "snort"],
    ["rules", "snort.rules", "", "suricata"],
    ["technical", "a.snort.rules", "", "text"],
    ["rules", "a.kql", "", "text"],
    ["guidance", "a.yml", "", "text"],
    ["indicators", "a.json", '{"type": "bundle"}', "stix"],
    ["indicators", "a.json", "{}", "json"],
    ["technical", "a.constructor", "", "text"],
] as const)("%s in `%s` that say %j are %s", (kind, name, content, expected) => {
    expect(formatOf({ class: kind, name, content })).toBe(expected)
})

describe("a draft", () => {
    test.each([
        ["prose", { content: "# About\n\nWords." }, []],
        ["prose under a wrong label", { content: "TLP:RED\n\nWords." }, ["tlp.label_mismatch"]],
        ["an invalid vector", { content: "It is CVSS:3.1/AV:N/AC:L." }, ["cvss.bad_vector"]],
        ["a vector in prose", { content: "It is CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H." }, []],
        ["invalid JSON", { name: "a.json", content: "{" }, ["json.invalid"]],
        [
            "a score that does not match its vector",
            {
                name: "a.json",
                content:
                    `{"cvss": [{"vectorString": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "baseScore": ` +
                    "9.8}]}",
            },
            ["cvss.score_mismatch"],
        ],
        [
            "a score that matches its vector",
            {
                name: "a.json",
                content: `{"vectorString": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "baseScore": 8.8}`,
            },
            [],
        ],
        ["rules of an unknown language", { class: "rules", name: "a.kql", content: "x" }, ["artifact.not_checked"]],
        [
            "a Sigma rule",
            { class: "rules", name: "a.yml", content: "title: x" },
            ["sigma.missing_field", "sigma.no_id"],
        ],
        ["a Suricata rule", { class: "rules", name: "a.rules", content: "alert" }, ["suricata.no_options"]],
        ["a Snort rule", { class: "rules", name: "a.snort.rules", content: "alert" }, ["snort.no_options"]],
        ["a bundle", { name: "a.json", content: '{"type": "bundle"}' }, ["stix.empty_bundle"]],
    ] as const)("in %s", (_, input, expected) => {
        expect([...new Set(codes(input))].toSorted()).toEqual(expected)
    })
})

const stix = (more: string) => `{"type": "bundle", "id": "bundle--1", ${more}}`
const sigma = (more: string) =>
    `title: A\nlogsource: { category: w }\n${more}\ndetection: { s: { f: x }, condition: s }\n`
const yara = (more: string) => `rule a {\n    meta:\n        ${more}\n    condition: true\n}\n`
const suricata = (more: string) => `alert tcp any any -> any 80 (msg:"${more}"; sid:1; rev:1;)\n`
const braces = (name: string, content: string) =>
    checkDraft(draft({ name, content })).issues.flatMap(({ severity, code }) =>
        code === "artifact.braces_left" ? [severity] : [],
    )

describe("notation that copies do not resolve", () => {
    test.each([
        ["a STIX description with an escape", "a.json", stix(String.raw`"description": "A \"b\" {{a|b}}"`)],
        ["a Sigma description in double quotes", "a.yml", sigma("description: 'It''s {{a|b}}'")],
        ["a Sigma description with a backslash", "a.yml", sigma(String.raw`description: "A \x41 {{a|b}}"`)],
        ["a YARA description with an escape", "a.yar", yara(String.raw`description = "A \"b\" {{a|b}}"`)],
        ["a Suricata message with an escape", "a.rules", suricata(String.raw`A\; {{a|b}}`)],
        ["a STIX name", "a.json", stix('"name": "{{a|b}}"')],
        ["a backslash and a slot in JSON", "a.json", stix(String.raw`"name": "\\{{a|b}}"`)],
        ["a Sigma title", "a.yml", sigma("").replace("title: A", "title: A {{a|b}}")],
        ["a Sigma comment", "a.yml", sigma("# {{a|b}}")],
        ["a YARA author", "a.yar", yara('author = "{{a|b}}"')],
        ["a YARA comment", "a.yar", yara("// {{a|b}}\n")],
        ["an HTML block in Markdown", "a.md", "<div>\n{{a|b}}\n</div>\n"],
        ["an HTML attribute in Markdown", "a.md", 'A <b title="{{a|b}}">c</b>.\n'],
        ["a URL in Markdown", "a.md", "[a](<{{a|b}}>)\n"],
        ["indented lines in Markdown", "a.md", "A:\n\n    {{a|b}}\n"],
        ["two lines in Markdown", "a.md", "A {{a|\nb}}.\n"],
        ["a comment in Python", "a.py", "x = 1  # {{a|b}}\n"],
        ["a docstring", "a.py", 'def f():\n    """It is {{a|b}}."""\n'],
        ["a comment in JavaScript", "a.js", 'f("//") // {{a|b}}\n'],
        ["a block comment in C", "a.c", "/* a\n * {{a|b}}\n */\n"],
        ["a comment in Rust", "a.rs", "// {{a|b}}\n"],
        ["a block comment in Ruby", "a.rb", "=begin\n{{a|b}}\n=end\n"],
        ["a zero-width character in a comment", "a.go", "// a{{zero-width}}\n"],
        ["an invalid value in Python", "a.py", "x = {{=port:1}}\n"],
        ["an invalid value in Markdown code", "a.md", "`{{=port:1}}`\n"],
        ["an unmarked class", "a.csv", "a,{{b|c}}\n"],
        ["an HTML page", "a.html", "<p>{{a|b}}</p>\n"],
        ["a value in an HTML page", "a.html", "<p>{{=port:20000-20255}}</p>\n"],
        ["a form over two lines of reStructuredText", "a.rst", "It {{is\nnot|was}}.\n"],
        ["a value in AsciiDoc", "a.adoc", "{{=port:20000-20255}}\n"],
        ["a value in an unmarked language", "a.rs", "let x = {{=port:20000-20255}};\n"],
        ["a zero-width character in a table", "a.csv", "a{{zero-width}}\n"],
        ["a form with braces inside", "a.md", "It {{is|{was}}} so.\n"],
        ["an unclosed slot", "a.md", "It {{is|was so.\n"],
        ["a slot with one closing brace", "a.md", "It {{is|was} so.\n"],
        ["an unclosed value", "a.csv", "{{=port:1-5},b\n"],
    ])("is an error in %s", (_, name, content) => {
        expect(braces(name, content)).toEqual(["error"])
    })

    test.each([
        ["a fence", "a.md", "```\n{{a|b}} {{=x}} {{zero-width}}\n```\n"],
        ["a code span", "a.md", "It is `{{ name | upper }}`.\n"],
        ["a fence in a list", "a.md", "- a\n\n  ~~~\n  {{a|b}}\n  ~~~\n"],
        ["Go", "a.go", "var x = [][]int{{A|B}}\n"],
        ["a string in Python", "a.py", 'x = f"# {{a|b}}" + "it\'s {{c|d}}"\n'],
        ["a patch", "a.patch", "-{{ a | b }}\n+{{ a }}\n"],
    ])("is a warning in the code of %s", (_, name, content) => {
        expect(braces(name, content)).toEqual(["warning"])
    })

    test.each([
        ["an escaped slot", "a.md", String.raw`It is \{{a|b}} and \\\{{a|b}}.`],
        ["an escaped slot in a page", "a.html", String.raw`<p>\{{a|b}}</p>`],
        ["a JSON escape of a brace", "a.json", stix(String.raw`"name": "\u007b{a|b}}"`)],
        ["a backslash before a slot", "a.md", String.raw`It is \\{{note|message}}.`],
        ["a backslash before a slot, in a string", "a.txt", String.raw`It is \\{{note|message}} {{=n:1-2}}.`],
        ["template braces", "a.yml", "body: '{{BaseURL}}/x'\n"],
        ["nested braces in code", "a.md", "```\nint x[][2] = {{1|2, {3}}};\n```\n"],
        ["nested braces without forms", "a.csv", "{{a,{b}}}\n"],
        ["an unclosed escaped slot", "a.md", String.raw`It is \{{a|b.`],
    ])("is not %s", (_, name, content) => {
        expect(braces(name, content)).toEqual([])
    })

    test.each(["`", '"', '"""', "/*"])("is found after a text of any length that %s opens", (opening) => {
        const long = `x = ${opening}${"ab\\\\n".repeat(200_000)}\n{{a|b}}\n`
        for (const name of ["a.js", "a.py"]) expect(braces(name, long), name).toHaveLength(1)
    })

    test("is reported with its place and a replacement", () => {
        const { issues: findings } = checkDraft(draft({ name: "a.csv", content: "a\nb,{{b|c}}\n" }))
        expect(findings).toMatchObject([{ line: 2, column: 3, message: expect.stringContaining("`\\{{`") }])
    })
})

const rule = `title: A Rule
logsource:
    category: webserver
detection:
    s:
        f: x
    condition: s
`
const { rules } = readSigma(rule)
const run = (must: Sample["must"], content: string, base64 = false) =>
    runSigma(rules, [{ name: "s", must, content, base64 }]).map((finding) => finding.code)

describe("a sample", () => {
    test.each([
        ["hit", `{"f": "x"}`, []],
        ["hit", `[{"f": "x"}, {"f": "X"}]`, []],
        ["hit", `{"f": "x"}\n{"f": "x"}\n`, []],
        ["hit", `{"f": "x"}\n{"f": "y"}\n`, ["artifact.sample_missed"]],
        ["miss", `{"f": "y"}`, []],
        ["miss", `{"f": "y"}\n{"f": "x"}\n`, ["artifact.sample_hit"]],
        ["miss", "no JSON", ["artifact.sample_not_json"]],
        ["miss", "7", ["artifact.sample_not_json"]],
        ["miss", "[]", ["artifact.sample_not_json"]],
        ["miss", `{"f": 1, "f": 2}`, ["artifact.sample_not_json"]],
        ["miss", `{"f":`.repeat(10_000), ["artifact.sample_not_json"]],
        ["miss", "{}\n".repeat(1001), ["artifact.sample_not_json"]],
    ] as const)("that must %s", (must, content, expected) => {
        expect(run(must, content)).toEqual(expected)
    })

    test("that cannot run is reported", () => {
        const open = readSigma(rule.replace("f: x", "f|expand: '%Servers%'")).rules
        const sample = { name: "s", must: "hit", content: "{}", base64: false } as const
        expect(runSigma(open, [sample]).map((finding) => `${finding.severity} ${finding.code}`)).toEqual([
            "warning artifact.sample_not_run",
        ])
    })

    test.each([
        ["no name", { name: " " }],
        ["a name of two lines", { name: "a\nb" }],
        ["a name with direction controls", { name: "a\u202eb" }],
        ["no content", { content: "" }],
        ["too much content", { content: "x".repeat(sampleCharsMax + 1) }],
        ["invalid Base64", { content: "abc", base64: true }],
    ])("with %s is refused", (_, input) => {
        const sample = { name: "s", must: "hit", content: "x", base64: false, ...input } as const
        expect(() => validateSample(sample)).toThrow(Refusal)
    })
})

test("contradicting labels are refused", () => {
    expect(() => assertLabelsAgree({ tlp: "RED", pap: "GREEN" })).toThrow(/acting in sight/)
    assertLabelsAgree({ tlp: "AMBER+STRICT", pap: "GREEN" })
})
