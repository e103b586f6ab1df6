import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import {
    type ConsentEntry,
    adherenceOf,
    answer,
    answerDeadlineMs,
    consentAt,
    exit,
    invite,
    givesAdvanceConsent,
    gaveAdvanceConsent,
    termsOf,
    disclosedHistoryOf,
} from "./consent.ts"
import {
    type Embargo,
    accept,
    agree,
    terminate,
    move,
    propose,
    reject,
    shippedLimits,
    addTerminationProposal,
} from "./embargo.ts"

/** Plays a script, one step a line: `day invite|sign|decline|exit END`; END is the embargo's end that day, if any. */
function replayScript(script: string): { history: ConsentEntry[]; refused: string[] } {
    const history: ConsentEntry[] = []
    const refused: string[] = []
    for (const line of script.split("\n").filter((item) => item.trim() !== "")) {
        const [at, verb, until] = line.trim().split(/\s+/)
        const now = Number(at) * dayMs
        try {
            const end = until === undefined ? null : Number(until) * dayMs
            if (verb === "invite") history.push(invite(history, end, now))
            else if (verb === "exit") history.push(exit(history, end, now, true))
            else history.push(answer(history, verb === "sign", Number(until) * dayMs, now))
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            refused.push(`${at} ${error.code}`)
        }
    }
    return { history, refused }
}

describe("a partner's consent", () => {
    test.each<[string, string, number, number | null, string, string[]]>([
        ["follows the agreement without an invitation", "", 5, 45, "signatory", []],
        ["is pending once invited", "0 invite", 0, 45, "invited", []],
        ["is pending until just before its deadline", "0 invite", 6.999, 45, "invited", []],
        ["is declined by silence, exactly at its deadline", "0 invite", 7, 45, "declined", []],
        ["is given", "0 invite\n1 sign 45", 1, 45, "signatory", []],
        ["is not given before the answer", "0 invite\n3 sign 45", 2, 45, "invited", []],
        ["is declined", "0 invite\n1 decline 45", 1, 45, "declined", []],
        ["is lapsed by a later end", "0 invite\n1 sign 45", 2, 45.001, "expired", []],
        ["is not lapsed by an earlier end", "0 invite\n1 sign 45", 2, 10, "signatory", []],
        ["is given again once the end is as before", "0 invite\n1 sign 45", 3, 45, "signatory", []],
        ["is given again for the later end", "0 invite\n1 sign 45\n2 sign 50", 3, 50, "signatory", []],
        ["is declined for the later end", "0 invite\n1 sign 45\n2 decline 50", 3, 50, "declined", []],
        ["is requested once", "0 invite\n1 invite", 2, 45, "invited", ["1 consent.already_invited"]],
        ["is requested again after silence", "0 invite\n7 invite\n8 sign 45", 9, 45, "signatory", []],
        ["is requested again after a decline", "0 invite\n1 decline 45\n2 invite", 3, 45, "invited", []],
        [
            "is not requested again once given",
            "0 invite\n1 sign 45\n2 invite",
            3,
            45,
            "signatory",
            ["2 consent.already_invited"],
        ],
        ["is not answered without an invitation", "0 sign 45", 1, 45, "signatory", ["0 consent.not_open"]],
        ["is not answered after the deadline", "0 invite\n7 sign 45", 8, 45, "declined", ["7 consent.not_open"]],
        [
            "is not given after a decline",
            "0 invite\n1 decline 45\n2 sign 45",
            3,
            45,
            "declined",
            ["2 consent.not_open"],
        ],
        [
            "is not given twice for one end",
            "0 invite\n1 sign 45\n2 sign 45",
            3,
            45,
            "signatory",
            ["2 consent.not_open"],
        ],
        [
            "is not withdrawn for the same end",
            "0 invite\n1 sign 45\n2 decline 45",
            3,
            45,
            "signatory",
            ["2 consent.not_open"],
        ],
        ["is requested again once lapsed", "0 invite\n1 sign 45\n2 invite 50", 3, 50, "invited", []],
        ["is given after a second invitation", "0 invite\n1 sign 45\n2 invite 50\n3 sign 50", 3, 50, "signatory", []],
        ["ends when the partner leaves", "0 invite\n1 sign 45\n2 exit 45", 2, 45, "declined", []],
        ["can be left under advance consent", "2 exit 45", 3, 45, "declined", []],
        ["is requested again after leaving", "2 exit 45\n3 invite 45", 3, 45, "invited", []],
        ["cannot be left before it is given", "0 invite\n1 exit 45", 1, 45, "invited", ["1 consent.not_signatory"]],
        ["can be left once", "2 exit 45\n3 exit 45", 3, 45, "declined", ["3 consent.not_signatory"]],
        ["can be left after it lapsed", "0 invite\n1 sign 45\n2 exit 50", 3, 50, "declined", []],
        ["stays without an agreed end", "0 invite\n1 sign 45", 2, null, "signatory", []],
    ])("%s", (_, script, ...[onDay, end, expected, refused]) => {
        const { history, refused: found } = replayScript(script)
        expect(consentAt(history, end === null ? null : end * dayMs, onDay * dayMs, true)).toBe(expected)
        expect(found).toEqual(refused)
    })

    test.each([
        [72 * hourMs, "fine"],
        [72 * hourMs - 1, "consent.too_short"],
        [0, "consent.too_short"],
        [Number.NaN, "consent.too_short"],
        [30 * dayMs, "fine"],
        [30 * dayMs + 1, "consent.too_long"],
    ])("an invitation with %s ms left is %s", (withinMs, expected) => {
        const ask = () => {
            try {
                return invite([], null, 0, withinMs).kind
            } catch (error) {
                return error instanceof Refusal ? error.code : "failed"
            }
        }
        expect(ask()).toBe(expected === "fine" ? "invited" : expected)
    })

    test("silence declines exactly at the deadline, not a millisecond before", () => {
        fc.assert(
            fc.property(fc.nat(), fc.integer({ min: 72 * hourMs, max: 30 * dayMs }), (now, withinMs) => {
                const history = [invite([], null, now, withinMs)]
                expect(consentAt(history, null, now + withinMs - 1, true)).toBe("invited")
                expect(consentAt(history, null, now + withinMs, true)).toBe("declined")
            }),
        )
        expect(answerDeadlineMs).toBe(7 * dayMs)
    })

    test("an earlier end lapses no consent, a later one every signed consent", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 200 * dayMs }), fc.nat(200 * dayMs), (signed, end) => {
                const consentTurns = [invite([], null, 0)]
                const history = [...consentTurns, answer(consentTurns, true, signed, 1)]
                expect(consentAt(history, end, 2, true)).toBe(end <= signed ? "signatory" : "expired")
            }),
        )
    })

    test("an invited partner has content only after a yes that covers the end", () => {
        const step = fc.tuple(
            fc.nat(40),
            fc.constantFrom("invite", "sign", "decline", "exit"),
            fc.integer({ min: 41, max: 60 }),
        )
        fc.assert(
            fc.property(
                fc.array(step, { maxLength: 8 }),
                fc.nat(50),
                fc.integer({ min: 41, max: 60 }),
                (list, day, end) => {
                    const inOrder = list.toSorted((a, b) => a[0] - b[0])
                    const { history } = replayScript(inOrder.map((entry) => entry.join(" ")).join("\n"))
                    if (!history.some((turn) => turn.at <= day * dayMs)) return
                    if (consentAt(history, end * dayMs, day * dayMs, true) !== "signatory") return
                    const last = history.findLast((turn) => turn.at <= day * dayMs)
                    expect(last?.kind).toBe("signed")
                    expect(last?.kind === "signed" && last.endsAt >= end * dayMs).toBe(true)
                },
            ),
        )
    })
})

/** An embargo by its script: `day agree|move|propose END [BY]`, `day accept|reject N`, `day break`, `day tear`. */
function embargoOf(script: string): Embargo {
    let entries: Embargo = []
    for (const line of script.split("\n").filter((item) => item !== "")) {
        const [at, verb, value, by = null] = line.split(" ")
        const [now, endsAt] = [Number(at) * dayMs, Number(value) * dayMs]
        if (verb === "agree") entries = agree(entries, endsAt, now, shippedLimits)
        else if (verb === "move") entries = move(entries, endsAt, "because of a name", now, shippedLimits)
        else if (verb === "propose") entries = propose(entries, { by, endsAt }, now, shippedLimits)
        else if (verb === "accept") entries = accept(entries, Number(value), now, shippedLimits)
        else if (verb === "reject") entries = reject(entries, Number(value), "a reason", now)
        else if (verb === "tear")
            entries = addTerminationProposal(entries, { trigger: "exploitation", owner: "anna" }, now)
        else entries = terminate(entries, "a leak", now)
    }
    return entries
}

describe("advance consent", () => {
    test.each<[string, string, number | null, boolean]>([
        ["covers an embargo up to the agreed length", "0 agree 14", 14, true],
        ["covers no longer embargo", "0 agree 14.001", 14, false],
        ["counts from the day of the agreement", "10 agree 24", 14, true],
        ["covers nothing when every case needs an answer", "0 agree 1", 0, false],
        ["covers nothing without an accepted agreement", "0 agree 1", null, false],
        ["counts the moved end", "0 agree 14\n2 move 15", 14, false],
        ["does not return with an earlier end", "0 agree 15\n2 move 14", 14, false],
        ["does not return with a termination", "0 agree 15\n2 break", 14, false],
        ["stays under an earlier end", "0 agree 14\n2 move 9", 14, true],
        ["exists before an end is agreed", "0 propose 80", 14, true],
        ["does not exist before an end is agreed when every case needs an answer", "", 0, false],
    ])("%s", (_, script, longest, expected) => {
        expect(givesAdvanceConsent(embargoOf(script), { longestEmbargoDays: longest, advanceConsents: [] })).toBe(
            expected,
        )
        expect(consentAt([], 5, 5, expected)).toBe(expected ? "signatory" : "none")
    })

    test.each<[string, string, number | null, number, boolean]>([
        ["covered the current end", "0 agree 14", 14, 0, true],
        ["covered the end before it moved", "0 agree 14\n2 move 15", 14, 0, true],
        ["never covered the end", "0 agree 15\n2 move 16", 14, 0, false],
        ["was given only after the end moved", "0 agree 14\n2 move 15", 14, 2, false],
        ["was given after the end was agreed", "0 agree 14", 14, 3, true],
        ["covered nothing when every case needs an answer", "0 agree 1", 0, 0, false],
        ["was never given", "0 agree 1", null, 0, false],
        ["was given before any end was agreed", "0 propose 14", 14, 0, false],
    ])("that is insufficient %s", (_, script, days, since, expected) => {
        const consented = days === null ? [] : [{ longestDays: days, from: since * dayMs, until: null }]
        expect(gaveAdvanceConsent(embargoOf(script), consented)).toBe(expected)
    })

    test.each<[string, string, readonly [number, number, number | null][], number | null, boolean]>([
        ["stays with an agreement in force when the end was agreed", "2 agree 16", [[14, 0, 3]], 7, true],
        ["stays with an agreement in force after the end was agreed", "2 agree 16", [[14, 3, 4]], 7, true],
        ["does not come from an agreement already out of force", "2 agree 16", [[14, 0, 2]], 7, false],
        ["does not come without an accepted agreement", "2 agree 16", [[14, 0, 3]], null, false],
        ["stays when every case needs an answer now", "2 agree 16", [[14, 0, 3]], 0, true],
        ["does not cover a later end set afterwards", "2 agree 9\n4 move 12", [[14, 0, 4]], 7, false],
        ["covers a later end set while in force", "2 agree 9\n4 move 12", [[14, 0, 5]], 7, true],
        ["covers an earlier end set afterwards", "2 agree 16\n4 move 12", [[14, 0, 3]], 7, true],
        ["does not cover an end beyond its length", "2 agree 17", [[14, 0, 3]], 7, false],
        ["does not exist before an end was agreed", "2 propose 16", [[14, 0, 1]], 0, false],
    ])("after a change of agreement %s", (_, script, spans, longestEmbargoDays, expected) => {
        const consented = spans.map(([longestDays, from, until]) => ({
            longestDays,
            from: from * dayMs,
            until: until === null ? null : until * dayMs,
        }))
        expect(givesAdvanceConsent(embargoOf(script), { longestEmbargoDays, advanceConsents: consented })).toBe(
            expected,
        )
    })

    test.each<[string, string, number, number | null]>([
        ["the agreed end", "0 propose 9\n0 agree 8", 1, 8],
        ["the moved end", "0 agree 8\n1 move 9", 1, 9],
        ["the earliest proposed end, before an agreement", "0 propose 9\n0 propose 8", 1, 8],
        ["nothing, before anything is proposed", "", 1, null],
        ["nothing, once all proposals lapsed", "0 propose 9", 9, null],
    ])("a yes consents to %s", (_, script, day, expected) => {
        expect(termsOf(embargoOf(script), day * dayMs)).toBe(expected === null ? null : expected * dayMs)
    })
})

describe("adherence", () => {
    const row = (state: string, until: number | null, exitedAt: number | null = null) => ({
        state,
        until: until === null ? null : until * dayMs,
        exitedAt: exitedAt === null ? null : exitedAt * dayMs,
    })
    test.each<[string, string, string, number, boolean, ReturnType<typeof row>]>([
        ["of a partner under advance consent", "0 agree 45", "", 44, true, row("adhering", 45)],
        ["of a partner formerly under advance consent", "0 agree 45", "", 45, true, row("adhered", 45)],
        ["of a partner that never consented", "0 agree 45", "", 44, false, row("none", null)],
        ["of an invited partner", "0 agree 45", "0 invite", 1, true, row("none", null)],
        ["of a partner that declined", "0 agree 45", "0 invite\n1 decline 45", 1, true, row("none", null)],
        ["of a signatory", "0 agree 45", "0 invite\n1 sign 45", 44, false, row("adhering", 45)],
        [
            "to the signed end, though it lapsed",
            "0 agree 45\n2 move 50",
            "0 invite\n1 sign 45",
            46,
            false,
            row("adhered", 45),
        ],
        ["to an earlier end", "0 agree 45\n2 break", "0 invite\n1 sign 45", 3, false, row("adhered", 2)],
        ["of a partner that left", "0 agree 45", "0 invite\n1 sign 45\n9 exit 45", 50, false, row("exited", 45, 9)],
        ["of a partner that left under advance consent", "0 agree 45", "9 exit 45", 50, true, row("exited", 45, 9)],
        [
            "of a partner that left after the end",
            "0 agree 45",
            "0 invite\n1 sign 45\n46 exit 45",
            50,
            false,
            row("adhered", 45, 46),
        ],
        ["before a partner left", "0 agree 45", "0 invite\n1 sign 45\n9 exit 45", 8, false, row("adhering", 45)],
        ["without an agreed end", "0 propose 45", "0 invite\n1 sign 45", 8, true, row("none", null)],
    ])("%s", (_, script, input, ...[day, isStanding, expected]) => {
        expect(adherenceOf(replayScript(input).history, embargoOf(script), day * dayMs, isStanding)).toEqual(expected)
    })
})

describe("what a party sees of the embargo", () => {
    const story = "0 propose 45 f\n0 propose 40 v\n1 agree 45\n3 propose 20\n4 reject 0\n5 tear\n6 move 30"
    const describe = (input: string, day: number, voice = "f", script = story) =>
        disclosedHistoryOf(embargoOf(script), replayScript(input).history, day * dayMs, voice)

    test("is every entry, the proposer only when it is the party itself, and no reasons", () => {
        const toldTurns = describe("0 invite\n1 sign 45", 6)
        expect(
            toldTurns.map(
                (toldTurn) =>
                    `${toldTurn.kind} ${toldTurn.by} ` +
                    `${toldTurn.endsAt === null ? "" : toldTurn.endsAt / dayMs} ${toldTurn.open}`,
            ),
        ).toEqual([
            "proposed you 45 false",
            "proposed another 40 false",
            "proposed another 45 true",
            "agreed null 40 false",
            "proposed another 20 true",
            "rejected null  false",
            "proposed another 7 true",
            "moved null 30 false",
        ])
        expect(JSON.stringify(toldTurns)).not.toMatch(/because|reason|exploitation|anna|"v"/)
    })

    test.each([
        ["continues for an invited party", "0 invite", 4, 6],
        ["stops after silence", "-4 invite", 9, 5],
        ["stops after a decline", "0 invite\n1 decline 45", 9, 4],
        ["stops after leaving", "0 invite\n1 sign 45\n3 exit 45", 9, 5],
        ["continues after a new invitation", "0 invite\n1 decline 45\n4 invite", 9, 8],
    ])("%s", (_, input, day, history) => {
        expect(describe(input, day)).toHaveLength(history)
    })
})
