/**
 * Cross-case evidence with planned code designs: choices are fixed before codewords are generated, so that innocent
 * recipients are identified no more often than allowed. A design that could see codewords breaks this.
 */
import { expect, test } from "vitest"
import { priorHypotheses } from "@tocsin/marks/bundle/fixed-texts"
import { type Colluders, biases } from "@tocsin/marks/code"
import { type Leak, crossCaseEvidenceOf } from "@tocsin/marks/evidence/cross-case-evidence"
import { modelFor } from "./information-model.ts"
import { bounds, colluderCounts, optionsOf } from "./options.ts"
import { priorWeightsOf } from "./prior-weights.ts"

/** Numbers from 0 to 1, the same at each run. */
function chanceFrom(seed: number): () => number {
    let state = seed
    return () => {
        state = (state + 0x6d2b79f5) | 0
        let t = Math.imul(state ^ (state >>> 15), 1 | state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    }
}

const innocents = ["a", "b", "c", "d"]
const leaker = "e"
const partners = [...innocents, leaker]
const [slots, cases, bound] = [6, 6, { alpha: 0.25, places: partners.length }]
const lasting = Array.from(
    { length: 700 },
    () => ({ robustness: "value", variants: Array.from({ length: 8 }, () => []) }) as const,
)
const weights = new Map(priorHypotheses.map(({ key }) => [key, 10]))

/** The code of one version: the chance of the first form at each slot, and all codewords. */
interface Drawn {
    readonly chances: readonly number[]
    readonly text: ReadonlyMap<string, readonly boolean[]>
}

function drawn(design: Colluders, chance: () => number): Drawn {
    const items = biases[design]
    const chances = Array.from({ length: slots }, () => (items[Math.floor(chance() * items.length)] ?? 128) / 256)
    return { chances, text: new Map(partners.map((partner) => [partner, chances.map((p) => chance() < p)])) }
}

/** Returns log10 of an e-value by slots of the leaker's copy, with expectation 1 for all others. */
function weighed({ chances, text: words }: Drawn, document: string): Leak {
    const text = words.get(leaker) ?? []
    const e = (word: readonly boolean[]) =>
        chances.reduce((sum, p, i) => {
            const fits = text[i] === true ? p : 1 - p
            return sum + Math.log10(word[i] === text[i] ? 0.1 + 0.9 / fits : 0.1)
        }, 0)
    return {
        id: document,
        document,
        tests: 1,
        read: document,
        log10e: new Map([...words].map(([item, entries]) => [item, e(entries)])),
    }
}

/** Returns the next design: the first proposal by current cross-case evidence. */
function plannedBy(leaks: readonly Leak[], made: Colluders): Colluders {
    const log10e = new Map(
        crossCaseEvidenceOf(leaks, bound).ranking.map(({ recipient, log10e }) => [recipient, log10e]),
    )
    // Stands for any judgement that follows from observations.
    const together = [4, 8, 1][[...log10e.values()].filter((value) => value > 0).length] ?? 1
    const document = {
        artifact: "a",
        version: 1,
        lasting,
        design: made,
        hasCodewords: false,
        hasCanary: true,
        mayHaveCanary: true,
    }
    const recipients = partners.map((partner) => ({ partner, hours: 48 }))
    const input = { documents: [document], recipients, isPolledUnmarked: false }
    const suspicion = priorWeightsOf({ weights, log10e, partners, recipients: new Set(partners) })
    const { ranked } = optionsOf(suspicion, input, modelFor(together), bounds)
    const change = ranked.find((option) => option.change.kind === "code_design")?.change
    return change?.kind === "code_design" ? change.colluders : made
}

type Laying = (leaks: readonly Leak[], document: string, chance: () => number) => Drawn

/** Returns the share of programs in which an innocent recipient was ever identified, checked after each leak. */
function everNamed(programs: number, laid: Laying): number {
    const chance = chanceFrom(45)
    let ever = 0
    for (let program = 0; program < programs; program++) {
        const leaks: Leak[] = []
        let isNamed = false
        while (leaks.length < cases && !isNamed) {
            const document = `case ${leaks.length}`
            leaks.push(weighed(laid(leaks, document, chance), document))
            const { ranking } = crossCaseEvidenceOf(leaks, bound)
            isNamed = ranking.some(({ recipient, identified }) => identified && recipient !== leaker)
        }
        ever += Number(isNamed)
    }
    return ever / programs
}

const chosen = new Set<Colluders>()
const byPlan: Laying = (leaks, _, chance) => {
    const design = plannedBy(leaks, chance() < 0.5 ? 2 : 8)
    chosen.add(design)
    return drawn(design, chance)
}

test("identifies innocent recipients no more often than allowed by planned designs, after any look", () => {
    const programs = 800
    const slack = 3 * Math.sqrt((bound.alpha * (1 - bound.alpha)) / programs)
    const ever = everNamed(programs, byPlan)
    expect(ever).toBeLessThanOrEqual(bound.alpha + slack)
    expect(ever).toBeGreaterThan(0)
    expect([...chosen].toSorted((a, b) => a - b)).toEqual(colluderCounts)
})

test("identifies far more innocent recipients by a design that could see codewords", () => {
    const seen: Laying = (_, document, chance) => {
        const attempts = Array.from({ length: 40 }, (_one, n) => drawn(colluderCounts[n % 3] ?? 2, chance))
        const fits = (drawn: Drawn) => weighed(drawn, document).log10e.get("a") ?? 0
        return attempts.reduce((best, drawn) => (fits(drawn) > fits(best) ? drawn : best))
    }
    expect(everNamed(100, seen)).toBeGreaterThan(2 * bound.alpha)
})
