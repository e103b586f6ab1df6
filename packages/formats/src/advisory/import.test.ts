/** Imports of external documents, valid, invalid and hostile. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { anyAdvisory, example } from "../../../../test/advisories/any.ts"
import { readSharedData } from "../../../../test/support/shared-data.ts"
import type { Advisory } from "./advisory.ts"
import { documentCharsMax, readAdvisory } from "./import.ts"
import { csafDocument, csafVersions } from "../csaf/document.ts"
import { cveRecord } from "../cve/record.ts"
import { parseCvss, scoreFault } from "./cvss.ts"
import { type ImportedFacts, charsMax, lineOf, weaknessOf } from "./facts.ts"
import type { Product } from "./product.ts"
import { Refusal } from "@tocsin/base/refusal"

type Loose = ReturnType<typeof JSON.parse>

const vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
const read = (document: unknown): ImportedFacts => readAdvisory(JSON.stringify(document))

function outcome(text: string): string {
    try {
        readAdvisory(text)
        return "fine"
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

/** A small record of our own. */
const record = (): Loose => ({
    dataType: "CVE_RECORD",
    dataVersion: "5.2",
    cveMetadata: { cveId: "CVE-2025-10001", state: "PUBLISHED" },
    containers: {
        cna: {
            title: "Code injection in Example Server",
            descriptions: [
                { lang: "de", value: "Anders." },
                { lang: "en-GB", value: "Whoever is signed in runs code." },
            ],
            affected: [
                { vendor: "Acme", product: "Server", versions: [{ version: "1", lessThan: "2", status: "affected" }] },
            ],
            problemTypes: [{ descriptions: [{ cweId: "CWE-94" }] }],
            metrics: [{ cvssV3_1: { vectorString: vector, baseScore: 8.8 } }],
            credits: [
                { value: "Ada", type: "finder" },
                { value: "Bo", type: "sponsor" },
            ],
        },
    },
})

/** A small document of our own. */
const document = (): Loose => ({
    document: {
        csaf_version: "2.0",
        title: "Code injection in Example Server",
        publisher: { category: "vendor", name: "Acme" },
        acknowledgments: [{ names: ["Ada"], organization: "A house" }],
    },
    product_tree: {
        branches: [
            {
                category: "product_name",
                name: "Server",
                branches: [
                    { category: "product_version_range", name: "<2", product: { product_id: "A", name: "Server <2" } },
                    { category: "product_version", name: "2", product: { product_id: "B", name: "Server 2" } },
                ],
            },
        ],
    },
    vulnerabilities: [
        {
            cve: "CVE-2025-10001",
            cwe: { id: "CWE-94", name: "x" },
            product_status: { known_affected: ["A"], fixed: ["B"] },
            scores: [{ products: ["A"], cvss_v3: { vectorString: vector, baseScore: 8.8 } }],
        },
    ],
})

const facts: ImportedFacts = {
    title: "Code injection in Example Server",
    vulnerabilities: [
        {
            cve: "CVE-2025-10001",
            cwe: "CWE-94",
            vector,
            score: 8.8,
            products: [{ vendor: "Acme", name: "Server", fixedIn: "2" }],
        },
    ],
    finder: "Ada",
    remarks: [],
}
const [flaw = expect.fail("no vulnerability")] = facts.vulnerabilities
const product = (fixedIn: string | null) => ({ vendor: "Acme", name: "Server", fixedIn })
const affecting = (...products: readonly Product[]): Partial<ImportedFacts> => ({
    vulnerabilities: [{ ...flaw, products }],
})

describe("a CVE record", () => {
    const cna = (input: Loose) => input.containers.cna
    const affected = (change: Loose) => (input: Loose) =>
        (cna(input).affected = [{ vendor: "Acme", product: "Server", ...change }])
    test.each<[string, (input: Loose) => unknown, Partial<ImportedFacts>]>([
        ["is imported completely", () => null, {}],
        [
            "without a title gets its English description",
            (input) => delete cna(input).title,
            { title: "Whoever is signed in runs code." },
        ],
        [
            "only reserved gives its id",
            (input) => delete input.containers,
            {
                title: "",
                finder: "",
                vulnerabilities: [{ cve: "CVE-2025-10001", cwe: "", vector: "", score: null, products: [] }],
                remarks: ["CVE-2025-10001: no CVSS vector of version 3 or 4 can be read"],
            },
        ],
        [
            "takes from other containers what the assigner left out",
            (input) => {
                input.containers.adp = [{ metrics: cna(input).metrics, problemTypes: cna(input).problemTypes }]
                delete cna(input).metrics
                delete cna(input).problemTypes
            },
            {},
        ],
        [
            "with a score that does not match its vector has no score",
            (input) => (cna(input).metrics[0].cvssV3_1.baseScore = 9.8),
            {
                vulnerabilities: [{ ...flaw, score: null }],
                remarks: ["CVE-2025-10001: the score is written as `9.8`, and the vector gives `8.8`"],
            },
        ],
        [
            "names a package by its URL",
            affected({ packageURL: "pkg:npm/left@1.0?x=y" }),
            affecting({ vendor: "Acme", name: "pkg:npm/left", fixedIn: null }),
        ],
        [
            "has each version range",
            affected({
                versions: [
                    { version: "1", lessThan: "1.9", status: "affected" },
                    { version: "2", lessThan: "*", status: "affected", changes: [{ at: "2.4", status: "unaffected" }] },
                    { version: "0", lessThan: "deadbeef", versionType: "git", status: "affected" },
                ],
            }),
            affecting(product("1.9"), product("2.4")),
        ],
        [
            "names unaffected versions",
            affected({
                defaultStatus: "affected",
                versions: [
                    { version: "5.1.3", lessThanOrEqual: "5.1.*", status: "unaffected" },
                    { version: "6", lessThanOrEqual: "*", status: "unaffected" },
                    { version: "0", lessThan: "1", status: "unaffected" },
                ],
            }),
            affecting(product("5.1.3"), product("6")),
        ],
        ["leaves out unaffected products", affected({ defaultStatus: "unaffected" }), affecting()],
        [
            "may have no fixed version",
            affected({ versions: [{ version: "1", lessThanOrEqual: "2", status: "affected" }] }),
            affecting(product(null)),
        ],
        ["leaves unnamed fields empty", affected({ product: "n/a" }), affecting()],
        [
            "hides nothing in a line",
            (input) => (cna(input).title = "one\n\u202etwo\u0000  three"),
            { title: "one two three" },
        ],
        [
            "is cut when it is too long",
            (input) => (cna(input).title = "x".repeat(300)),
            { title: `${"x".repeat(199)}…` },
        ],
    ])("%s", (_, change, expected) => {
        const input = record()
        change(input)
        expect(read(input)).toEqual({ ...facts, ...expected })
    })
})

describe("a CSAF document", () => {
    const first = (input: Loose) => input.vulnerabilities[0]
    const range = (input: Loose, name: string) => (input.product_tree.branches[0].branches[0].name = name)
    test.each<[string, (input: Loose) => unknown, Partial<ImportedFacts>]>([
        ["is imported completely", () => null, {}],
        [
            "of version 2.1 as well",
            (input) => {
                input.document.csaf_version = "2.1"
                first(input).cwes = [first(input).cwe]
                first(input).metrics = [{ content: { cvss_v3: first(input).scores[0].cvss_v3 } }]
                delete first(input).cwe
                delete first(input).scores
            },
            {},
        ],
        [
            "of a coordinator names no vendor itself",
            (input) => (input.document.publisher.category = "coordinator"),
            affecting({ ...product("2"), vendor: "" }),
        ],
        [
            "takes the worst of several scores",
            (input) => {
                const mild = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
                first(input).scores.unshift({ cvss_v3: { vectorString: mild, baseScore: 1.6 } })
            },
            {},
        ],
        [
            "leaves out a vulnerability without CVE id, with a warning",
            (input) => input.vulnerabilities.push({ ids: [] }),
            {
                remarks: ["vulnerabilities without a CVE id were left out: `1`"],
            },
        ],
        ["takes a repeated vulnerability once", (input) => input.vulnerabilities.push({ cve: "CVE-2025-10001" }), {}],
        [
            "reads a range with two ends",
            (input) => range(input, "vers:generic/>=1|<1%2E5|>=1.7|<2"),
            affecting(product("1.5"), product("2")),
        ],
        ["reads a range without an end", (input) => range(input, "vers:all/*"), affecting(product(null))],
        ["takes the fixed version next to an unbounded range", (input) => range(input, "<=1.9"), {}],
        [
            "has no fix when none is named",
            (input) => {
                range(input, "<=1.9")
                delete first(input).product_status.fixed
            },
            affecting(product(null)),
        ],
        ["names the fix of an affected version", (input) => delete first(input).product_status.known_affected, {}],
        [
            "names a component of a product",
            (input) => {
                input.product_tree.relationships = [
                    {
                        product_reference: "A",
                        relates_to_product_reference: "B",
                        full_product_name: { product_id: "C", name: "A in B" },
                    },
                ]
                first(input).product_status = { known_affected: ["C"] }
            },
            {},
        ],
        [
            "names a product outside the tree",
            (input) => {
                input.product_tree = { full_product_names: [{ product_id: "A", name: "Server" }] }
            },
            affecting(product(null)),
        ],
        [
            "credits an organisation when no person is named",
            (input) => delete input.document.acknowledgments[0].names,
            { finder: "A house" },
        ],
    ])("%s", (_, change, expected) => {
        const input = document()
        change(input)
        expect(read(input)).toEqual({ ...facts, ...expected })
    })

    test("with more than a case can hold is cut, with a warning", () => {
        const input = document()
        input.vulnerabilities = Array.from({ length: 60 }, (_, n) => ({
            ...first(document()),
            cve: `CVE-2025-${10_001 + n}`,
        }))
        const { vulnerabilities, remarks } = read(input)
        expect([vulnerabilities.length, vulnerabilities[0]]).toEqual([50, flaw])
        expect(remarks).toEqual(["of `60` vulnerabilities, the first `50` were taken"])
    })
})

describe("an import is refused", () => {
    test.each<[string, string, string]>([
        ["of invalid JSON", "{", "json.invalid"],
        ["with a repeated key", '{"document": 1, "document": 2}', "json.invalid"],
        ["with a prototype key", '{"__proto__": {"document": {}}}', "json.invalid"],
        ["with endless nesting", `${"[".repeat(70)}${"]".repeat(70)}`, "json.invalid"],
        ["with a text that is too long", `"${"x".repeat(documentCharsMax)}"`, "advisory.too_large"],
        ["without an object", "[]", "advisory.unsupported_format"],
        ["of another document", '{"bomFormat": "CycloneDX"}', "advisory.unsupported_format"],
        [
            "of a record of version 4",
            JSON.stringify({ ...record(), dataVersion: "4.0" }),
            "advisory.unsupported_format",
        ],
        [
            "with an invalid id",
            JSON.stringify({ ...record(), cveMetadata: { cveId: "CVE-1" } }),
            "advisory.unsupported_format",
        ],
        ["of a document of version 1", '{"document": {"csaf_version": "1.2"}}', "advisory.unsupported_format"],
        [
            "with a rejected id",
            JSON.stringify({ ...record(), cveMetadata: { cveId: "CVE-2025-10001", state: "REJECTED" } }),
            "advisory.rejected",
        ],
        ["but not for a byte order mark", `\ufeff${JSON.stringify(record())}`, "fine"],
    ])("%s", (_, text, expected) => {
        expect(outcome(text)).toBe(expected)
    })
})

describe("an export is imported unchanged", () => {
    /** The facts that each format can hold. */
    const expected = (advisory: Advisory, scored: (vector: string) => boolean) => ({
        title: lineOf(advisory.title, charsMax.title),
        vulnerabilities: advisory.vulnerabilities.map((weakness) => {
            const input = parseCvss(weakness.vector)
            const isTaken = typeof input !== "string" && scored(weakness.vector)
            return {
                cve: weakness.cve,
                vector: isTaken ? weakness.vector : "",
                score: isTaken ? input.baseScore : null,
            }
        }),
        finder: lineOf(advisory.credit, charsMax.finder),
    })
    const without = ({ title, vulnerabilities, finder }: ImportedFacts) => ({
        title,
        vulnerabilities: vulnerabilities.map(({ cve, vector, score }) => ({ cve, vector, score })),
        finder,
    })

    test("as a CVE record", () => {
        const cna = { orgId: "0d7b1f64-8f0e-4c57-a1a3-2a8e3c9b7d45", shortName: "example" }
        fc.assert(
            fc.property(anyAdvisory, (advisory) => {
                const vulnerabilities = advisory.vulnerabilities.slice(0, 1)
                const [only = expect.fail("no vulnerability")] = vulnerabilities
                const facts = read(cveRecord(advisory, only, cna))
                expect(without(facts)).toEqual(expected({ ...advisory, vulnerabilities }, () => true))
                expect(facts.vulnerabilities.map(({ cwe }) => cwe)).toEqual([weaknessOf([only.cwe])])
            }),
        )
    })

    test.each(csafVersions)("as CSAF %s", (version) => {
        fc.assert(
            fc.property(anyAdvisory, (advisory) => {
                const isHeld = (value: string) => version === "2.1" || !value.startsWith("CVSS:4.0")
                // CSAF says a score of products.
                const vulnerabilities = advisory.vulnerabilities.map((weakness) => {
                    return weakness.products.length > 0 ? weakness : { ...weakness, vector: "" }
                })
                const facts = read(csafDocument(advisory, version))
                expect(without(facts)).toEqual(expected({ ...advisory, vulnerabilities }, isHeld))
            }),
        )
    })

    test("with the products of each vulnerability", () => {
        const documents = csafVersions.map((version) => csafDocument(example, version))
        for (const document of documents) {
            expect(read(document).vulnerabilities.map(({ products }) => products)).toEqual(
                example.vulnerabilities.map(({ products }) => products),
            )
        }
    })
})

/** Values that a hostile document may have anywhere. */
const anything = fc.oneof(
    fc.constantFrom<Loose>(null, true, 0, -1, 1e15, "", "*", "<", "CVE-2025-10001", [], {}, [[]], "vers:x/%"),
    fc.constant({ toString: 1, valueOf: 1 }),
    fc.string({ maxLength: 20 }),
    fc.jsonValue({ maxDepth: 2 }),
)

/** Puts something else in the place of one value. */
function replacePart(subject: Loose, at: number, by: Loose): Loose {
    const places: [Loose, string][] = []
    const collect = (value: Loose) => {
        if (typeof value !== "object" || value === null) return
        for (const key of Object.keys(value)) {
            places.push([value, key])
            collect(value[key])
        }
    }
    const input = structuredClone(subject)
    collect(input)
    const [inside, key] = places[at % places.length] ?? [{}, ""]
    inside[key] = by
    return input
}

const whole = [
    record(),
    document(),
    ...csafVersions.map((version) => JSON.parse(JSON.stringify(csafDocument(example, version)))),
]

test("any input is imported, refused or left out", () => {
    const change = fc.tuple(fc.nat(10_000), anything)
    fc.assert(
        fc.property(fc.constantFrom(...whole), fc.array(change, { minLength: 1, maxLength: 4 }), (subject, changes) => {
            const text = JSON.stringify(changes.reduce((input, [at, by]) => replacePart(input, at, by), subject))
            expect(["fine", "json.invalid", "advisory.unsupported_format", "advisory.rejected"]).toContain(
                outcome(text),
            )
        }),
        { numRuns: 2000 },
    )
})

/** External documents, if they are next to the project. */
describe("external documents", () => {
    const named = [...readSharedData("cve", ".json"), ...readSharedData("csaf", ".json")].filter(
        ({ name }) => !/raw|get_cases/.test(name),
    )
    const tests = csafVersions.flatMap((version) =>
        ["mandatory", "optional", "recommended", "informative"].flatMap((kind) =>
            readSharedData(`csaf-tests/csaf_${version}/test/validator/data/${kind}`, ".json"),
        ),
    )

    test("are imported with their facts, and with scores that match their vectors", () => {
        for (const { name, text } of named) {
            const { title, vulnerabilities } = readAdvisory(text)
            expect({ name, title: title !== "", count: vulnerabilities.length > 0 }).toEqual({
                name,
                title: true,
                count: true,
            })
            expect({ name, products: vulnerabilities.some(({ products }) => products.length > 0) }).toEqual({
                name,
                products: true,
            })
            const faults = vulnerabilities.map((statedVulnerability) =>
                scoreFault(statedVulnerability.vector, statedVulnerability.score ?? Number.NaN),
            )
            expect({ name, faults: faults.filter((fault) => fault !== null) }).toEqual({ name, faults: [] })
        }
    })

    test("of the standard's test suite are imported or refused", () => {
        const codes = new Set(tests.map(({ text }) => outcome(text)))
        expect(
            [...codes].filter((item) => !["fine", "json.invalid", "advisory.unsupported_format"].includes(item)),
        ).toEqual([])
    })
})
