import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { combineEvidence } from "./cross-case.ts"
import { type Leak, crossCaseEvidenceOf } from "./cross-case-evidence.ts"

const bound = { alpha: 1e-6, places: 10_000 }
let named = 0
const leak = (document: string, log10e: Readonly<Record<string, number>>, more: Partial<Leak> = {}): Leak => ({
    id: `leak ${(named += 1)}`,
    document,
    tests: 1,
    read: `reading ${named}`,
    log10e: new Map(Object.entries(log10e)),
    ...more,
})
const pick = (leaks: readonly Leak[], recipient: string) =>
    crossCaseEvidenceOf(leaks, bound).ranking.find((item) => item.recipient === recipient)

describe("cross-case evidence", () => {
    test("multiplies over versions: half of each first leak, less the cost of choosing its version", () => {
        const leaks = [leak("a:1", { acme: 6, globex: -1 }), leak("b:1", { acme: 5.7, globex: 0 }, { tests: 5 })]
        expect(pick(leaks, "acme")?.log10e).toBeCloseTo(6 + 5.7 - Math.log10(5) - 2 * Math.log10(2), 12)
        expect(pick(leaks, "acme")).toMatchObject({ documents: 2, identified: true })
        expect(pick(leaks, "globex")).toMatchObject({ documents: 2, identified: false })
        expect(crossCaseEvidenceOf(leaks, bound).threshold).toBeCloseTo(10, 12)
    })

    test("gives later leaks of one version smaller shares, and a repeated reading none", () => {
        const first = leak("a:1", { acme: 2 })
        const again = leak("a:1", { acme: 2 }, { read: first.read })
        const other = leak("a:1", { acme: 3 })
        const { leaks } = crossCaseEvidenceOf([first, again, other, leak("b:1", {})], bound)
        expect(leaks.map(({ share }) => share)).toEqual([1 / 2, 0, 1 / 6, 1 / 2])
        expect(pick([first, again], "acme")?.log10e).toBe(pick([first], "acme")?.log10e)
        expect(pick([first, again, other], "acme")?.log10e).toBeCloseTo(Math.log10(100 / 2 + 1000 / 6), 12)
    })

    test("counts nothing for or against a partner without a copy of the leak", () => {
        expect(pick([leak("a:1", { acme: 2, globex: 1 }), leak("b:1", { globex: 1 })], "acme")).toMatchObject({
            documents: 1,
        })
        const joined = [leak("a:1", { acme: 2 }), leak("a:1", { acme: 2, globex: 3 })]
        expect(pick(joined, "globex")?.log10e).toBeCloseTo(Math.log10(1 / 2 + 1000 / 6), 12)
        expect(crossCaseEvidenceOf([], bound)).toMatchObject({ leaks: [], ranking: [] })
    })

    test("identifies no copy when there are more candidates than places", () => {
        const leaks = [leak("a:1", { acme: 20, globex: 0, initech: 0 })]
        expect(crossCaseEvidenceOf(leaks, { alpha: 1e-6, places: 3 })).toMatchObject({
            isFull: false,
            ranking: [{ identified: true }, {}, {}],
        })
        expect(crossCaseEvidenceOf(leaks, { alpha: 1e-6, places: 2 })).toMatchObject({
            isFull: true,
            ranking: [{ identified: false }, {}, {}],
        })
    })

    test("counts near-copies of one leak as the best of them", () => {
        const value = fc.double({ min: -6, max: 12, noNaN: true })
        fc.assert(
            fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (list) => {
                const together = pick(
                    list.map((value) => leak("a:1", { acme: value })),
                    "acme",
                )
                expect(together?.log10e).toBeLessThan(Math.max(...list))
            }),
        )
    })
})

/**
 * A leak of a version, as a bet on the innocent's word: it pays where the word is one of so many faces, from one on.
 */
interface Bet {
    readonly document: string
    readonly from: number
    readonly pays: number
}
const faces = 12

/** A plan may choose the next bet from all earlier results. */
type Plan = (log10e: number, turn: number) => Bet

function simulateLeaks(plan: Plan, history: number, words: ReadonlyMap<string, number>): Leak[][] {
    const leaks: Leak[] = []
    return Array.from({ length: history }, (_, turn) => {
        const { document, from, pays } = plan(pick(leaks, "me")?.log10e ?? 0, turn)
        const chance = pays / faces
        const hits = ((words.get(document) ?? 0) - from + faces) % faces < pays
        // Nearly all on its faces: an e-value of expectation 1.
        const e = hits ? 0.999 / chance : 0.001 / (1 - chance)
        leaks.push(leak(document, { me: Math.log10(e) }))
        return [...leaks]
    })
}

function throwMissing(): never {
    throw new Error("there is no such turn")
}

const documents = ["a", "b", "c"]
/** Every codeword that an innocent recipient could have, equally likely. */
const allWords = Array.from({ length: faces ** documents.length }, (_, n) => {
    return new Map(documents.map((document, i) => [document, Math.floor(n / faces ** i) % faces]))
})

function shareIdentified(
    plan: Plan,
    history: number,
    e: (leaks: readonly Leak[]) => number,
    threshold: number,
): number {
    const hit = allWords.filter((words) => simulateLeaks(plan, history, words).some((leaks) => e(leaks) >= threshold))
    return hit.length / allWords.length
}

test("identifies an innocent with at most the allowed probability, after any adaptive look", () => {
    const move = fc.record({
        document: fc.constantFrom(...documents),
        from: fc.nat(faces - 1),
        pays: fc.integer({ min: 1, max: faces - 1 }),
    })
    // One move for evidence against the recipient so far, one for evidence in its favour: a version that is new is
    // planned by that.
    const plans = fc.array(fc.tuple(move, move), { minLength: 1, maxLength: 5 })
    const ledger = (leaks: readonly Leak[]) => 10 ** (pick(leaks, "me")?.log10e ?? 0)
    fc.assert(
        fc.property(plans, fc.constantFrom(1.2, 2, 4, 12), (history, threshold) => {
            const opened = new Map<string, number>()
            history.forEach(([{ document }], turn) => opened.set(document, opened.get(document) ?? turn))
            const plan: Plan = (log10e, turn) => {
                const [either, or] = history[turn] ?? throwMissing()
                const isNew = opened.get(either.document) === turn
                return isNew && log10e > 0 ? { ...or, document: either.document } : either
            }
            expect(shareIdentified(plan, history.length, ledger, threshold)).toBeLessThanOrEqual(1 / threshold + 1e-9)
        }),
        { numRuns: 12 },
    )
})

test("a mean over leaks of one version would identify twice as often as allowed", () => {
    // Each bet is on faces that the ones before were not on, and pays just enough to lift the mean over the bar.
    const threshold = 2
    const ranges = [6, 3, 2]
    const plan = (turn: number, face: number) => {
        const before = ranges.slice(0, turn).reduce((sum, value) => sum + value, 0)
        const range = ranges[turn] ?? 1
        return face >= before && face < before + range ? faces / range : 0
    }
    const isNamed = (face: number, e: (leaks: readonly Leak[]) => number): boolean =>
        ranges.some((_, history) => {
            const leaks = ranges.slice(0, history + 1).map((_one, turn) => {
                return leak("a", { me: Math.max(-300, Math.log10(plan(turn, face))) })
            })
            return e(leaks) >= threshold - 1e-9
        })
    const share = (e: (leaks: readonly Leak[]) => number) =>
        Array.from({ length: faces }, (_, face) => face).filter((face) => isNamed(face, e)).length / faces
    const mean = (leaks: readonly Leak[]) => 10 ** (combineEvidence(leaks, 1e-3).ranking[0]?.log10e ?? 0)
    expect(share(mean)).toBeGreaterThan(1.8 / threshold)
    expect(share((leaks) => 10 ** (pick(leaks, "me")?.log10e ?? 0))).toBeLessThanOrEqual(1 / threshold)
})

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

test("of 2,000 simulated programs with a look after each leak, at most the allowed share identifies a copy", () => {
    const [programs, innocents, leaks, slots, alpha] = [2000, 4, 12, 6, 0.2]
    const chance = chanceFrom(43)
    let ever = 0
    for (let program = 0; program < programs; program++) {
        const words = new Map<string, readonly boolean[]>()
        const wordOf = (document: string, person: number) => {
            const key = `${document} ${person}`
            const word = words.get(key) ?? Array.from({ length: slots }, () => chance() < 0.5)
            words.set(key, word)
            return word
        }
        const list: Leak[] = []
        let isNamed = false
        let document = 0
        while (list.length < leaks && !isNamed) {
            // Often something new; else the same version again, in other words, which is what a search for a name would
            // do.
            if (chance() < 0.6) document += 1
            const text = Array.from({ length: slots }, () => chance() < 0.5)
            const e = (person: number) =>
                wordOf(String(document), person).reduce(
                    (log, value, i) => log + Math.log10(value === text[i] ? 1.9 : 0.1),
                    0,
                )
            list.push(
                leak(
                    String(document),
                    Object.fromEntries(Array.from({ length: innocents }, (_, n) => [`p${n}`, e(n)])),
                ),
            )
            isNamed = crossCaseEvidenceOf(list, { alpha, places: innocents }).ranking.some(
                ({ identified }) => identified,
            )
        }
        ever += Number(isNamed)
    }
    const slack = 3 * Math.sqrt(programs * alpha * (1 - alpha))
    expect(ever).toBeLessThanOrEqual(programs * alpha + slack)
    expect(ever).toBeGreaterThan(0)
})
