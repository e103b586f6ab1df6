import { describe, expect, test } from "vitest"
import { changedScores, faultOf, ownScores, scoresWith } from "./scores.ts"

const reason = "Seen in a call with three people."
const given = [
    { criterion: "mailbox", person: "me", score: 1, reason },
    { criterion: "mailbox", person: "me", score: 3, reason },
    { criterion: "vouched", person: "other", score: 2, reason },
]
const own = ownScores(given, "me")
const assessed = {
    criteria: [
        { id: "mailbox", required: true },
        { id: "confidence", required: true },
        { id: "vouched", required: false },
    ],
    scores: given,
    hiddenScores: [],
}
const undecided = { decision: "none", reason: "" } as const

describe("scores of an application", () => {
    test("the last score of a person counts", () => {
        expect([...own.values()].map(({ score }) => score)).toEqual([3])
    })

    test("only changed scores are sent", () => {
        const drafts = { mailbox: { score: 3, reason }, confidence: { score: 2, reason: ` ${reason} ` } }
        expect(changedScores(drafts, own)).toEqual([{ criterion: "confidence", score: 2, reason }])
    })

    test("drafts count as the last own scores", () => {
        const drafts = { mailbox: { score: 0, reason }, confidence: { score: null, reason } }
        expect(scoresWith(given, drafts, "me").map(({ score, seq }) => [score, seq])).toEqual([
            [1, 0],
            [3, 1],
            [2, 2],
            [0, 3],
        ])
    })

    test("a score and a decision need a reason, and an invitation all required scores", () => {
        expect(faultOf(assessed, {}, own, undecided)).toBe("score a criterion first")
        const short = { confidence: { score: 2, reason: "ok" } }
        expect(faultOf(assessed, short, own, undecided)).toMatch(/^each score needs a reason/)
        const invites = { decision: "invited", reason } as const
        expect(faultOf(assessed, {}, own, invites)).toBe("1 required criterion has no score")
        expect(faultOf(assessed, { confidence: { score: 2, reason } }, own, invites)).toBe(null)
        expect(faultOf(assessed, {}, own, { decision: "declined", reason: "" })).toMatch(/^the decision needs/)
        expect(faultOf(assessed, {}, own, { decision: "declined", reason })).toBe(null)
    })

    test("an invitation needs own scores while those of others are hidden", () => {
        const hidden = { ...assessed, scores: [], hiddenScores: [{ person: "other" }] }
        const invites = { decision: "invited", reason } as const
        expect(faultOf(hidden, {}, new Map(), invites)).toBe("submit your own scores first")
        expect(faultOf(hidden, { confidence: { score: 2, reason } }, new Map(), invites)).toBe(null)
        expect(faultOf(hidden, {}, new Map(), { decision: "declined", reason })).toBe(null)
    })
})
