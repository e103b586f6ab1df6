/**
 * Scores slots: ln of the likelihood of the symbol read if a candidate's copy took part, against chance. The score
 * averages over all models, weighted by how well they fit the leak.
 *
 * With accomplices, scores are conditional on their copies. Neither the weights nor the accomplices may depend on the
 * candidate's codeword. Then exp(score) has expectation 1 for a recipient that did not leak.
 */
import type { Symbol } from "../carriers/carrier.ts"
import { type Coin, chanceOf } from "../code/coin.ts"
import { type Rows, groupSize } from "../code/codewords.ts"
import { type SymbolKind, binomial, colludersMax, models, tablesOf } from "./attacks.ts"
import { identifyingShare } from "./shares.ts"
import { type Cell, cumulant, cumulants, logRarest, logSum, rareScore, step, tiltFor } from "./tail.ts"

/** Slots on which all models agree. */
interface SlotClass {
    /** The probability that an innocent recipient's symbol is the one read. */
    readonly chance: number
    /** The likelihood of the symbol read, by model and by the number of colluders that have it. */
    readonly shown: readonly Float64Array[]
    readonly known: Map<number, ClassLikelihoods>
}

/**
 * The likelihood by model, given how many of the accomplices fit: if the candidate fits, if not, and on average over
 * the coin.
 */
interface ClassLikelihoods {
    readonly fit: Float64Array
    readonly other: Float64Array
    readonly logEither: Float64Array
}

/** The symbols read, grouped into classes. */
export interface Reading {
    readonly classes: readonly SlotClass[]
    /** The class of each bit of a row; `unread` if there is no slot or none was read. */
    readonly classOf: Uint16Array
    readonly read: number
}

/** The value of each slot, and the cells that an innocent recipient's score is a sum over. */
export interface Scoring {
    readonly cells: readonly Cell[]
    readonly fits: Float64Array
    readonly others: Float64Array
    /**
     * ln of the likelihood of the symbols read, given the accomplices' copies, over all models with more colluders than
     * these.
     */
    readonly logLikelihood: number
}

/** The class of slots that were not read. */
export const unread = 0xffff
const leastChance = 1e-12

/** Classes that many leaks share; the most common are kept with their tables. */
const classCache = new Map<string, SlotClass>()
const classCacheMax = 64

function slotClassOf(name: string, kind: SymbolKind, chance: number): SlotClass {
    const known = classCache.get(name)
    if (known !== undefined) return known
    const slotClass = { chance, shown: tablesOf(kind), known: new Map() }
    if (classCache.size < classCacheMax) classCache.set(name, slotClass)
    return slotClass
}

/** Groups the symbols read into classes. `bits` gives the bit of each slot in a row. Default: slot i is bit i. */
export function readingOf(coins: readonly Coin[], symbols: readonly Symbol[], bits?: readonly number[]): Reading {
    const last = bits === undefined ? coins.length - 1 : (bits.at(-1) ?? -1)
    const classOf = new Uint16Array(Math.ceil((last + 1) / groupSize) * groupSize).fill(unread)
    const classes: SlotClass[] = []
    const places = new Map<string, number>()
    let read = 0
    coins.forEach((coin, i) => {
        const symbol = symbols[i]
        if (typeof symbol !== "number" || !(symbol >= 0 && symbol < coin.length)) return
        const chance = chanceOf(coin, symbol)
        const isTwo = coin.length === 2
        const name = isTwo ? `${symbol} ${chance}` : `of ${coin.length} ${chance}`
        const place = places.get(name) ?? classes.length
        if (place === classes.length) {
            const kind: SymbolKind = isTwo ? { q: 2, symbol: symbol === 1 ? 1 : 0 } : { q: coin.length, symbol: null }
            classes.push(slotClassOf(name, kind, chance))
            places.set(name, place)
        }
        classOf[bits?.[i] ?? i] = place
        read += 1
    })
    return { classes, classOf, read }
}

/** Restricts a reading: slots outside `start` to `end` count as not read. */
export function restrictReading(reading: Reading, start: number, end: number): Reading {
    const classOf = reading.classOf.map((value, i) => (i >= start && i < end ? value : unread))
    return { ...reading, classOf, read: classOf.reduce((sum, value) => sum + Number(value !== unread), 0) }
}

/** Computes scores given that the copies in the rows `accomplices` took part; without any, of each candidate alone. */
export function scoringOf(reading: Reading, rows: Rows, accomplices: readonly number[] = []): Scoring {
    const { classes, classOf } = reading
    const size = accomplices.length
    const fitting = countFitting(rows, accomplices, classOf.length)
    const counts = new Float64Array(classes.length * (size + 1))
    const cellOf = (i: number) => (classOf[i] ?? 0) * (size + 1) + (fitting[i] ?? 0)
    for (let i = 0; i < classOf.length; i++) {
        if (classOf[i] !== unread) counts[cellOf(i)] = (counts[cellOf(i)] ?? 0) + 1
    }
    const likelihoods = (cell: number) =>
        likelihoodsOf(classes[Math.floor(cell / (size + 1))] as SlotClass, size, cell % (size + 1))
    const { weights, logLikelihood } = weightsOf(counts, likelihoods, size)
    const cells = [...counts].map((count, cell): Cell => {
        const { chance } = classes[Math.floor(cell / (size + 1))] as SlotClass
        if (count === 0) return { count, chance, fit: 0, other: 0 }
        const { fit, other } = likelihoods(cell)
        const [a, b] = [dot(weights, fit), dot(weights, other)]
        const either = chance * a + (1 - chance) * b
        return { count, chance, fit: roundToStep(Math.log(a / either)), other: roundToStep(Math.log(b / either)) }
    })
    const [fits, others] = [new Float64Array(classOf.length), new Float64Array(classOf.length)]
    for (let i = 0; i < classOf.length; i++) {
        if (classOf[i] === unread) continue
        const cell = cells[cellOf(i)]
        fits[i] = cell?.fit ?? 0
        others[i] = cell?.other ?? 0
    }
    return { cells: cells.filter(({ count }) => count > 0), fits, others, logLikelihood }
}

/** Rounds to steps in which sums are exact. Equal scores then stay equal in any order of addition, on any machine. */
function roundToStep(value: number): number {
    return Math.round(value / step) * step
}

/** Counts the accomplices that fit at each slot. */
function countFitting({ groups, bits }: Rows, accomplices: readonly number[], slots: number): Uint8Array {
    const fitting = new Uint8Array(slots)
    for (const row of accomplices) {
        for (let i = 0; i < slots; i++) {
            fitting[i] = (fitting[i] ?? 0) + (((bits[row * groups + (i >>> 5)] ?? 0) >>> (i & 31)) & 1)
        }
    }
    return fitting
}

function likelihoodsOf(slotClass: SlotClass, size: number, fitting: number): ClassLikelihoods {
    const key = size * 16 + fitting
    const known = slotClass.known.get(key)
    if (known !== undefined) return known
    const { chance } = slotClass
    const chances = Array.from({ length: colludersMax - size }, (_, unknown) =>
        Array.from({ length: unknown + 1 }, (_, v) => binomial(unknown, v, chance)),
    )
    const [fit, other] = [new Float64Array(models.length), new Float64Array(models.length)]
    models.forEach(({ colluders }, b) => {
        const unknown = colluders - size - 1
        if (unknown < 0) return
        for (let v = 0; v <= unknown; v++) {
            const p = chances[unknown]?.[v] ?? 0
            fit[b] = (fit[b] ?? 0) + p * (slotClass.shown[b]?.[fitting + 1 + v] ?? 0)
            other[b] = (other[b] ?? 0) + p * (slotClass.shown[b]?.[fitting + v] ?? 0)
        }
        fit[b] = Math.max(fit[b] ?? 0, leastChance)
        other[b] = Math.max(other[b] ?? 0, leastChance)
    })
    const logEither = fit.map((value, b) => Math.log(chance * value + (1 - chance) * (other[b] ?? 0)))
    const likelihoods = { fit, other, logEither }
    slotClass.known.set(key, likelihoods)
    return likelihoods
}

/**
 * Weights each model by how well it fits the leak, given the accomplices; 0 if it has no room for another colluder. For
 * a candidate alone, any number of colluders is equally likely. Halving would cost a few in a thousand for two
 * colluders, who look much like one.
 */
function weightsOf(
    counts: Float64Array,
    likelihoods: (cell: number) => ClassLikelihoods,
    size: number,
): { weights: Float64Array; logLikelihood: number } {
    const fit = Float64Array.from(models, ({ prior, colluders }) => (colluders > size ? prior : -Infinity))
    counts.forEach((count, cell) => {
        if (count === 0) return
        const { logEither } = likelihoods(cell)
        for (let b = 0; b < fit.length; b++) fit[b] = (fit[b] ?? 0) + count * (logEither[b] ?? 0)
    })
    const top = Math.max(...fit.filter((value) => !Number.isNaN(value)))
    const fitting = fit.map((value) => (Number.isNaN(value) ? 0 : Math.exp(value - top)))
    const weights = size > 0 ? fitting : fitting.map((value, b) => value * 2 ** (models[b]?.colluders ?? 0))
    const [likely, total] = [sumOf(fitting), sumOf(weights)]
    return { weights: weights.map((weight) => weight / total), logLikelihood: roundToStep(top + Math.log(likely)) }
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

function dot(a: Float64Array, b: Float64Array): number {
    let sum = 0
    for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
    return sum
}

/** The tail is not computed for scores above the threshold by this factor even under Chernoff's bound. */
const surelyOver = 10

/**
 * Turns a score into ln of an e-value, optimal for the threshold exp(`goal`).
 *
 * If scores can be rare enough, four fifths of the expectation lie evenly on the highest scores. An innocent recipient
 * has these with probability 0.8 exp(−goal) at most, and they pass the threshold. The rest follows Chernoff's bound and
 * separates all other scores. If no score is rare enough, see `faintEvidence`.
 */
export function eValue({ cells }: Scoring, goal: number): (score: number) => number {
    const rarer = goal - Math.log(identifyingShare)
    if (logRarest(cells) > -rarer) return faintEvidence(cells)
    const tilt = tiltFor(cells, goal) ?? 1
    const [k, , second] = cumulants(cells, tilt)
    const over = rarer - Math.log(surelyOver * (1 + tilt * Math.sqrt(2 * Math.PI * second)))
    let rare: { readonly score: number; readonly log: number } | null = null
    return (score) => {
        const bound = tilt * score - k
        const tiltedValue = Math.log(1 - identifyingShare) + bound
        if (bound < over) return tiltedValue
        rare ??= rareScore(cells, rarer)
        return score < rare.score ? tiltedValue : logSum([tiltedValue, Math.log(identifyingShare) - rare.log])
    }
}

const faintTilts = [1, 4]

/**
 * Values a score if even the highest identifies no copy, because leaks of few slots add up. A tilt of 1 is best if
 * several copies were merged. A tilt of 4 is best for a single copy, which fits nearly everywhere. The case is unknown
 * beforehand, so this takes the mean.
 */
function faintEvidence(cells: readonly Cell[]): (score: number) => number {
    const each = faintTilts.map((tilt) => ({ tilt, k: cumulant(cells, tilt) + Math.log(faintTilts.length) }))
    return (score) => logSum(each.map(({ tilt, k }) => tilt * score - k))
}
