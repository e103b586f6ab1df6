import { describe, expect, test } from "vitest"
import { earlierWordsLines, recognitionLines, validateWords } from "./recognition-words.ts"

describe("recognition words", () => {
    test.each([
        ["tin heron", "tin heron"],
        [" blue heron at noon ", "blue heron at noon"],
        ["Größe zählt nicht", "Größe zählt nicht"],
        ["Gro\u0308\u00dfe Halle", "Gr\u00f6\u00dfe Halle"],
        ["नमस्ते दुनिया", "नमस्ते दुनिया"],
        ["x".repeat(60), "x".repeat(60)],
    ])("%j is taken", (typed, words) => {
        expect(validateWords(typed)).toBe(words)
    })

    test.each([
        "",
        "abcdefg",
        "x".repeat(61),
        "two  spaces here",
        "tab\tinside",
        "line\nbreak",
        "tin heron 7",
        "heron.example",
        "http://heron",
        "<b>heron</b>",
        "right\u202eleft",
        "\u0308abcdefgh",
    ])("%j is refused", (typed) => {
        expect(() => validateWords(typed)).toThrow(expect.objectContaining({ code: "partner.bad_recognition_words" }))
    })

    test("a mail has them on a line of their own, or says that there are none", () => {
        expect(recognitionLines("blue heron")).toContain("    blue heron")
        const none = recognitionLines(null).join("\n")
        expect(none).toContain("has no recognition words")
        expect(none).toContain("A lead sets them")
        expect(earlierWordsLines("blue heron")).toEqual(["The earlier recognition words:", "", "    blue heron", ""])
        expect(earlierWordsLines(null)).toEqual([])
    })
})
