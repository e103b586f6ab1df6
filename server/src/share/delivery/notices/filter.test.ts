import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { type Pattern, normalisePatterns, formatPattern, parsePatterns, patternsMax, matcherFor } from "./filter.ts"

/** `Microsoft; SharePoint, F5`: patterns or products, by commas. */
const read = (text: string) => parsePatterns(text.replaceAll(", ", "\n"))
const products = (text: string) => read(text).map(({ vendor, product }) => ({ vendor, name: product ?? "" }))

describe("of which waves a partner is told", () => {
    test.each([
        ["of everything, where it lists nothing", "", "Microsoft; SharePoint", true],
        ["of a case that names no product", "Cisco", "", true],
        ["by the vendor alone", "Microsoft", "Microsoft; SharePoint", true],
        ["of no other vendor's", "Cisco", "Microsoft; SharePoint", false],
        ["by vendor and product", "Microsoft; SharePoint", "Microsoft; SharePoint", true],
        ["of no other product of the vendor", "Microsoft; Exchange", "Microsoft; SharePoint", false],
        ["of no product of that name of another vendor", "Cisco; SharePoint", "Microsoft; SharePoint", false],
        ["whatever the capitals", "MICROSOFT; sharepoint", "Microsoft; SharePoint", true],
        ["whatever the spaces and signs", "Red-Hat, F 5 Inc", "RedHat; Linux", true],
        ["whatever the accents", "Bosch; Gerat", "Bosch; Gerät", true],
        ["by a part of the name", "Microsoft; SharePoint", "Microsoft; SharePoint Server 2019", true],
        ["by some of its words", "Microsoft; SharePoint Server", "Microsoft; SharePoint Enterprise Server 2016", true],
        ["not where one word is another", "Microsoft; Windows 11", "Microsoft; Windows 10", false],
        ["where the case says less than the pattern", "Microsoft Corporation; Windows 11", "Microsoft; Windows", true],
        ["where one of its patterns fits", "Cisco, Microsoft; SharePoint", "Microsoft; SharePoint", true],
        ["where one of the products fits", "Microsoft; Exchange", "Microsoft; SharePoint, Microsoft; Exchange", true],
        ["not by the vendor of one product and the name of another", "A1; B2", "A1; C3, D4; B2", false],
        ["of a product that has no letters", "Cisco", "***; ***", true],
    ])("%s", (_, patterns, subject, is) => {
        expect(matcherFor(products(subject))(read(patterns))).toBe(is)
    })

    test("by what the case says itself, however else it is written", () => {
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

describe("what is kept of a filter", () => {
    test.each<[string, string, Pattern[]]>([
        ["vendors and products, a line each", "Cisco\nF5; BIG-IP", read("Cisco, F5; BIG-IP")],
        ["no empty line", "\n  \nCisco\n\n", read("Cisco")],
        ["no space around or doubled", "  Red   Hat ;  Linux ", [{ vendor: "Red Hat", product: "Linux" }]],
        ["each once, as it was written first", "Red Hat\nred-hat\nRED HAT; Linux", read("Red Hat, RED HAT; Linux")],
        ["nothing", "", []],
    ])("%s", (_, text, kept) => {
        expect(normalisePatterns(parsePatterns(text))).toEqual(kept)
    })

    test("is read again as it is shown", () => {
        const kept = normalisePatterns(read("Cisco, F5; BIG-IP, Red Hat"))
        expect(parsePatterns(kept.map(formatPattern).join("\n"))).toEqual(kept)
    })

    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ vendor: `V${n}`, product: null }))
    test.each<[string, Pattern[], string]>([
        ["a vendor of signs alone", [{ vendor: "***", product: null }], "delivery.bad_pattern"],
        ["a product of signs alone", [{ vendor: "Cisco", product: " - " }], "delivery.bad_pattern"],
        ["a product that is empty", parsePatterns("Cisco;"), "delivery.bad_pattern"],
        ["a semicolon in a name", parsePatterns("Cisco; A; B"), "delivery.bad_pattern"],
        ["two lines in a name", [{ vendor: "Cisco\nF5", product: null }], "delivery.bad_pattern"],
        ["a vendor that is too long", [{ vendor: "x".repeat(101), product: null }], "delivery.bad_pattern"],
        ["a product that is too long", [{ vendor: "x", product: "x".repeat(201) }], "delivery.bad_pattern"],
        ["too many", many(patternsMax + 1), "delivery.too_many_patterns"],
    ])("is not: %s", (_, given, code) => {
        expect(normalisePatterns(many(patternsMax))).toHaveLength(patternsMax)
        expect(() => normalisePatterns(given)).toThrow(expect.objectContaining({ code }))
    })

    test("is named by no refusal", () => {
        expect(() => normalisePatterns(parsePatterns("Cisco\nSecret;Thing;"))).toThrow(
            new Refusal(
                "invalid",
                "delivery.bad_pattern",
                "pattern `2`: a product must be one line without a semicolon",
            ),
        )
    })
})
