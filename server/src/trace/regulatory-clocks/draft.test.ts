import * as fc from "fast-check"
import { fromMarkdown } from "mdast-util-from-markdown"
import { gfmFromMarkdown } from "mdast-util-gfm"
import { gfm } from "micromark-extension-gfm"
import { describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { type Draft, escapeMarkdown, markdownOf, referenceOf } from "./draft.ts"
import { legalBasisIn, shippedRegimes } from "./built-in-regimes.ts"

const at = parseInstant
const draft: Draft = {
    regime: { title: "CRA", basis: "Article 14.", authority: "A CSIRT" },
    manufacturer: "Example Vendor",
    contact: "psirt@vendor.example",
    reference: "case-7",
    filing: "Early warning",
    asOf: at("2026-10-01T10:00:00Z"),
    dueAt: at("2026-10-02T08:00:00Z"),
    awareAt: at("2026-10-01T08:00:00Z"),
    title: "Code injection in SharePoint",
    vulnerabilities: [
        {
            cve: "CVE-2025-49704",
            cwe: "CWE-94",
            score: 8.8,
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            products: [
                { vendor: "Microsoft", name: "Microsoft SharePoint Server 2019", fixedIn: "16.0.10417.20027" },
                { vendor: "Microsoft", name: "SharePoint Server 2016", fixedIn: null },
            ],
        },
    ],
    exploitedSince: at("2026-09-30T22:00:00Z"),
    fixAvailable: null,
    publishedAt: null,
    secretUntil: at("2026-10-14T17:00:00Z"),
    submittedBefore: [{ title: "Pre-notice", at: at("2026-10-01T09:00:00Z"), reference: "REF-1" }],
    questions: ["Member States concerned"],
}

const parsed = (text: string) => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

interface Node {
    readonly type: string
    readonly value?: string
    readonly url?: string
    readonly children?: readonly Node[]
}
/** Some readers make a link of a bare address, which shows its target. */
const saysWhere = (node: Node): boolean => node.type === "link" && (node.url ?? "").endsWith(textOf(node))
const typesIn = (node: Node): string[] => [
    ...(saysWhere(node) ? [] : [node.type]),
    ...(node.children ?? []).flatMap(typesIn),
]
const textOf = (node: Node): string => node.value ?? (node.children ?? []).map(textOf).join("")

describe("a draft", () => {
    test("has the case's facts and the questions to answer", () => {
        const text = textOf(parsed(markdownOf(draft)))
        for (const input of [
            "Early warning",
            "Article 14.",
            "A CSIRT",
            "before 2026-10-02T08:00:00Z",
            "Code injection in SharePoint",

            "CVE-2025-49704, CWE-94, CVSS 8.8, CVSS:3.1/AV:N/AC:L",
            "SharePoint Server 2019, fixed in 16.0.10417.20027",
            "SharePoint Server 2016, no fixed version is known",
            "First seen exploited: 2026-09-30T22:00:00Z",
            "Operator aware: 2026-10-01T08:00:00Z",
            "Corrective measure available: none recorded",
            "Under embargo until 2026-10-14T17:00:00Z",
            "Pre-notice: 2026-10-01T09:00:00Z, reference REF-1",
            "Member States concerned",
            "To be filled in.",
            "has not sent it",
        ]) {
            expect(text).toContain(input)
        }
    })

    test("names the manufacturer, its contact and the case reference", () => {
        const text = textOf(parsed(markdownOf(draft)))
        for (const stated of [
            "Manufacturer or steward: Example Vendor",
            "Contact: psirt@vendor.example",
            "Case reference: case-7",
        ]) {
            expect(text).toContain(stated)
        }
        expect(textOf(parsed(markdownOf({ ...draft, contact: null })))).toContain("Contact: to be filled in")
    })

    test.each<[string, Partial<Parameters<typeof referenceOf>[0]>, string]>([
        ["its CVE ids", {}, "CVE-2025-49704, CVE-2025-49706"],
        [
            "its advisory, once there is one",
            { advisory: "NL-2025-0001" },
            "NL-2025-0001 (CVE-2025-49704, CVE-2025-49706)",
        ],
        ["its title and day, without a CVE id", { cves: [""] }, "Code injection, case of 2026-10-01"],
        ["its advisory alone, without a CVE id", { cves: [""], advisory: "NL-2025-0001" }, "NL-2025-0001"],
    ])("refers to a case by %s", (_, changed, reference) => {
        const subject = {
            advisory: null,
            title: "Code injection",
            openedAt: at("2026-10-01T08:00:00Z"),
            cves: ["CVE-2025-49704", "CVE-2025-49706"],
        }
        expect(referenceOf({ ...subject, ...changed })).toBe(reference)
    })

    test.each(Object.entries(shippedRegimes))(
        "of `%s` states the law without remarks to the operator",
        (_, { basis }) => {
            expect(legalBasisIn(basis)).toMatch(/^Regulation \(EU\) 2024\/2847 .*\d\.$/)
            expect(legalBasisIn(basis)).not.toMatch(/Tocsin|Checked|you /)
            expect(legalBasisIn("Our own basis. Checked by us.")).toBe("Our own basis. Checked by us.")
        },
    )

    test.each(Object.entries(shippedRegimes))("of `%s` asks for nothing that it states", (_, { filings }) => {
        const stated = markdownOf({ ...draft, questions: [] })
        const fields = [...stated.matchAll(/^(?:- ([^:]+):|## (.+))/gm)].map(([, name, title]) => name ?? title ?? "")
        expect(fields.length).toBeGreaterThan(10)
        const subjects = [
            "product,",
            "the vulnerability, with",
            "contact",
            "manufacturer",
            "security update",
            "exploited since",
        ]
        for (const { questions: asks } of filings) {
            // A question of the authority, not a remark to the person who completes the form.
            expect(asks.filter((ask) => /Tocsin|\. [A-Z]/.test(ask))).toEqual([])
            expect(asks.filter((ask) => fields.includes(ask))).toEqual([])
            expect(asks.filter((ask) => subjects.some((word) => ask.toLowerCase().includes(word)))).toEqual([])
        }
    })

    test.each<[string, Partial<Draft>, string]>([
        ["public", { publishedAt: at("2026-10-14T17:00:00Z") }, "Public: since 2026-10-14T17:00:00Z"],
        ["secret without end", { secretUntil: null }, "without an agreed end of secrecy"],
        [
            "fixed",
            { fixAvailable: at("2026-10-02T00:00:00Z") },
            "Corrective measure available: since 2026-10-02T00:00:00Z",
        ],
        ["not due yet", { dueAt: null }, "Due: not yet"],
        ["never seen", { exploitedSince: null }, "First seen exploited: not known"],
    ])("of a case that is %s", (_, changed, input) => {
        expect(textOf(parsed(markdownOf({ ...draft, ...changed })))).toContain(input)
    })

    const nasty = fc.oneof(
        fc.string({ unit: "binary" }),
        fc
            .array(
                fc.constantFrom(
                    ..."[](){}<>!*_`~#|&;:@/.-+=\"' \n\r\t\u202e\u2028",
                    "a",
                    "www.",
                    "https://",
                    "1.",
                    "a@b.example",
                ),
            )
            .map((parts) => parts.join("")),
        fc.constantFrom("<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![](https://evil.example/x)"),
        fc.constantFrom("https://evil.example", "www.evil.example", "me@evil.example", "a\n# b", "&lt;b&gt;", "=cmd|x"),
    )

    test("keeps entered text literal: no hidden link, image, HTML or extra line", () => {
        const plain = new Set(["root", "heading", "paragraph", "list", "listItem", "text"])
        fc.assert(
            fc.property(nasty, (text) => {
                const regime = { title: text, basis: text, authority: text }
                const products = [{ vendor: text, name: text, fixedIn: text }]
                const vulnerabilities = draft.vulnerabilities.map((vulnerability) => ({ ...vulnerability, products }))
                const input = { ...draft, title: text, filing: text, regime, vulnerabilities, asks: [text] }
                const madeBefore = [{ title: text, at: 0, reference: text }]
                const tree = parsed(markdownOf({ ...input, submittedBefore: madeBefore }))
                expect(typesIn(tree).filter((type) => !plain.has(type))).toEqual([])
                expect(tree.children.filter(({ type }) => type === "heading")).toHaveLength(7)
            }),
            { numRuns: 500 },
        )
    })

    test("keeps entered text on one line", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme" }), (text) => {
                const shown = textOf(parsed(`- Title: ${escapeMarkdown(text)}.`))
                const flat = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim()
                expect(shown).toBe(`Title: ${flat}.`)
            }),
        )
    })
})
