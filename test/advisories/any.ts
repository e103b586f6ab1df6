/** Random advisories, with any content that a case may have. */
import * as fc from "fast-check"
import type { Advisory } from "@tocsin/formats/advisory/advisory"
import { copyText } from "@tocsin/marks/carriers/resolved-text"
import { knownCwes } from "@tocsin/formats/advisory/cwe"
import { dayMs } from "@tocsin/base/instant"
import { type Product, distinctProducts } from "@tocsin/formats/advisory/product"

const text = (max: number) =>
    fc
        .string({ minLength: 1, maxLength: max, unit: "grapheme" })
        .filter((item) => item.trim() !== "" && !item.includes("\0"))

const vectors3 = fc
    .tuple(
        fc.constantFrom("3.0", "3.1"),
        ...["AV:NALP", "AC:LH", "PR:NLH", "UI:NR", "S:UC", "C:NLH", "I:NLH", "A:NLH"].map((item) => {
            const [name = "", values = ""] = item.split(":")
            return fc.constantFrom(...values).map((value) => `${name}:${value}`)
        }),
        fc.constantFrom("", "/E:P", "/RL:O/RC:C", "/CR:H/MAV:L"),
    )
    .map(([version, ...rest]) => `CVSS:${version}/${rest.slice(0, -1).join("/")}${rest.at(-1) ?? ""}`)

const vectors4 = fc
    .tuple(
        ...[
            "AV:NALP",
            "AC:LH",
            "AT:NP",
            "PR:NLH",
            "UI:NPA",
            "VC:HLN",
            "VI:HLN",
            "VA:HLN",
            "SC:HLN",
            "SI:HLN",
            "SA:HLN",
        ].map((item) => {
            const [name = "", values = ""] = item.split(":")
            return fc.constantFrom(...values).map((value) => `${name}:${value}`)
        }),
    )
    .chain((parts) =>
        fc
            .constantFrom("", "/E:P", "/E:U/CR:L", "/MAV:P/MSI:S", "/S:N/AU:Y/U:Red")
            .map((more) => `CVSS:4.0/${parts.join("/")}${more}`),
    )

export const anyVector = fc.oneof(vectors3, vectors4)

const cve = fc.integer({ min: 1000, max: 99_999_999 }).map((n) => `CVE-2025-${n}`)
const cwe = fc.oneof(fc.constantFrom(...knownCwes), fc.constantFrom("CWE-1", "CWE-94 ", "none", "CWE-0"), text(20))

export const anyProduct: fc.Arbitrary<Product> = fc.record({
    vendor: fc.oneof(text(100), fc.constantFrom("Acme", "Example")),
    name: fc.oneof(
        text(100),
        fc.constantFrom("pkg:npm/left", "pkg:npm/%40scope/right", "pkg:maven/org.example/core", "pkg:pypi/thing"),
    ),
    fixedIn: fc.oneof(fc.constant(null), text(30), fc.constantFrom("1.2.3", "before 3", "<= 4", "2.0 and later")),
})

const someProducts = fc.array(anyProduct, { maxLength: 5 }).map(distinctProducts)

const publisher = {
    category: "coordinator",
    name: "Example PSIRT",
    namespace: "https://portal.example",
    contact: "psirt@example.org",
} as const

const markdown = fc
    .oneof(text(300), fc.constant("# In short\n\n- one\n- `two`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"))
    .map(copyText)

export const anyAdvisory: fc.Arbitrary<Advisory> = fc
    .record({
        title: text(200),
        vulnerabilities: fc.uniqueArray(fc.record({ cve, cwe, vector: anyVector, products: someProducts }), {
            minLength: 1,
            maxLength: 4,
            selector: (item) => item.cve,
        }),
        credit: fc.oneof(fc.constant(null), text(50)),
        summary: fc.oneof(fc.constant(null), markdown),
        guidance: fc.oneof(fc.constant(null), markdown),
        number: fc.integer({ min: 1, max: 12_345 }),
        days: fc.array(fc.nat(400), { minLength: 1, maxLength: 4 }),
        contact: fc.constantFrom(null, "psirt@example.org"),
    })
    .map(({ number, days, contact, ...content }) => ({
        ...content,
        id: `TOCSIN-2025-${String(number).padStart(4, "0")}`,
        publisher: { ...publisher, contact },
        revisions: days
            .toSorted((a, b) => a - b)
            .map((day, n) => ({
                number: n + 1,
                at: 1_751_994_000_000 + day * dayMs + n,
                summary: `Revision ${n + 1}.`,
            })),
    }))

/** A complete advisory, as a case of the demonstration gives it. */
export const example: Advisory = {
    id: "TOCSIN-2025-0001",
    title: "Code injection in Example Server",
    publisher,
    vulnerabilities: [
        {
            cve: "CVE-2025-10001",
            cwe: "CWE-94",
            vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            products: [
                { vendor: "Acme", name: "Acme Example Server", fixedIn: "16.0.1" },
                { vendor: "Acme", name: "pkg:npm/%40acme/example", fixedIn: null },
            ],
        },
        {
            cve: "CVE-2025-10002",
            cwe: "CWE-287",
            vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
            products: [{ vendor: "Acme", name: "Acme Example Server", fixedIn: "16.0.2" }],
        },
    ],
    credit: "Somebody Kind",
    summary: copyText("# In short\n\nWhoever is signed in can run code."),
    guidance: copyText("Update, and **rotate** keys."),
    revisions: [{ number: 1, at: 1_751_994_000_000, summary: "Published." }],
}
