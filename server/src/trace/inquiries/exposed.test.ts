/** What is told of exposure, of what is known: by partner, by person, by duty. A filter only ever takes away. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { permissions } from "../../kernel/permissions.ts"
import { type ExposureFacts, partnerExposuresOf } from "./exposure.ts"

const nobody = { person: null, duty: null }
const first = (partner: string, person: string, at: number) => ({ partner, person, at })
const held = (partner: string, person: string, version: number, at: number) => ({
    ...first(partner, person, at),
    artifact: "poc",
    version,
    channel: "copy" as const,
})

const known: ExposureFacts = {
    partners: ["acme", "globex", "initech"],
    entitledFrom: new Map([
        ["acme", 10],
        ["globex", 20],
    ]),
    readers: new Map([
        ["acme", ["ann", "abe"]],
        ["globex", ["gil"]],
    ]),
    notified: [first("acme", "abe", 12), first("acme", "ann", 11), first("globex", "gil", 21)],
    fetched: [first("acme", "abe", 30), first("acme", "ann", 15), first("initech", "ida", 5)],
    acknowledged: [first("acme", "abe", 40)],
    held: [held("acme", "abe", 2, 30), held("acme", "ann", 1, 15), held("initech", "ida", 1, 5)],
    dutiesOf: (partner) => ({
        duties: partner === "globex" ? [] : ["RMSV"],
        reportsBeforePublication: partner !== "globex",
    }),
}

const rowOf = (partner: string, only: Parameters<typeof partnerExposuresOf>[1] = nobody) =>
    partnerExposuresOf(known, only).find((exposed) => exposed.partner === partner) ?? null

describe("what a partner's row tells", () => {
    test("the first time of each, and of each of its persons", () => {
        expect(rowOf("acme")).toMatchObject({
            entitledFrom: 10,
            notifiedAt: 11,
            fetchedAt: 15,
            acknowledgedAt: 40,
            people: [
                { person: "abe", notifiedAt: 12, fetchedAt: 30, acknowledgedAt: 40 },
                { person: "ann", notifiedAt: 11, fetchedAt: 15, acknowledgedAt: null },
            ],
        })
    })

    test("each version in the order in which it was fetched, by whom and how", () => {
        expect(rowOf("acme")?.held).toEqual([
            { artifact: "poc", version: 1, at: 15, person: "ann", channel: "copy" },
            { artifact: "poc", version: 2, at: 30, person: "abe", channel: "copy" },
        ])
    })

    test("that whoever fetched was entitled, at that moment", () => {
        expect(rowOf("initech")).toMatchObject({ entitledFrom: 5, readers: [], fetchedAt: 5 })
    })

    test("of one person, when its partner could have it, and nothing of its colleagues", () => {
        expect(rowOf("acme", { person: "abe", duty: null })).toMatchObject({
            entitledFrom: 10,
            readers: ["abe"],
            notifiedAt: 12,
            fetchedAt: 30,
            acknowledgedAt: 40,
            people: [{ person: "abe" }],
            held: [{ version: 2, person: "abe" }],
        })
    })

    test.each([
        ["a duty that two are under", "RMSV", ["acme", "initech"]],
        ["a duty that nobody is under", "CRA", []],
        ["part of a duty's name", "RMS", []],
    ])("%s", (_, duty, partners) => {
        expect(partnerExposuresOf(known, { person: null, duty }).map((exposed) => exposed.partner)).toEqual(partners)
    })
})

test("no filter tells what is not told without it", () => {
    const name = fc.constantFrom("a", "b", "c")
    const happened = fc.record({ partner: name, person: name, at: fc.nat(50) })
    const fetch = fc.tuple(name, name, fc.nat(3), fc.nat(50)).map((entry) => held(...entry))
    const values = fc.record({
        notified: fc.array(happened),
        fetched: fc.array(happened),
        acknowledged: fc.array(happened),
        held: fc.array(fetch),
        entitledFrom: fc.array(fc.tuple(name, fc.nat(50))).map((some) => new Map(some)),
        readers: fc.array(fc.tuple(name, fc.array(name))).map((some) => new Map(some)),
        duty: fc.option(fc.constantFrom("RMSV", "CRA", "other")),
        person: fc.option(name),
    })
    fc.assert(
        fc.property(values, ({ duty, person, ...lists }) => {
            const input: ExposureFacts = { ...known, ...lists, partners: ["a", "b", "c"] }
            const whole = new Map(partnerExposuresOf(input, nobody).map((exposed) => [exposed.partner, exposed]))
            for (const row of partnerExposuresOf(input, { person, duty })) {
                const exposed = whole.get(row.partner)
                for (const part of ["people", "readers", "held"] as const) {
                    expect(exposed?.[part]).toEqual(expect.arrayContaining([...row[part]]))
                }
                expect([row.entitledFrom, row.duties]).toEqual([exposed?.entitledFrom, exposed?.duties])
            }
        }),
    )
})

test("whoever may ask may read by itself what the answer is drawn beside", () => {
    for (const need of ["evidence:read", "sighting:read", "canary:read", "wave:read", "partner:read"]) {
        expect(permissions[need]?.operators).toEqual(
            expect.arrayContaining([...(permissions["exposure:read"]?.operators ?? [])]),
        )
    }
})
