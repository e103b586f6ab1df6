import fc from "fast-check"
import { expect, test } from "vitest"
import { type Opening, effectsOf } from "./effects.ts"

const opening: Opening = {
    wave: "w",
    tier: "advance",
    at: 1000,
    artifacts: [
        { artifact: "technical", version: 2, author: "ann" },
        { artifact: "poc", version: 1, author: "ben" },
        { artifact: "summary", version: 3, author: "ann" },
    ],
    entitled: [
        { partner: "p2", artifact: "technical" },
        { partner: "p1", artifact: "technical" },
        { partner: "p1", artifact: "summary" },
    ],
}

test("what is signed: who gets something, what somebody gets, when, and who wrote it", () => {
    expect(effectsOf(opening)).toEqual({
        act: "wave.release",
        recipients: ["p1", "p2"],
        artifacts: [
            { artifact: "technical", version: 2 },
            { artifact: "summary", version: 3 },
        ],
        at: 1000,
        detail: { wave: "w", tier: "advance" },
        authors: ["ann"],
    })
})

test("where nobody gets anything, nothing is opened", () => {
    expect(effectsOf({ ...opening, entitled: [] })).toMatchObject({ recipients: [], artifacts: [], authors: [] })
})

test("everybody who gets something is named, everything that is got, and nothing else, each once", () => {
    const name = fc.constantFrom("a", "b", "c", "d")
    const entitled = fc.array(fc.record({ partner: name, artifact: name }), { maxLength: 12 })
    const versions = fc.uniqueArray(fc.record({ artifact: name, version: fc.nat(5), author: name }), {
        selector: (one) => one.artifact,
    })
    fc.assert(
        fc.property(entitled, versions, (all, artifacts) => {
            const effects = effectsOf({ ...opening, entitled: all, artifacts })
            expect(effects.recipients).toEqual([...new Set(all.map((one) => one.partner))].toSorted())
            const handed = artifacts.filter((one) => all.some((its) => its.artifact === one.artifact))
            expect(effects.artifacts).toEqual(handed.map(({ artifact, version }) => ({ artifact, version })))
            expect(effects.authors).toEqual([...new Set(handed.map((one) => one.author))].toSorted())
        }),
    )
})
