import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { type Filing, type Regime, deadlineAfter, validateRegime, isTriggeredByExploitation, units } from "./regime.ts"
import { shippedRegimes } from "./built-in-regimes.ts"

const filing = (id: string, changed: Partial<Filing> = {}): Filing => ({
    id,
    title: "A report",
    count: 24,
    unit: "hours",
    after: "awareness",
    questions: [],
    ...changed,
})
const regime = (changed: Partial<Regime> = {}): Regime => ({
    title: "A law",
    basis: "Because it says so.",
    authority: "An authority",
    trigger: "severe_incident",
    state: "in_force",
    appliesFrom: null,
    filings: [filing("first")],
    ...changed,
})
const refused = (id: string, input: Regime) => awaitRefusalCode((async () => validateRegime(id, input))())
const long = (length: number) => "x".repeat(length)

describe("a regime", () => {
    test.each(Object.entries(shippedRegimes))("%s is valid as built in, and undecided", async (id, input) => {
        expect(await refused(id, input)).toBe("done")
        expect(input.state).toBe("undecided")
    })

    test("of the CRA as built in has the times of the built-in duty table", () => {
        const duty = dutyTable.find(({ regime: name }) => name === "CRA")
        const filings = shippedRegimes["cra-vulnerability"]?.filings.filter(({ id }) => id !== "inform-users")
        expect(duty?.deadlines.map(({ hours }) => hours)).toEqual([24, 72, 336])
        expect(filings?.map((filing) => deadlineAfter(filing, 0) / hourMs)).toEqual([24, 72, 336])
    })

    test("of the CRA asks to inform users, for the coordinator CSIRT, the sensitivity and a delay", () => {
        for (const [id, { authority, filings }] of Object.entries(shippedRegimes)) {
            expect([id, authority]).toEqual([id, expect.stringContaining("coordinator CSIRT")])
            const [first] = filings
            for (const part of ["main establishment", "sensitivity", "2026/881, articles 3 to 5"]) {
                expect([id, first?.questions.some((ask) => ask.includes(part))]).toEqual([id, true])
            }
            expect(filings.at(-1)).toMatchObject({ id: "inform-users", after: "awareness" })
        }
    })

    test("of stewards starts nothing before it applies", () => {
        const steward = shippedRegimes["cra-steward"] ?? expect.fail("no such regime")
        const seen = (at: string) => isTriggeredByExploitation(steward, parseInstant(at))
        expect([seen("2027-12-10T23:59:59Z"), seen("2027-12-11T00:00:00Z")]).toEqual([false, true])
    })

    test.each<[string, Partial<Regime>, string]>([
        ["with one filing", {}, "done"],
        ["without a title", { title: " " }, "regime.bad_name"],
        ["with a title of two lines", { title: "a\nb" }, "regime.bad_name"],
        ["with a long authority", { authority: long(201) }, "regime.bad_name"],
        ["without a legal basis", { basis: "" }, "regime.no_basis"],
        ["with a legal basis that no database keeps", { basis: "a\u0000b" }, "regime.no_basis"],
        ["from an instant of the year 10000", { appliesFrom: "9999-12-31T23:59:59-14:00" }, "instant.invalid"],
        ["with a long legal basis", { basis: long(4001) }, "regime.no_basis"],
        ["from a day without an hour", { appliesFrom: "2026-09-11" }, "instant.invalid"],
        ["without filings", { filings: [] }, "regime.bad_filings"],
        ["with 20 filings", { filings: Array.from({ length: 20 }, (_, n) => filing(`f${n}`)) }, "done"],
        [
            "with 1,000 filings",
            { filings: Array.from({ length: 1000 }, (_, n) => filing(`f${n}`)) },
            "regime.bad_filings",
        ],
        ["with a filing twice", { filings: [filing("first"), filing("first")] }, "regime.bad_filing"],
        ["with a filing that is called as a start", { filings: [filing("awareness")] }, "regime.bad_filing"],
        ["with a filing of a bad id", { filings: [filing("../x")] }, "regime.bad_filing"],
        ["with a filing without a title", { filings: [filing("a", { title: "" })] }, "regime.bad_filing"],
        ["with no time", { filings: [filing("a", { count: 0 })] }, "regime.bad_time"],
        ["with half a day", { filings: [filing("a", { count: 0.5, unit: "days" })] }, "regime.bad_time"],
        ["with a time beyond all", { filings: [filing("a", { count: 10_001 })] }, "regime.bad_time"],
        ["with a filing after the one before", { filings: [filing("a"), filing("b", { after: "a" })] }, "done"],
        ["with a filing after itself", { filings: [filing("a", { after: "a" })] }, "regime.bad_start"],
        ["with a circle", { filings: [filing("a", { after: "b" }), filing("b", { after: "a" })] }, "regime.bad_start"],
        ["with a filing after none", { filings: [filing("a", { after: "publication" })] }, "regime.bad_start"],
        ["that asks in two lines", { filings: [filing("a", { questions: ["a\nb"] })] }, "regime.bad_asks"],
        [
            "that asks too much",
            { filings: [filing("a", { questions: Array<string>(21).fill("a") })] },
            "regime.bad_asks",
        ],
    ])("%s", async (_, changed, code) => {
        expect(await refused("a-law", regime(changed))).toBe(code)
    })

    test.each(["", "A", "a b", "-a", "a/b", long(41)])("cannot be named `%s`", async (id) => {
        expect(await refused(id, regime())).toBe("regime.bad_id")
    })

    const since = "2026-09-11T00:00:00Z"
    const at = parseInstant(since)
    test.each<[string, Partial<Regime>, Instant, boolean]>([
        ["in force", {}, 0, true],
        ["about which nobody has decided", { state: "undecided" }, 0, true],
        ["out of force", { state: "not_in_force" }, 0, false],
        ["of severe incidents", { trigger: "severe_incident" }, 0, false],
        ["from its first instant on", { appliesFrom: since }, at, true],
        ["and not before", { appliesFrom: since }, at - 1, false],
    ])("%s starts by exploitation, or not", (_, changed, aware, expected) => {
        expect(isTriggeredByExploitation(regime({ trigger: "exploited_vulnerability", ...changed }), aware)).toBe(
            expected,
        )
    })
})

describe("the time of a filing", () => {
    test.each<[string, number, Filing["unit"], string]>([
        ["2026-10-01T12:34:56.789Z", 24, "hours", "2026-10-02T12:34:56.789Z"],
        ["2026-10-01T12:00:00Z", 72, "hours", "2026-10-04T12:00:00Z"],
        ["2026-10-01T12:00:00Z", 14, "days", "2026-10-15T12:00:00Z"],
        ["2026-10-24T12:00:00Z", 24, "hours", "2026-10-25T12:00:00Z"],
        ["2026-10-24T23:30:00Z", 14, "days", "2026-11-07T23:30:00Z"],
        ["2026-03-28T23:30:00Z", 1, "months", "2026-04-28T23:30:00Z"],
        ["2026-09-15T08:00:00Z", 1, "months", "2026-10-15T08:00:00Z"],
        ["2026-01-31T08:00:00Z", 1, "months", "2026-02-28T08:00:00Z"],
        ["2028-01-31T08:00:00Z", 1, "months", "2028-02-29T08:00:00Z"],
        ["2028-02-29T08:00:00Z", 12, "months", "2029-02-28T08:00:00Z"],
        ["2100-01-30T08:00:00Z", 1, "months", "2100-02-28T08:00:00Z"],
        ["2026-12-31T23:59:59.999Z", 1, "months", "2027-01-31T23:59:59.999Z"],
        ["2026-12-31T00:00:00Z", 2, "months", "2027-02-28T00:00:00Z"],
    ])("from %s over %i %s ends at %s", (from, count, unit, due) => {
        expect(deadlineAfter({ count, unit }, parseInstant(from))).toBe(parseInstant(due))
    })

    const instants = fc.integer({ min: 0, max: parseInstant("2200-01-01T00:00:00Z") })
    const times = fc.record({ count: fc.integer({ min: 1, max: 500 }), unit: fc.constantFrom(...units) })

    test("ends after its start, at the same time of day for days and months", () => {
        fc.assert(
            fc.property(instants, times, (from, time) => {
                const due = deadlineAfter(time, from)
                expect(due).toBeGreaterThan(from)
                const whole = time.unit === "hours" ? hourMs : dayMs
                expect((due - from) % whole).toBe(0)
            }),
        )
    })

    test("of months ends in the right month, on the day of the start or the last day", () => {
        fc.assert(
            fc.property(instants, fc.integer({ min: 1, max: 240 }), (from, count) => {
                const [start, end] = [new Date(from), new Date(deadlineAfter({ count, unit: "months" }, from))]
                const months = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth()
                expect(months(end)).toBe(months(start) + count)
                const last = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate()
                expect(end.getUTCDate()).toBe(Math.min(start.getUTCDate(), last))
            }),
        )
    })

    test("never ends earlier for a later start", () => {
        fc.assert(
            fc.property(instants, instants, times, (a, b, time) => {
                const [early, late] = a < b ? [a, b] : [b, a]
                expect(deadlineAfter(time, early)).toBeLessThanOrEqual(deadlineAfter(time, late))
            }),
        )
    })
})
