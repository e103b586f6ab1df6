import { expect, test } from "vitest"
import type { Procedure } from "./procedure-answers.ts"
import { exchangeOf, stagesOf } from "./procedure-view.ts"

type Entry = Procedure["history"][number]

const entry = (kind: Entry["kind"], at: string, more: Partial<Entry> = {}): Entry => ({
    kind,
    at,
    by: [],
    answerBy: null,
    appealBy: null,
    outcome: null,
    returnFrom: null,
    approval: null,
    texts: null,
    ...more,
})
const opened = entry("opened", "2025-07-25T10:00:00Z")
const answered = entry("answered", "2025-08-01T11:20:00Z")
const decided = entry("decided", "2025-08-08T09:30:00Z", { returnFrom: "2026-02-01T00:00:00Z" })
const dates = { answerBy: "2025-08-08T00:00:00Z", appealBy: null }

test("a procedure that waits for the answer is in its second stage", () => {
    const stages = stagesOf({ ...dates, phase: "answer_awaited", history: [opened] })
    expect(stages.map(({ state }) => state)).toEqual(["done", "current", "open", "open", "open"])
    expect(stages[1]).toMatchObject({ at: dates.answerBy, text: "due" })
})

test("a decision leads to the appeal, and names the day of a possible return", () => {
    const stages = stagesOf({
        answerBy: null,
        appealBy: "2025-09-08T00:00:00Z",
        phase: "open_to_appeal",
        history: [opened, answered, decided],
    })
    expect(stages.map(({ state }) => state)).toEqual(["done", "done", "done", "current", "open"])
    expect(stages[4]).toMatchObject({ at: "2026-02-01T00:00:00Z", text: "if the terms are met" })
})

test("a procedure without answer is decided as having none", () => {
    const stages = stagesOf({ ...dates, phase: "to_decide", history: [opened] })
    expect(stages.map(({ state, text }) => `${state}: ${text}`).slice(1, 3)).toEqual([
        "done: none",
        "current: two people decide",
    ])
})

test("letters and answers are one exchange, newest first", () => {
    const answer = { answer: "It was stolen.", answeredAt: answered.at, readAt: null }
    const letter = { id: "l", partner: "p", ...answer }
    const letters: Procedure["letters"] = [
        { ...letter, kind: "statement_of_concern", subject: "A concern", text: "…", sentAt: opened.at },
    ]
    expect(exchangeOf({ letters, history: [opened, answered] }).map(({ kind, text }) => [kind, text])).toEqual([
        ["answer", "It was stolen."],
        ["statement of concern", "…"],
    ])
})
