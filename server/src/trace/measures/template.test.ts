import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseInstant, instantInWords } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { type LetterKind, letterKinds, validateLetter, validateFilledLetter } from "./letter.ts"
import { shippedLetters } from "./built-in-templates.ts"
import { type HeldFile, fieldsOf, fillFields, heldFilesText, validateTemplate, requiredFieldsOf } from "./template.ts"

function said(kind: LetterKind, text: string): string {
    try {
        validateTemplate(kind, { subject: "A letter", text })
        return "done"
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

describe("a template", () => {
    test.each(letterKinds)("is valid as built in for `%s`", (kind) => {
        expect(said(kind, shippedLetters[kind].text)).toBe("done")
        expect(() => validateTemplate(kind, shippedLetters[kind])).not.toThrow()
    })

    test.each<[LetterKind, string, string]>([
        ["relaxation", "Dear [partner]", "done"],
        ["relaxation", "Until [appeal_by]", "template.field_not_found"],
        ["relaxation", "Dear [reader]", "template.field_not_found"],
        ["relaxation", "[Sic], [1], [a-b], [ ], []", "done"],
        ["restrict", "Dear [partner]", "template.field_missing"],
        ["suspension_extended", "Until [review_by]", "template.field_missing"],
        ["statement_of_concern", "[obligation] until [answer_by]", "done"],
        ["statement_of_concern", "[obligation]", "template.field_missing"],
        ["termination", "[obligation] [appeal_by]", "template.field_missing"],
        ["lift", " ", "letter.bad_text"],
    ])("for a `%s`: %j is %s", (kind, text, expected) => {
        expect(said(kind, text)).toBe(expected)
    })

    const neutral = [
        "restrict",
        "relaxation",
        "lift",
        "end_by_reporting_duty",
        "interim_suspension",
        "suspension_extended",
    ] as const
    test.each([...neutral, "reinstatement", "suspension_ended"] as const)("for a `%s` mentions no breach", (kind) => {
        expect(shippedLetters[kind].text).not.toMatch(/breach|obligation|violat|sanction/i)
        expect(fieldsOf(kind)).not.toContain("obligation")
    })

    test("names every required place among the possible ones", () => {
        for (const kind of letterKinds)
            for (const field of requiredFieldsOf(kind)) expect(fieldsOf(kind)).toContain(field)
    })

    test("never reads a filled value as a place, and changes nothing else", () => {
        const words = fc.stringMatching(/^[^[\]]*$/)
        fc.assert(
            fc.property(words, words, fc.string(), (before, after, name) => {
                const letter = { subject: "[partner]", text: `${before}[partner]${after}[terms]` }
                const given = { partner: `${name}[terms][partner]$&$1` }
                expect(fillFields(letter, given)).toEqual({
                    subject: given.partner,
                    text: `${before}${given.partner}${after}[terms]`,
                })
            }),
        )
    })

    test("ignores the object prototype", () => {
        const letter = { subject: "a", text: "[constructor] [to string]" }
        expect(fillFields(letter, {})).toEqual(letter)
    })
})

describe("the list of holdings", () => {
    const held = (n: number): HeldFile => ({
        warning: n % 2 === 0 ? "Even" : "Odd",
        file: `file-${n}.md`,
        version: 1,
        at: parseInstant("2025-07-03T17:15:00Z"),
    })
    test.each([
        [0, "You hold nothing that was fetched from us and is not public."],
        [3, "Even:\n- file-0.md, version 1, fetched 3 Jul 2025 17:15 UTC\n- file-2.md"],
        [101, "And 1 more, which the portal lists."],
    ])("lists %s copies", (count, text) => {
        expect(heldFilesText(Array.from({ length: count }, (_, n) => held(n)))).toContain(text)
    })

    test("always fits into a letter of the longest text", () => {
        const longest = {
            warning: "w".repeat(300),
            file: "f".repeat(300),
            version: 999,
            at: parseInstant("2025-07-03T17:15:00Z"),
        }
        const text = heldFilesText(
            Array.from({ length: 999 }, (_, n) => ({ ...longest, warning: `${n} ${longest.warning}` })),
        )
        const letter = { subject: "A letter", text: `${"a".repeat(20_000 - "[held]".length)}[held]` }
        expect(() => validateLetter(letter)).not.toThrow()
        expect(() => validateFilledLetter(fillFields(letter, { held: text }))).not.toThrow()
    })

    test("is dated in UTC", () => {
        expect(instantInWords(parseInstant("2025-07-03T19:15:59+02:00"))).toBe("3 Jul 2025 17:15 UTC")
    })
})
