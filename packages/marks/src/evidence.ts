/**
 * Computes evidence: an e-value that says how much better a leak fits one recipient's copy than chance.
 *
 * The chance is our own coin. The codeword of an innocent recipient is independent of the leak, however the leak was
 * made. So each test below has expectation 1 at most for an innocent recipient, and so has their average. By Markov's
 * inequality, an innocent recipient reaches n/α with probability α/n at most. So with probability 1 − α at least, none
 * of n innocent recipients does. This needs no model of the leaker; the models only add power.
 *
 * Three tests share α: the whole document; its contiguous parts, for copies that were spliced; and each candidate
 * together with accomplices. The search for accomplices does not use the candidate's codeword.
 */
import type { Symbol } from "./carriers/carrier.ts"
import { type Coin, chanceOf } from "./code/coin.ts"
import { type Rows, pickRows, sumRows } from "./code/codewords.ts"
import { type JointResult, weighJointly } from "./evidence/colluders.ts"
import { shares } from "./evidence/shares.ts"
import { logSum } from "./evidence/tail.ts"
import { type Reading, eValue, readingOf, scoringOf, unread, restrictReading } from "./evidence/scores.ts"

/** The outcome for a leak, see `Findings.verdict`. */
export type Verdict = "traced" | "undecided" | "unrelated"

/** The evidence for one recipient. */
export interface RankedRecipient {
    readonly recipient: string
    /** log10 of the e-value: above 0 it supports this recipient's copy, below 0 it contradicts it. Always finite. */
    readonly log10e: number
    readonly identified: boolean
    /** How many of the slots read have the same form in the recipient's copy. */
    readonly fits: number
}

/** Identified recipients whose copies explain the leak together. */
export interface JointEvidence {
    readonly recipients: readonly string[]
    /**
     * log10 of the e-value against the hypothesis that one of them has no part in the leak, for the weakest of them.
     */
    readonly log10e: number
}

/** The text without marks: the master as its author wrote it, a staff copy, or a text written independently. */
export interface UnmarkedEvidence {
    /** How many of the slots read have the master's form. */
    readonly fits: number
    /** log10 of the likelihood ratio: the unmarked text against the coin. Always finite, and not an e-value. */
    readonly log10lr: number
    /**
     * Whether the unmarked text explains the leak, as no copies of colluders would. Then no recipient is identified.
     */
    readonly explains: boolean
}

/** The evidence for all recipients of one version. */
export interface Findings {
    /**
     * `traced`: at least one recipient is identified. `unrelated`: too few slots were read to call the text this
     * document.
     */
    readonly verdict: Verdict
    readonly slots: { readonly total: number; readonly read: number; readonly erased: number; readonly mixed: number }
    /** An upper bound on the probability that any innocent recipient is identified. */
    readonly alpha: number
    /** log10 of the threshold: a recipient with this e-value or more is identified. */
    readonly threshold: number
    /** The number of tests that share α. */
    readonly tests: number
    readonly identified: readonly string[]
    /** All recipients, best first. */
    readonly ranking: readonly RankedRecipient[]
    readonly together: readonly JointEvidence[]
    readonly unmarked: UnmarkedEvidence
}

/** The symbols read from a leak, and the copies that it may come from. */
export interface CopyComparison {
    readonly coins: readonly Coin[]
    /** The bit of each slot in a row. Default: slot i is bit i. */
    readonly bits?: readonly number[]
    readonly symbols: readonly Symbol[]
    readonly recipients: readonly string[]
    /** A row for each recipient: which slots of its copy show the symbol read. */
    readonly rows: Rows
}

/** The smallest number of slots that counts as read. Fewer may be chance. */
export const readMin = 3

/** Checks whether enough of all counted slots was read to call the text this document. */
export function isRelated(symbols: readonly Symbol[]): boolean {
    return symbols.filter((symbol) => symbol !== null).length >= Math.min(readMin, Math.max(1, symbols.length))
}

const partsMax = 8
const slotsOfPartMin = 12
/** The limit of recipients times slots. Above it, the tests of parts and accomplices are skipped. */
const workMax = 2e7
const leastLog10e = -300

/** Weighs every recipient against the symbols read. Throws if `alpha` is not strictly between 0 and 1. */
export function rankRecipients(comparison: CopyComparison, alpha: number): Findings {
    const sorted = sortedByName(comparison)
    const setup = setUpTests(sorted, alpha)
    const { reading, threshold } = setup
    const tests = isLarge(sorted.recipients.length, sorted.coins.length)
        ? [wholeTestOnly(wholeTest(reading, sorted.rows, threshold))]
        : testsOf(reading, sorted.rows, threshold)
    return combineTests(sorted, setup, tests, sumRows(sorted.rows, ...fitCounters(reading)))
}

/** Does what `sumRows` does, for example in a thread. */
export type RowSums = (rows: Rows, fits: Float64Array, others: Float64Array) => Promise<Float64Array>

/** Checks whether the tests of parts and accomplices are skipped, so that only sums remain. */
export const isLarge = (recipients: number, slots: number): boolean => recipients * slots > workMax

/**
 * Does what `rankRecipients` does, with the large sums done by `sumInThreads`. Keeps the order of the rows if the
 * recipients are sorted by name.
 */
export async function rankManyRecipients(
    comparison: CopyComparison,
    alpha: number,
    sumInThreads: RowSums,
): Promise<Findings> {
    if (!isLarge(comparison.recipients.length, comparison.coins.length) || !isByName(comparison.recipients))
        return rankRecipients(comparison, alpha)
    const setup = setUpTests(comparison, alpha)
    const scoring = scoringOf(setup.reading, comparison.rows)
    const log = (await sumInThreads(comparison.rows, scoring.fits, scoring.others)).map(
        eValue(scoring, setup.threshold),
    )
    return combineTests(
        comparison,
        setup,
        [wholeTestOnly(log)],
        await sumInThreads(comparison.rows, ...fitCounters(setup.reading)),
    )
}

interface TestSetup {
    readonly alpha: number
    readonly reading: Reading
    /** ln of the threshold. */
    readonly threshold: number
}

function setUpTests({ coins, bits, symbols, recipients }: CopyComparison, alpha: number): TestSetup {
    if (!(alpha > 0 && alpha < 1)) throw new Error("alpha must be between 0 and 1")
    return { alpha, reading: readingOf(coins, symbols, bits), threshold: Math.log(recipients.length / alpha) }
}

/** Combines the tests into findings. `fits` counts, for each recipient, the slots read that its copy shows. */
function combineTests(
    comparison: CopyComparison,
    setup: TestSetup,
    tests: readonly Test[],
    fits: Float64Array,
): Findings {
    const { coins, symbols, recipients } = comparison
    const { alpha, reading, threshold } = setup
    const log = recipients.map((_, i) =>
        logSum(tests.map(({ share, result }) => Math.log(share) + (result.log[i] ?? 0))),
    )
    const unmarked = unmarkedOf(coins, symbols)
    // The recipients are sorted by name. A stable sort keeps that order among equal e-values.
    const order = recipients.map((recipient, i) => ({ recipient, i, e: log[i] ?? -Infinity }))
    order.sort((a, b) => b.e - a.e)
    const ranking = order.map(({ recipient, i, e }) => ({
        recipient,
        log10e: Math.max(leastLog10e, e / Math.LN10),
        identified: e >= threshold && !unmarked.explains,
        fits: fits[i] ?? 0,
    }))
    const identified = ranking.filter((ranked) => ranked.identified).map(({ recipient }) => recipient)
    const mixed = symbols.filter((symbol) => symbol === "mixed").length
    const unrelated = reading.read + mixed < Math.min(readMin, Math.max(1, coins.length))
    return {
        verdict: identified.length > 0 ? "traced" : unrelated ? "unrelated" : "undecided",
        slots: { total: coins.length, read: reading.read, erased: coins.length - reading.read - mixed, mixed },
        alpha,
        threshold: threshold / Math.LN10,
        tests: tests.length,
        identified,
        ranking,
        together: tests.flatMap(({ result }) => jointEvidenceOf(result, recipients, identified)),
        unmarked,
    }
}

const isByName = (names: readonly string[]): boolean => names.every((name, i) => i === 0 || (names[i - 1] ?? "") < name)

/** Sorts the recipients by name, so that the result does not depend on the order of a list. */
function sortedByName(comparison: CopyComparison): CopyComparison {
    if (isByName(comparison.recipients)) return comparison
    const order = [...comparison.recipients.keys()].toSorted((a, b) =>
        (comparison.recipients[a] ?? "") < (comparison.recipients[b] ?? "") ? -1 : 1,
    )
    const recipients = order.map((i) => comparison.recipients[i] ?? "")
    return { ...comparison, recipients, rows: pickRows(comparison.rows, order) }
}

/** The assumed share of slots of an unmarked text that are misread. */
const misreadShare = 0.02
/**
 * The largest share of slots read that may differ from the master if the unmarked text explains the leak. A merge of
 * three copies that prefers the master's form still differs at every eighth slot of two forms. Other collusions differ
 * at more.
 */
const differsMax = 0.05

const isUnmarked = (read: number, fits: number): boolean => read >= readMin && read - fits <= differsMax * read

/** Checks whether the unmarked text explains the symbols read, as `Unmarked.explains` does. */
export function readsUnmarked(symbols: readonly Symbol[]): boolean {
    const read = symbols.filter((symbol) => typeof symbol === "number")
    return isUnmarked(read.length, read.filter((symbol) => symbol === 0).length)
}

/**
 * Compares the leak with the unmarked text. Its forms come from the author and not from the coin, so it is not a
 * candidate.
 */
function unmarkedOf(coins: readonly Coin[], symbols: readonly Symbol[]): UnmarkedEvidence {
    let [read, fits, log] = [0, 0, 0]
    symbols.forEach((symbol, i) => {
        const coin = coins[i]
        if (typeof symbol !== "number" || coin?.[symbol] === undefined) return
        read += 1
        fits += Number(symbol === 0)
        log += Math.log((symbol === 0 ? 1 - misreadShare : misreadShare / (coin.length - 1)) / chanceOf(coin, symbol))
    })
    const explains = isUnmarked(read, fits)
    return { fits, log10lr: Math.max(leastLog10e, log / Math.LN10), explains }
}

interface Test {
    readonly share: number
    readonly result: { readonly log: Float64Array; readonly coalition?: readonly number[] }
}

const wholeTestOnly = (log: Float64Array): Test => ({ share: 1, result: { log } })

function testsOf(reading: Reading, rows: Rows, threshold: number): Test[] {
    const scoring = scoringOf(reading, rows)
    const scores = sumRows(rows, scoring.fits, scoring.others)
    const parts = partsOf(reading)
    const whole = shares.whole + (parts.length === 0 ? shares.parts : 0)
    const joint: JointResult = weighJointly(reading, rows, scores, threshold - Math.log(shares.joint))
    return [
        { share: whole, result: { log: scores.map(eValue(scoring, threshold - Math.log(whole))) } },
        { share: shares.joint, result: joint },
        ...parts.map((part) => {
            const share = shares.parts / parts.length
            return { share, result: { log: wholeTest(part, rows, threshold - Math.log(share)) } }
        }),
    ]
}

/** Computes ln of the e-value of each row as one of an unknown number of sources. */
function wholeTest(reading: Reading, rows: Rows, goal: number): Float64Array {
    const scoring = scoringOf(reading, rows)
    return sumRows(rows, scoring.fits, scoring.others).map(eValue(scoring, goal))
}

/** Lists contiguous runs of blocks with equally many slots read. A short leak has no parts. */
function partsOf(reading: Reading): Reading[] {
    const blocks = Math.min(partsMax, Math.floor(reading.read / slotsOfPartMin))
    if (blocks < 2) return []
    const read = [...reading.classOf.keys()].filter((i) => (reading.classOf[i] ?? unread) !== unread)
    const ends = Array.from({ length: blocks + 1 }, (_, b) =>
        b === blocks ? reading.classOf.length : (read[Math.floor((b * read.length) / blocks)] ?? 0),
    )
    return ends
        .slice(0, -1)
        .flatMap((start, a) =>
            ends.slice(a + 1).flatMap((end, n) => (n + 1 === blocks ? [] : [restrictReading(reading, start, end)])),
        )
}

/** Values for `sumRows` that count the slots read that fit. */
const fitCounters = ({ classOf }: Reading): [fits: Float64Array, others: Float64Array] => [
    Float64Array.from(classOf, (value) => Number(value !== unread)),
    new Float64Array(classOf.length),
]

function jointEvidenceOf(
    result: Test["result"],
    recipients: readonly string[],
    identified: readonly string[],
): JointEvidence[] {
    const rows = (result.coalition ?? []).filter((row) => identified.includes(recipients[row] ?? ""))
    if (rows.length < 2) return []
    const weakest = Math.min(...rows.map((row) => result.log[row] ?? -Infinity))
    return [{ recipients: rows.map((row) => recipients[row] ?? ""), log10e: weakest / Math.LN10 }]
}
