import { describe, expect, test } from "vitest"
import type { FollowUp, Part, Warning } from "../../answers.ts"
import { firstSteps, stepsOf } from "./steps.ts"

const at = "2025-07-03T17:00:00Z"
const dueAt = "2025-07-10T17:00:00Z"

const warning = (fetchedAt: string | null, acknowledgedAt: string | null): Warning => ({
    id: "w",
    title: "w",
    vulnerabilities: [],
    publication: dueAt,
    published: false,
    withdrawnAt: null,
    permission: null,
    recalls: [],
    artifacts: [
        {
            id: "a",
            class: "summary",
            tlp: "AMBER",
            pap: "AMBER",
            name: "summary.md",
            available: true,
            version: 1,
            from: at,
            fetchedAt,
            acknowledgedAt,
            holds: [],
        } satisfies Part,
    ],
})

const followUp = (more: Partial<FollowUp>): FollowUp => ({
    since: at,
    dueAt,
    state: "due",
    protectionAt: null,
    sightingAt: null,
    warning: "w",
    ...more,
})

const states = (...args: Parameters<typeof stepsOf>) => stepsOf(...args).map(({ state }) => state)

describe("the steps of a warning", () => {
    test("the first step that is not done is the current one", () => {
        expect(states(warning(null, null), [])).toEqual(["done", "current", "open", "open", "open"])
        expect(states(warning(at, null), [followUp({})])).toEqual(["done", "done", "current", "open", "open"])
        expect(states(warning(at, at), [followUp({})])).toEqual(["done", "done", "done", "current", "open"])
    })

    test("reports count by the newest follow-up", () => {
        const done = followUp({ state: "done", protectionAt: at, sightingAt: at })
        expect(states(warning(at, at), [done])).toEqual(["done", "done", "done", "done", "done"])
        const again = followUp({ since: dueAt })
        expect(states(warning(at, at), [done, again])).toEqual(["done", "done", "done", "current", "open"])
    })
})

describe("the first steps of a guidance", () => {
    test("bold starts of the first part are steps, and later parts are not", () => {
        const text =
            "# Title\n\nWords.\n\n## Before\n\n**Count servers.** List every\n`server`.\n\n**Scan.** Turn it on.\n\n## Later\n\n**No.** Not this."
        expect(firstSteps(text)).toEqual([
            { title: "Count servers.", text: "List every server." },
            { title: "Scan.", text: "Turn it on." },
        ])
    })

    test("items of a list count, and a text without bold starts has no steps", () => {
        expect(firstSteps("1. **One.** a\n2. **Two.** b").map(({ title }) => title)).toEqual(["One.", "Two."])
        expect(firstSteps("Just words.")).toEqual([])
    })
})
