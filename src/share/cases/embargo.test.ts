import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs } from "../../lib/instant.ts"
import { Refusal } from "../../lib/refusal.ts"
import { type Embargo, agree, breakOff, end, endOf, move, phase, propose, shippedLimits } from "./embargo.ts"

const limits = { daysMax: 90, movesMax: 2 }

/** Plays a script of turns, one a line, and tells what was refused: `day verb [end day]`. */
function play(script: string): { embargo: Embargo; refused: string[] } {
    let embargo: Embargo = []
    const refused: string[] = []
    for (const line of script.split("\n").filter((one) => one.trim() !== "")) {
        const [at, verb, until] = line.trim().split(/\s+/)
        const [now, endsAt] = [Number(at) * dayMs, Number(until) * dayMs]
        try {
            if (verb === "propose") embargo = propose(embargo, endsAt, now, limits)
            else if (verb === "agree") embargo = agree(embargo, endsAt, now, limits)
            else if (verb === "move") embargo = move(embargo, endsAt, "because", now, limits)
            else if (verb === "break") embargo = breakOff(embargo, "leaked", now)
            else embargo = end(embargo, now)
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.push(`${at} ${error.code}`)
        }
    }
    return { embargo, refused }
}

describe("the embargo clock", () => {
    test.each([
        ["is none before anything is said", "", 0, "none", []],
        ["waits while it is only proposed", "0 propose 45", 50, "proposed", []],
        ["runs until its end", "0 agree 45", 44.999, "running", []],
        ["and not at it", "0 agree 45", 45, "due", []],
        ["ends when publication says so", "0 agree 45\n45 end", 45, "ended", []],
        ["does not end before", "0 agree 45\n44 end", 44, "running", ["44 embargo.not_due"]],
        ["ends once", "0 agree 45\n45 end\n46 end", 46, "ended", ["46 embargo.not_due"]],
        ["cannot end where none was agreed", "0 propose 9\n9 end", 9, "proposed", ["9 embargo.not_due"]],
        [
            "is agreed to what was proposed last, or to another day",
            "0 propose 9\n1 propose 8\n2 agree 7",
            6,
            "running",
            [],
        ],
        ["can be moved later", "0 agree 45\n10 move 60", 59, "running", []],
        ["can be moved earlier", "0 agree 45\n10 move 20", 20, "due", []],
        ["breaks at once", "0 agree 45\n10 break", 10, "broken", []],
        ["ends after it was broken", "0 agree 45\n10 break\n11 end", 11, "ended", []],
        ["is agreed once", "0 agree 45\n1 agree 50", 2, "running", ["1 embargo.agreed_already"]],
        ["is not proposed once agreed", "0 agree 45\n1 propose 50", 2, "running", ["1 embargo.agreed_already"]],
        ["is not agreed once broken", "0 agree 45\n1 break\n2 agree 9", 3, "broken", ["2 embargo.agreed_already"]],
        ["is not moved before it is agreed", "0 propose 9\n1 move 8", 2, "proposed", ["1 embargo.not_running"]],
        ["does not break before it is agreed", "0 propose 9\n1 break", 2, "proposed", ["1 embargo.not_running"]],
        ["is not moved at its very end", "0 agree 10\n10 move 20", 11, "due", ["10 embargo.not_running"]],
        ["is moved until just before", "0 agree 10\n9.999 move 20", 11, "running", []],
        ["never starts over once broken", "0 agree 45\n5 break\n6 move 60", 7, "broken", ["6 embargo.not_running"]],
        ["never starts over once ended", "0 agree 9\n9 end\n9 break", 9, "ended", ["9 embargo.not_running"]],
        ["lasts as long as is allowed", "0 agree 90", 89, "running", []],
        ["and no day longer", "0 agree 90.001", 1, "none", ["0 embargo.too_long"]],
        ["counts its length from the agreement", "0 agree 90\n80 move 91", 85, "running", ["80 embargo.too_long"]],
        ["not from the proposal", "0 propose 60\n30 agree 100\n40 move 120", 119, "running", []],
        ["moves twice at most", "0 agree 9\n1 move 8\n2 move 7\n3 move 6", 4, "running", ["3 embargo.moved_too_often"]],
        ["cannot end in the past", "5 agree 5", 6, "none", ["5 embargo.ends_in_the_past"]],
        ["cannot be moved into the past", "0 agree 9\n5 move 4", 5, "running", ["5 embargo.ends_in_the_past"]],
    ])("%s", (_, script, onDay, expected, refused) => {
        const played = play(script)
        expect(phase(played.embargo, onDay * dayMs)).toBe(expected)
        expect(played.refused).toEqual(refused)
    })

    test.each([
        ["nothing was said", "", null],
        ["it is only proposed", "0 propose 45", null],
        ["it is agreed", "0 propose 40\n1 agree 45", 45],
        ["it was moved", "0 agree 45\n1 move 50\n2 move 40", 40],
        ["it was broken", "0 agree 45\n10 break", 10],
        ["it was broken, and then ended", "0 agree 45\n10 break\n12 end", 10],
        ["it has ended, however late that was noted", "0 agree 45\n50 end", 45],
    ])("tells its end where %s", (_, script, expected) => {
        expect(endOf(play(script).embargo)).toBe(expected === null ? null : expected * dayMs)
    })

    test("an end that is no number is refused", () => {
        expect(play("0 agree x").refused).toEqual(["0 embargo.ends_in_the_past"])
    })

    test("ships with 90 days and 5 moves", () => {
        expect(shippedLimits).toEqual({ daysMax: 90, movesMax: 5 })
    })

    const verbs = ["propose", "agree", "move", "break", "end"] as const
    const steps = fc
        .array(fc.tuple(fc.nat(100), fc.constantFrom(...verbs), fc.nat(200)), { maxLength: 12 })
        .map((all) => all.toSorted((a, b) => a[0] - b[0]))
    const scriptOf = (all: readonly (readonly unknown[])[]) => all.map((one) => one.join(" ")).join("\n")

    test("once it is over it is over, whatever is tried", () => {
        fc.assert(
            fc.property(steps, (all) => {
                let over: number | null = null
                for (let n = 1; n <= all.length; n++) {
                    const { embargo } = play(scriptOf(all.slice(0, n)))
                    const now = (all[n - 1]?.[0] ?? 0) * dayMs
                    const until = endOf(embargo)
                    if (over !== null) expect(until).toBe(over)
                    if (until !== null && until <= now) over = until
                }
            }),
        )
    })

    test("its turns stand in their order, within its limits, whatever is tried", () => {
        const order = /^(proposed )*(agreed (moved )*(broken )?(ended )?)?$/
        fc.assert(
            fc.property(steps, (all) => {
                const { embargo } = play(scriptOf(all))
                expect(embargo.map((turn) => `${turn.kind} `).join("")).toMatch(order)
                expect(embargo.filter((turn) => turn.kind === "moved").length).toBeLessThanOrEqual(limits.movesMax)
                expect(embargo.map((turn) => turn.at)).toEqual(embargo.map((turn) => turn.at).toSorted((a, b) => a - b))
                const agreed = embargo.find((turn) => turn.kind === "agreed")
                if (agreed) expect((endOf(embargo) ?? 0) - agreed.at).toBeLessThanOrEqual(limits.daysMax * dayMs)
            }),
        )
    })

    test("a turn that is taken changes nothing of those before", () => {
        fc.assert(
            fc.property(steps, (all) => {
                const whole = play(scriptOf(all)).embargo
                const before = play(scriptOf(all.slice(0, -1))).embargo
                expect(whole.slice(0, before.length)).toEqual(before)
            }),
        )
    })
})
