import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import {
    type RequirementKind,
    type RequirementRules,
    type RequirementFacts,
    requirementKinds,
    requirementsAt,
    countLate,
    overdueAt,
    remindersOf,
} from "./requirement.ts"

const rule = { graceDays: 5, remindDays: [2, 10] }
const rules: RequirementRules = {
    kinds: {
        attestation: rule,
        regular_reports: rule,
        mailbox: rule,
        key: rule,
        lead: rule,
        agreement: { ...rule, graceDays: 0 },
    },
    mailboxEveryDays: 100,
    agreementNoticeDays: 30,
    keyDaysMax: 730,
}

/**
 * The rows of a partner that is active from day 0 on, one a line: `accept DAY EVERY` (reports; `-` for a version that
 * asks for none), `report DAY`, `prove DAY`, `bounce DAY`, `key DAY [DAY]`, `lead DAY [DAY]`. Where no key or lead is
 * named, there is one from the start. `lapse DAY [DAY]`: the agreement ends then, and since the second day it is
 * known why.
 */
function partner(script: string): RequirementFacts {
    const lines = script.split(", ").map((line) => line.split(" "))
    const pick = (verb: string) => lines.filter(([first]) => first === verb).map(([, ...rest]) => rest)
    const day = (text: string | undefined) => Number(text) * dayMs
    const spans = (verb: string) => {
        const found = pick(verb).map(([from, until]) => ({ from: day(from), until: until ? day(until) : null }))
        return found.length > 0 ? found : [{ from: 0, until: null }]
    }
    const given = (verb: string, kind: RequirementKind) => pick(verb).map(([at]) => ({ kind, at: day(at) }))
    const terms = pick("accept").map(([at, every]) => ({
        from: day(at),
        everyDays: every === "-" ? null : Number(every),
    }))
    return {
        activeSince: 0,
        periods: terms.length > 0 ? [{ kind: "regular_reports", terms }] : [],
        submitted: [...given("report", "regular_reports"), ...given("prove", "mailbox")],
        keys: spans("key"),
        leads: spans("lead"),
        bounces: pick("bounce").map(([at]) => day(at)),
        expiry:
            pick("lapse").map(([at, since]) => ({ at: day(at), announcedAt: since ? day(since) : null }))[0] ?? null,
    }
}

describe("requirements", () => {
    test.each<[string, string, number, string]>([
        ["none before a period is over", "accept 0 30", 29.99, "met"],
        ["due at the end of the period", "accept 0 30", 30, "due"],
        ["without consequence in the grace period", "accept 0 30", 34.99, "due"],
        ["overdue at the end of the grace period", "accept 0 30", 35, "overdue"],
        ["met again by a report", "accept 0 30, report 40", 40, "met"],
        ["a new period after that report", "accept 0 30, report 40", 70, "due"],
        ["an earlier report does not count for a later period", "accept 0 30, report 1", 31, "due"],
        ["a future report does not count", "accept 0 30, report 50", 40, "overdue"],
        ["a shorter period asks for nothing at once", "accept 0 90, report 80, accept 100 30", 129, "met"],
        ["the new period counts afterwards", "accept 0 90, report 80, accept 100 30", 130, "due"],
        ["a longer period does not postpone what was announced", "accept 0 30, accept 20 90", 30, "due"],
        ["a new version waives nothing", "accept 0 30, accept 60 30", 61, "overdue"],
        ["accepting a version twice waives nothing", "accept 0 30, accept 31 30, accept 34 30", 35, "overdue"],
    ])("reports: %s", (_, script, day, expected) => {
        const found = requirementsAt(partner(script), rules, day * dayMs).find(({ kind }) => kind === "regular_reports")
        expect(found?.state).toBe(expected)
    })

    test("a version without reports ends the requirement, and the next one starts again", () => {
        const obliged = partner("accept 0 30, accept 60 -, accept 90 30, prove 90")
        expect(overdueAt(obliged, rules, 59 * dayMs)).toEqual(["regular_reports"])
        expect(overdueAt(obliged, rules, 60 * dayMs)).toEqual([])
        expect(overdueAt(obliged, rules, 124 * dayMs)).toEqual([])
        expect(overdueAt(obliged, rules, 125 * dayMs)).toEqual(["regular_reports"])
    })

    test.each<[string, string, number, RequirementKind[]]>([
        ["a mailbox verified in time", "prove 90", 150, []],
        ["a mailbox never verified", "prove 900", 105, ["mailbox"]],
        ["mail bounced", "bounce 10", 15, ["mailbox"]],
        ["mail bounced twice: the first counts", "bounce 10, bounce 14", 15, ["mailbox"]],
        ["mail bounced, then the mailbox was verified", "bounce 10, prove 12", 20, []],
        ["mail bounced again after the verification", "prove 5, bounce 10", 15, ["mailbox"]],
        ["no key from the start", "key 20", 5, ["key"]],
        ["a key in time", "key 4.9", 5, []],
        ["all keys were revoked", "key 0 10, key 2 20", 24, []],
        ["all keys were revoked too long ago", "key 0 10, key 2 20", 25, ["key"]],
        ["a new key, not usable yet", "key 0 10, key 16", 15, ["key"]],
        ["a new key, usable now", "key 0 10, key 16", 16, []],
        ["the lead left", "lead 0 3", 8, ["lead"]],
        ["another lead joined", "lead 0 3, lead 8", 8, []],
        [
            "all at once, in order",
            "accept 0 1, bounce 0, bounce 1, key 90, lead 90",
            9,
            ["regular_reports", "mailbox", "key", "lead"],
        ],
    ])("%s", (_, script, day, expected) => {
        expect(overdueAt(partner(script), rules, day * dayMs)).toEqual(expected)
    })

    test.each<[string, string, number, string | undefined]>([
        ["an agreement without an end", "prove 0", 90, undefined],
        ["an agreement long before the end of its term", "lapse 80", 69.9, "met"],
        ["an agreement from its first reminder on", "lapse 80", 70, "due"],
        ["an agreement until the end of its term", "lapse 80", 79.9, "due"],
        ["an agreement without a grace period", "lapse 80", 80, "overdue"],
        ["a newer agreement from its announcement on", "lapse 80 50", 50, "due"],
    ])("%s", (_, script, day, expected) => {
        expect(
            requirementsAt(partner(script), rules, day * dayMs).find(({ kind }) => kind === "agreement")?.state,
        ).toBe(expected)
    })

    test.each<[string, string, number, string | undefined]>([
        ["a key without an expiry", "key 0", 50, undefined],
        ["a key while it is usable", "key 0 50", 49.9, "met"],
        ["an expired key: nothing is sealed to it, and a new one is required", "key 0 50", 50, "due"],
        ["a key that expired too long ago", "key 0 50", 55, "overdue"],
        ["an expired key after another began", "key 0 50, key 40 90", 50, "met"],
        ["an expired key, with another that begins later", "key 0 50, key 51 90", 50, "due"],
    ])("%s", (_, script, day, expected) => {
        expect(requirementsAt(partner(script), rules, day * dayMs).find(({ kind }) => kind === "key")?.state).toBe(
            expected,
        )
    })

    test("a key's expiry is announced before sealing stops, and again before content is withheld", () => {
        const describe = (script: string, day: number) =>
            requirementsAt(partner(script), rules, day * dayMs)
                .filter(({ kind }) => kind === "key")
                .flatMap((requirement) => remindersOf(requirement, rules, day * dayMs))
        expect(describe("key 0 50", 39.9)).toEqual([])
        expect(describe("key 0 50", 40)).toEqual(["10 days before its end"])
        expect(describe("key 0 50", 48)).toEqual(["10 days before its end", "10 days before", "2 days before its end"])
        expect(describe("key 0 50, key 47 90", 48)).toEqual([])
    })

    test("none for a partner that never joined", () => {
        const item = { ...partner("accept 0 1, key 90"), activeSince: null }
        expect(requirementsAt(item, rules, 900 * dayMs)).toEqual([])
        expect(requirementsAt({ ...item, activeSince: 901 * dayMs }, rules, 900 * dayMs)).toEqual([])
    })

    test("reminders come in order before the consequence, with stable names", () => {
        const [due] = requirementsAt(partner("accept 0 30"), rules, 30 * dayMs)
        if (!due) throw new Error("nothing is owed")
        const at = (day: number) => remindersOf(due, rules, day * dayMs)
        expect(at(24.9)).toEqual([])
        expect(at(25)).toEqual(["10 days before"])
        expect(at(33)).toEqual(["10 days before", "2 days before"])
        expect(at(35)).toEqual(["10 days before", "2 days before", "lowered"])
    })

    test.each<[string, string, number, number]>([
        ["in time", "accept 0 30, report 30, report 64", 90, 0],
        ["late once, in time since", "accept 0 30, report 36, report 60", 90, 1],
        ["missing now", "accept 0 30", 40, 1],
        ["late and missing", "accept 0 30, report 36", 90, 2],
        ["late longer ago than the limit", "accept 0 30, report 36, report 60, report 90", 120, 0],
    ])("late: %s", (_, script, day, expected) => {
        expect(countLate(partner(script), rules, 50 * dayMs * (day > 100 ? 1 : 0), day * dayMs)).toBe(expected)
    })
})

describe("requirements over any history", () => {
    const day = fc.integer({ min: 0, max: 60 }).map((days) => days * dayMs)
    const span = fc.tuple(day, fc.option(day)).map(([from, until]) => ({
        from,
        until: until === null ? null : Math.max(from, until),
    }))
    const terms = fc.array(fc.record({ from: day, everyDays: fc.option(fc.integer({ min: 7, max: 30 })) }), {
        minLength: 1,
        maxLength: 4,
    })
    const obliged: fc.Arbitrary<RequirementFacts> = fc.record({
        activeSince: day,
        periods: terms.map((term) => [
            { kind: "regular_reports" as const, terms: term.toSorted((a, b) => a.from - b.from) },
        ]),
        submitted: fc.array(
            fc.record({ kind: fc.constantFrom<RequirementKind>("regular_reports", "mailbox"), at: day }),
        ),
        keys: fc.array(span, { maxLength: 3 }),
        leads: fc.array(span, { maxLength: 3 }),
        expiry: fc.option(fc.record({ at: day, announcedAt: fc.constant(null) })),
        bounces: fc.array(day, { maxLength: 3 }),
    })
    /** Not at the instant of a row itself. */
    const now = fc.integer({ min: 0, max: 90 }).map((days) => days * dayMs + 1)

    test("later rows do not change earlier answers", () => {
        fc.assert(
            fc.property(obliged, now, (obliged, at) => {
                const known = <Row extends { readonly from: number }>(rows: readonly Row[]) =>
                    rows.filter(({ from }) => from <= at)
                const ended = <Row extends { readonly from: number; readonly until: number | null }>(
                    rows: readonly Row[],
                ) =>
                    known(rows).map((row) => ({
                        ...row,
                        until: row.until !== null && row.until > at ? null : row.until,
                    }))
                const then: RequirementFacts = {
                    ...obliged,
                    periods: obliged.periods.map((period) => ({ ...period, terms: known(period.terms) })),
                    submitted: obliged.submitted.filter((row) => row.at <= at),
                    leads: ended(obliged.leads),
                    bounces: obliged.bounces.filter((row) => row <= at),
                }
                expect(requirementsAt(then, rules, at)).toEqual(requirementsAt(obliged, rules, at))
            }),
        )
    })

    test("only a submission restores access, and does so at once", () => {
        fc.assert(
            fc.property(obliged, now, (obliged, at) => {
                const before = overdueAt(obliged, rules, at)
                const given = requirementKinds.map((kind) => ({ kind, at }))
                const held = [{ from: at, until: null }]
                const values = {
                    ...obliged,
                    submitted: [...obliged.submitted, ...given],
                    keys: held,
                    leads: held,
                    expiry: null,
                }
                expect(overdueAt(values, rules, at)).toEqual([])
                expect(overdueAt(obliged, rules, at)).toEqual(before)
            }),
        )
    })

    test("an overdue requirement stays overdue without a new row, and was announced before", () => {
        fc.assert(
            fc.property(obliged, fc.nat(400), (obliged, later) => {
                const at = 61 * dayMs
                const before = overdueAt(obliged, rules, at)
                expect(overdueAt(obliged, rules, at + later * dayMs)).toEqual(expect.arrayContaining(before))
                for (const due of requirementsAt(obliged, rules, at)) {
                    const reminders = remindersOf(due, rules, at)
                    expect(reminders.includes("lowered")).toBe(due.state === "overdue")
                    if (due.state === "overdue") expect(reminders.length).toBeGreaterThan(1)
                }
            }),
        )
    })
})
