import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs } from "../../lib/instant.ts"
import { Refusal } from "../../lib/refusal.ts"
import { type ConsentTurn, answer, answerMs, consentAt, invite } from "./consent.ts"

/** Plays a script, one step a line: `day invite`, `day sign END`, `day decline END`; END is the embargo's end that day. */
function play(script: string): { turns: ConsentTurn[]; refused: string[] } {
    const turns: ConsentTurn[] = []
    const refused: string[] = []
    for (const line of script.split("\n").filter((one) => one.trim() !== "")) {
        const [at, verb, until] = line.trim().split(/\s+/)
        const now = Number(at) * dayMs
        try {
            if (verb === "invite") turns.push(invite(turns, now))
            else turns.push(answer(turns, verb === "sign", Number(until) * dayMs, now))
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.push(`${at} ${error.code}`)
        }
    }
    return { turns, refused }
}

describe("a partner's consent", () => {
    test.each<[string, string, number, number | null, string, string[]]>([
        ["stands by the agreement where nobody asked", "", 5, 45, "signatory", []],
        ["waits once it is asked", "0 invite", 0, 45, "invited", []],
        ["waits until just before its day", "0 invite", 6.999, 45, "invited", []],
        ["is declined by silence, at exactly that day", "0 invite", 7, 45, "declined", []],
        ["is given", "0 invite\n1 sign 45", 1, 45, "signatory", []],
        ["is not given before it is", "0 invite\n3 sign 45", 2, 45, "invited", []],
        ["is declined", "0 invite\n1 decline 45", 1, 45, "declined", []],
        ["is lapsed by a later end", "0 invite\n1 sign 45", 2, 45.001, "lapsed", []],
        ["is not lapsed by an earlier end", "0 invite\n1 sign 45", 2, 10, "signatory", []],
        ["stands again once the end is as it was", "0 invite\n1 sign 45", 3, 45, "signatory", []],
        ["is given again for the later end", "0 invite\n1 sign 45\n2 sign 50", 3, 50, "signatory", []],
        ["is taken back for the later end", "0 invite\n1 sign 45\n2 decline 50", 3, 50, "declined", []],
        ["is asked once", "0 invite\n1 invite", 2, 45, "invited", ["1 consent.invited_already"]],
        ["is not answered unasked", "0 sign 45", 1, 45, "signatory", ["0 consent.nothing_asked"]],
        ["is not answered too late", "0 invite\n7 sign 45", 8, 45, "declined", ["7 consent.nothing_asked"]],
        [
            "is not given once declined",
            "0 invite\n1 decline 45\n2 sign 45",
            3,
            45,
            "declined",
            ["2 consent.nothing_asked"],
        ],
        [
            "is not given twice for one end",
            "0 invite\n1 sign 45\n2 sign 45",
            3,
            45,
            "signatory",
            ["2 consent.nothing_asked"],
        ],
        [
            "is not taken back for the same end",
            "0 invite\n1 sign 45\n2 decline 45",
            3,
            45,
            "signatory",
            ["2 consent.nothing_asked"],
        ],
        ["is kept where no end is agreed any more", "0 invite\n1 sign 45", 2, null, "signatory", []],
    ])("%s", (_, script, ...[onDay, end, expected, refused]) => {
        const { turns, refused: found } = play(script)
        expect(consentAt(turns, end === null ? null : end * dayMs, onDay * dayMs)).toBe(expected)
        expect(found).toEqual(refused)
    })

    test.each([
        [72 * hourMs, "fine"],
        [72 * hourMs - 1, "consent.too_short"],
        [0, "consent.too_short"],
        [Number.NaN, "consent.too_short"],
    ])("an invitation that leaves %s ms is %s", (withinMs, expected) => {
        const asked = () => {
            try {
                return invite([], 0, withinMs).kind
            } catch (error) {
                return error instanceof Refusal ? error.code : "failed"
            }
        }
        expect(asked()).toBe(expected === "fine" ? "invited" : expected)
    })

    test("silence declines at the very instant, and not a millisecond before", () => {
        fc.assert(
            fc.property(fc.nat(), fc.integer({ min: 72 * hourMs, max: 60 * dayMs }), (now, withinMs) => {
                const turns = [invite([], now, withinMs)]
                expect(consentAt(turns, null, now + withinMs - 1)).toBe("invited")
                expect(consentAt(turns, null, now + withinMs)).toBe("declined")
            }),
        )
        expect(answerMs).toBe(7 * dayMs)
    })

    test("an earlier end lapses nobody, a later one everybody who signed", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 200 * dayMs }), fc.nat(200 * dayMs), (signed, end) => {
                const asked = [invite([], 0)]
                const turns = [...asked, answer(asked, true, signed, 1)]
                expect(consentAt(turns, end, 2)).toBe(end <= signed ? "signatory" : "lapsed")
            }),
        )
    })

    test("whoever was invited has content only by a yes that covers the end", () => {
        const step = fc.tuple(
            fc.nat(40),
            fc.constantFrom("invite", "sign", "decline"),
            fc.integer({ min: 41, max: 60 }),
        )
        fc.assert(
            fc.property(
                fc.array(step, { maxLength: 8 }),
                fc.nat(50),
                fc.integer({ min: 41, max: 60 }),
                (all, day, end) => {
                    const inOrder = all.toSorted((a, b) => a[0] - b[0])
                    const { turns } = play(inOrder.map((one) => one.join(" ")).join("\n"))
                    if (!turns.some((turn) => turn.at <= day * dayMs)) return
                    if (consentAt(turns, end * dayMs, day * dayMs) !== "signatory") return
                    const last = turns.findLast((turn) => turn.at <= day * dayMs)
                    expect(last?.kind).toBe("signed")
                    expect(last?.kind === "signed" && last.endsAt >= end * dayMs).toBe(true)
                },
            ),
        )
    })
})
