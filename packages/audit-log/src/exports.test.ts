/**
 * Validates CVE and OSV records against their published schemas (CVE Record Format 5.1 and 5.2, OSV 1.6), limited to
 * the fields that Tocsin writes.
 */
import * as fc from "fast-check"
import { type TSchema, Type } from "typebox"
import { Check, Errors } from "typebox/value"
import { describe, expect, test } from "vitest"
import { anyAdvisory, example } from "../../../test/advisories/any.ts"
import { cveRecord } from "@tocsin/formats/cve/record"
import { osvRecord } from "@tocsin/formats/osv/record"

const only = { additionalProperties: false }
const maybe = Type.Optional
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const nonEmptyArray = (subject: TSchema) => Type.Array(subject, { minItems: 1, uniqueItems: true })
const enumOf = (...values: readonly string[]) => Type.Enum([...values])
const instant = Type.String({
    pattern: String.raw`^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T\d\d:\d\d:\d\d(\.\d+)?Z$`,
})
const uuid4 = Type.String({
    pattern: "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$",
})
const shortName = Type.String({ minLength: 2, maxLength: 32 })
const address = Type.String({ maxLength: 2048, pattern: "^https?://[^\\s]+$" })
const purl = Type.String({ pattern: "^pkg:[a-z]+/[^@?#\\s]+$" })
const cve = Type.String({ pattern: "^CVE-[0-9]{4}-[0-9]{4,19}$" })
const inEnglish = (max: number) => Type.Object({ lang: Type.Literal("en"), value: text(max) }, only)

const score = (version: string) =>
    Type.Object(
        {
            version: Type.Literal(version),
            vectorString: Type.String({ pattern: `^CVSS:${version.replace(".", "[.]")}/[A-Z]` }),
            baseScore: Type.Number({ minimum: 0, maximum: 10, multipleOf: 0.1 }),
            baseSeverity: enumOf("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
        },
        only,
    )
const metric = Type.Object(
    {
        format: Type.Literal("CVSS"),
        scenarios: nonEmptyArray(Type.Object({ lang: Type.Literal("en"), value: text(4096) }, only)),
        cvssV3_0: maybe(score("3.0")),
        cvssV3_1: maybe(score("3.1")),
        cvssV4_0: maybe(score("4.0")),
    },
    { ...only, minProperties: 3, maxProperties: 3 },
)
const status = enumOf("affected", "unaffected", "unknown")
const range = Type.Object({ version: text(1024), status, lessThan: text(1024), versionType: text(128) }, only)
const product = Type.Object(
    {
        vendor: text(512),
        product: text(2048),
        packageURL: maybe(purl),
        defaultStatus: status,
        versions: maybe(nonEmptyArray(range)),
    },
    only,
)
const problem = Type.Object(
    {
        lang: Type.Literal("en"),
        description: text(4096),
        cweId: maybe(Type.String({ minLength: 5, maxLength: 9, pattern: "^CWE-[1-9][0-9]*$" })),
        type: maybe(text(128)),
    },
    only,
)
const container = Type.Object(
    {
        providerMetadata: Type.Object({ orgId: uuid4, shortName, dateUpdated: instant }, only),
        title: text(256),
        descriptions: nonEmptyArray(inEnglish(4096)),
        affected: Type.Array(product, { minItems: 1 }),
        problemTypes: nonEmptyArray(Type.Object({ descriptions: nonEmptyArray(problem) }, only)),
        metrics: maybe(nonEmptyArray(metric)),
        references: nonEmptyArray(
            Type.Object({ url: address, tags: nonEmptyArray(Type.Literal("vendor-advisory")) }, only),
        ),
        credits: maybe(
            nonEmptyArray(
                Type.Object({ lang: Type.Literal("en"), value: text(4096), type: Type.Literal("finder") }, only),
            ),
        ),
    },
    only,
)
const cveShape = Type.Object(
    {
        dataType: Type.Literal("CVE_RECORD"),
        dataVersion: Type.String({ pattern: "^5\\.[12](\\.0)?$" }),
        cveMetadata: Type.Object(
            {
                cveId: cve,
                assignerOrgId: uuid4,
                assignerShortName: shortName,
                state: Type.Literal("PUBLISHED"),
                datePublished: instant,
                dateUpdated: instant,
            },
            only,
        ),
        containers: Type.Object({ cna: container }, only),
    },
    only,
)

/** Each range has exactly one of these; the first has `introduced`. */
const event = Type.Object(
    { introduced: maybe(text(200)), fixed: maybe(text(200)) },
    { ...only, minProperties: 1, maxProperties: 1 },
)
const ecosystems = ["npm", "PyPI", "Maven", "Go", "crates.io", "NuGet", "RubyGems", "Packagist", "Hex", "Pub"]
const affected = Type.Object(
    {
        package: Type.Object({ ecosystem: enumOf(...ecosystems), name: text(200), purl }, only),
        ranges: nonEmptyArray(Type.Object({ type: Type.Literal("ECOSYSTEM"), events: nonEmptyArray(event) }, only)),
    },
    only,
)
const osvShape = Type.Object(
    {
        schema_version: Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$" }),
        id: cve,
        published: instant,
        modified: instant,
        summary: text(200),
        details: text(100_000),
        severity: maybe(nonEmptyArray(Type.Object({ type: enumOf("CVSS_V3", "CVSS_V4"), score: text(200) }, only))),
        affected: nonEmptyArray(affected),
        references: nonEmptyArray(Type.Object({ type: Type.Literal("ADVISORY"), url: address }, only)),
        credits: maybe(nonEmptyArray(Type.Object({ name: text(200), type: Type.Literal("FINDER") }, only))),
    },
    only,
)

const cna = { orgId: "6a1f1bd2-6d3c-4a52-9d27-0c5d8e1f2a3b", shortName: "example" }
const faults = (shape: TSchema, input: unknown) =>
    [...Errors(shape, input)].map((item) => `${item.instancePath} ${item.message}`)

describe("for any advisory, the export matches its schema:", () => {
    test("a CVE record", () => {
        fc.assert(
            fc.property(anyAdvisory, (advisory) => {
                for (const weakness of advisory.vulnerabilities)
                    expect(faults(cveShape, cveRecord(advisory, weakness, cna))).toEqual([])
            }),
        )
    })

    test("an OSV record", () => {
        fc.assert(
            fc.property(anyAdvisory, (advisory) => {
                const list = advisory.vulnerabilities
                    .map((weakness) => osvRecord(advisory, weakness))
                    .filter((item) => item !== null)
                for (const item of list) expect(faults(osvShape, item)).toEqual([])
            }),
        )
    })

    test.each(["CWE-1", "CWE-99999", "CWE-100000", "CWE-0", "a buffer that is too short"])(
        "with %s as its weakness",
        (cwe) => {
            const [first = example.vulnerabilities[0]] = example.vulnerabilities
            expect(first && faults(cveShape, cveRecord(example, { ...first, cwe }, cna))).toEqual([])
        },
    )
})

test("a package of two vendors is listed once in an OSV record", () => {
    const [first = example.vulnerabilities[0]] = example.vulnerabilities
    const products = ["One", "Another"].map((vendor) => ({ vendor, name: "pkg:pypi/thing", fixedIn: "1.2.3" }))
    expect(first && osvRecord(example, { ...first, products })).toMatchObject({
        affected: [{ package: { purl: "pkg:pypi/thing" } }],
    })
})

test("a record that violates its schema is detected", () => {
    const [first = example.vulnerabilities[0]] = example.vulnerabilities
    const record = first && cveRecord(example, first, { ...cna, orgId: "6a1f1bd2-6d3c-1a52-9d27-0c5d8e1f2a3b" })
    expect(Check(cveShape, record)).toBe(false)
})
