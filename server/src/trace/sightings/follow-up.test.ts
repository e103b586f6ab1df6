import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
    type FollowUpState,
    type FollowUpClock,
    type ReminderStage,
    type CaseReports,
    followUpStatusAt,
    nextReminder,
    becameLateIn,
} from "./follow-up.ts"
import { protectionStates } from "@tocsin/client/limits"

const clock: FollowUpClock = { since: 100, dueAt: 200, endedAt: null }
const safe = (at: number) => ({ state: "protected", at }) as const
const coming = (at: number) => ({ state: "in_progress", at }) as const
const zero = (at: number, observedAt = at, zeroReportSince = 90) => ({ at, observedAt, zeroReportSince })
const seen = (at: number, observedAt = at) => ({ at, observedAt, zeroReportSince: null })

describe("a follow-up", () => {
    test.each<
        [string, [CaseReports["protections"], CaseReports["sightings"]], Partial<FollowUpClock>, number, FollowUpState]
    >([
        ["is due while nothing was said", [[], []], {}, 199, "due"],
        ["is overdue from the deadline on", [[], []], {}, 200, "overdue"],
        ["is done with both, before it", [[coming(150)], [zero(199)]], {}, 300, "done"],
        ["is done late with one at it", [[coming(150)], [zero(200)]], {}, 300, "done_late"],
        ["is not done with protection alone", [[coming(150)], []], {}, 300, "overdue"],
        ["is not done with a report alone", [[], [seen(150)]], {}, 300, "overdue"],
        ["is done by exploitation, whenever it was", [[coming(150)], [seen(150, 10)]], {}, 300, "done"],
        ["is not done by having looked before it began", [[coming(150)], [zero(150, 99)]], {}, 300, "overdue"],
        ["is not done by what was reported before it began", [[coming(150)], [seen(99)]], {}, 300, "overdue"],
        ["needs no protection said again", [[safe(50)], [zero(150)]], {}, 300, "done"],
        ["needs it where it was only coming", [[coming(50)], [zero(150)]], {}, 300, "overdue"],
        ["needs it where it was no more", [[safe(50), coming(60)], [zero(150)]], {}, 300, "overdue"],
        ["does not count what comes later", [[safe(150)], [zero(190)]], {}, 180, "due"],
        ["is waived for whoever could not say it", [[safe(150)], []], { endedAt: 190 }, 300, "waived"],
        ["is not waived for whoever was late before", [[], []], { endedAt: 201 }, 300, "overdue"],
        [
            "is waived, and not late, where it came back and said it after the deadline",
            [[safe(150)], [zero(210)]],
            { endedAt: 190 },
            300,
            "waived",
        ],
        ["is not waived yet", [[], []], { endedAt: 190 }, 150, "due"],
        ["stays done for whoever can say no more", [[safe(150)], [zero(150)]], { endedAt: 190 }, 300, "done"],
    ])("%s", (_, [protections, sightings], changed, now, state) => {
        expect(followUpStatusAt({ ...clock, ...changed }, { protections, sightings }, now).state).toBe(state)
    })

    test.each<[string, number, ReminderStage, string | null]>([
        ["nothing before its day", 179, "none", null],
        ["on its day", 180, "none", "before"],
        ["once", 190, "before", null],
        ["of being overdue", 200, "before", "after"],
        ["of being overdue alone, where nobody looked before", 500, "none", "after"],
        ["of that once", 500, "after", null],
    ])("needs a reminder: %s", (_, now, reminded, which) => {
        const nothing = followUpStatusAt(clock, { protections: [], sightings: [] }, now)
        expect(nextReminder({ ...clock, remindAt: 180, reminded }, nothing, now)).toBe(which)
    })

    const instant = fc.integer({ min: 0, max: 400 })
    const some = fc.record({
        protections: fc.array(fc.record({ state: fc.constantFrom(...protectionStates), at: instant }), {
            maxLength: 4,
        }),
        sightings: fc.array(
            fc.record({ at: instant, observedAt: instant, zeroReportSince: fc.option(instant, { nil: null }) }),
            { maxLength: 4 },
        ),
    })
    const clocks = fc.record({
        since: fc.integer({ min: 0, max: 150 }),
        dueAt: fc.integer({ min: 151, max: 300 }),
        endedAt: fc.option(fc.integer({ min: 0, max: 400 }), { nil: null }),
    })

    test("is never late before its deadline, or for a partner without access by then", () => {
        fc.assert(
            fc.property(clocks, some, instant, (input, item, now) => {
                const { state } = followUpStatusAt(input, item, now)
                expect(now < input.dueAt && (state === "overdue" || state === "done_late")).toBe(false)
                const isStopped = input.endedAt !== null && input.endedAt <= input.dueAt && input.endedAt <= now
                expect(isStopped && state !== "done" && state !== "waived").toBe(false)
            }),
        )
    })

    test("shrinks with each report, and needs no reminder once done", () => {
        fc.assert(
            fc.property(clocks, some, some, instant, (input, item, more, now) => {
                const both = { ...item, sightings: [...item.sightings, ...more.sightings] }
                const [answered, other] = [followUpStatusAt(input, item, now), followUpStatusAt(input, both, now)]
                expect(other.sightingAt === null && answered.sightingAt !== null).toBe(false)
                expect(other.state === "overdue" && answered.state !== "overdue").toBe(false)
                const isOpen = other.state === "due" || other.state === "overdue"
                const reminder = nextReminder({ ...input, remindAt: input.since, reminded: "none" }, other, now)
                expect(reminder !== null).toBe(isOpen && now >= input.since)
            }),
        )
    })

    test("is late in one span only, and stays so after a late report", () => {
        fc.assert(
            fc.property(clocks, some, instant, (input, item, edge) => {
                const at = (until: number) => followUpStatusAt(input, item, until)
                const late = [becameLateIn(input, at(400), 0, edge), becameLateIn(input, at(400), edge, 401)]
                const isLate = ["overdue", "done_late"].includes(at(400).state)
                expect(late.filter((value) => value)).toHaveLength(isLate ? 1 : 0)
            }),
        )
    })
})
