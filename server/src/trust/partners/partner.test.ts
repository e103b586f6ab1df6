import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { agreementState, inForceAt, expiryOf, validateAgreement, termEnd } from "./agreements/agreement.ts"
import {
    type Duty,
    dutyTable,
    validateDuties,
    reportingOf,
    reportsBeforePublication,
} from "./reporting-duties/reporting-duties.ts"
import {
    type PartnerKey,
    hasWaited,
    isUsable,
    keyEnd,
    accept,
    assertCanAccept,
    assertCanConfirm,
    confirm,
    earliestUse,
    readinessAt,
} from "./keys/key.ts"
import { type PartnerStatus, validateNameAndMail, peopleNeeded, hasCaseAccess, partnerStatuses } from "./partner.ts"

/** The code of a refusal, or the result. */
function codeOrResult(work: () => unknown): unknown {
    try {
        return work()
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

/** Rows: from; columns: to, in the order of `standings`. A dash is no move. */
const table = `
    applicant   - 1 - - - - 1
    invited     - - 2 - - - 1
    active      - - - 1 1 1 -
    restricted  - - 2 - 1 1 -
    suspended   - - 2 2 - 1 -
    terminated  - - 2 - - - -
    declined    - 1 - - - - -`

describe("status changes", () => {
    const rows = table
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
    test.each(rows.flatMap(([from = "", ...cells]) => cells.map((cell, n) => [from, partnerStatuses[n] ?? "", cell])))(
        "%s to %s: %s",
        (from, to, people) => {
            const expected = people === "-" ? "partner.transition_not_allowed" : Number(people)
            expect(codeOrResult(() => peopleNeeded(from as PartnerStatus, to as PartnerStatus))).toBe(expected)
        },
    )

    test("one person never gives case access, and two are never needed to withdraw it", () => {
        const status = fc.constantFrom(...partnerStatuses)
        fc.assert(
            fc.property(status, status, (from, to) => {
                const people = codeOrResult(() => peopleNeeded(from, to))
                if (people === 1 && !hasCaseAccess(from)) expect(hasCaseAccess(to)).toBe(false)
                if (people === 2) expect(hasCaseAccess(to)).toBe(true)
            }),
        )
    })
})

test.each([
    ["Acme Security", "psirt@acme.example", undefined],
    ["", "psirt@acme.example", "partner.bad_name"],
    ["   ", "psirt@acme.example", "partner.bad_name"],
    ["A".repeat(121), "psirt@acme.example", "partner.bad_name"],
    ["Ac\u0000me", "psirt@acme.example", "partner.bad_name"],
    ["Acme", "acme.example", "partner.bad_mail"],
    ["Acme", "a@b\r\nBcc:x@evil.example", "partner.bad_mail"],
    ["Acme", `${"a".repeat(250)}@b.example`, "partner.bad_mail"],
])("a partner named %j with %j: %s", (name, mail, expected) => {
    expect(codeOrResult(() => validateNameAndMail({ name, mail }))).toBe(expected)
})

describe("duty profiles", () => {
    const [rmsv, , cra] = dutyTable as [Duty, Duty, Duty]

    test.each([
        ["RMSV", [rmsv], true, true],
        ["CRA", [cra], false, true],
        ["both", [cra, rmsv], true, true],
        ["none", [], false, false],
    ])("under %s: deadlines with and without exploitation", (_, duties, quiet, exploited) => {
        const reporting = reportingOf(duties)
        expect(reportsBeforePublication(reporting, false)).toBe(quiet)
        expect(reportsBeforePublication(reporting, true)).toBe(exploited)
    })

    test("CRA asks for three reports, the last after a fix is available; RMSV for one", () => {
        const lines = (duty: Duty) => duty.deadlines.map(({ report, hours, after }) => [report, hours, after])
        expect(lines(cra)).toEqual([
            ["early warning", 24, "becoming_aware"],
            ["vulnerability notification", 72, "becoming_aware"],
            ["final report", 14 * 24, "corrective_measure_available"],
        ])
        expect(lines(rmsv)).toEqual([["report", 48, "becoming_aware"]])
    })

    const deadline = (hours: number) => ({ report: "report", hours, after: "becoming_aware" }) as const

    test.each<[string, Duty[], string | undefined]>([
        ["none", [], undefined],
        ["the shipped table", [...dutyTable], undefined],
        ["a repeated regime", [rmsv, rmsv], "duty.duplicate_regime"],
        ["no source", [{ ...rmsv, source: " " }], "duty.no_source"],
        ["no authority", [{ ...rmsv, authority: "" }], "duty.no_authority"],
        ["a deadline of zero", [{ ...rmsv, deadlines: [deadline(0)] }], "duty.bad_deadline"],
        ["half an hour", [{ ...rmsv, deadlines: [deadline(0.5)] }], "duty.bad_deadline"],
        ["no deadline", [{ ...rmsv, deadlines: [] }], "duty.bad_deadline"],
        ["a report without a name", [{ ...rmsv, deadlines: [{ ...deadline(1), report: " " }] }], "duty.bad_deadline"],
        ["no date of its source", [{ ...rmsv, date: "" }], "duty.bad_date"],
        ["an invalid date", [{ ...rmsv, date: "2024-02-30" }], "duty.bad_date"],
        ["a regime without a name", [{ ...rmsv, regime: "" }], "duty.bad_regime"],
        ["too many", Array.from({ length: 21 }, (_, n) => ({ ...cra, regime: `R${n}` })), "duty.too_many"],
    ])("a profile with %s", (_, duties, expected) => {
        expect(codeOrResult(() => validateDuties(duties))).toBe(expected)
    })
})

describe("the state of an agreement", () => {
    /** Acceptances as `version@day` or `version@day-endDay`. */
    const acceptances = (script: string) =>
        script
            .split(" ")
            .filter(Boolean)
            .map((text) => {
                const [, version, at, end] = /^(\d+)@(\d+)(?:-(\d+))?$/.exec(text) ?? []
                return { version: Number(version), at: Number(at) * dayMs, endsAt: end ? Number(end) * dayMs : null }
            })

    test.each<[string, string, number | null, number, string]>([
        ["never accepted", "", 1, 5, "none"],
        ["no agreement yet", "", null, 5, "none"],
        ["the newest is accepted", "1@2", 1, 5, "accepted"],
        ["accepted later", "1@6", 1, 5, "none"],
        ["from the instant of acceptance", "1@5", 1, 5, "accepted"],
        ["lapsed by a newer version", "1@2", 2, 5, "expired"],
        ["the newer one was accepted too", "1@2 2@4", 2, 5, "accepted"],
        ["within its term", "1@2-6", 1, 5, "accepted"],
        ["over at the end of its term", "1@2-5", 1, 5, "expired"],
        ["renewed", "1@2-5 1@4-9", 1, 5, "accepted"],
        ["an announced one was accepted too", "1@2-5 2@4", 1, 5, "accepted"],
        ["only an announced one was accepted", "2@4", 1, 5, "accepted"],
    ])("%s", (_, script, current, day, expected) => {
        expect(agreementState(current, acceptances(script), day * dayMs)).toBe(expected)
    })

    /** Versions as `version@day` or `version@day>day it applies from`. */
    const versions = (script: string) =>
        script.split(" ").map((text) => {
            const [, version, since, from] = /^(\d+)@(\d+)(?:>(\d+))?$/.exec(text) ?? []
            const at = Number(since) * dayMs
            return { version: Number(version), since: at, appliesAt: from ? Number(from) * dayMs : at }
        })

    test.each<[string, string, number, number | null]>([
        ["none yet", "1@2", 1, null],
        ["the first", "1@2", 2, 1],
        ["the older one until the newer applies", "1@2 2@5>9", 8, 1],
        ["the newer one from that day on", "1@2 2@5>9", 9, 2],
        ["the newest that applies, even when an older one was to apply later", "1@2 2@5>9 3@6>7", 9, 3],
    ])("in force: %s", (_, script, day, expected) => {
        expect(inForceAt(versions(script), day * dayMs)).toBe(expected)
    })

    test.each<[string, string, string, number, [number, number | null] | null]>([
        ["never", "1@0", "1@2", 5, null],
        ["never, as none was accepted", "1@0 2@3>9", "", 5, null],
        ["at the end of the term", "1@0", "1@2-30", 5, [30, null]],
        ["not at the end of a renewed term", "1@0", "1@2-30 1@4", 5, null],
        ["when a newer version applies", "1@0 2@4>20", "1@2", 5, [20, 4]],
        ["at the end of the term, when that is earlier", "1@0 2@4>20", "1@2-10", 5, [10, null]],
        ["not when the newer one was accepted before", "1@0 2@4>20", "1@2 2@5", 6, null],
        ["when the newest applies, though the one between was accepted", "1@0 2@4>20 3@5>25", "1@2 2@5", 6, [25, 5]],
        ["already, by a newer version", "1@0 2@4>20", "1@2", 40, [20, 4]],
        ["already, by the end of the term", "1@0 2@4>20", "1@2-10", 40, [10, null]],
        ["again, after a new acceptance", "1@0 2@4>20", "1@2 2@25-30", 40, [30, null]],
    ])("lapses %s", (_, script, accepted, day, expected) => {
        const known = versions(script).filter(({ since }) => since <= day * dayMs)
        const lapse = expiryOf(known, acceptances(accepted), day * dayMs)
        const shown = lapse && [lapse.at / dayMs, lapse.announcedAt === null ? null : lapse.announcedAt / dayMs]
        expect(shown).toEqual(expected)
    })

    test("a term ends at its exact millisecond", () => {
        const endsAt = termEnd(30, 0)
        const made = [{ version: 1, at: 0, endsAt }]
        expect(agreementState(1, made, 30 * dayMs - 1)).toBe("accepted")
        expect(agreementState(1, made, 30 * dayMs)).toBe("expired")
        expect(termEnd(null, 0)).toBeNull()
    })

    test.each([
        ["text", 365, undefined],
        ["text", null, undefined],
        ["  ", 365, "agreement.bad_text"],
        ["x".repeat(100_001), 365, "agreement.bad_text"],
        ["text", 0, "agreement.bad_term"],
        ["text", 1.5, "agreement.bad_term"],
        ["text", 3661, "agreement.bad_term"],
    ])("an agreement of %.9s for %s days: %s", (text, days, expected) => {
        expect(codeOrResult(() => validateAgreement(text, days))).toBe(expected)
    })
})

describe("keys", () => {
    const key: PartnerKey = {
        id: "k",
        partner: "p",
        recipient: "age1",
        addedBy: "l",
        addedAt: 10,
        usableFrom: 20,
        expiresAt: 90,
        revokedAt: null,
        testedAt: null,
        confirmedBy: null,
        confirmedAt: null,
        acceptedAt: null,
    }
    const waiting: PartnerKey = { ...key, usableFrom: null }

    const usableKey: PartnerKey = { ...key, id: "old", addedAt: 0, usableFrom: 0 }

    test.each<[string, Partial<PartnerKey>, Partial<PartnerKey>[], boolean, string]>([
        ["at once when it was tested and no other is usable", { testedAt: 15 }, [{ revokedAt: 14 }], true, "done"],
        ["at once next to one that waits", { testedAt: 15 }, [{ usableFrom: null }], true, "done"],
        ["at once after an acceptance for later", { testedAt: 15, usableFrom: 99, acceptedAt: 12 }, [], true, "done"],
        ["at once when untested", {}, [], true, "key.not_tested"],
        ["at once next to a usable one", { testedAt: 15 }, [{}], true, "key.other_key_usable"],
        ["for later next to a usable one", {}, [{}], false, "done"],
        ["for later when all others have ended", {}, [{ revokedAt: 14 }, { expiresAt: 16 }], false, "done"],
        ["for later twice", { usableFrom: 99, acceptedAt: 12 }, [], false, "key.already_accepted"],
        ["once it is usable", { testedAt: 15, usableFrom: 16 }, [], false, "key.already_usable"],
        ["once it is revoked", { testedAt: 15, revokedAt: 16 }, [], false, "key.not_usable"],
        ["once it has expired", { testedAt: 15, expiresAt: 16 }, [], true, "key.not_usable"],
    ])("can be accepted or not: %s", (_, partnerKey, others, atOnce, expected) => {
        const input = { ...waiting, ...partnerKey }
        const list = [input, ...others.map((other) => ({ ...usableKey, ...other }))].filter((item) =>
            isUsable(item, 16),
        )
        expect(codeOrResult(() => assertCanAccept(input, list, atOnce, 16)) ?? "done").toBe(expected)
    })

    test("that is not sealed to, because the clocks are distrusted, can be confirmed and accepted at once", () => {
        const started = { ...waiting, testedAt: 11, usableFrom: 15, acceptedAt: 12 }
        expect(() => assertCanConfirm(started, usableKey, [usableKey], 16)).not.toThrow()
        expect(() => assertCanAccept(started, [], true, 16)).not.toThrow()
    })

    test("that is accepted is usable a day after it was added at the earliest, or at once", () => {
        expect(accept(waiting, false, 16).usableFrom).toBe(10 + dayMs)
        expect(accept(waiting, false, 10 + 3 * dayMs).usableFrom).toBe(10 + 3 * dayMs)
        expect(accept(waiting, true, 16)).toMatchObject({ usableFrom: 16, acceptedAt: 16 })
    })

    test.each<[string, Partial<PartnerKey>, string, string]>([
        ["while it waits", {}, "old", "done"],
        ["while it was accepted for later", { usableFrom: 99, acceptedAt: 12 }, "old", "done"],
        ["by the new key", {}, "k", "key.cannot_confirm"],
        ["by a key that is not usable", {}, "other", "key.cannot_confirm"],
        ["once it is usable", { usableFrom: 16 }, "old", "key.already_usable"],
        ["once it is revoked", { revokedAt: 16 }, "old", "key.not_usable"],
        ["once it has expired", { expiresAt: 16 }, "old", "key.not_usable"],
    ])("can be confirmed or not: %s", (_, partnerKey, by, expected) => {
        const input = { ...waiting, ...partnerKey }
        const older = by === "k" ? input : { ...usableKey, id: by }
        const usableKeys = [usableKey, input].filter((item) => isUsable(item, 16))
        expect(codeOrResult(() => assertCanConfirm(input, older, usableKeys, 16)) ?? "done").toBe(expected)
    })

    test("that was confirmed or accepted at once needs no trusted clock, and one that waits is never over", () => {
        const from = { ...key, usableFrom: 10 + dayMs }
        expect(hasWaited(from, 10 + dayMs - 1)).toBe(false)
        expect(hasWaited(from, 10 + dayMs)).toBe(true)
        expect(hasWaited(confirm(waiting, "old", 10 + 2 * dayMs), 15)).toBe(true)
        expect(hasWaited(accept(waiting, true, 15), 14)).toBe(true)
        expect(hasWaited(accept(waiting, false, 15), 10 + dayMs - 1)).toBe(false)
        expect(hasWaited(accept(waiting, false, 10 + 2 * dayMs), 10 + dayMs)).toBe(false)
        expect(hasWaited(waiting, 10 + 9 * dayMs)).toBe(false)
    })

    test("that a lead adds are never usable by its acts alone, without the identity of a usable key", () => {
        const acts = fc.constantFrom("add", "revoke", "test", "wait", "confirm")
        const step = fc.tuple(acts, fc.nat(5), fc.nat(5))
        fc.assert(
            fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
                let now = 20
                let keys: PartnerKey[] = [{ ...usableKey, expiresAt: 9 * dayMs }]
                const change = (n: number, part: Partial<PartnerKey>) => {
                    keys = keys.map((item, i) => (i === n % keys.length ? { ...item, ...part } : item))
                }
                for (const [act, a, b] of steps) {
                    now += 1
                    if (act === "wait") now += dayMs
                    if (act === "revoke") change(a, { revokedAt: now })
                    if (act === "test") change(a, { testedAt: now })
                    if (act === "add") {
                        const start = earliestUse(keys, now)
                        const added = {
                            ...waiting,
                            id: `new ${now}`,
                            addedAt: now,
                            expiresAt: keyEnd(null, start, 100),
                        }
                        keys = [...keys, added]
                    }
                    // The lead can open only copies that are sealed to keys that it added.
                    const [input, older] = [keys[a % keys.length] ?? key, keys[b % keys.length] ?? key]
                    if (act !== "confirm" || older.id === "old") continue
                    const usableKeys = keys.filter((item) => isUsable(item, now) && hasWaited(item, now))
                    const code = codeOrResult(() => assertCanConfirm(input, older, usableKeys, now)) ?? "done"
                    if (code === "done") change(a, confirm(input, older.id, now))
                }
                expect(keys.filter((item) => item.id !== "old" && isUsable(item, now + 99 * dayMs))).toEqual([])
                expect(keys.every((item) => item.id === "old" || item.usableFrom === null)).toBe(true)
            }),
        )
    })

    test.each<[string, Partial<PartnerKey>[], number, string]>([
        ["none", [], 30, "no_key"],
        ["one whose start is later", [{}], 19, "no_key"],
        ["one that waits", [{ usableFrom: null, testedAt: 15 }], 30, "no_key"],
        ["one untested", [{}], 20, "untested"],
        ["one tested", [{ testedAt: 15 }], 20, "ready"],
        ["one tested that expires before", [{ testedAt: 15 }], 90, "no_key"],
        ["one tested and gone, and a new one", [{ testedAt: 15, revokedAt: 16 }, {}], 30, "untested"],
        ["two, of which one was tested", [{}, { testedAt: 15 }], 30, "ready"],
    ])("make a partner ready for a wave or not, with %s", (_, keys, at, expected) => {
        const list = keys.map((partnerKey) => ({ ...key, ...partnerKey }))
        expect(readinessAt(list, at)).toBe(expected)
    })

    test("expire as requested or at the maximum, and never before they are usable", () => {
        const end = (request: number | null) => keyEnd(request === null ? null : request * dayMs, dayMs, 100) / dayMs
        expect(end(null)).toBe(101)
        expect(end(50)).toBe(50)
        expect(end(101)).toBe(101)
        expect(codeOrResult(() => end(101.01))).toBe("key.bad_end")
        expect(codeOrResult(() => end(1))).toBe("key.bad_end")
    })

    test.each<[number | null, number, boolean]>([
        [null, 19, false],
        [null, 20, true],
        [null, 89, true],
        [null, 90, false],
        [30, 29, true],
        [30, 30, false],
        [15, 20, false],
    ])("usable from 20, revoked at %s: at %s %s", (revokedAt, at, expected) => {
        expect(isUsable({ ...key, revokedAt }, at)).toBe(expected)
    })

    test("only the first ever is usable at once: revoking all others first does not change that", () => {
        expect(earliestUse([], 100)).toBe(100)
        expect(earliestUse([key], 100)).toBe(100 + dayMs)
        expect(earliestUse([{ ...key, revokedAt: 50 }], 100)).toBe(100 + dayMs)
    })
})
