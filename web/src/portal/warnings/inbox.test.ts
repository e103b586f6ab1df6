import { describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { Part, Warning } from "../answers.ts"
import { figuresOf, inboxOf, taskOf } from "./inbox.ts"

const part = (from: string, more: Partial<Part> = {}): Part => ({
    id: from,
    class: "summary",
    tlp: "AMBER",
    pap: "AMBER",
    name: "summary.md",
    available: true,
    version: 1,
    from,
    fetchedAt: null,
    acknowledgedAt: null,
    holds: [],
    ...more,
})

const warning = (id: string, publication: string, artifacts: Part[], more: Partial<Warning> = {}): Warning => ({
    id,
    title: id,
    vulnerabilities: [],
    publication,
    published: false,
    withdrawnAt: null,
    permission: null,
    artifacts,
    recalls: [],
    ...more,
})

const first = "2025-07-01T00:00:00Z"
const later = "2025-07-02T00:00:00Z"
const done = { fetchedAt: later, acknowledgedAt: later }

describe("the inbox", () => {
    test("the newest warning with something open is shown first, the others by publication", () => {
        const warnings = [
            warning("late", "2025-07-20T00:00:00Z", [part(first, done)]),
            warning("soon", "2025-07-10T00:00:00Z", [part(first)]),
            warning("new", "2025-07-30T00:00:00Z", [part(later)]),
            warning("public", "2025-06-01T00:00:00Z", [part(first)], { published: true }),
        ]
        const { newest, underEmbargo, past } = inboxOf(warnings)
        expect(newest?.id).toBe("new")
        expect(underEmbargo.map(({ id }) => id)).toEqual(["soon", "late"])
        expect(past.map(({ id }) => id)).toEqual(["public"])
    })

    test("a finished warning asks for nothing, and is not new", () => {
        const finished = warning("done", "2025-07-10T00:00:00Z", [part(first, done)])
        expect(taskOf(finished)).toBeNull()
        expect(inboxOf([finished]).newest).toBeNull()
        expect(taskOf(warning("one", later, [part(first)]))).toBe("1 copy to fetch")
        expect(taskOf(warning("two", later, [part(first, { fetchedAt: later })]))).toBe("1 copy to acknowledge")
    })
})

test("figures count protection before publication and the head start, and ignore other years", () => {
    const warnings = [
        warning("a", "2025-07-04T00:00:00Z", [part(first, done)]),
        warning("old", "2023-07-04T00:00:00Z", [part("2023-07-01T00:00:00Z", done)]),
    ]
    const protection = {
        warning: "a",
        person: "",
        state: "protected" as const,
        since: null,
        note: "",
        reportedAt: later,
    }
    const figures = figuresOf(warnings, [protection], parseInstant("2025-08-01T00:00:00Z"))
    expect(figures).toEqual({
        warnings: 1,
        protectedBefore: 1,
        acknowledgedAfterMs: 86_400_000,
        headStartMs: 259_200_000,
    })
    expect(figuresOf([], [], 0)).toMatchObject({ warnings: 0, headStartMs: null })
})
