import { describe, expect, test } from "vitest"
import { fragile } from "./fragile.ts"
import { idioms } from "../../lexicon/idioms.ts"
import { classes } from "../../lexicon/lexicon.ts"
import { phrases } from "../../lexicon/phrases.ts"
import { collocations } from "../../lexicon/collocations.ts"
import { verbs } from "../../lexicon/verbs.ts"
import { distinctIds, wordingSlots } from "./slots.ts"
import { phraseVariants } from "../../lexicon/variants.ts"

const linesOf = (table: string): string[] => table.trim().split("\n")
const lines = [phraseVariants, phrases, collocations, idioms, fragile].flatMap(linesOf)
const special = ["START", "COMMA", "PUNCT", "DIGIT", "ING", "CODE", "ED", "VERSION"]

function formsOf(line: string, by: RegExp): string[] {
    return (line.split(" / ")[0] ?? "").split(by).map((form) => form.trim())
}

describe("the lexicon", () => {
    test("has at least 800 entries without repeats", () => {
        expect(lines.length).toBeGreaterThan(800)
        expect(new Set(lines).size).toBe(lines.length)
    })

    test.each(lines)("%s: at least two forms, all different, none empty", (line) => {
        const forms = formsOf(line, /[|>]/)
        expect(forms.length).toBeGreaterThan(1)
        expect(new Set(forms).size).toBe(forms.length)
        expect(forms).not.toContain("")
        for (const form of forms) expect(form).toMatch(/^[a-z0-9$][a-z0-9$' -]*$/)
    })

    test.each(linesOf(verbs))("%s: the same inflections for each verb", (line) => {
        const columns = formsOf(line, /[=>]/).map((verb) => verb.split(/\s+/).length)
        expect(new Set(columns).size).toBe(1)
        expect(columns.length).toBeGreaterThan(1)
    })

    test("has conditions of known kinds, on words and known classes", () => {
        for (const line of [...lines, ...linesOf(verbs)]) {
            for (const clause of line.split(" / ").slice(1)) {
                const [kind, ...names] = clause.trim().split(/\s+/)
                expect(["next", "prev", "nonext", "noprev", "near", "nonear", "whole"]).toContain(kind)
                expect(names.length).toBeGreaterThan(0)
                for (const name of names) {
                    const known = /^[a-z0-9]+$/.test(name) || special.includes(name) || Object.hasOwn(classes, name)
                    expect([line, name, known]).toEqual([line, name, true])
                }
            }
        }
    })
})

const slotsOf = (text: string) =>
    wordingSlots(
        text,
        [{ start: 0, end: text.length, opens: true, closes: true, afterCode: false, beforeCode: false }],
        distinctIds(),
    )

/** A text with one of its wordings exchanged, for each that can be. */
const readings = (text: string): string[] =>
    slotsOf(text).flatMap(({ variants }) =>
        variants
            .slice(1)
            .map(([edit]) => text.slice(0, edit?.start) + (edit?.text ?? "") + text.slice(edit?.end ?? text.length)),
    )

describe("a replacement never reads wrong", () => {
    test.each([
        ["The whole of the body is read.", "entire of"],
        ["Partners run it on their own servers.", "by themselves servers"],
        ["It stands on its own network segment.", "by itself network"],
        ["If you can, wait for a day.", "you may"],
        ["As a reader, you can pass it on.", "you may"],
        ["The two are told apart from each other.", "aside from"],
        ["Keep it apart from the database.", "except for"],
        ["A partner need not wait.", "do not have"],
        ["A check that the vendor made is not enough.", "verify that"],
        ["The parser does not check that byte.", "verify that"],
        ["The checks that the vendor made are not enough.", "verifies that"],
        ["The attackers managed to get in.", "was able"],
        ["The keys can be obtained from us.", "is available"],
        ["It has failed to start.", "has did"],
        ["It never fails to start.", "never does not"],
        ["We found identifiers that occur twice.", "take place"],
        ["Everything happened on one day.", "took place"],
        ["Both were fixed at once.", "immediately"],
        ["It stands for one flaw or several under one name.", "a number of under"],
        ["They keep several.", "a number of"],
        ["The majority of them are patched.", "ost them"],
        ["It was so made, and is such that nobody sees it.", "is so that"],
        ["It takes no more than 5 days.", "no over"],
        ["After this happened, we waited.", "ollowing this"],
        ["It takes as long as ten minutes.", "so long as"],
        ["It lasts as long as the session.", "provided that"],
        ["The result depends on the version.", "relies on"],
        ["They worked with a copy.", "cooperated"],
        ["They did it with the help of a partner.", "by means of"],
        ["The partner may have copies.", "might have"],
        ["You may also share it.", "might also"],
        ["The keys are used by services.", "employed"],
        ["It works as well as the old one.", "along with"],
        ["The answer lies in the log.", "located"],
        ["It is not nearly done, and nearly nobody saw it.", "almost"],
        ["A few are left.", "handful of are"],
        ["The rule allows the request.", "enables"],
        ["It releases the lock.", "publishes"],
        ["A token identifies a user.", "finds"],
        ["It ends at the same time as the session.", "simultaneously"],
    ])("%s", (text, wrong) => {
        expect(readings(text).filter((reading) => reading.includes(wrong))).toEqual([])
    })

    test("and is made where it reads well", () => {
        const text = "Apart from the restart, users do not have to do anything else: it runs on its own."
        expect(readings(text)).toContain(text.replace("Apart from", "Aside from"))
        expect(readings(text)).toContain(text.replace("on its own", "by itself"))
    })
})

describe("the id of a slot", () => {
    test("depends on the surrounding words, and numbers repetitions", () => {
        const sentence = "We saw it fail, for example here, and in no other place at all."
        const [first, second] = slotsOf(`${sentence} ${sentence}`)
        expect(second?.id).toMatch(/#1$|^[0-9a-f]{24}$/)
        expect(first?.id).not.toBe(second?.id)
        expect(slotsOf(sentence)[0]?.id).toBe(first?.id)
    })
})
