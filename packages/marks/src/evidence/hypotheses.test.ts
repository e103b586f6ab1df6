import { describe, expect, test } from "vitest"
import { hypothesesOf, hypothesisKeys, runnerUpOf } from "./hypotheses.ts"

const ranked = (recipient: string, log10e: number, identified = false) => ({ recipient, log10e, identified, fits: 0 })
const unmarked = { fits: 1, log10lr: -12, explains: false }

describe("competing hypotheses", () => {
    const hypothesis = hypothesesOf({ ranking: [ranked("acme", 9, true), ranked("globex", 1.5)], unmarked })

    test("are listed next to the best copy, each against chance and against that copy", () => {
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

    test("have a term of the verbal scale", () => {
        expect(hypothesis.map(({ support }) => support)).toEqual([
            "extremely_strong_support",
            "extremely_strong_support",
            "moderate_support",
            "speaks_against",
            "speaks_against",
            "no_support",
        ])
    })

    test.each([
        ["the next candidate", [ranked("a", 9, true), ranked("b", 1)], "b"],
        ["not a candidate identified with it", [ranked("a", 9, true), ranked("b", 8, true), ranked("c", 1)], "c"],
        ["the next candidate when none is identified", [ranked("a", 2), ranked("b", 1)], "b"],
    ])("the runner-up is %s", (_, ranking, expected) => {
        expect(runnerUpOf({ ranking })?.recipient).toBe(expected)
    })

    test("one candidate has no runner-up, and no candidates have no hypothesis", () => {
        expect(runnerUpOf({ ranking: [ranked("a", 9, true)] })).toBe(null)
        expect(hypothesesOf({ ranking: [ranked("a", 9)], unmarked }).map(({ key }) => key)).not.toContain("other")
        expect(hypothesesOf({ ranking: [], unmarked })).toEqual([])
    })
})
