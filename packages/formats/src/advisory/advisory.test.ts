import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { anyAdvisory, example } from "../../../../test/advisories/any.ts"
import { readSharedData } from "../../../../test/support/shared-data.ts"
import { advisoryPage, atomEntry, atomFeed, listItem, listPage } from "./page.ts"
import { pageStyle } from "./page-style.ts"
import { changeBetween, idOf, stemOf } from "./advisory.ts"
import { copyText } from "@tocsin/marks/carriers/resolved-text"
import { changesLine, providerMetadata, publicOffer, rolieEntry, rolieFeed, securityText } from "../csaf/provider.ts"
import { publicCollection } from "../csaf/document.ts"
import { cveRecord } from "../cve/record.ts"
import { parseCvss } from "./cvss.ts"
import { markdownMarkup } from "./markdown-page.ts"
import { osvRecord } from "../osv/record.ts"
import { packageUrl } from "./package-url.ts"

const cna = { orgId: "6a1f1bd2-6d3c-4a52-9d27-0c5d8e1f2a3b", shortName: "example" }
/** A record as a consumer reads it. */
type Loose = ReturnType<typeof JSON.parse>

describe("file names", () => {
    test.each([
        ["NL-2025-0001", "nl-2025-0001"],
        ["Ärger: 1/2", "_rger_1_2"],
        ["a+b-c", "a+b-c"],
        ["a  ..  b", "a_b"],
    ])("the file of %s is %s", (id, stem) => {
        expect(stemOf(id)).toBe(stem)
    })

    test("have at least four digits", () => {
        expect([idOf("NL", 2025, 1), idOf("NL", 2025, 12_345)]).toEqual(["NL-2025-0001", "NL-2025-12345"])
    })
})

const withoutProducts = { vulnerabilities: example.vulnerabilities.map((weakness) => ({ ...weakness, products: [] })) }
const backwards = <One extends object>(item: One): One =>
    Object.fromEntries(Object.entries(item).toReversed()) as unknown as One
const reordered = {
    vulnerabilities: example.vulnerabilities.map((weakness) =>
        backwards({ ...weakness, products: weakness.products.map(backwards) }),
    ),
}

test.each([
    ["nothing", {}, null],
    ["a title", { title: "Another" }, "Corrected: title."],
    ["a text that was stored and read again", { ...reordered, summary: copyText("New") }, "Corrected: summary."],
    ["the order of fields only", reordered, null],
    ["a version and a text", { ...withoutProducts, summary: null }, "Corrected: products and fixed versions, summary."],
])("the revision history names a change of %s", (_, change, input) => {
    expect(changeBetween(example, { ...example, ...change })).toBe(input)
})

describe("a package URL", () => {
    test.each([
        ["pkg:npm/left", "npm", "left"],
        ["pkg:npm/%40scope/right", "npm", "@scope/right"],
        ["pkg:maven/org.example/core", "Maven", "org.example:core"],
        ["pkg:golang/example.org/a/b", "Go", "example.org/a/b"],
        ["pkg:pypi/thing", "PyPI", "thing"],
    ])("%s belongs to %s, where it is called %s", (text, ecosystem, name) => {
        expect(packageUrl(text)).toEqual({ text, ecosystem, name })
    })

    test.each([
        ["pkg:pypi/My_Project.-Name", "pkg:pypi/my-project-name", "my-project-name"],
        ["pkg:composer/Vendor/Thing_One", "pkg:composer/vendor/thing_one", "vendor/thing_one"],
        ["pkg:hex/Thing", "pkg:hex/thing", "thing"],
    ])("%s is normalised as its registry does: %s", (given, text, name) => {
        expect(packageUrl(given)).toMatchObject({ text, name })
    })

    test.each([
        "Example Server",
        "pkg:npm/a@1.0",
        "pkg:npm/a?b=c",
        "pkg:maven/core",
        "pkg:toString/x",
        "pkg:npm/a/b",
        "pkg:",
    ])("%s is refused", (text) => {
        expect(packageUrl(text)).toBeNull()
    })
})

describe("a CVE record", () => {
    test("has the facts of the advisory", () => {
        const [first = example.vulnerabilities[0]] = example.vulnerabilities
        const record = first && (cveRecord(example, first, cna) as Loose)
        expect(record.cveMetadata).toMatchObject({
            cveId: "CVE-2025-10001",
            state: "PUBLISHED",
            assignerOrgId: cna.orgId,
        })
        const { containers } = record
        expect(containers.cna.problemTypes[0].descriptions[0]).toMatchObject({ cweId: "CWE-94", type: "CWE" })
        expect(containers.cna.affected[0].versions[0]).toMatchObject({ lessThan: "16.0.1", status: "affected" })
        expect(containers.cna.credits).toEqual([{ lang: "en", value: "Somebody Kind", type: "finder" }])
    })

    test("respects the limits of its schema, and its score matches its vector", () => {
        fc.assert(
            fc.property(anyAdvisory, (advisory) => {
                for (const weakness of advisory.vulnerabilities) {
                    const { cna: container } = (cveRecord(advisory, weakness, cna) as Loose).containers
                    expect(container.title.length).toBeLessThanOrEqual(256)
                    expect(container.descriptions[0].value.length).toBeLessThanOrEqual(4096)
                    expect(container.descriptions[0].value.length).toBeGreaterThan(0)
                    expect(container.affected.length).toBeGreaterThan(0)
                    const [metric] = container.metrics
                    const score = metric.cvssV3_0 ?? metric.cvssV3_1 ?? metric.cvssV4_0
                    expect(parseCvss(weakness.vector)).toMatchObject({
                        baseScore: score.baseScore,
                        version: score.version,
                    })
                }
            }),
        )
    })
})

test("an OSV record lists packages only, and exists only with one", () => {
    fc.assert(
        fc.property(anyAdvisory, (advisory) => {
            for (const weakness of advisory.vulnerabilities) {
                const names = weakness.products.map(({ name }) => name)
                const packages = new Set(names.filter((name) => packageUrl(name) !== null))
                const record = osvRecord(advisory, weakness) as Loose
                const purls = new Set((record?.affected ?? []).map((input: Loose) => input.package.purl))
                expect(purls).toEqual(packages)
                expect(record === null).toBe(packages.size === 0)
            }
        }),
    )
})

const hostile =
    `<script>alert(1)</script> <img src="https://evil.example/a.png" onerror='x'> ` +
    `![p](https://evil.example/p.png)
[press](javascript:alert(1)) <https://evil.example> \`</code>\` & "'`

describe("a page", () => {
    test("has no element, attribute or URL from input", () => {
        const values = {
            ...example,
            title: hostile,
            credit: hostile,
            summary: copyText(hostile),
            guidance: copyText(hostile),
        }
        const products = [{ vendor: hostile, name: hostile, fixedIn: hostile }]
        const vulnerabilities = values.vulnerabilities.map((weakness) => ({ ...weakness, products }))
        const page = advisoryPage({ ...values, vulnerabilities }, []) + listItem(values) + atomEntry(values)
        const tags = [...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name = ""]) => name)
        expect(tags).not.toContain("script")
        expect(tags).not.toContain("img")
        expect(page).not.toMatch(/(?:href|src)="(?!\/|https:\/\/portal\.example|mailto:psirt@)/)
        expect(page).not.toMatch(/<[^>]*\son/i)
    })

    test("names the column of each cell for narrow screens", () => {
        const page = advisoryPage(example, [])
        const cells = [...page.matchAll(/<td data-name="([^"]*)">/g)].map(([, name]) => name)
        expect(cells).toEqual(expect.arrayContaining(["Id", "CVSS vector", "Product", "Fixed in"]))
        expect(cells).not.toContain("")
        expect(page).not.toContain("<td>")
        expect(pageStyle).toContain(".listing td::before { content: attr(data-name)")
    })

    test("is well-formed for any case", () => {
        fc.assert(
            fc.property(anyAdvisory, (advisory) => {
                const entry = atomFeed(advisory.publisher, "1970-01-01T00:00:00Z", atomEntry(advisory))
                const open: string[] = []
                for (const [, end, name = ""] of entry.replace(/^<\?[^>]*>/, "").matchAll(/<(\/?)([a-z]+)[^<>]*>/g)) {
                    if (end === "/") expect(open.pop()).toBe(name)
                    else open.push(name)
                }
                expect(open).toEqual([])
                expect(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(entry)).toBe(false)
            }),
        )
    })

    test("renders Markdown as elements", () => {
        const shown = markdownMarkup("# A\n\n- *b* `c`\n\n| d |\n|---|\n| e |\n", 2).map(({ markup }) => markup)
        expect(shown.join("")).toBe(
            "<h3><span>A</span></h3><ul><li><p><em><span>b</span></em><span> </span><code>c</code></p></li></ul>" +
                "<table><thead><tr><th><span>d</span></th></tr></thead>" +
                "<tbody><tr><td><span>e</span></td></tr></tbody></table>",
        )
    })

    test("of all advisories says when there are none", () => {
        expect(listPage(example.publisher, "", false)).toContain("No advisory published yet.")
    })
})

describe("a provider", () => {
    const feedOf = (version: "2.0" | "2.1") => ({
        collection: publicCollection(version),
        service: "/csaf/service.json",
    })

    test("builds a feed from entries", () => {
        const feed = rolieFeed(
            example.publisher,
            feedOf("2.0"),
            0,
            [rolieEntry(example, "2.0"), rolieEntry(example, "2.0")].join(","),
        )
        expect((JSON.parse(feed) as Loose).feed.entry).toHaveLength(2)
        expect((JSON.parse(rolieFeed(example.publisher, feedOf("2.1"), 0, "")) as Loose).feed.entry).toEqual([])
    })

    test("quotes in 2.0, but not in 2.1", () => {
        expect(changesLine(example, "2.0")).toBe('"2025/tocsin-2025-0001.json","2025-07-08T17:00:00Z"\r\n')
        expect(changesLine(example, "2.1")).toBe("2025/tocsin-2025-0001.json,2025-07-08T17:00:00Z\r\n")
    })

    test("names a security contact and its expiry in security.txt", () => {
        const message = securityText(example.publisher, "mailto:a@example.org", 0)
        expect(message.split("\n")).toContain("Expires: 1970-01-01T00:00:00Z")
    })

    const schemas = readSharedData("csaf-tests/csaf_2.0/json_schema", "provider_json_schema.json")
    test.each(schemas)("has exactly the metadata that $name requires", ({ text }) => {
        const schema = JSON.parse(text) as Loose
        const metadata = providerMetadata(
            example.publisher,
            publicOffer("2.0"),
            [{ fingerprint: "A".repeat(40) }],
            0,
        ) as Loose
        expect(Object.keys(metadata)).toEqual(expect.arrayContaining(schema.required))
        expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(metadata)))
    })
})
