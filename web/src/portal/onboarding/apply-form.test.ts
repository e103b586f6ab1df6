/** Compares the form's field errors with the server's: neither is stricter. */
import { Check } from "typebox/value"
import { describe, expect, test } from "vitest"
import { newApplicationShape, productClasses } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { asked, bodyOf } from "./apply-form.ts"

const good: Readonly<Record<string, string>> = {
    organisation: "Harbour Light",
    mail: "a@b.example",
    contactName: "Nadia",
    contactMail: "n@b.example",
    productClasses: "other",
    products: "One\nTwo",
    regions: "Norway",
    cve: "CVE-2024-3094",
    inHouseProtection: "x".repeat(20),
    example: "x".repeat(4000),
    dataUse: "x".repeat(20),
    mailboxReaders: "x".repeat(20),
    automation: "none",
}

/** Returns whether the form would send these answers. */
function isSent(answers: Readonly<Record<string, string>>): boolean {
    return asked(productClasses).every(({ name, check, length }) => {
        const value = answers[name] ?? ""
        const letters = [...value.trim()].length
        const fits = length === undefined || (letters >= length.min && letters <= length.max)
        return fits && (check?.(value) ?? null) === null
    })
}

const lines = (many: number, length: number) => Array.from({ length: many }, () => "x".repeat(length)).join("\n")

describe("the form of an application", () => {
    test.each([
        ["as it should be", {}, true],
        ["with spaces around, which are taken off", { organisation: " Harbour Light ", mail: " a@b.example " }, true],
        ["with empty lines, which are none", { products: "\nOne\n\n" }, true],
        ["with an organisation too long", { organisation: "x".repeat(121) }, false],
        ["with products at their limits", { products: lines(30, 120) }, true],
        ["with a product too many", { products: lines(31, 1) }, false],
        ["with a product too long", { products: lines(1, 121) }, false],
        ["with a region too long", { regions: lines(1, 81) }, false],
        ["of no class", { productClasses: "" }, false],
        ["with a story too short", { dataUse: `${"x".repeat(19)}   ` }, false],
        ["with a story too long", { dataUse: "x".repeat(4001) }, false],
        ["with letters beyond the first plane, each of which counts once", { dataUse: "🔔".repeat(20) }, true],
        ["with recognition words", { recognitionWords: " blue heron " }, true],
        ["with another number than a CVE id", { cve: "2024-3094" }, false],
    ])("%s", (_, changed, expected) => {
        const answers = { ...good, ...changed }
        expect(isSent(answers)).toBe(expected)
        expect(Check(newApplicationShape, bodyOf(answers))).toBe(expected)
    })

    test("a body that is too large in total is reported in bytes before sending", () => {
        const answers = {
            ...good,
            dataUse: "я".repeat(4000),
            mailboxReaders: "я".repeat(4000),
            automation: "я".repeat(4000),
        }
        expect(isSent(answers)).toBe(true)
        expect(() => bodyOf(answers)).toThrow("the limit is 24576")
    })
})
