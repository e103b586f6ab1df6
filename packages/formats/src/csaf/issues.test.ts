/**
 * Each mandatory test of the standard, with the standard's own documents where they are available. A document that
 * fails a test is refused by the number of the test, or because its form does not exist here. A sound document has no
 * fault.
 */
import { describe, expect, test } from "vitest"
import { example } from "../../../../test/advisories/any.ts"
import { readSharedData } from "../../../../test/support/shared-data.ts"
import { type CsafVersion, csafDocument, csafVersions } from "./document.ts"
import { csafIssues, parseIssue } from "./issues.ts"
import { type Csaf, mandatoryIssues } from "./mandatory-tests.ts"
import { schemaIssues } from "./schema.ts"

type Loose = ReturnType<typeof JSON.parse>

/** The faults that refuse a document instead, where the form has no place for what a test is about. */
const closed: Readonly<Record<string, RegExp>> = {
    "6.1.1": /product_groups/,
    "6.1.3": /product_tree\/(?:relationships|product_paths)/,
    "6.1.4": /threats|flags|group_ids/,
    "6.1.5": /product_groups/,
    "6.1.6": /product_status\/\w+ schema is false/,
    "6.1.7": /metrics\/0\/content\/cvss_v2/,
    // CVSS 2, and fields next to a base score.
    "6.1.8": /\/(?:scores|metrics)\/0/,
    "6.1.9": /\/(?:scores|metrics)\/0/,
    "6.1.10": /\/(?:scores|metrics)\/0/,
    "6.1.12": /document\/(?:source_)?lang/,
    "6.1.14": /revision_history\/0\/date/,
    "6.1.15": /publisher\/category/,
    "6.1.16": /revision_history\/0\/number|^6\.1\.14:/,
    "6.1.17": /tracking\/version/,
    "6.1.18": /revision_history\/0\/number/,
    "6.1.19": /revision_history\/\d\/number/,
    "6.1.20": /tracking\/version/,
    "6.1.24": /involvements/,
    "6.1.26": /document\/category/,
    "6.1.27": /document\/category/,
    "6.1.27.5": /vulnerabilities\/0 must have required properties notes/,
    "6.1.27.11": /must have required properties .*vulnerabilities/,
    "6.1.27.12": /product_status must have required properties known_affected/,
    "6.1.27.13": /product_paths/,
    "6.1.28": /source_lang/,
    "6.1.29": /remediations\/0 must have required properties product_ids/,
    "6.1.30": /^6\.1\.21:/,
    "6.1.32": /flags/,
    "6.1.33": /flags/,
    "6.1.34": /branches\/0\/branches\/0\/branches/,
    "6.1.35": /remediations\/0\/category|product_groups/,
    "6.1.36": /remediations\/0\/category|product_status\/\w+ schema is false/,
    "6.1.37": /(?:_date|_dates|revision_history\/\d+\/date)\b/,
    "6.1.38": /sharing_group/,
    "6.1.39": /^it is not for everybody/,
    "6.1.40": /sharing_group/,
    "6.1.41": /sharing_group/,
    "6.1.46": /metrics\/0\/content/,
    "6.1.47": /metrics\/0\/content/,
    "6.1.48": /metrics\/0\/content/,
    "6.1.49": /metrics\/0\/content/,
    "6.1.50": /branches\/0\/name/,
    "6.1.51": /metrics\/0\/content/,
    "6.1.52": /first_known_exploitation_dates/,
    "6.1.53": /first_known_exploitation_dates/,
    "6.1.54": /license_expression/,
    "6.1.55": /license_expression/,
    "6.1.56": /metrics\/0/,
    "6.1.57": /branches\/0\/(?:category|branches)/,
    "6.1.58": /branches\/0\/branches\/0\/branches\/0\/branches/,
    "6.1.59": /branches\/0\/name/,
    "6.1.60": /x_extensions/,
}

/** The part that these tests check is in the product helper and replaces the part of the generated document. */
const ofHelpers = ["6.1.13", "6.1.25", "6.1.42", "6.1.43", "6.1.44", "6.1.61"]

/** Of sound documents these break another test than theirs, and one has a number of each kind on purpose. */
const flawed = ["6-1-27-13-16", "6-1-50-14", "6-1-50-15", "6-1-14-32"]

const counts: Readonly<Record<CsafVersion, readonly [broken: number, sound: number]>> = {
    "2.0": [87, 60],
    "2.1": [260, 236],
}

interface Manifest {
    readonly tests: readonly {
        readonly id: string
        readonly group: string
        readonly failures?: readonly { readonly name: string }[]
        readonly valid?: readonly { readonly name: string }[]
    }[]
}

interface Given {
    readonly id: string
    readonly name: string
    readonly document: Loose
}

function loadDocuments(version: CsafVersion, subject: "failures" | "valid"): Given[] {
    const folder = `csaf-tests/csaf_${version}/test/validator/data`
    const documents = new Map(readSharedData(`${folder}/mandatory`, ".json").map(({ name, text }) => [name, text]))
    const manifests = readSharedData(folder, "testcases.json").map(({ text }) => JSON.parse(text) as Manifest)
    return manifests.flatMap(({ tests }) =>
        tests
            .filter(({ group }) => group === "mandatory")
            .flatMap((test) =>
                (test[subject] ?? []).map(({ name }) => {
                    const file = name.slice(name.lastIndexOf("/") + 1)
                    return { id: test.id, name: file, document: JSON.parse(documents.get(file) ?? "null") as Loose }
                }),
            ),
    )
}

const closedFor = (id: string): RegExp => closed[id] ?? closed[id.split(".").slice(0, 3).join(".")] ?? /^$/

/** Every helper of a document, each in the first product of a document of ours. */
function withHelpersOf(document: Loose, version: CsafVersion): Loose[] {
    const helpers: unknown[] = []
    JSON.stringify(document, (field, value: unknown) => {
        if (field === "product_identification_helper") helpers.push(value)
        return value
    })
    return helpers.map((helper) => {
        const ours = structuredClone(csafDocument(example, version)) as Loose
        ours.product_tree.branches[0].branches[0].branches[0].product.product_identification_helper = helper
        return ours
    })
}

/** The document, and each of its parts inside a generated document, so that no issue hides another. */
function partsOf(document: Loose, version: CsafVersion): Loose[] {
    const ours = csafDocument(example, version) as Loose
    return [document, ...Object.keys(document).map((part) => ({ ...ours, [part]: document[part] }))]
}

const faultsIn = (document: Loose): string[] => csafIssues(JSON.stringify(document))

function isFound({ id, document }: Given, version: CsafVersion): boolean {
    if (faultsIn(document).some((fault) => fault.startsWith(`${id}:`))) return true
    if (!ofHelpers.includes(id))
        return partsOf(document, version)
            .flatMap(faultsIn)
            .some((fault) => closedFor(id).test(fault))
    return withHelpersOf(document, version).some((ours) =>
        schemaIssues(ours).some((fault) => fault.includes("product_identification_helper")),
    )
}

describe.each(csafVersions)("the test documents of the standard for CSAF %s", (version) => {
    const [broken, sound] = [loadDocuments(version, "failures"), loadDocuments(version, "valid")]
    const areThere = broken.length + sound.length > 0

    test("are all present, or none", () => {
        expect([broken.length, sound.length]).toEqual(areThere ? counts[version] : [0, 0])
        expect([...broken, ...sound].filter(({ document }) => document === null)).toEqual([])
    })

    test("that violate a mandatory test have an issue", () => {
        expect(broken.filter((input) => !isFound(input, version)).map(({ name }) => name)).toEqual([])
    })

    test("that violate no test have no issue", () => {
        // Of weaknesses those alone are named whose names are known here.
        const found = sound.flatMap(({ name, document }) =>
            mandatoryIssues(document as Csaf)
                .filter((fault) => !/^6\.1\.11: .* is not known here$/.test(fault))
                .map((fault) => ({ name, fault })),
        )
        expect(found.filter(({ name }) => !flawed.some((item) => name.includes(item)))).toEqual([])
        expect(found.length).toBeLessThanOrEqual(5)
    })

    test("with another publisher are refused at least for their form", () => {
        expect(broken.filter(({ document }) => schemaIssues(document).length === 0)).toEqual([])
    })
})

test.each([
    ["schema: /document/title must match pattern", "schema", "/document/title", "must match pattern"],
    ["schema: /document must NOT have x, y", "schema", "/document", "must NOT have x, y"],
    [
        "schema:  must have required properties document",
        "schema",
        "/document",
        " must have required properties document",
    ],
    ["schema: it is neither CSAF 2.0 nor CSAF 2.1", "schema", "/document", "it is neither CSAF 2.0 nor CSAF 2.1"],
    ["6.1.1: the product P1 is not defined", "6.1.1", "/product_tree", "the product P1 is not defined"],
    ["6.1.2: the product P1 is defined twice", "6.1.2", "/product_tree", "the product P1 is defined twice"],
    ["6.1.31: the version a: b is a range", "6.1.31", "/product_tree", "the version a: b is a range"],
    ["6.1.27.4: there is no product tree", "6.1.27.4", "/product_tree", "there is no product tree"],
    ["6.1.14: out of order", "6.1.14", "/document/tracking", "out of order"],
    ["6.1.23: CVE-2025-1000 stands twice", "6.1.23", "/vulnerabilities", "CVE-2025-1000 stands twice"],
    ["6.1.27.5: a vulnerability has no notes", "6.1.27.5", "/vulnerabilities", "a vulnerability has no notes"],
    ["6.1.39: CLEAR is for everybody", "6.1.39", "/document/distribution", "CLEAR is for everybody"],
    ["it is not for everybody", null, "/document/distribution", "it is not for everybody"],
    ["it began at another time", null, "/document/tracking", "it began at another time"],
])("`%s` is reported with its test, its place and one line", (fault, which, where, says) => {
    expect(parseIssue(fault)).toEqual({ test: which, where, says })
})

test("an error in a generated document is found at its place", () => {
    const broken = structuredClone(csafDocument(example, "2.0")) as Loose
    broken.document.title = " "
    broken.vulnerabilities[0].cwe.name = "Another name"
    const found = csafIssues(JSON.stringify(broken)).map(parseIssue)
    expect(found.map(({ test: which, where }) => [which, where])).toEqual([
        ["schema", "/document/title"],
        ["6.1.11", "/vulnerabilities"],
    ])
})
