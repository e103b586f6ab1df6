import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Product } from "@tocsin/formats/advisory/product"
import { Refusal } from "@tocsin/base/refusal"
import { type CaseDetails, type CaseLink, validateCase, originsOf } from "./case.ts"

const flaw = {
    cve: "CVE-2025-49704",
    cwe: "CWE-94",
    score: 8.8,
    vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
    products: [{ vendor: "V", name: "P", fixedIn: null }],
}
const other = { ...flaw, cve: "CVE-2025-49706" }
const harmless = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N"
const worst = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"
const worst4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"
const good: CaseDetails = { title: "A flaw", vulnerabilities: [flaw], finder: "somebody" }
const bare = { ...flaw, cve: "", cwe: "", vector: "", score: null }
const slotted = { vendor: "A", name: "{{B|C}}", fixedIn: null }
const manyProducts = (count: number) => ({
    ...flaw,
    products: Array.from({ length: count }, () => flaw.products[0] as Product),
})
const numbered = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ ...flaw, cve: `CVE-2025-${10_000 + n}` }))

function outcome(change: Partial<CaseDetails>): string {
    try {
        validateCase({ ...good, ...change })
        return "fine"
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

describe("the details of a case", () => {
    test.each<[string, Partial<CaseDetails>, string]>([
        ["valid details", {}, "fine"],
        ["no title", { title: "" }, "case.bad_title"],
        ["a title of spaces", { title: " \t " }, "case.bad_title"],
        ["the longest title", { title: "x".repeat(200) }, "fine"],
        ["a title that is too long", { title: "x".repeat(201) }, "case.bad_title"],
        ["a slot in the title", { title: "A {{note|message}} runs code" }, "case.contains_slots"],
        ["a template in the title", { title: "Code runs by {{7*7}}" }, "fine"],
        ["a slot in the credit", { credit: "{{A|B}} of C" }, "case.contains_slots"],
        ["a slot in a product", { vulnerabilities: [{ ...flaw, products: [slotted] }] }, "case.contains_slots"],
        ["no vulnerabilities", { vulnerabilities: [] }, "case.bad_lists"],
        ["the maximum number of vulnerabilities", { vulnerabilities: numbered(50) }, "fine"],
        ["one vulnerability too many", { vulnerabilities: numbered(51) }, "case.bad_lists"],
        ["no products yet", { vulnerabilities: [{ ...flaw, products: [] }] }, "fine"],
        ["the maximum number of products", { vulnerabilities: [other, manyProducts(50)] }, "fine"],
        ["one product too many", { vulnerabilities: [other, manyProducts(51)] }, "case.bad_lists"],
        ["a CVE id in small letters", { vulnerabilities: [{ ...flaw, cve: "cve-2025-49704" }] }, "case.bad_cve"],
        ["a CVE id with three digits", { vulnerabilities: [{ ...flaw, cve: "CVE-2025-497" }] }, "case.bad_cve"],
        ["a CVE id with extra characters", { vulnerabilities: [{ ...flaw, cve: "CVE-2025-49704\n" }] }, "case.bad_cve"],
        ["a CVE id twice", { vulnerabilities: [flaw, flaw] }, "case.duplicate_cve"],
        ["the lowest score", { vulnerabilities: [{ ...flaw, score: 0, vector: harmless }] }, "fine"],
        ["the highest score", { vulnerabilities: [{ ...flaw, score: 10, vector: worst }] }, "fine"],
        ["a score of version 4.0", { vulnerabilities: [{ ...flaw, score: 10, vector: worst4 }] }, "fine"],
        ["no vector, and a score", { vulnerabilities: [{ ...flaw, vector: "" }] }, "case.bad_vector"],
        ["no CVE id, no weakness, no vector", { vulnerabilities: [bare, bare, flaw] }, "fine"],
        ["a vector without its score", { vulnerabilities: [{ ...flaw, score: null }] }, "case.bad_score"],
        ["half a vector", { vulnerabilities: [{ ...flaw, vector: "CVSS:3.1/AV:N/AC:L" }] }, "case.bad_vector"],
        [
            "a vector with extra characters",
            { vulnerabilities: [{ ...flaw, vector: `${flaw.vector}/X:Y` }] },
            "case.bad_vector",
        ],
        ["a score different from the vector's", { vulnerabilities: [{ ...flaw, score: 8.7 }] }, "case.score_mismatch"],
        ["a score of the current version", { vulnerabilities: [{ ...flaw, vector: `${flaw.vector}/E:U` }] }, "fine"],
        ["a wrong score after a right one", { vulnerabilities: [flaw, { ...other, score: 9 }] }, "case.score_mismatch"],
        ["a score too high", { vulnerabilities: [{ ...flaw, score: 10.1 }] }, "case.bad_score"],
        ["a score below zero", { vulnerabilities: [{ ...flaw, score: -0.1 }] }, "case.bad_score"],
        ["a score that is not a number", { vulnerabilities: [{ ...flaw, score: Number.NaN }] }, "case.bad_score"],
    ])("%s", (_, change, expected) => {
        expect(outcome(change)).toBe(expected)
    })
})

test("a mismatched score is refused with its place and the right score", () => {
    const wrong = { ...good, vulnerabilities: [flaw, { ...other, score: 9 }] }
    const line = "vulnerability 2, `CVE-2025-49706`: the vector's base score is `8.8`, and not `9`"
    expect(() => validateCase(wrong)).toThrow(expect.objectContaining({ kind: "invalid", message: line }))
})

/** `b>a c>b`: b is a bypass of a, c one of b. */
function links(script: string): CaseLink[] {
    return script
        .split(" ")
        .filter((item) => item !== "")
        .map((item) => ({ from: item.split(">")[0] ?? "", to: item.split(">")[1] ?? "", kind: "bypass_of" }))
}

describe("the origins of a case", () => {
    test.each([
        ["none without links", "", []],
        ["not its descendants", "b>a", []],
        ["the case that it bypasses", "a>b", ["b"]],
        ["any number of steps back", "a>b b>c c>d", ["b", "c", "d"]],
        ["each once, with two paths to it", "a>b a>c b>d c>d", ["b", "c", "d"]],
        ["no unrelated cases", "a>b x>y", ["b"]],
        ["never the case itself, in a loop", "a>b b>c c>a", ["b", "c"]],
    ])("%s", (_, script, expected) => {
        expect(originsOf("a", links(script)).toSorted()).toEqual(expected)
    })

    test("are all reachable cases, each once and never itself, for any links", () => {
        const node = fc.constantFrom("a", "b", "c", "d", "e", "f")
        fc.assert(
            fc.property(fc.array(fc.tuple(node, node), { maxLength: 15 }), (pairs) => {
                const caseLinks = pairs.map(([from, to]): CaseLink => ({ from, to, kind: "variant_of" }))
                const found = originsOf("a", caseLinks)
                expect(new Set(found).size).toBe(found.length)
                expect(found).not.toContain("a")
                const known = new Set(["a", ...found])
                for (const { from, to } of caseLinks) if (known.has(from)) expect(known).toContain(to)
                for (const item of found) {
                    expect(caseLinks.some(({ from, to }) => to === item && known.has(from))).toBe(true)
                }
            }),
        )
    })
})
