import * as fc from "fast-check"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { isStix, readStix, stixLabelIssues } from "./validate.ts"
import { patternFault } from "./pattern.ts"

type Bare = Record<string, unknown>
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`
const at = "2025-06-20T09:00:00.000Z"
const core = (type: string, n: number, more: Bare = {}): Bare => ({
    type,
    spec_version: "2.1",
    id: `${type}--${uuid(n)}`,
    created: at,
    modified: at,
    ...more,
})
const red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
const amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
const extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

/** One of each kind that is looked at closely, each well. */
const well = {
    identity: core("identity", 1, { name: "A team", identity_class: "organization" }),
    vulnerability: core("vulnerability", 2, {
        name: "CVE-2025-49704",
        external_references: [{ source_name: "cve", external_id: "CVE-2025-49704" }],
    }),
    indicator: core("indicator", 3, { pattern: "[url:value = 'x']", pattern_type: "stix", valid_from: at }),
    "course-of-action": core("course-of-action", 4, { name: "Rotate the keys" }),
    relationship: core("relationship", 5, {
        relationship_type: "mitigates",
        source_ref: `course-of-action--${uuid(4)}`,
        target_ref: `vulnerability--${uuid(2)}`,
    }),
    report: core("report", 6, { name: "R", published: at, object_refs: [`vulnerability--${uuid(2)}`] }),
    note: core("note", 7, { content: "c", object_refs: [`vulnerability--${uuid(2)}`] }),
    sighting: core("sighting", 8, { sighting_of_ref: `indicator--${uuid(3)}`, count: 2 }),
    "observed-data": core("observed-data", 9, {
        first_observed: at,
        last_observed: at,
        number_observed: 1,
        object_refs: [`url--${uuid(11)}`],
    }),
    "extension-definition": core("extension-definition", 10, {
        name: "E",
        schema: "https://example.org/s.json",
        version: "1.0.0",
        created_by_ref: `identity--${uuid(1)}`,
        extension_types: ["property-extension"],
    }),
    url: { type: "url", id: `url--${uuid(11)}`, value: "https://example.org/" },
    "marking-definition": {
        type: "marking-definition",
        spec_version: "2.1",
        id: red,
        created: "2022-10-01T00:00:00.000Z",
        name: "TLP:RED",
        extensions: { [extension]: { extension_type: "property-extension", tlp_2_0: "red" } },
    },
} satisfies Readonly<Record<string, Bare>>
type Kind = keyof typeof well

function bundle(changed: Partial<Record<Kind, Bare>> = {}): string {
    const objects = Object.entries({ ...well, ...changed })
    return JSON.stringify(
        { type: "bundle", id: `bundle--${uuid(0)}`, objects: objects.map(([, item]) => item) },
        null,
        1,
    )
}

function codes(text: string): string[] {
    return [...new Set(readStix(text).issues.map((finding) => finding.code))].toSorted()
}

test("a valid bundle of all kinds has no issue", () => {
    expect(readStix(bundle()).issues).toEqual([])
    expect(isStix(bundle())).toBe(true)
})

/** The kind, what is changed in it (undefined: taken away), and what is then said. */
const spoiled: readonly (readonly [Kind, Bare, string[]])[] = [
    ["identity", { name: undefined }, ["stix.missing_property"]],
    ["identity", { identity_class: "crowd" }, ["stix.unknown_value"]],
    ["identity", { spec_version: "2.0" }, ["stix.bad_value"]],
    ["identity", { spec_version: undefined }, ["stix.missing_property"]],
    ["identity", { own: 1 }, ["stix.unknown_property"]],
    ["identity", { confidence: 101 }, ["stix.bad_property"]],
    ["identity", { revoked: "no" }, ["stix.bad_property"]],
    ["identity", { labels: [] }, ["stix.bad_property"]],
    ["identity", { extensions: {} }, ["stix.bad_property"]],
    ["identity", { extensions: null }, ["stix.bad_property"]],
    ["identity", { created: "2025-06-20" }, ["stix.bad_property"]],
    ["identity", { created: "2025-02-30T00:00:00Z" }, ["stix.bad_property"]],
    ["identity", { created: "2025-06-20T09:00:00+00:00" }, ["stix.bad_property"]],
    ["identity", { modified: "2025-06-20T08:59:59.999Z" }, ["stix.bad_period"]],
    ["identity", { modified: "2025-06-20T09:00:00Z" }, []],
    ["identity", { created_by_ref: `vulnerability--${uuid(2)}` }, ["stix.bad_reference"]],
    ["identity", { created_by_ref: `identity--${uuid(99)}` }, ["stix.dangling_reference"]],
    ["identity", { object_marking_refs: [amber] }, []],
    ["identity", { object_marking_refs: [] }, ["stix.bad_property"]],
    ["vulnerability", { external_references: [{ source_name: "cve", external_id: "49704" }] }, ["stix.bad_cve"]],
    ["vulnerability", { external_references: [null, 1] }, []],
    ["indicator", { pattern: undefined }, ["stix.missing_property"]],
    ["indicator", { pattern: "[url:value = ]" }, ["stix.bad_pattern"]],
    ["indicator", { pattern_type: "kql" }, ["stix.unknown_value"]],
    ["indicator", { pattern_type: "sigma", pattern: "title: x" }, ["sigma.missing_field", "sigma.no_id"]],
    ["indicator", { pattern_type: "suricata", pattern: "alert" }, ["suricata.no_options"]],
    ["indicator", { pattern_type: "snort", pattern: "alert" }, ["snort.no_options"]],
    ["indicator", { valid_until: at }, ["stix.bad_period"]],
    ["relationship", { target_ref: `vulnerability--${uuid(98)}` }, ["stix.dangling_reference"]],
    ["relationship", { target_ref: `course-of-action--${uuid(4)}` }, ["stix.bad_reference"]],
    ["relationship", { relationship_type: "is fixed by" }, ["stix.bad_property"]],
    ["report", { object_refs: [] }, ["stix.bad_property"]],
    ["report", { published: "soon" }, ["stix.bad_property"]],
    ["note", { object_refs: ["vulnerability--x"] }, ["stix.bad_property"]],
    ["sighting", { count: -1 }, ["stix.bad_property"]],
    ["sighting", { first_seen: at, last_seen: "2025-06-19T00:00:00Z" }, ["stix.bad_period"]],
    ["observed-data", { number_observed: 0 }, ["stix.bad_property"]],
    ["observed-data", { object_refs: undefined }, ["stix.missing_property"]],
    ["extension-definition", { extension_types: ["property"] }, ["stix.bad_value"]],
    ["marking-definition", { id: `marking-definition--${uuid(12)}` }, ["stix.bad_marking"]],
    ["marking-definition", { extensions: undefined }, ["stix.bad_marking"]],
    ["marking-definition", { definition_type: "tlp" }, ["stix.bad_marking"]],
    ["marking-definition", { definition_type: "tlp", definition: null, extensions: undefined }, []],
    ["note", { id: `vulnerability--${uuid(2)}` }, ["stix.bad_id"]],
    ["note", { id: "note--1" }, ["stix.bad_id"]],
    ["note", { type: "notice", id: `notice--${uuid(7)}` }, ["stix.unknown_type"]],
    ["note", { type: 7 }, ["stix.bad_type"]],
    ["url", { ...well.identity }, ["stix.duplicate_id"]],
]

describe("an object", () => {
    test.each(spoiled)("%s with %j: %j", (kind, change, expected) => {
        const inputs = codes(bundle({ [kind]: { ...well[kind], ...change } }))
        expect(
            inputs.filter((input) => kind !== "url" || input !== "stix.dangling_reference" || expected.includes(input)),
        ).toEqual(expect.arrayContaining(expected))
        if (expected.length === 0) expect(inputs).toEqual([])
    })

    test("is reported with its place", () => {
        const text = bundle({ note: { ...well.note, content: undefined, authors: "me" } })
        const line = text.split("\n").findIndex((item) => item.includes('"authors"')) + 1
        expect(readStix(text).issues.find((finding) => finding.code === "stix.bad_property")).toMatchObject({
            line,
            column: 15,
        })
    })
})

test.each([
    ["nothing", "", "json.invalid"],
    ["a list", "[]", "stix.not_an_object"],
    ["an empty bundle", `{"type":"bundle","id":"bundle--${uuid(0)}","objects":[]}`, "stix.empty_bundle"],
    ["a deep text", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, "json.invalid"],
    ["a repeated key", '{"type":"bundle","type":"note"}', "json.invalid"],
    ["a prototype key", '{"__proto__":{}}', "json.invalid"],
    ["a huge number", '{"type":"note","count":1e400}', "json.invalid"],
    ["very many objects", `{"type":"bundle","objects":[${"{},".repeat(10_001)}{}]}`, "stix.too_large"],
])("%s is refused", (_, text, expected) => {
    expect(codes(text)).toEqual([expected])
})

test("a relationship chain or loop of any length is accepted", () => {
    const objects = Array.from({ length: 2000 }, (_, n) =>
        core("relationship", n, {
            relationship_type: "related-to",
            source_ref: `relationship--${uuid((n + 1) % 2000)}`,
            target_ref: `relationship--${uuid((n + 2) % 2000)}`,
        }),
    )
    expect(codes(JSON.stringify({ type: "bundle", id: `bundle--${uuid(0)}`, objects }))).toEqual([])
})

test("YARA rules are passed on, and labels are compared with the artifact's", () => {
    const marked = { ...well.indicator, pattern_type: "yara", pattern: "rule a {", object_marking_refs: [amber] }
    const read = readStix(bundle({ indicator: marked }))
    expect(read.yara).toEqual([{ text: "rule a {", place: expect.anything() as unknown }])
    expect(stixLabelIssues(read, "GREEN").map((finding) => finding.code)).toEqual(["tlp.label_mismatch"])
    expect(stixLabelIssues(read, "RED")).toEqual([])
})

const patterns: readonly (readonly [string, number | null])[] = [
    ["[url:value = 'https://example.org/']", null],
    ["[file:hashes.'SHA-256' = 'aa' AND file:size > 10]", null],
    ["[a-type:list[*].b[0].c IN ('x', 'y\\'s', 3, -1.5, true)]", null],
    ["[file:name LIKE '%\\\\LAYOUTS'] AND ([url:value MATCHES '^a.*$'] OR [url:value != 'x'])", null],
    ["[ipv4-addr:value ISSUBSET '10.0.0.0/8' OR NOT EXISTS file:name] WITHIN 300 SECONDS REPEATS 2 TIMES", null],
    ["[file:created > t'2025-01-01T00:00:00Z'] START t'2025-01-01T00:00:00Z' STOP t'2025-02-01T00:00:00Z'", null],
    ["[file:x = h'00ff' OR file:x = b'AAA=']", null],
    ["([url:value = 'a'] FOLLOWEDBY [url:value = 'b']) WITHIN 1.5 SECONDS", null],
    ["", 0],
    ["url:value = 'x'", 0],
    ["[url:value = 'x'", 16],
    ["[url:value = x]", 13],
    ["[url:value 'x']", 11],
    ["[url = 'x']", 5],
    ["[url:value = 'x'] [url:value = 'y']", 18],
    ["[url:value = 'x' AND file:name = 'y']", 17],
    ["[url:value LIKE 5]", 16],
    ["[url:value MATCHES '(']", 19],
    ["[url:value = 'a\\b']", 13],
    ["[url:value IN ()]", 15],
    ["[url:value = h'0']", 13],
    ["[url:value = 'x'] REPEATS 0 TIMES", 26],
    ["[url:value = 'x'] WITHIN 5 SECONDS WITHIN 6 SECONDS", 51],
    ["[url:value = 'x'] START t'2025-02-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'", 53],
    [`${"(".repeat(10_000)}[url:value = 'x']`, 40],
    [`[url:value = 'x'${" OR url:value = 'x'".repeat(2000)}]`, 0],
]

describe("a pattern", () => {
    test.each(patterns.map(([text, fault]) => [text.slice(0, 90), text, fault] as const))("%s", (_, text, fault) => {
        expect(patternFault(text)?.at ?? null).toBe(fault)
    })

    test("of any kind is validated without an error", () => {
        const parts = [
            "[",
            "]",
            "(",
            ")",
            "url",
            ":",
            "value",
            "=",
            "'x'",
            " AND ",
            " OR ",
            "IN",
            "NOT ",
            "EXISTS ",
            ".",
            "\\",
            "'",
        ]
        fc.assert(
            fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 30 }), (list) => {
                const fault = patternFault(list.join(""))
                expect(fault === null || fault.at <= list.join("").length).toBe(true)
            }),
        )
    })
})

test("real public bundles have no error (needs ../shared/data next to the project)", () => {
    const folder = join(import.meta.dirname, "../../../../../shared/data/stix")
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
        const { issues: findings } = readStix(readFileSync(join(folder, file), "utf8"))
        expect({ file, errors: findings.filter((finding) => finding.severity === "error") }).toEqual({
            file,
            errors: [],
        })
    }
})

test("an object with any value replaced is validated without an error", () => {
    const kinds = fc.constantFrom(...(Object.keys(well) as Kind[]))
    fc.assert(
        fc.property(kinds, fc.nat(), fc.jsonValue(), (kind, n, value) => {
            const names = Object.keys(well[kind])
            const name = names[n % names.length] ?? "id"
            for (const finding of readStix(bundle({ [kind]: { ...well[kind], [name]: value } })).issues) {
                expect(finding.code).toMatch(/^(stix|json|sigma|suricata|snort)\./)
            }
        }),
    )
})
