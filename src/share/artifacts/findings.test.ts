import { describe, expect, test } from "vitest"
import { Refusal } from "../../lib/refusal.ts"
import { type ArtifactClass, mustAgree } from "./artifact.ts"
import { type Sample, mustBeSample, runSigma, sampleCharsMax } from "./corpus.ts"
import { judge } from "./findings.ts"
import { formatOf } from "./format.ts"
import { readSigma } from "../../lib/rules/sigma.ts"

const draft = (its: { class?: ArtifactClass; name?: string; content: string }) => ({
    class: "technical" as ArtifactClass,
    tlp: "AMBER" as const,
    pap: "AMBER" as const,
    name: "technical.md",
    ...its,
})
const codes = (its: Parameters<typeof draft>[0]) => judge(draft(its)).findings.map((one) => one.code)

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
        ["prose under another label", { content: "TLP:RED\n\nWords." }, ["tlp.other_label"]],
        ["a vector that is none", { content: "It is CVSS:3.1/AV:N/AC:L." }, ["cvss.bad_vector"]],
        ["a vector in prose", { content: "It is CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H." }, []],
        ["JSON that is none", { name: "a.json", content: "{" }, ["json.invalid"]],
        [
            "a score beside another vector",
            {
                name: "a.json",
                content: `{"cvss": [{"vectorString": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8}]}`,
            },
            ["cvss.other_score"],
        ],
        [
            "a score beside its vector",
            {
                name: "a.json",
                content: `{"vectorString": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "baseScore": 8.8}`,
            },
            [],
        ],
        [
            "rules of a language that is not known",
            { class: "rules", name: "a.kql", content: "x" },
            ["artifact.not_checked"],
        ],
        [
            "a rule of Sigma",
            { class: "rules", name: "a.yml", content: "title: x" },
            ["sigma.missing_field", "sigma.no_id"],
        ],
        ["a rule of Suricata", { class: "rules", name: "a.rules", content: "alert" }, ["suricata.no_options"]],
        ["a rule of Snort", { class: "rules", name: "a.snort.rules", content: "alert" }, ["snort.no_options"]],
        ["a bundle", { name: "a.json", content: '{"type": "bundle"}' }, ["stix.empty_bundle"]],
    ] as const)("of %s", (_, its, expected) => {
        expect([...new Set(codes(its))].toSorted()).toEqual(expected)
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
    runSigma(rules, [{ name: "s", must, content, base64 }]).map((one) => one.code)

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

    test("that cannot be run is told so", () => {
        const open = readSigma(rule.replace("f: x", "f|expand: '%Servers%'")).rules
        const sample = { name: "s", must: "hit", content: "{}", base64: false } as const
        expect(runSigma(open, [sample]).map((one) => `${one.severity} ${one.code}`)).toEqual([
            "warning artifact.sample_not_run",
        ])
    })

    test.each([
        ["no name", { name: " " }],
        ["a name of two lines", { name: "a\nb" }],
        ["a name that turns around", { name: "a\u202eb" }],
        ["nothing in it", { content: "" }],
        ["too much in it", { content: "x".repeat(sampleCharsMax + 1) }],
        ["what is no Base64", { content: "abc", base64: true }],
    ])("with %s is refused", (_, its) => {
        const sample = { name: "s", must: "hit", content: "x", base64: false, ...its } as const
        expect(() => mustBeSample(sample)).toThrow(Refusal)
    })
})

test("labels that contradict each other are refused", () => {
    expect(() => mustAgree({ tlp: "RED", pap: "GREEN" })).toThrow(/acting in sight/)
    mustAgree({ tlp: "AMBER+STRICT", pap: "GREEN" })
})
