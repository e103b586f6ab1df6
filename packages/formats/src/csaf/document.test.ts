/** Validates CSAF documents against the schemas and mandatory tests of the standard, with an external validator. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Advisory } from "../advisory/advisory.ts"
import { type CsafVersion, type Issuance, csafDocument, csafVersions, renderCsaf } from "./document.ts"
import { anyAdvisory, example } from "../../../../test/advisories/any.ts"
import { faultsOf, libraryFaults } from "../../../../test/advisories/validated.ts"
import { csafIssues, issuePlaces } from "./issues.ts"

/** Before publication, for a group of readers. */
function issueOf(advisory: Advisory, version: CsafVersion, isRed: boolean): Issuance {
    const label = isRed ? "RED" : version === "2.0" ? "AMBER" : "AMBER+STRICT"
    return {
        collection: { version, label, folder: "/csaf/partner/x" },
        status: "interim",
        hasPage: false,
        numbers: advisory.revisions.map((_, n) => `1.${n}.${n * 3}`),
        disclosedAt: isRed ? null : 4_102_444_800_000,
        readers: { text: `TLP 2.0: TLP:${label}.`, group: "0d7b1f64-8f0e-4c57-a1a3-2a8e3c9b7d45" },
        notes: [{ category: "legal_disclaimer", title: "Embargo", text: "Secret." }],
    }
}

describe.each(csafVersions)("CSAF %s", (version) => {
    test("a complete advisory has no issue", async () => {
        expect(await faultsOf(csafDocument(example, version), version)).toEqual([])
    })

    test("any valid case gives a document without issues", async () => {
        await fc.assert(
            fc.asyncProperty(anyAdvisory, async (advisory) => {
                const document = csafDocument(advisory, version)
                expect(await faultsOf(document, version)).toEqual([])
                expect(csafIssues(JSON.stringify(document))).toEqual([])
            }),
        )
    }, 120_000)

    test("any valid case gives a document for a group of readers without issues", async () => {
        await fc.assert(
            fc.asyncProperty(anyAdvisory, fc.boolean(), async (advisory, isRed) => {
                const document = renderCsaf(advisory, issueOf(advisory, version, isRed))
                expect(await faultsOf(document, version)).toEqual([])
                expect(csafIssues(JSON.stringify(document), "group")).toEqual([])
            }),
        )
    }, 120_000)
})

type Loose = ReturnType<typeof JSON.parse>

/** Found by our check only: a public document is no draft, and the library accepts a vector without its metrics. */
const oursAlone = ["a draft", "no vector"]

/** Returns what our check and the library report after a change to a document without faults. */
async function faultsAfter(version: CsafVersion, spoil: (document: Loose) => void) {
    const [first = { number: 1, at: 0, summary: "" }] = example.revisions
    const revised = { ...example, revisions: [first, { number: 2, at: first.at + 1000, summary: "Corrected." }] }
    const document = structuredClone(csafDocument(revised, version)) as Loose
    expect(csafIssues(JSON.stringify(document))).toEqual([])
    spoil(document)
    const library = await faultsOf(document, version)
    return { ours: csafIssues(JSON.stringify(document)).join("\n"), library: library.join("\n") }
}

/** The library's name of a mandatory test; empty where it reports none. */
function nameByLibrary(name: string, fault: string): string {
    const isShared = fault.startsWith("6.1.") && !oursAlone.includes(name)
    return isShared ? `mandatoryTest_${fault.replaceAll(".", "_")} ` : ""
}

describe("before publication", () => {
    test.each<[string, string, (document: Loose) => void]>([
        ["a product that is not defined", "6.1.1", (input) => input.vulnerabilities[0].product_status.fixed.push("P9")],
        [
            "a product that is defined twice",
            "6.1.2",
            (input) => input.product_tree.branches.push(input.product_tree.branches[0]),
        ],
        [
            "a product that is affected and fixed",
            "6.1.6",
            (input) => input.vulnerabilities[0].product_status.fixed.push("P1"),
        ],
        ["two scores of one product", "6.1.7", ({ vulnerabilities: [item] }) => item.scores.push(item.scores[0])],
        ["no vector", "6.1.8", (input) => (input.vulnerabilities[0].scores[0].cvss_v3.vectorString = "CVSS:3.1/AV:N")],
        ["another score", "6.1.9", (input) => (input.vulnerabilities[0].scores[0].cvss_v3.baseScore = 9.9)],
        [
            "a history out of order",
            "6.1.14",
            (input) => (input.document.tracking.revision_history[1].date = "2020-01-01T00:00:00Z"),
        ],
        ["a version without a revision", "6.1.16", (input) => (input.document.tracking.version = "3")],
        ["a draft", "6.1.17", (input) => (input.document.tracking.status = "draft")],
        ["a missing revision", "6.1.21", (input) => (input.document.tracking.revision_history[0].number = "0")],
        ["a CVE id twice", "6.1.23", (input) => input.vulnerabilities.push(input.vulnerabilities[0])],
        [
            "a remediation for nothing",
            "remediations/0/product_ids",
            (input) => (input.vulnerabilities[0].remediations[0].product_ids = []),
        ],
        [
            "a range for a version",
            "6.1.31",
            (input) => (input.product_tree.branches[0].branches[0].branches[1].name = "all before 4"),
        ],
        [
            "a label that is not for everybody",
            "everybody",
            (input) => (input.document.distribution.tlp.label = "GREEN"),
        ],
        [
            "another first instant",
            "another time",
            (input) => (input.document.tracking.initial_release_date = "2020-01-01T00:00:00Z"),
        ],
    ])("%s is detected", async (name, fault, spoil) => {
        const { ours, library } = await faultsAfter("2.0", spoil)
        expect(ours).toContain(fault)
        expect(library).toContain(nameByLibrary(name, fault))
    })

    test.each<[string, string, (document: Loose) => void]>([
        [
            "a product that is not defined",
            "6.1.1",
            ({ vulnerabilities: [item] }) => item.metrics[0].products.push("P9"),
        ],
        ["two scores of one product", "6.1.7", ({ vulnerabilities: [item] }) => item.metrics.push(item.metrics[0])],
        ["another name of a weakness", "6.1.11", ({ vulnerabilities: [item] }) => (item.cwes[0].name = "Another")],
        ["no product tree", "6.1.27.4", (input) => delete input.product_tree],
        ["no product status", "6.1.27.6", ({ vulnerabilities: [item] }) => delete item.product_status],
        [
            "a fix for a product without a fix",
            "6.1.35",
            ({ vulnerabilities: [{ remediations }] }) => {
                const [fix] = remediations.filter((item: Loose) => item.category === "vendor_fix")
                remediations.push({ ...fix, category: "none_available" })
            },
        ],
        [
            "a remediation of a fixed product",
            "6.1.36",
            ({ vulnerabilities: [{ remediations, product_status: status }] }) =>
                remediations[0].product_ids.push(status.fixed[0]),
        ],
        [
            "a disclosure after the release",
            "6.1.45",
            ({ vulnerabilities: [item] }) => (item.disclosure_date = "2099-01-01T00:00:00Z"),
        ],
    ])("%s is detected in 2.1", async (name, fault, spoil) => {
        const { ours, library } = await faultsAfter("2.1", spoil)
        expect(ours).toContain(fault)
        expect(library).toContain(nameByLibrary(name, fault))
    })
})

test("the library refuses correct CVSS 4.0 scores, which are published", async () => {
    const withVector = (vector: string) => {
        const vulnerabilities = example.vulnerabilities.map((vulnerability) => ({ ...vulnerability, vector }))
        return csafDocument({ ...example, vulnerabilities }, "2.1")
    }
    const base = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    const document = withVector(`${base}/E:U`)
    expect(csafIssues(JSON.stringify(document))).toEqual([])
    expect(await faultsOf(document, "2.1")).toEqual([])
    expect(await libraryFaults(document, "2.1")).toContainEqual(expect.stringContaining("mandatoryTest_6_1_9 "))
})

test("the log of an issue contains nothing of the document", () => {
    const document = structuredClone(csafDocument(example, "2.1")) as ReturnType<typeof JSON.parse>
    document.product_tree.branches[0].branches[0].branches[1].name = "all before the-secret"
    document.vulnerabilities[0].cve = "the-secret"
    document.document.title = " "
    const faults = csafIssues(JSON.stringify(document))
    expect(faults.join()).toContain("the-secret")
    expect(issuePlaces(faults)).toMatch(/^schema: \/document\/title .*6\.1\.31/)
    expect(issuePlaces(faults)).not.toContain("the-secret")
})

describe("before delivery to a group", () => {
    const revised = {
        ...example,
        revisions: [...example.revisions, { number: 2, at: 1_752_000_000_000, summary: "." }],
    }

    test.each<[string, string, (document: Loose) => void]>([
        ["a public label", "for more", (input) => (input.document.distribution.tlp.label = "CLEAR")],
        ["a community label", "for more", (input) => (input.document.distribution.tlp.label = "GREEN")],
        ["no group", "no group", (input) => delete input.document.distribution.sharing_group],
        [
            "the public group",
            "no group",
            (input) => (input.document.distribution.sharing_group.id = "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ],
        [
            "an empty group",
            "no group",
            (input) => (input.document.distribution.sharing_group.id = "00000000-0000-0000-0000-000000000000"),
        ],
        ["a final document", "6.1.17", (input) => (input.document.tracking.status = "final")],
        ["a draft", "6.1.17", (input) => (input.document.tracking.status = "draft")],
        ["another major version", "6.1.21", (input) => (input.document.tracking.revision_history[0].number = "2.0.0")],
        ["a whole number", "6.1.21", (input) => (input.document.tracking.revision_history[0].number = "1")],
        ["unordered numbers", "6.1.14", (input) => (input.document.tracking.revision_history[0].number = "1.10.0")],
        ["a repeated number", "6.1.22", (input) => (input.document.tracking.revision_history[0].number = "1.1.3")],
    ])("%s is detected", (_, fault, spoil) => {
        const document = structuredClone(renderCsaf(revised, issueOf(revised, "2.1", false))) as Loose
        expect(csafIssues(JSON.stringify(document), "group")).toEqual([])
        spoil(document)
        expect(csafIssues(JSON.stringify(document), "group").join("\n")).toContain(fault)
    })

    test("a document for one group is refused for another", () => {
        const document = JSON.stringify(renderCsaf(revised, issueOf(revised, "2.0", false)))
        expect(csafIssues(document)).toContain("it is not for everybody")
        expect(csafIssues(JSON.stringify(csafDocument(revised, "2.0")), "group")).not.toEqual([])
    })
})
