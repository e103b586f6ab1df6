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
function play(script: string): { embargo: Embargo; refused: string[] } {
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
        ["is none before anything is said", "", 0, "none", []],
        ["waits while it is only proposed", "0 propose 45", 44, "proposed", []],
        ["is none again once no end is proposed that is still to come", "0 propose 45", 45, "none", []],
        ["runs until its end", "0 agree 45", 44.999, "running", []],
        ["and not at it", "0 agree 45", 45, "due", []],
        ["ends when publication says so", "0 agree 45\n45 end", 45, "ended", []],
        ["does not end before", "0 agree 45\n44 end", 44, "running", ["44 embargo.not_due"]],
        ["ends once", "0 agree 45\n45 end\n46 end", 46, "ended", ["46 embargo.not_due"]],
        ["cannot end where none was agreed", "0 propose 9\n8 end", 8, "proposed", ["8 embargo.not_due"]],
        ["can be moved later", "0 agree 45\n10 move 60", 59, "running", []],
        ["can be moved earlier", "0 agree 45\n10 move 20", 20, "due", []],
        ["breaks at once", "0 agree 45\n10 break", 10, "terminated", []],
        ["ends after it was broken", "0 agree 45\n10 break\n11 end", 11, "ended", []],
        ["is agreed once", "0 agree 45\n1 agree 50", 2, "running", ["1 embargo.already_agreed"]],
        ["runs on while another end is proposed", "0 agree 45\n1 propose 9", 44, "running", []],
        ["is not agreed once broken", "0 agree 45\n1 break\n2 agree 9", 3, "terminated", ["2 embargo.already_agreed"]],
        ["is not moved before it is agreed", "0 propose 9\n1 move 8", 2, "proposed", ["1 embargo.not_running"]],
        ["does not break before it is agreed", "0 propose 9\n1 break", 2, "proposed", ["1 embargo.not_running"]],
        ["is not moved at its very end", "0 agree 10\n10 move 20", 11, "due", ["10 embargo.not_running"]],
        ["is moved until just before", "0 agree 10\n9.999 move 20", 11, "running", []],
        ["never starts over once broken", "0 agree 45\n5 break\n6 move 60", 7, "terminated", ["6 embargo.not_running"]],
        ["never starts over once ended", "0 agree 9\n9 end\n9 break", 9, "ended", ["9 embargo.not_running"]],
        ["lasts as long as is allowed", "0 agree 90", 89, "running", []],
        ["and no day longer", "0 agree 90.001", 1, "none", ["0 embargo.too_long"]],
        ["counts its length from the agreement", "0 agree 90\n80 move 91", 85, "running", ["80 embargo.too_long"]],
        ["not from the proposal", "0 propose 60\n30 agree 100\n40 move 120", 119, "running", []],
        [
            "is delayed twice at most",
            "0 agree 6\n1 move 7\n2 move 8\n3 move 9",
            4,
            "running",
            ["3 embargo.moved_too_often"],
        ],
        ["is moved earlier however often", "0 agree 9\n1 move 8\n2 move 7\n3 move 6\n4 move 5", 4, "running", []],
        ["cannot end in the past", "5 agree 5", 6, "none", ["5 embargo.end_in_past"]],
        ["cannot be moved into the past", "0 agree 9\n5 move 4", 5, "running", ["5 embargo.end_in_past"]],
    ])("%s", (_, script, onDay, expected, refused) => {
        const played = play(script)
        expect(phase(played.embargo, onDay * dayMs)).toBe(expected)
        expect(played.refused).toEqual(refused)
    })

    test.each([
        ["nothing was said", "", null],
        ["it is only proposed", "0 propose 45", null],
        ["it is agreed", "0 agree 45", 45],
        ["an earlier one was proposed", "0 propose 40\n1 agree 45", 40],
        ["it was moved", "0 agree 45\n1 move 50\n2 move 40", 40],
        ["it was broken", "0 agree 45\n10 break", 10],
        ["it was broken, and then ended", "0 agree 45\n10 break\n12 end", 10],
        ["it has ended, however late that was noted", "0 agree 45\n50 end", 45],
    ])("tells its end where %s", (_, script, expected) => {
        expect(endOf(play(script).embargo)).toBe(expected === null ? null : expected * dayMs)
    })

    test("an end that is no number is refused", () => {
        expect(play("0 agree x").refused).toEqual(["0 embargo.end_in_past"])
    })

    test("ships with 90 days, 5 delays and 5 open proposals of one party", () => {
        expect(shippedLimits).toEqual({ daysMax: 90, delaysMax: 5, proposalsMax: 5 })
    })
})

describe("the negotiation", () => {
    const ends = (embargo: Embargo, now: number) =>
        openProposals(embargo, now).map((proposal) => proposal.endsAt / dayMs)

    test.each<[string, string, number, string, number[], number | null, string[]]>([
        ["begins with nothing", "", 0, "none", [], null, []],
        ["waits with what is proposed", "0 propose 45\n0 propose 30 f", 1, "proposed", [45, 30], null, []],
        ["is back at nothing once all is turned down", "0 propose 45\n1 reject 0", 1, "none", [], null, []],
        ["goes on with what is left", "0 propose 45\n0 propose 30\n1 reject 0", 1, "proposed", [30], null, []],
        ["ends in what alone was proposed", "0 propose 45\n1 accept 0", 1, "active", [], 45, []],
        ["lets the shortest win", "0 propose 45\n0 propose 30 f\n1 agree", 1, "revise", [45], 30, []],
        ["lets it win against the operator's own wish", "0 propose 30 f\n1 agree 60", 1, "revise", [60], 30, []],
        [
            "takes an end that is earlier than all",
            "0 propose 45\n0 propose 30\n1 agree 20",
            1,
            "revise",
            [45, 30],
            20,
            [],
        ],
        ["takes what equals the shortest", "0 propose 45\n0 propose 30\n1 agree 30", 1, "revise", [45], 30, []],
        [
            "accepts the shortest alone",
            "0 propose 45\n0 propose 30\n1 accept 0",
            1,
            "proposed",
            [45, 30],
            null,
            ["1 embargo.shorter_proposed"],
        ],
        ["begins by accepting the shortest", "0 propose 45\n0 propose 30\n1 accept 1", 1, "revise", [45], 30, []],
        ["needs something to agree to", "1 agree", 1, "none", [], null, ["1 embargo.no_end_proposed"]],
        [
            "does not begin by what has lapsed",
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
            "keeps the terms when a revision is turned down",
            "0 agree 30\n1 propose 20 f\n2 reject 1",
            2,
            "active",
            [],
            30,
            [],
        ],
        ["accepts any revision", "0 agree 30\n1 propose 20\n1 propose 40\n2 accept 2", 2, "revise", [20], 40, []],
        ["forgets a revision whose day has come", "0 agree 30\n1 propose 20", 20, "active", [], 30, []],
        [
            "decides once",
            "0 agree 30\n1 propose 20\n2 reject 1\n3 accept 1",
            3,
            "active",
            [],
            30,
            ["3 embargo.proposal_not_found"],
        ],
        [
            "does not decide what is no proposal",
            "0 agree 30\n1 accept 0\n1 reject 7",
            1,
            "active",
            [],
            30,
            ["1 embargo.proposal_not_found", "1 embargo.proposal_not_found"],
        ],
        [
            "delays by revisions no oftener than by moves",
            "0 agree 5\n1 move 6\n1 move 7\n1 propose 8\n1 accept 3",
            1,
            "revise",
            [8],
            7,
            ["1 embargo.moved_too_often"],
        ],
        [
            "proposes nothing that is too long",
            "0 agree 30\n40 propose 50\n1 propose 91",
            1,
            "active",
            [],
            30,
            ["40 embargo.already_ended", "1 embargo.too_long"],
        ],
        [
            "is over with the embargo",
            "0 agree 30\n1 propose 20\n2 break\n3 propose 9",
            3,
            "exited",
            [],
            2,
            ["3 embargo.already_ended"],
        ],
        ["is over with its end", "0 agree 30\n1 propose 40", 30, "exited", [], 30, []],
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
        const played = play(script)
        const now = onDay * dayMs
        expect(stateOf(played.embargo, now)).toBe(state)
        expect(ends(played.embargo, now)).toEqual(open)
        expect(endOf(played.embargo)).toBe(until === null ? null : until * dayMs)
        expect(played.refused).toEqual(refused)
    })

    test.each<[string, string, number, string, number | null, string[]]>([
        ["is decided within two days", "0 agree 30\n5 tear\n6 accept 1", 6, "active", 7, []],
        ["ends nothing by itself", "0 agree 30\n5 tear", 6.999, "revise", 30, []],
        ["lapses to the running terms", "0 agree 30\n5 tear", 7, "active", 30, []],
        [
            "is not decided too late",
            "0 agree 30\n5 tear\n7 accept 1",
            7,
            "active",
            30,
            ["7 embargo.proposal_not_found"],
        ],
        ["is turned down", "0 agree 30\n5 tear\n6 reject 1", 6, "active", 30, []],
        ["waits once", "0 agree 30\n5 tear\n6 tear\n6 reject 1", 6, "active", 30, []],
        ["comes again once it was decided", "0 agree 30\n5 tear\n6 reject 1\n6 tear", 6, "revise", 30, []],
        ["proposes nothing later than the end", "0 agree 6\n5 tear\n5 accept 1", 5.5, "active", 6, []],
        [
            "needs an embargo that runs",
            "0 tear\n0 agree 6\n6 tear",
            6,
            "exited",
            6,
            ["0 embargo.not_running", "6 embargo.not_running"],
        ],
        [
            "is heard though the operator proposed much",
            "0 agree 9\n1 propose 8\n1 propose 7\n1 propose 6\n1 tear\n1 accept 4",
            1,
            "revise",
            3,
            [],
        ],
    ])("a teardown %s", (_, script, ...[onDay, state, until, refused]) => {
        const played = play(script)
        expect(stateOf(played.embargo, onDay * dayMs)).toBe(state)
        expect(endOf(played.embargo)).toBe(until === null ? null : until * dayMs)
        expect(played.refused).toEqual(refused)
    })

    test.each([59 * 60_000, 15 * dayMs, Number.NaN])("a teardown is not decided within %s ms", (withinMs) => {
        const { embargo } = play("0 agree 60")
        expect(() => addTerminationProposal(embargo, { trigger: "exploitation", owner: "anna" }, 1, withinMs)).toThrow(
            expect.objectContaining({ code: "embargo.bad_deadline" }),
        )
    })

    test("each trigger has a teardown of its own, with its owner", () => {
        let { embargo } = play("0 agree 30\n1 tear")
        embargo = addTerminationProposal(embargo, { trigger: "exploitation", owner: "olaf" }, dayMs)
        expect(openProposals(embargo, dayMs).map((proposal) => proposal.terminationProposal)).toEqual([
            { trigger: "leak", owner: "anna" },
            { trigger: "exploitation", owner: "olaf" },
        ])
    })
})

describe("whatever is tried", () => {
    const verbs = ["propose", "agree", "accept", "reject", "move", "tear", "break", "end"] as const
    const step = fc.tuple(fc.nat(100), fc.constantFrom(...verbs), fc.nat(200))
    const near = fc.tuple(fc.nat(100), fc.constantFrom("accept", "reject"), fc.nat(6))
    const steps = fc.array(fc.oneof(step, near), { maxLength: 16 }).map((list) => list.toSorted((a, b) => a[0] - b[0]))
    const scriptOf = (list: readonly (readonly unknown[])[]) => list.map((entry) => entry.join(" ")).join("\n")

    test("once it is over it is over", () => {
        fc.assert(
            fc.property(steps, (list) => {
                let over: number | null = null
                for (let n = 1; n <= list.length; n++) {
                    const { embargo } = play(scriptOf(list.slice(0, n)))
                    const now = (list[n - 1]?.[0] ?? 0) * dayMs
                    const until = endOf(embargo)
                    if (over !== null) expect(until).toBe(over)
                    if (until !== null && until <= now) over = until
                }
            }),
        )
    })

    test("its turns stand in their order, within its limits: no end is delayed without end", () => {
        const order = /^((proposed|rejected) )*(agreed ((proposed|rejected|moved) )*(broken )?(ended )?)?$/
        fc.assert(
            fc.property(steps, (list) => {
                const { embargo } = play(scriptOf(list))
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

    test("a turn that is taken changes nothing of those before", () => {
        fc.assert(
            fc.property(steps, (list) => {
                const whole = play(scriptOf(list)).embargo
                const before = play(scriptOf(list.slice(0, -1))).embargo
                expect(whole.slice(0, before.length)).toEqual(before)
            }),
        )
    })

    test("proposals and rejections never move the end, and none opens an end earlier than the first", () => {
        fc.assert(
            fc.property(steps, (list) => {
                const { embargo } = play(scriptOf(list))
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

    test("each act leads where the protocol says, and is refused where it says nothing", () => {
        const acts: Readonly<Record<string, string>> = { break: "terminate", tear: "propose", agree: "accept" }
        fc.assert(
            fc.property(steps, (list) => {
                for (let n = 1; n <= list.length; n++) {
                    const [day, verb, value] = list[n - 1] ?? [0, "end", 0]
                    if (verb === "move" || verb === "end") continue
                    const [before, after] = [play(scriptOf(list.slice(0, n - 1))), play(scriptOf(list.slice(0, n)))]
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
