/** CSAF documents against the schemas and the mandatory tests of the standard, by a validator that is not ours. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Advisory } from "../advisory/advisory.ts"
import { type CsafVersion, type Issue, csafDocument, csafVersions, issued } from "./document.ts"
import { anyAdvisory, example } from "../../../../test/advisories/any.ts"
import { faultsOf } from "../../../../test/advisories/validated.ts"
import { csafFaults, placesOf } from "./issues.ts"

/** Before publication, for a group of readers. */
function issueOf(advisory: Advisory, version: CsafVersion, isRed: boolean): Issue {
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
    test("a whole advisory has no fault", async () => {
        expect(await faultsOf(csafDocument(example, version), version)).toEqual([])
    })

    test("no case that anybody may write gives a document with a fault", async () => {
        await fc.assert(
            fc.asyncProperty(anyAdvisory, async (advisory) => {
                const document = csafDocument(advisory, version)
                expect(await faultsOf(document, version)).toEqual([])
                expect(csafFaults(JSON.stringify(document))).toEqual([])
            }),
        )
    }, 120_000)

    test("nor does one for a group of readers, before publication", async () => {
        await fc.assert(
            fc.asyncProperty(anyAdvisory, fc.boolean(), async (advisory, isRed) => {
                const document = issued(advisory, issueOf(advisory, version, isRed))
                expect(await faultsOf(document, version)).toEqual([])
                expect(csafFaults(JSON.stringify(document), "group")).toEqual([])
            }),
        )
    }, 120_000)
})

describe("before it goes out", () => {
    type Loose = ReturnType<typeof JSON.parse>
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
        ["a remediation for nothing", "6.1.29", (input) => (input.vulnerabilities[0].remediations[0].product_ids = [])],
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
    ])("%s is found", (_, fault, spoil) => {
        const [first = { number: 1, at: 0, summary: "" }] = example.revisions
        const revised = { ...example, revisions: [first, { number: 2, at: first.at + 1000, summary: "Corrected." }] }
        const document = structuredClone(csafDocument(revised, "2.0")) as Loose
        expect(csafFaults(JSON.stringify(document))).toEqual([])
        spoil(document)
        expect(csafFaults(JSON.stringify(document)).join("\n")).toContain(fault)
    })
})

test("what a log says of a fault tells nothing of the document", () => {
    const document = structuredClone(csafDocument(example, "2.1")) as ReturnType<typeof JSON.parse>
    document.product_tree.branches[0].branches[0].branches[1].name = "all before the-secret"
    document.vulnerabilities[0].cve = "the-secret"
    document.document.title = " "
    const faults = csafFaults(JSON.stringify(document))
    expect(faults.join()).toContain("the-secret")
    expect(placesOf(faults)).toMatch(/^schema: \/document\/title .*6\.1\.31/)
    expect(placesOf(faults)).not.toContain("the-secret")
})

describe("before it goes out to a group", () => {
    type Loose = ReturnType<typeof JSON.parse>
    const revised = {
        ...example,
        revisions: [...example.revisions, { number: 2, at: 1_752_000_000_000, summary: "." }],
    }

    test.each<[string, string, (document: Loose) => void]>([
        ["a label for everybody", "for more", (input) => (input.document.distribution.tlp.label = "CLEAR")],
        ["a label for the community", "for more", (input) => (input.document.distribution.tlp.label = "GREEN")],
        ["no group", "no group", (input) => delete input.document.distribution.sharing_group],
        [
            "the group of everybody",
            "no group",
            (input) => (input.document.distribution.sharing_group.id = "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ],
        [
            "the group of nobody",
            "no group",
            (input) => (input.document.distribution.sharing_group.id = "00000000-0000-0000-0000-000000000000"),
        ],
        ["a final document", "6.1.17", (input) => (input.document.tracking.status = "final")],
        ["a draft", "6.1.17", (input) => (input.document.tracking.status = "draft")],
        ["another major version", "6.1.21", (input) => (input.document.tracking.revision_history[0].number = "2.0.0")],
        ["a whole number", "6.1.21", (input) => (input.document.tracking.revision_history[0].number = "1")],
        ["one number twice", "6.1.22", (input) => (input.document.tracking.revision_history[0].number = "1.1.3")],
    ])("%s is found", (_, fault, spoil) => {
        const document = structuredClone(issued(revised, issueOf(revised, "2.1", false))) as Loose
        expect(csafFaults(JSON.stringify(document), "group")).toEqual([])
        spoil(document)
        expect(csafFaults(JSON.stringify(document), "group").join("\n")).toContain(fault)
    })

    test("a document for one kind of readers is none for the other", () => {
        const document = JSON.stringify(issued(revised, issueOf(revised, "2.0", false)))
        expect(csafFaults(document)).toContain("it is not for everybody")
        expect(csafFaults(JSON.stringify(csafDocument(revised, "2.0")), "group")).not.toEqual([])
    })
})
