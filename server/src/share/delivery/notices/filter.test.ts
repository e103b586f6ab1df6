import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { type Pattern, normalisePatterns, formatPattern, parsePatterns, patternsMax, matcherFor } from "./filter.ts"

/** `Microsoft; SharePoint, F5`: patterns or products, by commas. */
const read = (text: string) => parsePatterns(text.replaceAll(", ", "\n"))
const products = (text: string) => read(text).map(({ vendor, product }) => ({ vendor, name: product ?? "" }))

describe("a filter matches", () => {
    test.each([
        ["every case, when it is empty", "", "Microsoft; SharePoint", true],
        ["a case without a product", "Cisco", "", true],
        ["a vendor alone", "Microsoft", "Microsoft; SharePoint", true],
        ["no other vendor", "Cisco", "Microsoft; SharePoint", false],
        ["a vendor and a product", "Microsoft; SharePoint", "Microsoft; SharePoint", true],
        ["no other product of the vendor", "Microsoft; Exchange", "Microsoft; SharePoint", false],
        ["no product of that name of another vendor", "Cisco; SharePoint", "Microsoft; SharePoint", false],
        ["any letter case", "MICROSOFT; sharepoint", "Microsoft; SharePoint", true],
        ["any spaces and punctuation", "Red-Hat, F 5 Inc", "RedHat; Linux", true],
        ["any accents", "Bosch; Gerat", "Bosch; Gerät", true],
        ["part of a name", "Microsoft; SharePoint", "Microsoft; SharePoint Server 2019", true],
        ["some words of a name", "Microsoft; SharePoint Server", "Microsoft; SharePoint Enterprise Server 2016", true],
        ["no word inside another", "Microsoft; Windows 11", "Microsoft; Windows 10", false],
        ["no case that names less than the pattern", "Microsoft Corporation; Windows 11", "Microsoft; Windows", true],
        ["when one of its patterns matches", "Cisco, Microsoft; SharePoint", "Microsoft; SharePoint", true],
        ["when one of the products matches", "Microsoft; Exchange", "Microsoft; SharePoint, Microsoft; Exchange", true],
        ["no vendor of one product with the name of another", "A1; B2", "A1; C3, D4; B2", false],
        ["a product without letters", "Cisco", "***; ***", true],
    ])("%s", (_, patterns, subject, is) => {
        expect(matcherFor(products(subject))(read(patterns))).toBe(is)
    })

    test("the product names of the case itself, however written", () => {
        const name = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => /[a-z0-9]/i.test(text))
        fc.assert(
            fc.property(name, name, (vendor, product) => {
                const isWanted = matcherFor([{ vendor, name: product }])
                expect(isWanted([{ vendor, product }])).toBe(true)
                expect(isWanted([{ vendor: ` ${vendor.toUpperCase()}.`, product: null }])).toBe(true)
                expect(isWanted([{ vendor: `${vendor}+x`, product: `the ${product}` }])).toBe(true)
            }),
        )
    })
})

describe("a stored filter", () => {
    test.each<[string, string, Pattern[]]>([
        ["has vendors and products, one per line", "Cisco\nF5; BIG-IP", read("Cisco, F5; BIG-IP")],
        ["has no empty lines", "\n  \nCisco\n\n", read("Cisco")],
        ["has no extra spaces", "  Red   Hat ;  Linux ", [{ vendor: "Red Hat", product: "Linux" }]],
        [
            "has each pattern once, as first written",
            "Red Hat\nred-hat\nRED HAT; Linux",
            read("Red Hat, RED HAT; Linux"),
        ],
        ["may be empty", "", []],
    ])("%s", (_, text, kept) => {
        expect(normalisePatterns(parsePatterns(text))).toEqual(kept)
    })

    test("is read as it is shown", () => {
        const kept = normalisePatterns(read("Cisco, F5; BIG-IP, Red Hat"))
        expect(parsePatterns(kept.map(formatPattern).join("\n"))).toEqual(kept)
    })

    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ vendor: `V${n}`, product: null }))
    test.each<[string, Pattern[], string]>([
        ["a vendor of punctuation only", [{ vendor: "***", product: null }], "delivery.bad_pattern"],
        ["a product of punctuation only", [{ vendor: "Cisco", product: " - " }], "delivery.bad_pattern"],
        ["an empty product", parsePatterns("Cisco;"), "delivery.bad_pattern"],
        ["a semicolon in a name", parsePatterns("Cisco; A; B"), "delivery.bad_pattern"],
        ["two lines in a name", [{ vendor: "Cisco\nF5", product: null }], "delivery.bad_pattern"],
        ["a vendor that is too long", [{ vendor: "x".repeat(101), product: null }], "delivery.bad_pattern"],
        ["a product that is too long", [{ vendor: "x", product: "x".repeat(201) }], "delivery.bad_pattern"],
        ["too many patterns", many(patternsMax + 1), "delivery.too_many_patterns"],
    ])("cannot have: %s", (_, given, code) => {
        expect(normalisePatterns(many(patternsMax))).toHaveLength(patternsMax)
        expect(() => normalisePatterns(given)).toThrow(expect.objectContaining({ code }))
    })

    test("is not quoted in any refusal", () => {
        expect(() => normalisePatterns(parsePatterns("Cisco\nSecret;Thing;"))).toThrow(
            new Refusal(
                "invalid",
                "delivery.bad_pattern",
                "pattern `2`: a product must be one line without a semicolon",
                { value: 2, fault: "a product must be one line without a semicolon" },
            ),
        )
    })
})
