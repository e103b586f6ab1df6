import { describe, expect, test } from "vitest"
import { hypothesesOf, hypothesisKeys, runnerUpOf } from "./hypotheses.ts"

const ranked = (recipient: string, log10e: number, identified = false) => ({ recipient, log10e, identified, fits: 0 })
const unmarked = { fits: 1, log10lr: -12, explains: false }

describe("rival explanations", () => {
    const hypothesis = hypothesesOf({ ranking: [ranked("acme", 9, true), ranked("globex", 1.5)], unmarked })

    test("stand beside the copy that fits best, each against chance and against that copy", () => {
        expect(hypothesis.map(({ key, recipient, log10, behind }) => [key, recipient, log10, behind])).toEqual([
            ["copy", "acme", 9, null],
            ["remade", "acme", 9, 0],
            ["other", "globex", 1.5, 7.5],
            ["unmarked", null, -12, 21],
            ["master", null, -12, 21],
            ["chance", null, 0, 9],
        ])
        expect(hypothesis.map(({ key }) => key)).toEqual([...hypothesisKeys])
    })

    test("have their words of the scale", () => {
        expect(hypothesis.map(({ text }) => text)).toEqual([
            "extremely strong support",
            "extremely strong support",
            "moderate support",
            "speaks against",
            "speaks against",
            "says nothing",
        ])
    })

    test.each([
        ["the next", [ranked("a", 9, true), ranked("b", 1)], "b"],
        ["nobody of those who are named with it", [ranked("a", 9, true), ranked("b", 8, true), ranked("c", 1)], "c"],
        ["the next where nobody is named", [ranked("a", 2), ranked("b", 1)], "b"],
    ])("the runner-up is %s", (_, ranking, expected) => {
        expect(runnerUpOf({ ranking })?.recipient).toBe(expected)
    })

    test("one suspect has no runner-up, and nobody has no explanation", () => {
        expect(runnerUpOf({ ranking: [ranked("a", 9, true)] })).toBe(null)
        expect(hypothesesOf({ ranking: [ranked("a", 9)], unmarked }).map(({ key }) => key)).not.toContain("other")
        expect(hypothesesOf({ ranking: [], unmarked })).toEqual([])
    })
})
