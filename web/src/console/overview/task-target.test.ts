import { expect, test } from "vitest"
import { targetOf } from "./task-target.ts"

const task = { about: "x", case: null, partner: null }

test("each task leads to the page where it is done", () => {
    expect(targetOf({ ...task, kind: "release", case: "c" })).toEqual({
        to: "/cases/c/release/x",
        action: "Request release",
    })
    expect(targetOf({ ...task, kind: "filing", case: "c", about: "clock filing" })?.to).toBe(
        "/cases/c/reports/filings/clock/filing",
    )
    expect(targetOf({ ...task, kind: "question", about: "inquiry question" })?.to).toBe(
        "/leaks/inquiries/inquiry/questions",
    )
    expect(targetOf({ ...task, kind: "review", partner: "p" })?.to).toBe("/partners/p")
    expect(targetOf({ ...task, kind: "signature" })).toBeNull()
})

test("a task about a case or a partner always has a page", () => {
    expect(targetOf({ ...task, kind: "request_again", partner: "p" })).toEqual({ to: "/partners/p", action: "View" })
    expect(targetOf({ ...task, kind: "clock", case: "c" })?.to).toBe("/cases/c")
})
