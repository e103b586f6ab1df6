import { expect, test } from "vitest"
import { type FollowUp, type ProtectionReport, isUnfinished, protectionRows } from "./protection-rows.ts"

const followUp = (partner: string, state: FollowUp["state"], dueAt: string): FollowUp => ({
    partner,
    case: "case",
    tier: "entry",
    since: "2025-06-24T17:00:00Z",
    dueAt,
    protectionAt: null,
    sightingAt: null,
    state,
})

const report = (partner: string, reportedAt: string) => ({ partner, reportedAt, note: "" }) as ProtectionReport

test("each partner has one row: its most urgent follow-up and its newest report", () => {
    const rows = protectionRows(
        [
            followUp("done", "done", "2025-07-01T00:00:00Z"),
            followUp("late", "due", "2025-07-02T00:00:00Z"),
            followUp("late", "overdue", "2025-07-01T00:00:00Z"),
        ],
        [
            report("done", "2025-06-26T00:00:00Z"),
            report("done", "2025-06-25T00:00:00Z"),
            report("early", "2025-06-24T18:00:00Z"),
        ],
    )
    expect(rows.map(({ partner }) => partner)).toEqual(["late", "done", "early"])
    expect(rows.map((row) => row.followUp?.state ?? null)).toEqual(["overdue", "done", null])
    expect(rows.map((row) => row.report?.reportedAt ?? null)).toEqual([
        null,
        "2025-06-26T00:00:00Z",
        "2025-06-24T18:00:00Z",
    ])
})

test.each([
    ["no report yet", null, null, true],
    ["a report of work in progress", "in_progress", "done", true],
    ["more needs", "needs_more", null, true],
    ["protection, and a follow-up that is due", "protected", "due", true],
    ["protection", "protected", "done", false],
    ["no affected products", "not_applicable", null, false],
] as const)("a partner with %s is unfinished or not", (_, state, followUpState, isOpen) => {
    const row = {
        partner: "one",
        report: state === null ? null : ({ state } as ProtectionReport),
        followUp: followUpState === null ? null : followUp("one", followUpState, "2025-07-01T00:00:00Z"),
    }
    expect(isUnfinished(row)).toBe(isOpen)
})
