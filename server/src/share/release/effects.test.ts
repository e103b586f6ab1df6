import fc from "fast-check"
import { expect, test } from "vitest"
import { partnerVersionsIn } from "../../trust/approvals/approval.ts"
import { type WaveOpening, effectsOf } from "./effects.ts"

const opening: WaveOpening = {
    wave: "w",
    tier: "advance",
    revision: 3,
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

test("a signature covers who gets what, when, and who wrote it", () => {
    expect(effectsOf(opening)).toEqual({
        action: "wave.release",
        recipients: ["p1", "p2"],
        artifacts: [
            { artifact: "summary", version: 3 },
            { artifact: "technical", version: 2 },
        ],
        recipientGroups: [
            {
                recipients: ["p1"],
                artifacts: [
                    { artifact: "summary", version: 3 },
                    { artifact: "technical", version: 2 },
                ],
            },
            { recipients: ["p2"], artifacts: [{ artifact: "technical", version: 2 }] },
        ],
        at: 1000,
        detail: { wave: "w", tier: "advance", revision: 3 },
        authors: ["ann"],
    })
})

test("no recipients means that nothing is released", () => {
    expect(effectsOf({ ...opening, entitled: [] })).toMatchObject({ recipients: [], artifacts: [], authors: [] })
})

test("every recipient and every version is listed, each once, and nothing else", () => {
    const name = fc.constantFrom("a", "b", "c", "d")
    const entitled = fc.array(fc.record({ partner: name, artifact: name }), { maxLength: 12 })
    const versions = fc.uniqueArray(fc.record({ artifact: name, version: fc.nat(5), author: name }), {
        selector: (item) => item.artifact,
    })
    fc.assert(
        fc.property(entitled, versions, (list, artifacts) => {
            const effects = effectsOf({ ...opening, entitled: list, artifacts })
            const handed = artifacts
                .filter((artifact) => list.some((input) => input.artifact === artifact.artifact))
                .toSorted((a, b) => a.artifact.localeCompare(b.artifact))
            const got = list.filter((item) => handed.some(({ artifact }) => artifact === item.artifact))
            expect(effects.recipients).toEqual([...new Set(got.map((item) => item.partner))].toSorted())
            expect(effects.artifacts).toEqual(handed.map(({ artifact, version }) => ({ artifact, version })))
            const namesOf = (entries: readonly { partner: string; artifact: string }[]) =>
                [...new Set(entries.map((entry) => `${entry.partner} ${entry.artifact}`))].toSorted()
            expect(namesOf(partnerVersionsIn(effects))).toEqual(namesOf(got))
            expect(effects.authors).toEqual([...new Set(handed.map((item) => item.author))].toSorted())
        }),
    )
})
