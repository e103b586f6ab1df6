import { describe, expect, test } from "vitest"
import { assertVisibleLines, hasHiddenCharacters } from "./visible-text.ts"

const refused = [
    ["a control", "a\u0007b"],
    ["a line break", "a\nb"],
    ["a C1 control", "a\u0085b"],
    ["a line separator", "a\u2028b"],
    ["a direction override", "exe\u202etxt"],
    ["a direction isolate", "a\u2066b"],
    ["a direction mark", "a\u200eb"],
    ["an Arabic letter mark", "a\u061cb"],
    ["a zero-width space", "ad\u200bmin"],
    ["a word joiner", "ad\u2060min"],
    ["a byte order mark", "\ufeffadmin"],
    ["a soft hyphen", "ad\u00admin"],
    ["a Hangul filler", "\u3164"],
    ["a half-width Hangul filler", "ad\uffa0min"],
    ["a combining grapheme joiner", "ad\u034fmin"],
    ["a tag", "admin\u{e0041}"],
    ["a variation selector", "admin\ufe0f"],
    ["a variation selector of the supplement", "admin\u{e0100}"],
    ["a Mongolian vowel separator", "ad\u180emin"],
    ["an annotation anchor", "ad\ufff9min"],
    ["a deprecated format character", "ad\u206amin"],
    ["an unassigned ignorable", "ad\u{e0fff}min"],
    ["a joiner between Latin letters", "ad\u200dmin"],
    ["a non-joiner at the end", "\u0645\u06cc\u200c"],
    ["a joined emoji", "\u{1f468}\u200d\u{1f469}"],
] as const

describe("a single-line text", () => {
    test.each(refused)("refuses %s", (_, text) => expect(hasHiddenCharacters(text)).toBe(true))

    test.each([
        ["Latin", "Zoë O’Brien-Šimić, Łódź (EU) & Co."],
        ["Persian, with a non-joiner", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"],
        ["Sinhala, with a joiner", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"],
        ["Hebrew", "שלום"],
        ["emoji", "🦢"],
        ["combining marks", "e\u0301"],
    ])("accepts %s", (_, text) => expect(hasHiddenCharacters(text)).toBe(false))
})

test("every input field is a single line, at any depth, except prose", () => {
    const field = (input: unknown) => {
        try {
            assertVisibleLines(input)
            return null
        } catch (error) {
            return error
        }
    }
    const code = "line.hidden_character"
    expect(field({ name: "a\u202eb" })).toMatchObject({ kind: "invalid", code })
    expect(field({ contact: { name: "a\u200bb" } })).toMatchObject({ code, message: expect.stringContaining("`name`") })
    expect(field({ products: ["a", "b\u0000"] })).toMatchObject({ code })
    expect(field({ a_field_of_tomorrow: "a\nb" })).toMatchObject({ code })
    expect(
        field({
            text: "a\nb",
            reason: "c\nd",
            regime: { basis: "a law,\nby article 14" },
            receipts: ["{\n}\n"],
            title: "e",
            count: 1,
            none: null,
        }),
    ).toBeNull()
})
