import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Duty, dutyTable } from "./reporting-duties/reporting-duties.ts"
import {
    type FactChange,
    type FactRow,
    type Facts,
    type Restriction,
    factsAt,
    factsFrom,
    hasValue,
    combineFacts,
} from "./facts.ts"
import { type PartnerStatus, type Tier, partnerStatuses, tiers } from "./partner.ts"
import { type RosterMember, changeEffects, linkEffects, personEffects, canGiveMore } from "./approval-effects.ts"

const [rmsv, , cra] = dutyTable as [Duty, Duty, Duty]
const restriction: Restriction = { withhold: ["poc"], notBeforePublication: false, cases: null }

/**
 * A history of standings, `day standing`, in the order of its lines; the partner is of tier `entry` from the first on.
 */
function historyOf(script: string): FactRow[] {
    const lines = script.split(", ").map((line) => line.split(" "))
    return [
        { seq: 0, fact: "tier", value: "entry", from: Number(lines[0]?.[0]) },
        ...lines.map(([day, status], n) => {
            const value = status as PartnerStatus
            return { seq: n + 1, fact: "status" as const, value, from: Number(day) }
        }),
    ]
}

describe("facts at an instant", () => {
    test.each<[string, string, number, PartnerStatus | undefined]>([
        ["before the partner existed", "5 active", 4, undefined],
        ["from its instant on", "5 active", 5, "active"],
        ["as it was then", "5 active, 9 suspended", 8, "active"],
        ["as it is now", "5 active, 9 suspended", 9, "suspended"],
        ["what comes later does not count yet", "5 active, 20 suspended", 10, "active"],
        ["the later decision of two for one instant counts", "5 active, 5 suspended", 5, "suspended"],
        [
            "a later decision overrides what was planned before it",
            "5 active, 20 restricted, 9 suspended",
            21,
            "suspended",
        ],
    ])("%s", (_, script, day, expected) => {
        expect(factsAt(historyOf(script), day)?.status).toBe(expected)
    })

    test("include neither duties nor a restriction by default", () => {
        const none: Facts = { tier: "entry", status: "active", duties: [], restriction: null }
        expect(factsAt(historyOf("5 active"), 6)).toEqual(none)
    })

    test("do not include a lifted restriction", () => {
        const rows: FactRow[] = [
            ...historyOf("5 active"),
            { seq: 7, fact: "restriction", value: restriction, from: 6 },
            { seq: 8, fact: "restriction", value: null, from: 8 },
        ]
        expect(factsAt(rows, 7)?.restriction).toEqual(restriction)
        expect(factsAt(rows, 8)?.restriction).toBeNull()
    })

    test("give the policy's request from the duties", () => {
        const facts: Facts = { tier: "entry", status: "active", duties: [cra, rmsv], restriction: null }
        const computed = {
            agreement: "expired",
            overdue: ["key"],
            longestEmbargoDays: null,
            advanceConsents: [],
            eligibleSince: null,
            longestOfferedDays: 14,
        } as const
        expect(combineFacts("p", facts, computed)).toEqual({
            partner: "p",
            ...facts,
            reporting: "always",
            dutyRegimes: ["CRA", "RMSV"],
            ...computed,
        })
    })

    const change = fc.oneof(
        fc.constantFrom(...tiers).map((value): FactChange => ({ fact: "tier", value })),
        fc.constantFrom(...partnerStatuses).map((value): FactChange => ({ fact: "status", value })),
        fc.subarray([rmsv, cra]).map((value): FactChange => ({ fact: "duties", value })),
        fc.option(fc.constant(restriction)).map((value): FactChange => ({ fact: "restriction", value })),
    )
    const born: FactRow[] = [
        { seq: 0, fact: "tier", value: "entry", from: 0 },
        { seq: 1, fact: "status", value: "active", from: 0 },
    ]
    /** Decisions in order; each holds from the day it is taken, or from a later one. */
    const decisions = fc.array(fc.tuple(change, fc.nat(3), fc.nat(5)), { maxLength: 12 }).map((taken) => {
        let day = 0
        return taken.map(([change, pause, ahead], n): FactRow & { taken: number } => {
            day += pause
            return { ...change, seq: n + 2, from: day + ahead, taken: day }
        })
    })

    test("never change: a later decision leaves earlier answers as they were", () => {
        fc.assert(
            fc.property(decisions, fc.nat(40), (taken, day) => {
                const knownThen = taken.filter((row) => row.taken <= day)
                expect(factsAt([...born, ...taken], day)).toEqual(factsAt([...born, ...knownThen], day))
            }),
        )
    })

    test("count the last valid decision, in whatever order the rows are read", () => {
        fc.assert(
            fc.property(decisions, fc.nat(40), (taken, day) => {
                const model = new Map<string, unknown>(born.map((row) => [row.fact, row.value]))
                for (const row of taken) if (row.from <= day) model.set(row.fact, row.value)
                const facts = factsAt([...taken, ...born].toReversed(), day)
                expect(facts).toEqual({ duties: [], restriction: null, ...Object.fromEntries(model) })
            }),
        )
    })

    test("show planned changes before they apply", () => {
        const seen = factsFrom(historyOf("5 active, 20 suspended, 9 restricted, 30 terminated"), 10)
        expect(seen.map((facts) => facts.status)).toEqual(["restricted", "restricted", "terminated"])
        expect(factsFrom(historyOf("5 active"), 4).length).toBe(1)
        expect(factsFrom([], 4)).toEqual([])
    })
})

describe("what takes two people", () => {
    const facts: Facts = { tier: "advance", status: "active", duties: [rmsv, cra], restriction }
    const duties = (value: Duty[]): FactChange => ({ fact: "duties", value })
    const restrict = (value: Restriction | null): FactChange => ({ fact: "restriction", value })

    test.each<[string, FactChange, boolean]>([
        ["a higher tier", { fact: "tier", value: "validate" }, true],
        ["a lower tier", { fact: "tier", value: "entry" }, true],
        ["the same tier", { fact: "tier", value: "advance" }, false],
        ["a suspension", { fact: "status", value: "suspended" }, false],
        ["one regime fewer", duties([rmsv]), true],
        ["no early report any longer", duties([{ ...rmsv, trigger: "actively_exploited" }, cra]), true],
        ["one regime more", duties([rmsv, cra, { ...cra, regime: "NIS2" }]), false],
        ["another deadline", duties([{ ...rmsv, deadlines: cra.deadlines }, cra]), false],
        ["a restriction lifted", restrict(null), true],
        ["one class fewer withheld", restrict({ ...restriction, withhold: [] }), true],
        ["another class withheld instead", restrict({ ...restriction, withhold: ["repro"] }), true],
        ["limited to one case", restrict({ ...restriction, cases: ["x"] }), true],
        ["one class more withheld", restrict({ ...restriction, withhold: ["repro", "poc"] }), false],
        ["nothing before publication", restrict({ ...restriction, notBeforePublication: true }), false],
        ["the same restriction", restrict({ ...restriction }), false],
    ])("%s: %s", (_, change, expected) => {
        expect(canGiveMore(facts, change)).toBe(expected)
    })

    test.each<[string, Restriction["cases"], Restriction["cases"], boolean]>([
        ["for one case more", ["x"], ["x", "y"], false],
        ["for another case", ["x"], ["y"], true],
        ["for all", ["x"], null, false],
    ])("a restriction %s", (_, before, after, expected) => {
        const held = { ...facts, restriction: { ...restriction, cases: before } }
        expect(canGiveMore(held, restrict({ ...restriction, cases: after }))).toBe(expected)
    })

    test("a first restriction of a partner that the policy restricts already gives it nothing until it applies", () => {
        const nothing: Facts = { ...facts, status: "restricted", restriction: null }
        expect([restrict(restriction), restrict(null)].map((change) => canGiveMore(nothing, change))).toEqual([
            true,
            false,
        ])
        expect(canGiveMore({ ...nothing, status: "active" }, restrict(restriction))).toBe(false)
    })

    test("reinstatement after a suspension, and a first admission", () => {
        const status: FactChange = { fact: "status", value: "active" }
        const suspended: Facts = { ...facts, status: "suspended" }
        expect(canGiveMore(suspended, status)).toBe(true)
        expect(changeEffects("p", suspended, status, [], [])).toEqual({
            action: "partner.reinstate",
            recipients: ["p"],
            artifacts: [],
            at: null,
        })
        const roster: RosterMember[] = [
            { id: "b", roles: ["lead"], details: "Bo" },
            { id: "a", roles: ["lead", "analyst"], details: "Ann" },
        ]
        expect(changeEffects("p", { ...facts, status: "invited" }, status, roster, ["age1b", "age1a"])).toMatchObject({
            action: "partner.activate",
            detail: {
                recipients: ["age1a", "age1b"],
                roster: [
                    { person: "a", roles: ["analyst", "lead"], details: "Ann" },
                    { person: "b", roles: ["lead"], details: "Bo" },
                ],
            },
        })
    })

    test("a signature for a tier, profile or person covers only that one", () => {
        const change = (value: Tier) => JSON.stringify(changeEffects("p", facts, { fact: "tier", value }, [], []))
        expect(change("validate")).not.toBe(change("entry"))
        const loosen = (value: Duty[]) => JSON.stringify(changeEffects("p", facts, duties(value), [], []))
        expect(loosen([rmsv])).not.toBe(loosen([{ ...rmsv, source: "another" }]))
        expect(personEffects("p", ["lead"], "Ann")).not.toEqual(personEffects("p", ["lead"], "Eve"))
        expect(personEffects("p", ["lead"], "Ann")).not.toEqual(personEffects("p", ["analyst"], "Ann"))
        const ann: RosterMember = { id: "a", roles: ["lead"], details: "Ann" }
        expect(linkEffects("p", ann, true)).not.toEqual(linkEffects("p", { ...ann, details: "Eve" }, true))
        expect(linkEffects("p", ann, true)).not.toEqual(linkEffects("p", ann, false))
        const invited: Facts = { ...facts, status: "invited" }
        const admitted = (member: RosterMember, ...keys: string[]) =>
            changeEffects("p", invited, { fact: "status", value: "active" }, [member], keys)
        expect(admitted(ann)).not.toEqual(admitted({ ...ann, details: "Eve" }))
        expect(admitted(ann, "age1a")).not.toEqual(admitted(ann, "age1b"))
    })

    test("a fact that already holds is reported by its value", () => {
        expect(hasValue(facts, restrict({ cases: null, notBeforePublication: false, withhold: ["poc"] }))).toBe(true)
        expect(hasValue(facts, duties([cra, rmsv]))).toBe(false)
    })
})
