import { expect, test } from "vitest"
import type { Wave } from "../../answers.ts"
import { type AttentionInput, attentionOf } from "./attention.ts"

const wave: Wave = {
    id: "w",
    tier: "entry",
    hoursBefore: 24,
    at: "2025-07-07T17:00:00Z",
    state: "approved",
    approval: null,
    releasedAt: null,
    done: false,
    recipients: 0,
    notified: 0,
    filtered: 0,
    unnotified: [],
}

const quiet: AttentionInput = {
    subject: { id: "c", phase: "running", proposals: [] },
    waves: [wave],
    artifacts: [{ name: "guidance.md", recalled: false }],
    advisory: null,
    filings: [],
    unanswered: 0,
    signable: new Set(),
}

const shown = (input: AttentionInput) => attentionOf(input).map(({ text, action, to }) => `${text} · ${action} · ${to}`)

test("a case in order needs nothing", () => {
    expect(attentionOf(quiet)).toEqual([])
})

test("an empty case needs an embargo, waves and artifacts, each with its tab", () => {
    const subject = { ...quiet.subject, phase: "none" as const }
    expect(shown({ ...quiet, subject, waves: [], artifacts: [] })).toEqual([
        "No embargo agreed yet · Agree embargo · /cases/c/embargo",
        "No waves planned yet · Plan waves · /cases/c/release",
        "No artifacts yet · Add artifact · /cases/c/artifacts",
    ])
})

test("a requested wave says Sign only to a person who may sign", () => {
    const waves = [{ ...wave, state: "requested" as const }]
    expect(shown({ ...quiet, waves })).toEqual(["The Entry wave needs a second signature · View · /cases/c/release/w"])
    expect(attentionOf({ ...quiet, waves, signable: new Set(["w"]) })[0]?.action).toBe("Sign")
})

test("what is needed now comes first, then by deadline", () => {
    const filing = {
        id: "f",
        title: "Early warning",
        authority: "CSIRT",
        dueAt: "2025-07-01T00:00:00Z",
        isOverdue: false,
        to: "/f",
    }
    const lines = attentionOf({
        ...quiet,
        waves: [{ ...wave, state: "planned" }],
        filings: [filing, { ...filing, id: "late", isOverdue: true }],
        advisory: { text: "The advisory has errors", isDue: true, lacksFacts: false },
    })
    expect(lines.map(({ id }) => id)).toEqual(["late", "advisory", "f", "w"])
})

test("unnotified partners of a released wave are named, and not those of a frozen one", () => {
    const released: Wave = {
        ...wave,
        state: "released",
        releasedAt: wave.at,
        unnotified: [{ partner: "p", reason: "no_address" }],
    }
    expect(shown({ ...quiet, waves: [released] })).toEqual([
        "1 partner of the Entry wave not notified · View · /cases/c/release",
    ])
    expect(attentionOf({ ...quiet, waves: [{ ...released, state: "frozen" }] }).map(({ id }) => id)).toEqual(["w"])
})

test("an advisory that lacks facts leads to the form of the facts", () => {
    const advisory = { text: "The case is incomplete", isDue: false, lacksFacts: true }
    expect(attentionOf({ ...quiet, advisory })[0]).toMatchObject({
        to: "/cases/c",
        search: { change: "facts" },
        action: "Change facts",
    })
})
