import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import * as rules from "./procedure.ts"
import {
    type Outcome,
    type ProcedureHistory,
    decidersOf,
    outcomes,
    phaseOf,
    sanctionOf,
    decisionDueSince,
} from "./procedure.ts"

/**
 * Plays a script, one entry a line (`day verb [words]`), and returns the refusals. People are single letters, and a
 * decision names two: `14 decide ab suspension 60`.
 */
function play(script: string): { procedure: ProcedureHistory; refused: string[] } {
    let procedure: ProcedureHistory = rules.openHistory("o", 14, 0)
    const refused: string[] = []
    for (const line of script.split("\n").filter((text) => text.trim() !== "")) {
        const [day, verb = "", person = "", kind, until] = line.trim().split(/\s+/)
        const now = Number(day) * dayMs
        const by = [person[0] ?? "", person[1] ?? ""] as const
        const returnFrom = until === undefined ? null : Number(until) * dayMs
        const decided = { by, outcome: kind as Outcome, returnFrom }
        try {
            if (verb === "extend") procedure = rules.extend(procedure, person, Number(kind) * dayMs, now)
            else if (verb === "answer") procedure = rules.answer(procedure, person, now)
            else if (verb === "decide") procedure = rules.decide(procedure, { ...decided, appealDays: 30 }, now)
            else if (verb === "appeal") procedure = rules.appeal(procedure, person, now)
            else if (verb === "again") procedure = rules.decideAppeal(procedure, decided, now)
            else procedure = rules.addReinstatement(procedure, by, now)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.push(`${day} ${error.code.replace("procedure.", "")}`)
        }
    }
    return { procedure, refused }
}

type Row = [name: string, script: string, onDay: number, stands: string, refused: string[]]

describe("a procedure", () => {
    test.each<Row>([
        ["waits for an answer", "", 13, "answer_awaited, nothing", []],
        ["is decided without one when the time is over", "", 14, "to_decide, nothing", []],
        ["is decided once it is answered", "3 answer l", 3, "to_decide, nothing", []],
        ["is never decided before", "13 decide ab reprimand", 13, "answer_awaited, nothing", ["13 answer_awaited"]],
        [
            "gives more time, never less",
            "1 extend o 10\n1 extend o 30",
            29,
            "answer_awaited, nothing",
            ["1 bad_deadline"],
        ],
        ["gives no time without end", "1 extend o 91", 14, "to_decide, nothing", ["1 bad_deadline"]],
        ["gives no time that is over", "14 extend o 30", 14, "to_decide, nothing", ["14 wrong_status"]],
        [
            "counts the time that was given",
            "1 extend o 30\n20 decide ab none",
            20,
            "answer_awaited, nothing",
            ["20 answer_awaited"],
        ],
        ["hears who is late, until two have decided", "20 answer l", 20, "to_decide, nothing", []],
        ["hears nobody after", "14 decide ab none\n15 answer l", 15, "closed, none", ["15 wrong_status"]],
        ["hears an answer once", "1 answer l\n2 answer l", 2, "to_decide, nothing", ["2 wrong_status"]],
        ["is over where nothing follows", "14 decide ab none", 14, "closed, none", []],
        ["can be appealed for thirty days", "14 decide ab reprimand", 43, "open_to_appeal, reprimand", []],
        [
            "and not at their end",
            "14 decide ab reprimand\n44 appeal l",
            44,
            "closed, reprimand",
            ["44 appeal_too_late"],
        ],
        ["is not appealed before it is decided", "3 appeal l", 3, "answer_awaited, nothing", ["3 wrong_status"]],
        [
            "is not appealed where nothing follows",
            "14 decide ab none\n15 appeal l",
            15,
            "closed, none",
            ["15 wrong_status"],
        ],
        ["waits for two others", "14 decide ab termination\n20 appeal l", 99, "appeal_to_decide, termination", []],
        ["is decided once", "14 decide ab none\n15 decide cd reprimand", 15, "closed, none", ["15 wrong_status"]],
        [
            "is appealed once, and decided again by two others",
            "14 decide ab termination\n20 appeal l\n21 appeal l\n21 again ac none\n21 again ca none\n21 again " +
                "cd none\n22 again cd none",
            22,
            "closed, none",
            ["21 already_appealed", "21 decided_before", "21 decided_before", "22 wrong_status"],
        ],
        ["may stand", "14 decide ab reprimand\n20 appeal l\n21 again cd reprimand", 21, "closed, reprimand", []],
        [
            "may stand though its day of return is past",
            "14 decide ab suspension 15\n20 appeal l\n21 again cd suspension 15",
            21,
            "closed, suspension",
            [],
        ],
        [
            "becomes no harder by an appeal",
            "14 decide ab suspension 60\n20 appeal l\n21 again cd termination\n21 again cd suspension 61\n21 " +
                "again cd suspension 30",
            21,
            "closed, suspension",
            ["21 appeal_harsher", "21 appeal_harsher"],
        ],
        ["names a day of return", "14 decide ab suspension", 14, "to_decide, nothing", ["14 bad_return"]],
        ["names none that is over", "14 decide ab suspension 13", 14, "to_decide, nothing", ["14 bad_return"]],
        [
            "names none where nothing is to return from",
            "14 decide ab reprimand 60",
            14,
            "to_decide, nothing",
            ["14 bad_return"],
        ],
        ["is come back from on that day", "14 decide ab suspension 60\n60 return ab", 60, "closed, none", []],
        [
            "and not before",
            "14 decide ab suspension 60\n59 return ab",
            59,
            "closed, suspension",
            ["59 return_too_early"],
        ],
        ["and once", "14 decide ab suspension 60\n60 return ab\n61 return ab", 61, "closed, none", ["61 wrong_status"]],
        [
            "is not come back from where it has ended",
            "14 decide ab termination\n60 return ab",
            60,
            "closed, termination",
            ["60 wrong_status"],
        ],
    ])("%s", (_, script, onDay, stands, refused) => {
        const played = play(script)
        const sanction = sanctionOf(played.procedure)?.outcome ?? "nothing"
        expect(`${phaseOf(played.procedure, onDay * dayMs)}, ${sanction}`).toBe(stands)
        expect(played.refused).toEqual(refused)
    })

    test.each([6, 91, 1.5, Number.NaN])("refuses %s days for the answer", (days) => {
        expect(() => rules.openHistory("o", days, 0)).toThrow("a term must be")
    })

    test("never sanctions a partner unheard and never skips a step, in any order of attempts", () => {
        const line = fc.tuple(
            fc.nat(120),
            fc.constantFrom("extend", "answer", "decide", "appeal", "again", "return"),
            fc.constantFrom("ab", "bc", "cd", "da"),
            fc.constantFrom(...outcomes),
            fc.nat(130),
        )
        fc.assert(
            fc.property(fc.array(line, { maxLength: 14 }), (lines) => {
                const script = lines
                    .toSorted((a, b) => a[0] - b[0])
                    .map(([day, verb, person, outcome, n]) => {
                        const subject = verb === "extend" ? n : `${outcome} ${outcome === "suspension" ? n : ""}`
                        return `${day} ${verb} ${person} ${subject}`
                    })
                const { procedure } = play(script.join("\n"))
                const kinds = procedure.map(({ kind }) => kind)
                const place = (kind: (typeof kinds)[number]) => kinds.indexOf(kind)
                const decided = procedure.find((turn) => turn.kind === "decided")
                expect(kinds.filter((kind) => kind !== "extended")).toHaveLength(
                    new Set(kinds).size - (kinds.includes("extended") ? 1 : 0),
                )
                if (decided && !kinds.slice(0, place("decided")).includes("answered")) {
                    expect(decided.at).toBeGreaterThanOrEqual(rules.answerByOf(procedure))
                }
                if (kinds.includes("appealed")) expect(place("decided")).toBeGreaterThan(-1)
                const again = procedure.find((turn) => turn.kind === "appeal_decided")
                if (again) {
                    expect(place("appealed")).toBeGreaterThan(-1)
                    for (const item of again.by) expect(decidersOf(procedure)).not.toContain(item)
                    expect(outcomes.indexOf(again.outcome)).toBeLessThanOrEqual(
                        outcomes.indexOf(decided?.outcome ?? "none"),
                    )
                }
                const end = 1000 * dayMs
                expect(decisionDueSince(procedure, end) === null).toBe(!/to_decide/.test(phaseOf(procedure, end)))
            }),
        )
    })
})
