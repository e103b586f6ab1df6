import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { priorHypotheses } from "@tocsin/marks/bundle/fixed-texts"
import type { Colluders } from "@tocsin/marks/code"
import { type ReadingChances, expectedBits } from "./information.ts"
import { modelFor } from "./information-model.ts"
import {
    type Document,
    type Option,
    type Release,
    bounds,
    colluderCounts,
    optionsOf,
    readingChancesOf,
} from "./options.ts"
import { type PriorWeightInput, type PriorWeights, entropyOf, priorWeightsOf } from "./prior-weights.ts"

const shippedModel = modelFor(1)
const keys = priorHypotheses.map(({ key }) => key)
const nameOf = (n: number): string => `partner ${String(n).padStart(3, "0")}`
const evenly: ReadonlyMap<string, number> = new Map(keys.map((key) => [key, 10]))

function open(many: number, more: Partial<PriorWeightInput> = {}): PriorWeightInput {
    const partners = Array.from({ length: many }, (_, n) => nameOf(n))
    return { weights: evenly, log10e: new Map(), partners, recipients: new Set(partners), ...more }
}

const ofTwo = { robustness: "wording", variants: [[], []] } as const
const document = (slots: number, more: Partial<Document> = {}): Document => ({
    artifact: "a",
    version: 1,
    lasting: Array.from({ length: slots }, () => ofTwo),
    design: 2,
    hasCodewords: false,
    hasCanary: false,
    mayHaveCanary: false,
    ...more,
})
const release = (documents: readonly Document[], many = 12, more: Partial<Release> = {}): Release => ({
    documents,
    recipients: Array.from({ length: many }, (_, n) => ({ partner: nameOf(n), hours: 120 })),
    isPolledUnmarked: false,
    ...more,
})
const kindsOf = (ranked: readonly Option[]) => ranked.map(({ change }) => change.kind)
const planned = (release: Release, suspicion: PriorWeights = priorWeightsOf(open(release.recipients.length))) =>
    optionsOf(suspicion, release, shippedModel, bounds)

const anySuspicion = fc
    .record({
        weights: fc.array(fc.nat(100), { minLength: keys.length, maxLength: keys.length }),
        logs: fc.array(fc.double({ min: -12, max: 12, noNaN: true }), { minLength: 1, maxLength: 9 }),
        gets: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    })
    .filter(({ weights }) => weights.some((weight) => weight > 0))
    .map(({ weights, logs, gets }) => ({
        ...open(logs.length),
        weights: new Map(keys.map((key, i) => [key, weights[i] ?? 0])),
        log10e: new Map(logs.map((log, n) => [nameOf(n), log])),
        recipients: new Set(logs.flatMap((_, n) => (gets[n] === true ? [nameOf(n)] : []))),
    }))
const anySight = fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([total, part]): ReadingChances => ({ ownCopy: total * part, otherCopy: total * (1 - part) }))
const anyDocument = fc
    .record({
        slots: fc.nat(200),
        design: fc.constantFrom<Colluders>(...colluderCounts),
        hasCodewords: fc.boolean(),
        hasCanary: fc.boolean(),
        mayHaveCanary: fc.boolean(),
    })
    .map(({ slots, ...more }) => document(slots, more))
const anyRelease = fc
    .record({
        documents: fc.array(anyDocument, { maxLength: 4 }),
        hours: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 9, maxLength: 9 }),
        isPolledUnmarked: fc.boolean(),
    })
    .map(({ hours, ...more }) => (recipients: ReadonlySet<string>): Release => {
        const list = hours.map((hour, n) => ({ partner: nameOf(n), hours: hour }))
        return { ...more, recipients: list.filter(({ partner }) => recipients.has(partner)) }
    })

describe("the information of a release", () => {
    test("is never negative, and never more than the entropy", () => {
        const window = fc.record({ hours: fc.integer({ min: 1, max: 500 }), late: fc.array(fc.nat(8)) })
        fc.assert(
            fc.property(anySuspicion, anySight, fc.option(window), (it, sight, some) => {
                const suspicion = priorWeightsOf(it)
                const late = some && { hours: some.hours, late: new Set(some.late.map(nameOf)) }
                const bits = expectedBits(suspicion, sight, late, shippedModel)
                expect(bits).toBeGreaterThanOrEqual(0)
                expect(bits).toBeLessThanOrEqual(entropyOf(suspicion) + 1e-9)
            }),
        )
    })

    test("equals the definition, summed over all observations", () => {
        const suspicion = priorWeightsOf(open(3, { log10e: new Map([[nameOf(1), 1]]) }))
        const { repeatChance: q, independentChance: r, copyShare: copies } = shippedModel
        const [own, other] = [0.5, 0.2]
        const rest = (named: number) => [(1 - q) * (1 - r), q * (1 - named) + (1 - q) * r]
        const shown = copies * (own + other)
        // None, no copy, staff copy, then each partner's copy.
        const led: [number, number[]][] = [
            [suspicion.finder, [...rest(0), 0, 0, 0, 0]],
            [suspicion.insider, [...rest(shown), q * shown, 0, 0, 0]],
            [suspicion.compromise, [...rest(shown), 0, ...[0, 1, 2].map(() => (q * shown) / 3)]],
            [suspicion.noTrace, [1 - r, r, 0, 0, 0, 0]],
            ...suspicion.partners.map(({ probability: part }, j): [number, number[]] => [
                part,
                [...rest(own + other), 0, ...[0, 1, 2].map((i) => (i === j ? q * own : (q * other) / 2))],
            ]),
        ]
        const seen = [0, 1, 2, 3, 4, 5].map((k) =>
            led.reduce((sum, [part, entries]) => sum + part * (entries[k] ?? 0), 0),
        )
        const expected = led.reduce(
            (sum, [part, entries]) =>
                sum +
                entries.reduce((total, p, k) => total + (p > 0 ? part * p * Math.log2(p / (seen[k] ?? 1)) : 0), 0),
            0,
        )
        expect(expectedBits(suspicion, { ownCopy: own, otherCopy: other }, null, shippedModel)).toBeCloseTo(
            expected,
            12,
        )
    })

    test("is independent of partners' names, for any probabilities and any staggered release", () => {
        fc.assert(
            fc.property(anySuspicion, anyRelease, fc.nat(8), (it, make, by) => {
                const renamed = new Map(it.partners.map((partner, n) => [partner, `z ${(n * 7 + by) % 9} ${n}`]))
                const to = (item: string) => renamed.get(item) ?? item
                const other: PriorWeightInput = {
                    weights: it.weights,
                    partners: it.partners.map(to).toSorted(),
                    log10e: new Map([...it.log10e].map(([item, log]) => [to(item), log])),
                    recipients: new Set([...it.recipients].map(to)),
                }
                const release = make(it.recipients)
                const recipients = release.recipients.map((recipient) => ({
                    ...recipient,
                    partner: to(recipient.partner),
                }))
                const report = (subject: PriorWeightInput, release: Release) =>
                    optionsOf(priorWeightsOf(subject), release, shippedModel, bounds).ranked.map(
                        ({ change, gainBits, partnerHours }) => [
                            change.kind,
                            Number(gainBits.toFixed(9)),
                            partnerHours,
                        ],
                    )
                expect(report(other, { ...release, recipients })).toEqual(report(it, release))
            }),
        )
    })

    test.each([
        ["somebody found it independently", "independent"],
        ["it was read from a patch", "patch"],
    ])("falls with the chance that %s, and is 0 where that is certain", (_, key) => {
        const bits = [10, 100, 1000, Infinity].map((weight) => {
            const weights = new Map(evenly)
            for (const item of keys) if (weight === Infinity && item !== key) weights.set(item, 0)
            return expectedBits(
                priorWeightsOf(open(9, { weights: weights.set(key, Math.min(weight, 1000)) })),
                sure,
                null,
                shippedModel,
            )
        })
        expect(bits).toEqual(bits.toSorted((a, b) => b - a))
        expect(bits[0]).toBeGreaterThan(0.3)
        expect(bits.at(-1)).toBeCloseTo(0, 12)
    })

    test("falls with other finders, and with fewer leaks that read as a copy", () => {
        const suspicion = priorWeightsOf(open(9))
        const by = [0, 0.05, 0.3, 0.9].map((elsewhere) =>
            expectedBits(suspicion, sure, null, { ...shippedModel, independentChance: elsewhere }),
        )
        expect(by).toEqual(by.toSorted((a, b) => b - a))
        const read = [1, 0.6, 0.2, 0].map((own) =>
            expectedBits(suspicion, { ownCopy: own, otherCopy: 0 }, null, shippedModel),
        )
        expect(read).toEqual(read.toSorted((a, b) => b - a))
    })

    test("says something about partners by halving candidates, and almost nothing about an insider", () => {
        const partners = Array.from({ length: 8 }, (_, n) => nameOf(n))
        const late = { hours: 24, late: new Set(partners.slice(0, 4)) }
        const only = (...some: string[]) => new Map(keys.map((key) => [key, some.includes(key) ? 10 : 0]))
        const blind = { ownCopy: 0, otherCopy: 0 }
        const model = { ...shippedModel, windowHours: late.hours * (1 + shippedModel.medianHours / late.hours) }
        const among = expectedBits(priorWeightsOf(open(8, { weights: only("partner") })), blind, late, model)
        const against = expectedBits(
            priorWeightsOf(open(8, { weights: only("partner", "insider"), log10e: new Map([[nameOf(7), 9]]) })),
            ...([blind, late, model] as const),
        )
        expect(among).toBeGreaterThan(0.01)
        expect(against).toBeLessThan(1e-6)
    })
})

const sure: ReadingChances = { ownCopy: 1, otherCopy: 0 }

describe("options", () => {
    test("gain something, cost nothing as variants, and list variants before staggered releases", () => {
        fc.assert(
            fc.property(anySuspicion, anyRelease, (it, make) => {
                const release = make(it.recipients)
                const { bits, ranked } = optionsOf(priorWeightsOf(it), release, shippedModel, bounds)
                expect(ranked).toEqual(optionsOf(priorWeightsOf(it), release, shippedModel, bounds).ranked)
                const first = kindsOf(ranked).indexOf("staggered_release")
                const [variants, windows] = first < 0 ? [ranked, []] : [ranked.slice(0, first), ranked.slice(first)]
                expect(variants.every(({ partnerHours }) => partnerHours === 0)).toBe(true)
                expect(kindsOf(windows).every((kind) => kind === "staggered_release")).toBe(true)
                for (const option of ranked) {
                    expect(option.gainBits).toBeGreaterThan(0)
                    expect(option.bits).toBeCloseTo(bits + option.gainBits, 12)
                    expect(option.bits).toBeLessThanOrEqual(entropyOf(priorWeightsOf(it)) + 1e-9)
                }
                const gains = variants.map(({ gainBits }) => gainBits)
                expect(gains).toEqual(gains.toSorted((a, b) => b - a))
            }),
        )
    })

    test("keep all waits within the limits and above the floor", () => {
        const tight = { hoursMax: 12, partnerHoursMax: 40, leadHoursMin: 30 }
        fc.assert(
            fc.property(anySuspicion, anyRelease, (it, make) => {
                const release = make(it.recipients)
                const hoursOf = new Map(release.recipients.map(({ partner, hours }) => [partner, hours]))
                for (const within of [bounds, tight]) {
                    const { ranked } = optionsOf(priorWeightsOf(it), release, shippedModel, within)
                    for (const { change, partnerHours } of ranked.filter(
                        (option) => option.change.kind === "staggered_release",
                    )) {
                        const { hours, late } = change as Extract<typeof change, { kind: "staggered_release" }>
                        expect(hours).toBeLessThanOrEqual(within.hoursMax)
                        expect(partnerHours).toBe(hours * late.length)
                        expect(partnerHours).toBeLessThanOrEqual(within.partnerHoursMax)
                        for (const item of late)
                            expect((hoursOf.get(item) ?? 0) - hours).toBeGreaterThanOrEqual(within.leadHoursMin)
                    }
                }
            }),
        )
    })

    test("stagger releases only where cross-case evidence speaks for a partner", () => {
        const windows = (log10e: readonly (readonly [string, number])[], many = 12) =>
            planned(
                release([document(0)], many),
                priorWeightsOf(open(many, { log10e: new Map(log10e) })),
            ).ranked.flatMap(({ change }) => (change.kind === "staggered_release" ? [change.late] : []))
        expect(windows([])).toEqual([])
        expect(windows([[nameOf(3), -2]])).toEqual([])
        expect(new Set(windows([[nameOf(3), 2]]).flat())).toEqual(new Set([nameOf(3)]))
        const alike = windows([
            [nameOf(3), 2],
            [nameOf(4), 2],
        ])
        expect(alike.length).toBeGreaterThan(0)
        expect(alike.every((late) => late.includes(nameOf(3)) === late.includes(nameOf(4)))).toBe(true)
    })

    test.each([
        ["one leaker and a text made for four: made for two it tells more", 1, document(300, { design: 4 }), 2],
        ["four together and a long text made for two: made for four it tells more", 4, document(1500), 4],
        ["eight together and a very long one: made for eight", 8, document(20_000), 8],
    ])("%s", (_, together, document, colluders) => {
        const input = release([document])
        const { ranked } = optionsOf(priorWeightsOf(open(12)), input, modelFor(together), bounds)
        expect(ranked.find(({ change }) => change.kind === "code_design")?.change).toEqual({
            kind: "code_design",
            colluders,
        })
    })

    test.each([
        [
            "a document whose words are drawn is left as it is",
            release([document(40, { hasCodewords: true, mayHaveCanary: true })]),
            [],
        ],
        [
            "what is polled without marks could be marked",
            release([document(300, { hasCodewords: true })], 12, { isPolledUnmarked: true }),
            ["polled"],
        ],
        [
            "where a canary may stand and none does, one could",
            release([document(0, { mayHaveCanary: true })]),
            ["canary"],
        ],
        ["nothing is to be had where the class has no document", release([]), []],
        ["nor where nobody gets it before publication", release([document(40)], 0), []],
    ])("%s", (_, release, variants) => {
        expect(kindsOf(planned(release).ranked).filter((kind) => kind !== "staggered_release")).toEqual(variants)
    })

    test("never reveal less with more slots", () => {
        fc.assert(
            fc.property(
                fc.nat(400),
                fc.nat(60),
                fc.constantFrom<Colluders>(...colluderCounts),
                (slots, more, design) => {
                    const own = (many: number) => readingChancesOf(release([document(many, { design })]), shippedModel)
                    const [less, sight] = [own(slots), own(slots + more)]
                    expect(sight.ownCopy + sight.otherCopy).toBeGreaterThanOrEqual(
                        less.ownCopy + less.otherCopy - 1e-12,
                    )
                },
            ),
        )
    })
})
