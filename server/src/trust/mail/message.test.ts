import { describe, expect, test } from "vitest"
import { hourMs } from "@tocsin/base/instant"
import { type SendOutcome, domainOf, nextAttemptAt, rejectionsMax, stateAfter, attemptsMax } from "./message.ts"

describe("a mail", () => {
    test.each<[SendOutcome, number, string]>([
        ["sent", 0, "sent"],
        ["sent", attemptsMax - 1, "sent"],
        ["withheld", 0, "dropped"],
        ["rejected", 0, "due"],
        ["rejected", rejectionsMax - 2, "due"],
        ["rejected", rejectionsMax - 1, "bounced"],
        ["unsent", rejectionsMax, "due"],
        ["unsent", attemptsMax - 2, "due"],
        ["unsent", attemptsMax - 1, "failed"],
    ])("%s after %i tries is %s", (outcome, attempts, state) => {
        expect(stateAfter(outcome, attempts)).toBe(state)
    })

    test("G-11 is retried for more than a day, at growing intervals of less than two hours", () => {
        const waits = Array.from({ length: attemptsMax - 1 }, (_, attempts) => nextAttemptAt(attempts, 0))
        expect(waits.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
        expect(waits).toEqual(waits.toSorted((a, b) => a - b))
        expect(Math.max(...waits)).toBe(2 * hourMs)
        expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(46 * hourMs)
    })

    test("is sent to one domain", () => {
        expect(domainOf("A.b@Partner.Example")).toBe("partner.example")
    })
})
