import { describe, expect, test } from "vitest"
import { classes, verbs } from "./lexicon.ts"
import { phrases } from "./phrases.ts"
import { distinctIds, wordingSlots } from "./wording.ts"
import { wordings } from "./wordings.ts"

const linesOf = (table: string): string[] => table.trim().split("\n")
const lines = [...linesOf(wordings), ...linesOf(phrases)]
const special = ["START", "COMMA", "PUNCT", "DIGIT", "ING", "CODE"]

function formsOf(line: string, by: RegExp): string[] {
    return (line.split(" / ")[0] ?? "").split(by).map((form) => form.trim())
}

describe("the lexicon", () => {
    test("has at least 400 entries, none twice", () => {
        expect(lines.length).toBeGreaterThan(400)
        expect(new Set(lines).size).toBe(lines.length)
    })

    test.each(lines)("%s: two forms or more, all different, none empty", (line) => {
        const forms = formsOf(line, /[|>]/)
        expect(forms.length).toBeGreaterThan(1)
        expect(new Set(forms).size).toBe(forms.length)
        expect(forms).not.toContain("")
        for (const form of forms) expect(form).toMatch(/^[a-z0-9][a-z0-9' -]*$/)
    })

    test.each(linesOf(verbs))("%s: the same inflections for each verb", (line) => {
        const columns = formsOf(line, /[=>]/).map((verb) => verb.split(/\s+/).length)
        expect(new Set(columns).size).toBe(1)
        expect(columns.length).toBeGreaterThan(1)
    })

    test("has conditions of four kinds, over words and known classes", () => {
        for (const line of [...lines, ...linesOf(verbs)]) {
            for (const clause of line.split(" / ").slice(1)) {
                const [kind, ...names] = clause.trim().split(/\s+/)
                expect(["next", "prev", "nonext", "noprev"]).toContain(kind)
                expect(names.length).toBeGreaterThan(0)
                for (const name of names) {
                    const known = /^[a-z0-9]+$/.test(name) || special.includes(name) || Object.hasOwn(classes, name)
                    expect([line, name, known]).toEqual([line, name, true])
                }
            }
        }
    })
})

describe("a slot's id", () => {
    const slotsOf = (text: string) =>
        wordingSlots(
            text,
            [{ start: 0, end: text.length, opens: true, closes: true, beforeCode: false }],
            distinctIds(),
        )

    test("says the same for the same words around it, and counts repetitions", () => {
        const sentence = "We saw it fail, for example here, and in no other place at all."
        const [first, second] = slotsOf(`${sentence} ${sentence}`)
        expect(second?.id).toMatch(/#1$|^[0-9a-f]{24}$/)
        expect(first?.id).not.toBe(second?.id)
        expect(slotsOf(sentence)[0]?.id).toBe(first?.id)
    })
})
