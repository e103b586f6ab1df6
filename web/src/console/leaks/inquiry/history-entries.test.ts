import { expect, test } from "vitest"
import { historyItems } from "./history-entries.ts"
import type { Opened } from "./inquiry-answers.ts"

const names = { person: (id: string) => `person ${id}`, partner: (id: string) => `partner ${id}` }
const subject: Opened = {
    id: "i",
    case: "c",
    title: "Who knew?",
    hypotheses: [],
    members: ["a"],
    evidence: [],
    openedBy: "a",
    openedAt: "2025-07-01T00:00:00Z",
    status: "closed",
    findings: [],
    questions: [
        {
            id: "q",
            kind: "question",
            partner: "p",
            finding: null,
            text: "Who had access?",
            askedBy: "a",
            askedAt: "2025-07-02T00:00:00Z",
            answerBy: "2025-07-16T00:00:00Z",
            state: "answered",
            answer: { text: "Two people.", deleted: null, by: "l", at: "2025-07-04T00:00:00Z" },
            readAt: null,
            unreached: 0,
        },
    ],
    excluded: [{ person: "x", wasMember: true, reason: "He wrote it.", by: "a", at: "2025-07-03T00:00:00Z" }],
    history: [
        { kind: "closed", outcome: "undecided", reason: "No more evidence.", by: "a", at: "2025-07-05T00:00:00Z" },
    ],
    attestations: [],
}

test("the history of an inquiry is in order of time, with names", () => {
    expect(historyItems(subject, names).map(({ title, by }) => [title, by])).toEqual([
        ["Opened", "a"],
        ["Question to partner p", "a"],
        ["Member excluded: person x", "a"],
        ["Answer of partner p", null],
        ["Closed: undecided", "a"],
    ])
})
