import fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../../test/vectors/embargo-states.json" with { type: "json" }
import { dayMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import {
    type Embargo,
    accept,
    agree,
    terminate,
    delaysIn,
    end,
    endOf,
    move,
    openProposals,
    phase,
    propose,
    reject,
    shippedLimits,
    stateOf,
    addTerminationProposal,
} from "./embargo.ts"

const transitions: readonly { from: string; action: string; to: string[] }[] = vectors.transitions
const limits = { daysMax: 90, delaysMax: 2, proposalsMax: 3 }

/**
 * Plays a script of turns, one a line, and tells what was refused: `day verb [end day, or a proposal's number] [by]`.
 */
function replayScript(script: string): { embargo: Embargo; refused: string[] } {
    let embargo: Embargo = []
    const refused: string[] = []
    for (const line of script.split("\n").filter((item) => item.trim() !== "")) {
        const [at, verb, until, by = null] = line.trim().split(/\s+/)
        const [now, endsAt] = [Number(at) * dayMs, Number(until) * dayMs]
        try {
            if (verb === "propose") embargo = propose(embargo, { by, endsAt }, now, limits)
            else if (verb === "agree") embargo = agree(embargo, until === undefined ? null : endsAt, now, limits)
            else if (verb === "accept") embargo = accept(embargo, Number(until), now, limits)
            else if (verb === "reject") embargo = reject(embargo, Number(until), "no", now)
            else if (verb === "tear") embargo = addTerminationProposal(embargo, { trigger: "leak", owner: "anna" }, now)
            else if (verb === "move") embargo = move(embargo, endsAt, "because", now, limits)
            else if (verb === "break") embargo = terminate(embargo, "leaked", now)
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
        ["is not running at first", "", 0, "none", []],
        ["is pending while an end is only proposed", "0 propose 45", 44, "proposed", []],
        ["is not running once no future end is proposed", "0 propose 45", 45, "none", []],
        ["runs until just before its end", "0 agree 45", 44.999, "running", []],
        ["does not run at its end", "0 agree 45", 45, "due", []],
        ["ends with publication", "0 agree 45\n45 end", 45, "ended", []],
        ["does not end before publication", "0 agree 45\n44 end", 44, "running", ["44 embargo.not_due"]],
        ["ends only once", "0 agree 45\n45 end\n46 end", 46, "ended", ["46 embargo.not_due"]],
        ["cannot end when none was agreed", "0 propose 9\n8 end", 8, "proposed", ["8 embargo.not_due"]],
        ["can be moved later", "0 agree 45\n10 move 60", 59, "running", []],
        ["can be moved earlier", "0 agree 45\n10 move 20", 20, "due", []],
        ["is terminated at once", "0 agree 45\n10 break", 10, "terminated", []],
        ["ends after a termination", "0 agree 45\n10 break\n11 end", 11, "ended", []],
        ["is agreed only once", "0 agree 45\n1 agree 50", 2, "running", ["1 embargo.already_agreed"]],
        ["continues while another end is proposed", "0 agree 45\n1 propose 9", 44, "running", []],
        [
            "is not agreed after a termination",
            "0 agree 45\n1 break\n2 agree 9",
            3,
            "terminated",
            ["2 embargo.already_agreed"],
        ],
        ["is not moved before an agreement", "0 propose 9\n1 move 8", 2, "proposed", ["1 embargo.not_running"]],
        ["is not terminated before an agreement", "0 propose 9\n1 break", 2, "proposed", ["1 embargo.not_running"]],
        ["is not moved at its end", "0 agree 10\n10 move 20", 11, "due", ["10 embargo.not_running"]],
        ["is moved until just before its end", "0 agree 10\n9.999 move 20", 11, "running", []],
        [
            "does not restart after a termination",
            "0 agree 45\n5 break\n6 move 60",
            7,
            "terminated",
            ["6 embargo.not_running"],
        ],
        ["does not restart after its end", "0 agree 9\n9 end\n9 break", 9, "ended", ["9 embargo.not_running"]],
        ["lasts the maximum length", "0 agree 90", 89, "running", []],
        ["does not last a day longer", "0 agree 90.001", 1, "none", ["0 embargo.too_long"]],
        ["counts its length from the agreement", "0 agree 90\n80 move 91", 85, "running", ["80 embargo.too_long"]],
        ["does not count its length from the proposal", "0 propose 60\n30 agree 100\n40 move 120", 119, "running", []],
        [
            "is delayed twice at most",
            "0 agree 6\n1 move 7\n2 move 8\n3 move 9",
            4,
            "running",
            ["3 embargo.moved_too_often"],
        ],
        ["is moved earlier any number of times", "0 agree 9\n1 move 8\n2 move 7\n3 move 6\n4 move 5", 4, "running", []],
        ["cannot end in the past", "5 agree 5", 6, "none", ["5 embargo.end_in_past"]],
        ["cannot be moved into the past", "0 agree 9\n5 move 4", 5, "running", ["5 embargo.end_in_past"]],
    ])("%s", (_, script, onDay, expected, refused) => {
        const played = replayScript(script)
        expect(phase(played.embargo, onDay * dayMs)).toBe(expected)
        expect(played.refused).toEqual(refused)
    })

    test.each([
        ["nothing was proposed", "", null],
        ["one was proposed", "0 propose 45", null],
        ["one was agreed", "0 agree 45", 45],
        ["an earlier one was proposed", "0 propose 40\n1 agree 45", 40],
        ["one was moved", "0 agree 45\n1 move 50\n2 move 40", 40],
        ["it was terminated", "0 agree 45\n10 break", 10],
        ["it was terminated and then ended", "0 agree 45\n10 break\n12 end", 10],
        ["it ended, however late that was recorded", "0 agree 45\n50 end", 45],
    ])("returns its end when %s", (_, script, expected) => {
        expect(endOf(replayScript(script).embargo)).toBe(expected === null ? null : expected * dayMs)
    })

    test("refuses an end that is not a number", () => {
        expect(replayScript("0 agree x").refused).toEqual(["0 embargo.end_in_past"])
    })

    test("has defaults: 90 days, 5 delays and 5 open proposals per party", () => {
        expect(shippedLimits).toEqual({ daysMax: 90, delaysMax: 5, proposalsMax: 5 })
    })
})

describe("the negotiation", () => {
    const ends = (embargo: Embargo, now: number) =>
        openProposals(embargo, now).map((proposal) => proposal.endsAt / dayMs)

    test.each<[string, string, number, string, number[], number | null, string[]]>([
        ["begins empty", "", 0, "none", [], null, []],
        ["is open with a proposal", "0 propose 45\n0 propose 30 f", 1, "proposed", [45, 30], null, []],
        ["is empty again once all are rejected", "0 propose 45\n1 reject 0", 1, "none", [], null, []],
        [
            "continues with the remaining proposals",
            "0 propose 45\n0 propose 30\n1 reject 0",
            1,
            "proposed",
            [30],
            null,
            [],
        ],
        ["agrees on the only proposal", "0 propose 45\n1 accept 0", 1, "active", [], 45, []],
        ["accepts the shortest", "0 propose 45\n0 propose 30 f\n1 agree", 1, "revise", [45], 30, []],
        ["accepts the shortest against the operator's wish", "0 propose 30 f\n1 agree 60", 1, "revise", [60], 30, []],
        [
            "accepts an end earlier than all proposals",
            "0 propose 45\n0 propose 30\n1 agree 20",
            1,
            "revise",
            [45, 30],
            20,
            [],
        ],
        ["accepts an end equal to the shortest", "0 propose 45\n0 propose 30\n1 agree 30", 1, "revise", [45], 30, []],
        [
            "accepts only the shortest",
            "0 propose 45\n0 propose 30\n1 accept 0",
            1,
            "proposed",
            [45, 30],
            null,
            ["1 embargo.shorter_proposed"],
        ],
        ["starts with the shortest", "0 propose 45\n0 propose 30\n1 accept 1", 1, "revise", [45], 30, []],
        ["needs a proposal to agree to", "1 agree", 1, "none", [], null, ["1 embargo.no_end_proposed"]],
        [
            "does not start with an expired proposal",
            "0 propose 5\n5 agree",
            5,
            "none",
            [],
            null,
            ["5 embargo.no_end_proposed"],
        ],
        ["revises later", "0 agree 30\n1 propose 45 f\n2 accept 1", 2, "active", [], 45, []],
        ["revises earlier", "0 agree 30\n1 propose 20 f\n2 accept 1", 2, "active", [], 20, []],
        [
            "keeps the terms when a revision is rejected",
            "0 agree 30\n1 propose 20 f\n2 reject 1",
            2,
            "active",
            [],
            30,
            [],
        ],
        ["accepts any revision", "0 agree 30\n1 propose 20\n1 propose 40\n2 accept 2", 2, "revise", [20], 40, []],
        ["drops a revision whose day has come", "0 agree 30\n1 propose 20", 20, "active", [], 30, []],
        [
            "decides a proposal once",
            "0 agree 30\n1 propose 20\n2 reject 1\n3 accept 1",
            3,
            "active",
            [],
            30,
            ["3 embargo.proposal_not_found"],
        ],
        [
            "does not decide an unknown proposal",
            "0 agree 30\n1 accept 0\n1 reject 7",
            1,
            "active",
            [],
            30,
            ["1 embargo.proposal_not_found", "1 embargo.proposal_not_found"],
        ],
        [
            "limits delays by revision like delays by moving",
            "0 agree 5\n1 move 6\n1 move 7\n1 propose 8\n1 accept 3",
            1,
            "revise",
            [8],
            7,
            ["1 embargo.moved_too_often"],
        ],
        [
            "refuses a proposal that is too long",
            "0 agree 30\n40 propose 50\n1 propose 91",
            1,
            "active",
            [],
            30,
            ["40 embargo.already_ended", "1 embargo.too_long"],
        ],
        [
            "ends with a termination",
            "0 agree 30\n1 propose 20\n2 break\n3 propose 9",
            3,
            "exited",
            [],
            2,
            ["3 embargo.already_ended"],
        ],
        ["ends with the embargo", "0 agree 30\n1 propose 40", 30, "exited", [], 30, []],
        [
            "hears three of one party at a time",
            "0 propose 9 f\n0 propose 8 f\n0 propose 7 f\n0 propose 6 f\n0 propose 6 v\n1 reject 0\n1 propose 5 f",
            1,
            "proposed",
            [8, 7, 6, 5],
            null,
            ["0 embargo.too_many_proposals"],
        ],
    ])("%s", (_, script, ...[onDay, state, open, until, refused]) => {
        const played = replayScript(script)
        const now = onDay * dayMs
        expect(stateOf(played.embargo, now)).toBe(state)
        expect(ends(played.embargo, now)).toEqual(open)
        expect(endOf(played.embargo)).toBe(until === null ? null : until * dayMs)
        expect(played.refused).toEqual(refused)
    })

    test.each<[string, string, number, string, number | null, string[]]>([
        ["is decided within two days", "0 agree 30\n5 tear\n6 accept 1", 6, "active", 7, []],
        ["ends nothing automatically", "0 agree 30\n5 tear", 6.999, "revise", 30, []],
        ["lapses to the running terms", "0 agree 30\n5 tear", 7, "active", 30, []],
        [
            "is not decided after its deadline",
            "0 agree 30\n5 tear\n7 accept 1",
            7,
            "active",
            30,
            ["7 embargo.proposal_not_found"],
        ],
        ["is rejected", "0 agree 30\n5 tear\n6 reject 1", 6, "active", 30, []],
        ["is open only once", "0 agree 30\n5 tear\n6 tear\n6 reject 1", 6, "active", 30, []],
        ["is made again after a decision", "0 agree 30\n5 tear\n6 reject 1\n6 tear", 6, "revise", 30, []],
        ["proposes no end later than the current one", "0 agree 6\n5 tear\n5 accept 1", 5.5, "active", 6, []],
        [
            "needs a running embargo",
            "0 tear\n0 agree 6\n6 tear",
            6,
            "exited",
            6,
            ["0 embargo.not_running", "6 embargo.not_running"],
        ],
        [
            "is accepted though the operator has many proposals",
            "0 agree 9\n1 propose 8\n1 propose 7\n1 propose 6\n1 tear\n1 accept 4",
            1,
            "revise",
            3,
            [],
        ],
    ])("a termination proposal %s", (_, script, ...[onDay, state, until, refused]) => {
        const played = replayScript(script)
        expect(stateOf(played.embargo, onDay * dayMs)).toBe(state)
        expect(endOf(played.embargo)).toBe(until === null ? null : until * dayMs)
        expect(played.refused).toEqual(refused)
    })

    test.each([59 * 60_000, 15 * dayMs, Number.NaN])(
        "a termination proposal is not decided within %s ms",
        (withinMs) => {
            const { embargo } = replayScript("0 agree 60")
            expect(() =>
                addTerminationProposal(embargo, { trigger: "exploitation", owner: "anna" }, 1, withinMs),
            ).toThrow(expect.objectContaining({ code: "embargo.bad_deadline" }))
        },
    )

    test("each trigger has its own termination proposal, with an owner", () => {
        let { embargo } = replayScript("0 agree 30\n1 tear")
        embargo = addTerminationProposal(embargo, { trigger: "exploitation", owner: "olaf" }, dayMs)
        expect(openProposals(embargo, dayMs).map((proposal) => proposal.terminationProposal)).toEqual([
            { trigger: "leak", owner: "anna" },
            { trigger: "exploitation", owner: "olaf" },
        ])
    })
})

describe("any history", () => {
    const verbs = ["propose", "agree", "accept", "reject", "move", "tear", "break", "end"] as const
    const step = fc.tuple(fc.nat(100), fc.constantFrom(...verbs), fc.nat(200))
    const near = fc.tuple(fc.nat(100), fc.constantFrom("accept", "reject"), fc.nat(6))
    const steps = fc.array(fc.oneof(step, near), { maxLength: 16 }).map((list) => list.toSorted((a, b) => a[0] - b[0]))
    const scriptOf = (list: readonly (readonly unknown[])[]) => list.map((entry) => entry.join(" ")).join("\n")

    test("stays ended once it ended", () => {
        fc.assert(
            fc.property(steps, (list) => {
                let over: number | null = null
                for (let n = 1; n <= list.length; n++) {
                    const { embargo } = replayScript(scriptOf(list.slice(0, n)))
                    const now = (list[n - 1]?.[0] ?? 0) * dayMs
                    const until = endOf(embargo)
                    if (over !== null) expect(until).toBe(over)
                    if (until !== null && until <= now) over = until
                }
            }),
        )
    })

    test("stays in order and within its limits: no end is delayed without limit", () => {
        const order = /^((proposed|rejected) )*(agreed ((proposed|rejected|moved) )*(terminated )?(ended )?)?$/
        fc.assert(
            fc.property(steps, (list) => {
                const { embargo } = replayScript(scriptOf(list))
                expect(embargo.map((turn) => `${turn.kind} `).join("")).toMatch(order)
                expect(delaysIn(embargo)).toBeLessThanOrEqual(limits.delaysMax)
                expect(embargo.map((turn) => turn.at)).toEqual(embargo.map((turn) => turn.at).toSorted((a, b) => a - b))
                const agreed = embargo.find((turn) => turn.kind === "agreed")
                if (agreed) expect((endOf(embargo) ?? 0) - agreed.at).toBeLessThanOrEqual(limits.daysMax * dayMs)
                const decided = embargo.flatMap((turn) => ("proposal" in turn ? (turn.proposal ?? []) : []))
                expect(new Set(decided).size).toBe(decided.length)
                for (const n of decided) expect(embargo[n]?.kind).toBe("proposed")
            }),
        )
    })

    test("keeps earlier answers when an entry is added", () => {
        fc.assert(
            fc.property(steps, (list) => {
                const whole = replayScript(scriptOf(list)).embargo
                const before = replayScript(scriptOf(list.slice(0, -1))).embargo
                expect(whole.slice(0, before.length)).toEqual(before)
            }),
        )
    })

    test("keeps the end under proposals and rejections, and opens none earlier than the first", () => {
        fc.assert(
            fc.property(steps, (list) => {
                const { embargo } = replayScript(scriptOf(list))
                for (const [n, turn] of embargo.entries()) {
                    const before = embargo.slice(0, n)
                    const until = endOf(embargo.slice(0, n + 1))
                    if (turn.kind === "proposed" || turn.kind === "rejected") expect(until).toBe(endOf(before))
                    if (turn.kind !== "agreed") continue
                    const waiting = openProposals(before, turn.at).map((proposal) => proposal.endsAt)
                    expect(Math.min(turn.endsAt, ...waiting)).toBe(turn.endsAt)
                }
            }),
        )
    })

    test("follows the protocol, and refuses actions that the protocol does not define", () => {
        const acts: Readonly<Record<string, string>> = { break: "terminate", tear: "propose", agree: "accept" }
        fc.assert(
            fc.property(steps, (list) => {
                for (let n = 1; n <= list.length; n++) {
                    const [day, verb, value] = list[n - 1] ?? [0, "end", 0]
                    if (verb === "move" || verb === "end") continue
                    const [before, after] = [
                        replayScript(scriptOf(list.slice(0, n - 1))),
                        replayScript(scriptOf(list.slice(0, n))),
                    ]
                    if (after.embargo.length === before.embargo.length) continue
                    const from = stateOf(before.embargo, day * dayMs)
                    const to = stateOf(after.embargo, day * dayMs)
                    // To agree where nothing is proposed is to propose and to accept in one.
                    const wasNone = verb === "agree" && from === "none"
                    const row = transitions.find(
                        (transition) =>
                            transition.from === (wasNone ? "proposed" : from) &&
                            transition.action === (acts[verb] ?? verb),
                    )
                    expect(row?.to, `${from} ${verb} ${value}`).toContain(to)
                }
            }),
        )
    })
})
