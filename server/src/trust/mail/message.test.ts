import { describe, expect, test } from "vitest"
import { hourMs } from "@tocsin/base/instant"
import { type Outcome, domainOf, nextTryAt, rejectionsMax, stateAfter, triesMax } from "./message.ts"

describe("a mail", () => {
    test.each<[Outcome, number, string]>([
        ["sent", 0, "sent"],
        ["sent", triesMax - 1, "sent"],
        ["withheld", 0, "dropped"],
        ["rejected", 0, "due"],
        ["rejected", rejectionsMax - 2, "due"],
        ["rejected", rejectionsMax - 1, "bounced"],
        ["unsent", rejectionsMax, "due"],
        ["unsent", triesMax - 2, "due"],
        ["unsent", triesMax - 1, "failed"],
    ])("%s after %i tries is %s", (outcome, tries, state) => {
        expect(stateAfter(outcome, tries)).toBe(state)
    })

    test("G-11 is tried for more than a day, later and later, and never two hours apart", () => {
        const waits = Array.from({ length: triesMax - 1 }, (_, tries) => nextTryAt(tries, 0))
        expect(waits.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
        expect(waits).toEqual(waits.toSorted((a, b) => a - b))
        expect(Math.max(...waits)).toBe(2 * hourMs)
        expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(46 * hourMs)
    })

    test("goes to a domain", () => {
        expect(domainOf("A.b@Partner.Example")).toBe("partner.example")
    })
})
