import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ClockMemory, type ClockReading, confirmedMemory, doubtOf, nextMemory } from "./clock-trust.ts"

const start = Date.UTC(2026, 0, 1)
const hour = 3_600_000
const day = 24 * hour

/** What is true at a moment, and by how much each source is off. */
interface Moment {
    /** Seconds since the start. */
    readonly at: number
    readonly boot?: string
    readonly application?: number
    readonly database?: number
    readonly monotonic?: number
    readonly hasTwoClocks?: boolean
    readonly isOneEnough?: boolean
    readonly service?: number | null
}

const readingAt = (moment: Moment): ClockReading => {
    const { at, boot = "a", application = 0, database = 0, monotonic = 0 } = moment
    const { hasTwoClocks = true, isOneEnough = false, service = null } = moment
    return {
        boot,
        monotonicMs: Math.round(at * 1000) + 50_000 + monotonic,
        application: start + Math.round(at * 1000) + application,
        database: start + Math.round(at * 1000) + database,
        hasTwoClocks,
        isOneEnough,
        offByServiceMs: service,
    }
}

/** Every ten seconds, from one second to another. */
const from = (first: number, last: number, as: Omit<Moment, "at"> = {}): Moment[] =>
    Array.from({ length: Math.floor(Math.round((last - first) * 1000) / 10_000) + 1 }, (_, i) => ({
        ...as,
        at: first + i * 10,
    }))

/** The doubt after each moment; "fine" while the clocks are trusted. */
function play(
    moments: readonly Moment[],
    memory: ClockMemory | null = null,
): { notified: string[]; memory: ClockMemory | null } {
    const notified: string[] = []
    for (const moment of moments) {
        memory = nextMemory(memory, readingAt(moment)).memory
        notified.push(memory.distrust?.doubt ?? "fine")
    }
    return { notified, memory }
}

describe("readings", () => {
    const rows: [string, Moment[], string[]][] = [
        ["that agree are trusted", [{ at: 0 }, { at: 1 }, { at: day / 1000 }], ["fine", "fine", "fine"]],
        ["may differ by half a second", [{ at: 0, application: 500 }], ["fine"]],
        ["may not differ by more", [{ at: 0, application: 501 }], ["disagree"]],
        ["nor the other way round", [{ at: 0, database: 501 }], ["disagree"]],
        ["of two seconds apart are not trusted", [{ at: 0 }, { at: 1, application: -2000 }], ["fine", "disagree"]],
        ["that no number says are not trusted", [{ at: NaN }], ["disagree"]],
        [
            "that both run ahead of the time that has passed are not trusted",
            [{ at: 0 }, { at: 1, application: hour, database: hour }],
            ["fine", "forward"],
        ],
        [
            "may gain two seconds, in however many steps",
            [
                { at: 0 },
                ...[1000, 2000, 2001].map((gained, i) => ({ at: i + 1, application: gained, database: gained })),
            ],
            ["fine", "fine", "fine", "forward"],
        ],
        [
            "behind what was seen are not trusted",
            [
                { at: 10 },
                { at: 11, application: -2000, database: -2000 },
                { at: 11, application: -2001, database: -2001 },
            ],
            ["fine", "fine", "backward"],
        ],
        [
            "that differ from a time service are not trusted",
            [
                { at: 0, service: 3 },
                { at: 1, service: -501 },
                { at: 2, service: 500 },
            ],
            ["fine", "service", "service"],
        ],
        [
            "after a restart, days later, are trusted where two machines say the same",
            [{ at: 0 }, { at: 3 * 86_400, boot: "b" }],
            ["fine", "fine"],
        ],
        [
            "after a restart are trusted where a time service vouches for the one machine",
            [
                { at: 0, hasTwoClocks: false },
                { at: 86_400, boot: "b", hasTwoClocks: false, service: 20 },
            ],
            ["fine", "fine"],
        ],
        [
            "of one machine are not trusted after a restart by themselves",
            [
                { at: 0, hasTwoClocks: false },
                { at: 1, hasTwoClocks: false },
                { at: 60, boot: "b", hasTwoClocks: false },
            ],
            ["fine", "fine", "alone"],
        ],
        [
            "of one machine are trusted after a restart where somebody said that one is enough",
            [
                { at: 0, hasTwoClocks: false },
                { at: 60, boot: "b", hasTwoClocks: false, isOneEnough: true },
            ],
            ["fine", "fine"],
        ],
        [
            "after a restart are not trusted where one of two is a day ahead",
            [{ at: 0 }, { at: 60, boot: "b", application: day }],
            ["fine", "disagree"],
        ],
        [
            "of a container that counts anew on its host's boot are as after a restart",
            [{ at: 10_000 }, { at: 10_060, monotonic: -10_050_000 }, { at: 10_061, monotonic: -10_050_000 }],
            ["fine", "fine", "fine"],
        ],
        [
            "of a machine that never could be trusted before need no second one",
            [{ at: 0, hasTwoClocks: false, application: day }, ...from(1, 61, { hasTwoClocks: false })],
            [...Array<string>(7).fill("disagree"), "fine"],
        ],
    ]
    test.each(rows)("%s", (_, moments, notified) => {
        expect(play(moments).notified).toEqual(notified)
    })

    test("that were frozen are trusted after a whole minute of agreement, and one doubt begins it anew", () => {
        const apart = { at: 1, application: 900 }
        const begun = [{ at: 0 }, apart, ...from(2, 52)]
        expect(play([...begun, { at: 61.9 }, { at: 62 }]).notified.slice(-2)).toEqual(["disagree", "fine"])
        const again = [...begun, { at: 61, application: 900 }, ...from(62, 122)]
        expect(play(again).notified.slice(-2)).toEqual(["disagree", "fine"])
    })

    test("that nobody took show no agreement: two, an hour apart, are two", () => {
        const apart = { at: 1, application: 900 }
        expect(play([{ at: 0 }, apart, { at: 2 }, { at: 3600 }, { at: 3610 }]).notified.at(-1)).toBe("disagree")
        expect(play([{ at: 0 }, apart, { at: 2 }, ...from(3600, 3660)]).notified.at(-1)).toBe("fine")
    })

    test("tell of each change once", () => {
        let memory: ClockMemory | null = null
        const changes = [0, 1, 2, 3, 4, 15, 30, 45, 60, 64, 65].map((at) => {
            const isOff = at > 0 && at < 4
            const step = nextMemory(memory, readingAt({ at, database: isOff ? at * 1000 : 0 }))
            memory = step.memory
            return step.change
        })
        expect(changes).toEqual([null, "distrusted", ...Array(7).fill(null), "trusted", null])
    })

    test("that have run ahead stay frozen however long they agree, until people attest them", () => {
        const ahead = (at: number) => ({ at, application: hour, database: hour })
        const { notified, memory } = play([{ at: 0 }, ...Array.from({ length: 200 }, (_, i) => ahead(1 + i * 10))])
        expect(new Set(notified.slice(1))).toEqual(new Set(["forward"]))
        if (!memory) throw new Error("nothing is remembered")
        const after = confirmedMemory(memory, memory.reading)
        expect(play([ahead(2000), ahead(2060)], after).notified).toEqual(["fine", "fine"])
        const moved = { at: 2000, application: 2 * hour, database: 2 * hour }
        expect(play([moved], after).notified).toEqual(["forward"])
        expect(play([{ at: 2000 }], after).notified).toEqual(["backward"])
    })
})

/** Small errors that every clock has. */
const noise = fc.integer({ min: -100, max: 100 })
const gaps = fc.array(fc.record({ seconds: fc.integer({ min: 1, max: 5000 }), a: noise, d: noise }), {
    minLength: 2,
    maxLength: 40,
})

function momentsOf(entries: readonly { seconds: number; a: number; d: number }[]): Moment[] {
    let at = 0
    return entries.map(({ seconds, a, d }) => ({ at: (at += seconds), application: a, database: d }))
}

describe("of any sequence", () => {
    test("a clean one is never frozen, however often it is restarted", () => {
        const restarted = fc.tuple(gaps, fc.array(fc.nat(3)))
        fc.assert(
            fc.property(restarted, ([entries, boots]) => {
                const moments = momentsOf(entries).map((moment, i) => ({ ...moment, boot: `b${boots[i] ?? 0}` }))
                expect(new Set(play(moments).notified)).toEqual(new Set(["fine"]))
            }),
        )
    })

    test("a source that jumps forward is not trusted at the jump, nor ever after it, while it stays ahead", () => {
        const constant = fc.constantFrom("application", "database", "both")
        const jump = fc.integer({ min: 2_500, max: 400 * day })
        fc.assert(
            fc.property(gaps, constant, jump, fc.nat(), (entries, source, ahead, where) => {
                const moments = momentsOf(entries)
                const from = 1 + (where % (moments.length - 1))
                const jumped = moments.map((moment, i) => {
                    if (i < from) return moment
                    const [a, d] = [moment.application ?? 0, moment.database ?? 0]
                    return {
                        ...moment,
                        application: source === "database" ? a : a + ahead,
                        database: source === "application" ? d : d + ahead,
                    }
                })
                const { notified, memory } = play(jumped)
                expect(notified.slice(0, from)).not.toContain("forward")
                expect(notified.slice(from)).not.toContain("fine")
                // What could be trusted last lies before the jump.
                expect(memory?.highWater).toBeLessThan(start + (moments[from]?.at ?? 0) * 1000)
            }),
        )
    })

    test("a jump of one source is not hidden by a restart, and of one machine's only clock neither", () => {
        fc.assert(
            fc.property(
                gaps,
                fc.integer({ min: 2_500, max: 400 * day }),
                fc.boolean(),
                (entries, ahead, hasTwoClocks) => {
                    const moments: Moment[] = momentsOf(entries).map((moment) => ({ ...moment, hasTwoClocks }))
                    const last = moments.at(-1)?.at ?? 0
                    const jumped = {
                        at: last + 60,
                        boot: "b",
                        hasTwoClocks,
                        application: ahead,
                        database: hasTwoClocks ? 0 : ahead,
                    }
                    expect(play([...moments, jumped]).notified.at(-1)).toBe(hasTwoClocks ? "disagree" : "alone")
                },
            ),
        )
    })

    test("a step back freezes, loses nothing that was seen, and thaws once the time has come again", () => {
        fc.assert(
            fc.property(gaps, fc.integer({ min: 2_500, max: day }), (entries, back) => {
                const moments = momentsOf(entries)
                const before = play(moments)
                const last = moments.at(-1)?.at ?? 0
                const [application, database] = [-back, -back]
                const set = play([{ at: last, application, database }], before.memory)
                expect(set.notified).toEqual(["backward"])
                expect(set.memory?.highWater).toBe(before.memory?.highWater)
                const caughtUp = last + back / 1000
                const later = from(caughtUp, caughtUp + 60, { application, database })
                expect(play(later, set.memory).notified).toEqual([...Array<string>(6).fill("backward"), "fine"])
            }),
        )
    })

    test("what is remembered stays small", () => {
        let memory: ClockMemory | null = null
        for (let i = 0; i < 200; i++) memory = nextMemory(memory, readingAt({ at: i * 60, boot: `b${i}` })).memory
        expect(Object.keys(memory?.baselines ?? {})).toHaveLength(32)
        expect(memory && doubtOf(readingAt({ at: 200 * 60, boot: "b199" }), memory)).toBe(null)
    })
})
