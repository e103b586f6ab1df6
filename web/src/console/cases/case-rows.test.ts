import { describe, expect, test } from "vitest"
import { type Begun, addProducts, affects, detailRows, fixedIn, vulnerabilitiesIn } from "./case-rows.ts"

const flaw = {
    cve: "CVE-2025-10001",
    cwe: "CWE-94",
    score: 8.8,
    vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
}
const product = (name: string, version: string | null) => ({ vendor: "Acme", name, fixedIn: version })
const begun: Begun = {
    title: "Two flaws",
    finder: "somebody",
    vulnerabilities: [
        { ...flaw, products: [product("Server", "1.9"), product("Server", "2.4"), product("Agent", null)] },
        { ...flaw, cve: "CVE-2025-10002", products: [product("Server", "2.5")] },
    ],
}

describe("the rows of a case's form", () => {
    test("state what the case stated, with one row per product and version line", () => {
        const rows = detailRows(begun)
        expect(rows.products.map((row) => row["name"])).toEqual(["Server", "Server", "Agent"])
        expect(vulnerabilitiesIn(rows)).toEqual(begun.vulnerabilities)
    })

    test("mark a new product for the only vulnerability, and for none of several", () => {
        const named = [{ vendor: "Acme", name: "Server" }]
        const rows = addProducts({ flaws: [{ cve: flaw.cve }], products: [] }, named)
        expect(rows.flaws[0]?.[affects(rows.products[0] ?? {})]).toBe("yes")
        const many = addProducts({ flaws: [{ cve: flaw.cve }, { cve: "CVE-2025-10002" }], products: [] }, named)
        expect(many.flaws.map((row) => row[affects(many.products[0] ?? {})])).toEqual([undefined, undefined])
    })

    test("keep no statement about a removed product for a new product", () => {
        const rows = detailRows(begun)
        const without = addProducts(rows, rows.products.slice(0, 2))
        const again = addProducts(without, [...without.products, { vendor: "Acme", name: "Another" }])
        const last = again.products.at(-1) ?? {}
        expect(again.flaws.map((row) => [row[affects(last)], row[fixedIn(last)]])).toEqual([
            [undefined, undefined],
            [undefined, undefined],
        ])
    })

    test("are sent without CVE id, weakness and vector while these are unknown", () => {
        const bare = { cve: "", cwe: "", vector: "", score: null, products: [product("Server", null)] }
        const rows = detailRows({ title: "A flaw", finder: "", vulnerabilities: [bare, { ...flaw, products: [] }] })
        expect(vulnerabilitiesIn(rows)).toEqual([bare, { ...flaw, products: [] }])
    })

    test.each([[[{}]], [[{}, {}]], [[]]])("are one vulnerability without facts if no row is filled in", (flaws) => {
        const bare = { cve: "", cwe: "", vector: "", score: null, products: [] }
        expect(vulnerabilitiesIn({ flaws, products: [{ key: "1" }] })).toEqual([bare])
    })

    test.each<[string, { affected?: boolean; name?: string; vector?: string; score?: string }, string]>([
        ["a product that no vulnerability affects", { affected: false }, "mark a vulnerability that affects it"],
        ["a product without a name", { name: " " }, "product 1 is not filled in"],
        ["a score without its vector", { vector: "" }, "vulnerability 1: enter both score and vector, or neither"],
        ["a score that is none", { score: "high" }, "the score of vulnerability 1 is no number"],
    ])("are not sent with %s", (_, { affected = true, name = "Server", ...change }, says) => {
        const row = { key: "1", vendor: "Acme", name }
        const input = { ...flaw, score: "8.8", ...change, [affects(row)]: affected ? "yes" : "" }
        expect(() => vulnerabilitiesIn({ flaws: [input], products: [row] })).toThrow(says)
    })
})
