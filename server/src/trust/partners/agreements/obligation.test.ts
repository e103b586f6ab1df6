import * as fc from "fast-check"
import { Check } from "typebox/value"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import {
    type DueDiligence,
    type DueDiligenceRow,
    dueDiligenceAt,
    validateDueDiligence,
} from "../onboarding/due-diligence.ts"
import { codeBytes, formatCode, parseCode, mailTexts } from "../roster/mailbox.ts"
import { type Obligation, validateObligations, obligationShape, periodsOf } from "./obligation.ts"
import { type Attestation, validateReport, validateAttestation } from "./statement.ts"

function codeOrResult(work: () => unknown): unknown {
    try {
        return work()
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

const offence: Obligation = { id: "2.1", kind: "no_offensive_use", text: "No attack." }
const leak: Obligation = { id: "2.4", kind: "report_suspected_leak", withinHours: 24, text: "Tell us." }
const reports: Obligation = { id: "2.5", kind: "regular_reports", everyDays: 90, text: "Report." }
const yearly: Obligation = { id: "2.6", kind: "attestation", everyDays: 365, text: "Attest." }
const list = [offence, leak, reports, yearly]

describe("obligations", () => {
    test.each<[string, Obligation[], string | undefined]>([
        ["all kinds", list, undefined],
        ["no obligations", [], undefined],
        ["a repeated id", [offence, { ...leak, id: "2.1" }], "obligation.duplicate_id"],
        ["two periods", [reports, { ...reports, id: "2.7" }], "obligation.duplicate_period"],
        ["two obligations of a kind that has no period", [offence, { ...offence, id: "2.2" }], undefined],
        ["no text", [{ ...offence, text: " " }], "obligation.bad_text"],
        ["a control character", [{ ...offence, text: "No\u0007attack" }], "obligation.bad_text"],
        ["too many", Array.from({ length: 41 }, (_, n) => ({ ...offence, id: `o${n}` })), "obligation.too_many"],
    ])("%s", (_, obligations, expected) => {
        expect(codeOrResult(() => validateObligations(obligations))).toBe(expected)
    })

    test.each<[string, unknown, boolean]>([
        ["a valid obligation", reports, true],
        ["a period of days less than a week", { ...reports, everyDays: 6 }, false],
        ["a period where there is none", { ...offence, everyDays: 90 }, false],
        ["zero hours", { id: "a", kind: "report_suspected_leak", text: "Tell us." }, false],
        ["another kind", { ...offence, kind: "pay us" }, false],
    ])("the fields of %s: %s", (_, item, expected) => {
        expect(Check(obligationShape, item)).toBe(expected)
    })

    test("the requirement is separate from its text", () => {
        expect(periodsOf(list)).toEqual([
            { kind: "regular_reports", everyDays: 90 },
            { kind: "attestation", everyDays: 365 },
        ])
    })
})

describe("statements", () => {
    const kept = (...ids: string[]): Attestation => ({ obligations: ids.map((id) => ({ id, kept: true, note: "" })) })
    const broken = (note: string): Attestation => ({
        obligations: list.map(({ id }) => ({ id, kept: id !== "2.1", note: id === "2.1" ? note : "" })),
    })
    test.each<[string, Attestation, string | undefined]>([
        ["to all, in any order", kept("2.6", "2.1", "2.5", "2.4"), undefined],
        ["with an exception and its reason", broken("We tested a neighbour."), undefined],
        ["with an exception without a reason", broken(" "), "statement.no_exception"],
        ["with one obligation missing", kept("2.1", "2.4", "2.5"), "statement.incomplete"],
        ["with one obligation twice", kept("2.1", "2.1", "2.4", "2.5", "2.6"), "statement.obligation_not_found"],
        ["without an agreement", kept("2.1", "2.4", "2.5", "2.6", "9"), "statement.obligation_not_found"],
    ])("an attestation %s", (_, item, expected) => {
        expect(codeOrResult(() => validateAttestation(item, list))).toBe(expected)
    })

    test.each([
        ["zero", true, "", undefined],
        ["zero, with text", true, "Well.", "statement.bad_report"],
        ["some", false, "Two rules.\nOne fired.", undefined],
        ["some, without text", false, " \n", "statement.bad_report"],
        ["some, with a control character", false, "\u0007", "statement.bad_report"],
    ])("a regular report of %s", (_, nothing, text, expected) => {
        expect(codeOrResult(() => validateReport({ nothing, text }))).toBe(expected)
    })
})

describe("the code for a mailbox", () => {
    test("is accepted in any usual spelling", () => {
        fc.assert(
            fc.property(fc.uint8Array({ minLength: codeBytes, maxLength: codeBytes }), (random) => {
                const code = formatCode(random)
                expect(code).toMatch(/^([A-HJ-NP-Z2-9]{5}-){3}[A-HJ-NP-Z2-9]{5}$/)
                for (const typed of [code, code.toLowerCase(), code.replaceAll("-", " "), ` ${code}\n`]) {
                    expect(parseCode(typed)).toBe(code)
                }
            }),
        )
    })

    test("is refused when short or long, and has enough entropy", () => {
        expect(codeOrResult(() => parseCode("AAAAA-AAAAA-AAAAA"))).toBe("mailbox.bad_code")
        expect(codeOrResult(() => parseCode("A".repeat(21)))).toBe("mailbox.bad_code")
        expect(() => formatCode(new Uint8Array(3))).toThrow("20 bytes")
    })

    test("the mail that answers an application names neither its sender nor the decision", () => {
        expect(mailTexts.answered.text()).not.toMatch(/invited|declined|welcome/i)
        expect(mailTexts.code.text("AAAAA-AAAAA-AAAAA-AAAAA")).toContain("    AAAAA-AAAAA-AAAAA-AAAAA\n")
    })
})

describe("due diligence", () => {
    const at = Date.parse("2025-06-30T12:00:00Z")
    const owner = { name: "Umbra", percent: 60, seat: "LU", source: "register", date: "2025-06-30" }
    const place = { place: "CN", kind: "registered", source: "register", date: "2025-06-30" } as const
    const pick = (ownership: DueDiligence["ownership"], jurisdictions: DueDiligence["jurisdictions"] = []) => ({
        ownership,
        jurisdictions,
    })
    test.each<[string, DueDiligence, string | undefined]>([
        ["empty", pick([]), undefined],
        ["dated today", pick([owner], [place]), undefined],
        ["unknown shares", pick([{ ...owner, percent: null, seat: null }, owner]), undefined],
        ["dated tomorrow", pick([{ ...owner, date: "2025-07-01" }]), "due_diligence.bad_date"],
        ["without a date", pick([], [{ ...place, date: "2025-02-30" }]), "due_diligence.bad_date"],
        ["without a source", pick([{ ...owner, source: " " }]), "due_diligence.no_source"],
        ["without an owner", pick([{ ...owner, name: "\t" }]), "due_diligence.bad_owner"],
        ["more than 100 %", pick([owner, owner]), "due_diligence.shares_exceed_total"],
    ])("%s", (_, background, expected) => {
        expect(codeOrResult(() => validateDueDiligence(background, at))).toBe(expected)
    })

    test("counts the last valid entry, in whatever order the rows are read", () => {
        const row = (seq: number, from: number, value: DueDiligence["ownership"]): DueDiligenceRow => ({
            fact: "ownership",
            seq,
            from,
            value,
            by: null,
        })
        const rows = [row(1, 10, [owner]), row(2, 20, [])]
        expect(dueDiligenceAt(rows, 9)).toEqual(pick([]))
        expect(dueDiligenceAt(rows.toReversed(), 19)).toEqual(pick([owner]))
        expect(dueDiligenceAt(rows.toReversed(), 20)).toEqual(pick([]))
    })
})
