import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import { dayMs, formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import {
    type ClockEntry,
    type ClockHistory,
    awareAt,
    isClosed,
    validateTexts,
    validateEntry,
    validateNotInFuture,
    filingStatusesOf,
    entriesMax,
} from "./filing.ts"
import { shippedRegimes } from "./built-in-regimes.ts"
import type { Regime } from "./regime.ts"

/** Returns the regime with the reports to the authority only. */
function regimeOf(id: string): Regime {
    const shippedRegime = shippedRegimes[id] ?? expect.fail(`no regime ${id}`)
    return { ...shippedRegime, filings: shippedRegime.filings.filter((filing) => filing.id !== "inform-users") }
}
const vulnerability = regimeOf("cra-vulnerability")
const incident = regimeOf("cra-incident")
const start = parseInstant("2026-10-01T00:00:00Z")

/** Plays one entry a line, `hour verb [filing] [hour]`: first when it was made, last what it reports. */
function play(script: string): ClockEntry[] {
    return script
        .split("\n")
        .map((line) => line.trim().split(/ +/))
        .map(([at, verb, ...rest]): ClockEntry => {
            const common = { at: start + Number(at) * hourMs, by: "p", since: null, filing: null, source: null }
            const since = rest.at(-1) === "none" ? null : start + Number(rest.at(-1)) * hourMs
            if (verb === "aware") return { ...common, kind: "aware", since, source: { kind: "person", id: "p" } }
            if (verb === "fix") return { ...common, kind: "fix", since }
            if (verb === "submitted") return { ...common, kind: "submitted", filing: rest[0] ?? "", since }
            if (verb === "back") return { ...common, kind: "reopened", filing: rest[0] ?? "" }
            return { ...common, kind: "closed" }
        })
}

/** Describes each filing: its state, and its deadline in hours since the start. */
function owed(regime: Regime, history: ClockHistory, hour: number, published: number | null = null): string[] {
    const publishedAt = published === null ? null : start + published * hourMs
    return filingStatusesOf(regime, history, publishedAt, start + hour * hourMs).map(
        ({ dueAt: due, state }) => `${state} ${due === null ? "-" : (due - start) / hourMs}`,
    )
}

describe("deadlines", () => {
    test.each<[string, string, number, number | null, string[]]>([
        ["from the first instant on", "0 aware 0", 0, null, ["open 24", "open 72", "waiting -"]],
        ["is not overdue a moment before", "0 aware 0", 23.99, null, ["open 24", "open 72", "waiting -"]],
        ["is overdue at its due instant", "0 aware 0", 24, null, ["overdue 24", "open 72", "waiting -"]],
        [
            "is filed in time before it",
            "0 aware 0\n23 submitted early-warning 23.99",
            30,
            null,
            ["submitted 24", "open 72", "waiting -"],
        ],
        [
            "is filed late at it",
            "0 aware 0\n30 submitted early-warning 24",
            30,
            null,
            ["submitted_late 24", "open 72", "waiting -"],
        ],
        [
            "is owed again once taken back",
            "0 aware 0\n1 submitted early-warning 1\n2 back early-warning",
            30,
            null,
            ["overdue 24", "open 72", "waiting -"],
        ],
        [
            "is filed again after that",
            "0 aware 0\n1 submitted early-warning 1\n2 back early-warning\n3 submitted early-warning 3",
            30,
            null,
            ["submitted 24", "open 72", "waiting -"],
        ],
        ["runs from publication", "0 aware 0", 0, 10, ["open 24", "open 72", "open 346"]],
        ["runs from a fix that is told", "0 aware 0\n5 fix 5", 5, null, ["open 24", "open 72", "open 341"]],
        [
            "runs from what is told, not from publication",
            "0 aware 0\n12 fix 5",
            12,
            10,
            ["open 24", "open 72", "open 341"],
        ],
        ["does not run where none is told", "0 aware 0\n12 fix none", 12, 10, ["open 24", "open 72", "waiting -"]],
        [
            "runs from what was told last",
            "0 aware 0\n12 fix none\n30 fix 20",
            30,
            10,
            ["overdue 24", "open 72", "open 356"],
        ],
        ["never runs from before awareness", "100 aware 100", 100, 10, ["open 124", "open 172", "open 436"]],
        ["runs from corrected awareness", "10 aware 10\n12 aware 4", 12, null, ["open 28", "open 76", "waiting -"]],
        [
            "and from the last correction",
            "10 aware 10\n12 aware 4\n13 aware 8",
            13,
            null,
            ["open 32", "open 80", "waiting -"],
        ],
    ])("%s", (_, script, hour, published, expected) => {
        expect(owed(vulnerability, play(script), hour, published)).toEqual(expected)
    })

    test.each<[string, string, string | null]>([
        ["not before", "0 aware 0\n1 submitted early-warning 1", null],
        ["a month after", "0 aware 0\n72 submitted notification 71", "2026-11-03T23:00:00Z"],
        ["and not once it was taken back", "0 aware 0\n72 submitted notification 71\n73 back notification", null],
    ])("of an incident: the final report is due after its notification is submitted: %s", (_, script, due) => {
        const input = filingStatusesOf(incident, play(script), null, start)[2]?.dueAt ?? null
        expect(input === null ? null : formatInstant(input)).toBe(due)
    })

    test("depend on the history alone: a later entry never moves a deadline before its start", () => {
        const hours = fc.integer({ min: 0, max: 2000 })
        const array = fc.array(fc.tuple(fc.constantFrom("aware", "fix", "submitted notification"), hours), {
            maxLength: 8,
        })
        fc.assert(
            fc.property(hours, array, fc.option(hours), (first, more, published) => {
                const script = [`0 aware ${first}`, ...more.map(([verb, hour], n) => `${n} ${verb} ${hour}`)].join("\n")
                const history = play(script)
                const publishedAt = published === null ? null : start + published * hourMs
                for (const { from, dueAt: due } of filingStatusesOf(vulnerability, history, publishedAt, start)) {
                    expect(from === null).toBe(due === null)
                    expect(from ?? awareAt(history)).toBeGreaterThanOrEqual(awareAt(history))
                    expect(due ?? Infinity).toBeGreaterThan(from ?? 0)
                }
            }),
        )
    })
})

describe("an entry", () => {
    test.each<[string, string, ClockEntry["kind"], string | null, string]>([
        ["corrects awareness", "0 aware 0", "aware", null, "done"],
        ["files", "0 aware 0", "submitted", "notification", "done"],
        [
            "files nothing twice",
            "0 aware 0\n1 submitted notification 1",
            "submitted",
            "notification",
            "filing.already_submitted",
        ],
        ["files another", "0 aware 0\n1 submitted notification 1", "submitted", "final-report", "done"],
        ["files nothing that is not asked", "0 aware 0", "submitted", "annual-report", "filing.not_found"],
        ["takes back what is filed", "0 aware 0\n1 submitted notification 1", "reopened", "notification", "done"],
        ["takes back nothing else", "0 aware 0", "reopened", "notification", "filing.not_submitted"],
        [
            "takes nothing back twice",
            "0 aware 0\n1 submitted notification 1\n2 back notification",
            "reopened",
            "notification",
            "filing.not_submitted",
        ],
        ["closes", "0 aware 0", "closed", null, "done"],
        ["does not follow the end", "0 aware 0\n1 close", "aware", null, "filing.clock_closed"],
        ["does not end twice", "0 aware 0\n1 close", "closed", null, "filing.clock_closed"],
    ])("%s", async (_, script, kind, filing, code) => {
        const history = play(script)
        expect(
            await awaitRefusalCode(
                (async () => validateEntry(history, vulnerability, { kind, filing, since: null }))(),
            ),
        ).toBe(code)
        expect(isClosed(history)).toBe(script.endsWith("close"))
    })

    test.each([
        ["0 aware 10", "submitted", 9, "filing.before_awareness"],
        ["0 aware 10", "submitted", 10, "done"],
        ["0 aware 0\n1 aware 10", "submitted", 5, "filing.before_awareness"],
        ["0 aware 0\n1 submitted notification 5", "aware", 6, "filing.before_awareness"],
        ["0 aware 0\n1 submitted notification 5", "aware", 5, "done"],
        ["0 aware 0\n1 submitted notification 5\n2 back notification", "aware", 6, "done"],
    ] as const)("after %s refuses `%s` at %i", async (script, kind, since, code) => {
        const history = play(script)
        const filing = kind === "submitted" ? "notification" : null
        const at = start + since * hourMs
        expect(
            await awaitRefusalCode((async () => validateEntry(history, vulnerability, { kind, filing, since: at }))()),
        ).toBe(code)
    })

    test("is limited in number", async () => {
        const history = Array.from({ length: entriesMax }, () => play("0 aware 0")).flat()
        const next = { kind: "fix", filing: null, since: null } as const
        expect(await awaitRefusalCode((async () => validateEntry(history, vulnerability, next))())).toBe(
            "filing.too_many",
        )
        expect(await awaitRefusalCode((async () => validateEntry(history.slice(1), vulnerability, next))())).toBe(
            "done",
        )
    })

    test.each<[string, number | null, string]>([
        ["just now", 0, "done"],
        ["in a moment", 1, "filing.in_the_future"],
        ["long ago", -1000 * dayMs, "done"],
        ["never", null, "done"],
        ["at no time", Number.NaN, "filing.in_the_future"],
    ])("reports what was %s", async (_, since, code) => {
        expect(await awaitRefusalCode((async () => validateNotInFuture(since, 0))())).toBe(code)
    })

    test.each<[string, ClockEntry["kind"], string, string, string]>([
        ["with a reason", "aware", "It was read then.", "", "done"],
        ["without one", "aware", " ", "", "filing.bad_text"],
        ["that files, without a note", "submitted", "", "", "done"],
        ["with too many words", "closed", "x".repeat(4001), "", "filing.bad_text"],
        ["that files with too many", "submitted", "x".repeat(4001), "", "filing.bad_text"],
        ["with a reference of two lines", "submitted", "", "a\nb", "filing.bad_reference"],
        ["with a long reference", "submitted", "", "x".repeat(201), "filing.bad_reference"],
    ])("%s", async (_, kind, text, reference, code) => {
        expect(await awaitRefusalCode((async () => validateTexts(kind, text, reference))())).toBe(code)
    })
})
