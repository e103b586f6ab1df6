/**
 * Evidence: how much better what was read fits one recipient's copy than chance, as an e-value.
 *
 * The chance is our own coin. Given the leak, however it was made, an innocent's word is still drawn by the coin and
 * independent of it, so each test below has expectation 1 for him at most, and so has their average. By Markov he
 * reaches n/α with probability α/n at most; none of n innocents does with probability 1 − α at least. No model of the
 * leaker is needed for that; the models only buy power.
 *
 * Three tests share α: the whole document; its contiguous parts, for copies that were spliced; and each suspect given
 * accomplices who were found without a look at that suspect's word.
 */
import type { Symbol } from "./carriers/carrier.ts"
import { type Coin, chanceOf } from "./code/coin.ts"
import { type Rows, picked, sums } from "./code/codewords.ts"
import { type Joint, jointly } from "./evidence/colluders.ts"
import { shares } from "./evidence/shares.ts"
import { logSum } from "./evidence/tail.ts"
import { type Reading, eValue, readingOf, scoringOf, unread, within } from "./evidence/scores.ts"

export type Verdict = "traced" | "undecided" | "unrelated"

export interface Ranked {
    readonly recipient: string
    /** log10 of the e-value: above 0 speaks for this recipient's copy, below 0 against it. Always finite. */
    readonly log10e: number
    readonly identified: boolean
    /** Of the slots read, how many the recipient's copy has as read. */
    readonly fits: number
}

/** Accused whose copies explain the leak together. */
export interface Together {
    readonly recipients: readonly string[]
    /** log10 of the e-value against "one of them has no part in it", for the weakest of them. */
    readonly log10e: number
}

/** The text that carries no mark: the master as its author wrote it, a staff copy, or a text written independently. */
export interface Unmarked {
    /** Of the slots read, how many are as in the master. */
    readonly fits: number
    /** log10 of how much likelier what was read is from there than by the coin. Always finite, and no e-value. */
    readonly log10lr: number
    /** It explains what was read, as no collusion's copies would: nobody is identified. */
    readonly explains: boolean
}

export interface Findings {
    /** `traced`: somebody is identified. `unrelated`: too little was read to call it this document. */
    readonly verdict: Verdict
    readonly slots: { readonly total: number; readonly read: number; readonly erased: number; readonly mixed: number }
    /** Of all innocents, anybody is identified with this probability at most. */
    readonly alpha: number
    /** log10 of the e-value from which on somebody is identified. */
    readonly bar: number
    /** How many tests share it. */
    readonly tests: number
    readonly identified: readonly string[]
    /** All recipients, best first. */
    readonly ranking: readonly Ranked[]
    readonly together: readonly Together[]
    readonly unmarked: Unmarked
}

/** What is known of a leak and of the copies it might be from. */
export interface Held {
    readonly coins: readonly Coin[]
    /** Their places in a row; without them, one after the other. */
    readonly bits?: readonly number[]
    readonly symbols: readonly Symbol[]
    readonly recipients: readonly string[]
    /** Who has what was read: a row a recipient. */
    readonly rows: Rows
}

/** Fewer slots than this were read by accident. */
export const readMin = 3

/** Whether enough was read, of all slots that count, to call the text this document. */
export function isRelated(symbols: readonly Symbol[]): boolean {
    return symbols.filter((symbol) => symbol !== null).length >= Math.min(readMin, Math.max(1, symbols.length))
}

const partsMax = 8
const slotsOfPartMin = 12
/** Beyond this many recipients times slots, parts and accomplices are not looked for. */
const workMax = 2e7
const leastLog10e = -300

/** Weighs every recipient against the symbols read. `alpha` lies strictly between 0 and 1. */
export function rank(held: Held, alpha: number): Findings {
    const holding = inOrder(held)
    const begun = beginning(holding, alpha)
    const { reading, bar } = begun
    const tests = isMany(holding.recipients.length, holding.coins.length)
        ? [whollyAlone(wholly(reading, holding.rows, bar))]
        : testsOf(reading, holding.rows, bar)
    return concluded(holding, begun, tests, sums(holding.rows, ...counting(reading)))
}

/** As `sums`, wherever it is done. */
export type Summing = (rows: Rows, fits: Float64Array, others: Float64Array) => Promise<Float64Array>

/** Whether parts and accomplices are not looked for, so that all that is left to do is to sum. */
export const isMany = (recipients: number, slots: number): boolean => recipients * slots > workMax

/** `rank`, where others do the sums of so many. They stand by name, so that no row is moved. */
export async function rankMany(held: Held, alpha: number, summing: Summing): Promise<Findings> {
    if (!isMany(held.recipients.length, held.coins.length) || !isByName(held.recipients)) return rank(held, alpha)
    const begun = beginning(held, alpha)
    const scoring = scoringOf(begun.reading, held.rows)
    const log = (await summing(held.rows, scoring.fits, scoring.others)).map(eValue(scoring, begun.bar))
    return concluded(held, begun, [whollyAlone(log)], await summing(held.rows, ...counting(begun.reading)))
}

interface Begun {
    readonly alpha: number
    readonly reading: Reading
    /** ln of the e-value from which on somebody is identified. */
    readonly bar: number
}

function beginning({ coins, bits, symbols, recipients }: Held, alpha: number): Begun {
    if (!(alpha > 0 && alpha < 1)) throw new Error("alpha lies between 0 and 1")
    return { alpha, reading: readingOf(coins, symbols, bits), bar: Math.log(recipients.length / alpha) }
}

/** `fits`: of each recipient, how many of the slots that were read. */
function concluded(held: Held, begun: Begun, tests: readonly Test[], fits: Float64Array): Findings {
    const { coins, symbols, recipients } = held
    const { alpha, reading, bar } = begun
    const log = recipients.map((_, i) =>
        logSum(tests.map(({ share, its: input }) => Math.log(share) + (input.log[i] ?? 0))),
    )
    const unmarked = unmarkedOf(coins, symbols)
    // They stand by name, and whoever is equal stays so.
    const order = recipients.map((recipient, i) => ({ recipient, i, e: log[i] ?? -Infinity }))
    order.sort((a, b) => b.e - a.e)
    const ranking = order.map(({ recipient, i, e }) => ({
        recipient,
        log10e: Math.max(leastLog10e, e / Math.LN10),
        identified: e >= bar && !unmarked.explains,
        fits: fits[i] ?? 0,
    }))
    const identified = ranking.filter((item) => item.identified).map(({ recipient }) => recipient)
    const mixed = symbols.filter((symbol) => symbol === "mixed").length
    const unrelated = reading.read + mixed < Math.min(readMin, Math.max(1, coins.length))
    return {
        verdict: identified.length > 0 ? "traced" : unrelated ? "unrelated" : "undecided",
        slots: { total: coins.length, read: reading.read, erased: coins.length - reading.read - mixed, mixed },
        ...{ alpha, bar: bar / Math.LN10, tests: tests.length, identified, ranking },
        together: tests.flatMap(({ its: input }) => togetherOf(input, recipients, identified)),
        unmarked,
    }
}

const isByName = (names: readonly string[]): boolean => names.every((name, i) => i === 0 || (names[i - 1] ?? "") < name)

/** By name, so that no answer depends on how a list was sorted. */
function inOrder(held: Held): Held {
    if (isByName(held.recipients)) return held
    const order = [...held.recipients.keys()].toSorted((a, b) =>
        (held.recipients[a] ?? "") < (held.recipients[b] ?? "") ? -1 : 1,
    )
    const recipients = order.map((i) => held.recipients[i] ?? "")
    return { ...held, recipients, rows: picked(held.rows, order) }
}

/** How often a slot of an unmarked text is read otherwise than it was written. */
const misread = 0.02
/**
 * Of the slots read, how many may differ from the master where it explains them. Three copies merged by taking the
 * master's form wherever one has it still differ at every eighth slot of two forms, and other collusions at more.
 */
const differsMax = 0.05

const isUnmarked = (read: number, fits: number): boolean => read >= readMin && read - fits <= differsMax * read

/** Whether the unmarked text explains what was read, by what was read alone: as `unmarked.explains`. */
export function readsUnmarked(symbols: readonly Symbol[]): boolean {
    const read = symbols.filter((symbol) => typeof symbol === "number")
    return isUnmarked(read.length, read.filter((symbol) => symbol === 0).length)
}

/** Its forms are the author's and not the coin's: so it is no suspect, and is compared with apart. */
function unmarkedOf(coins: readonly Coin[], symbols: readonly Symbol[]): Unmarked {
    let [read, fits, log] = [0, 0, 0]
    symbols.forEach((symbol, i) => {
        const coin = coins[i]
        if (typeof symbol !== "number" || coin?.[symbol] === undefined) return
        read += 1
        fits += Number(symbol === 0)
        log += Math.log((symbol === 0 ? 1 - misread : misread / (coin.length - 1)) / chanceOf(coin, symbol))
    })
    const explains = isUnmarked(read, fits)
    return { fits, log10lr: Math.max(leastLog10e, log / Math.LN10), explains }
}

interface Test {
    readonly share: number
    readonly its: { readonly log: Float64Array; readonly coalition?: readonly number[] }
}

const whollyAlone = (log: Float64Array): Test => ({ share: 1, its: { log } })

function testsOf(reading: Reading, rows: Rows, bar: number): Test[] {
    const scoring = scoringOf(reading, rows)
    const scores = sums(rows, scoring.fits, scoring.others)
    const parts = partsOf(reading)
    const whole = shares.whole + (parts.length === 0 ? shares.parts : 0)
    const joint: Joint = jointly(reading, rows, scores, bar - Math.log(shares.joint))
    return [
        { share: whole, its: { log: scores.map(eValue(scoring, bar - Math.log(whole))) } },
        { share: shares.joint, its: joint },
        ...parts.map((part) => {
            const share = shares.parts / parts.length
            return { share, its: { log: wholly(part, rows, bar - Math.log(share)) } }
        }),
    ]
}

/** ln of the e-value of each row as one of unknown many sources. */
function wholly(reading: Reading, rows: Rows, goal: number): Float64Array {
    const scoring = scoringOf(reading, rows)
    return sums(rows, scoring.fits, scoring.others).map(eValue(scoring, goal))
}

/** Contiguous runs of blocks, each block with the same number of slots that were read; none where it is a short leak. */
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
            ends.slice(a + 1).flatMap((end, n) => (n + 1 === blocks ? [] : [within(reading, start, end)])),
        )
}

/** What each slot that was read counts in a sum of those that fit. */
const counting = ({ classOf }: Reading): [fits: Float64Array, others: Float64Array] => [
    Float64Array.from(classOf, (value) => Number(value !== unread)),
    new Float64Array(classOf.length),
]

function togetherOf(input: Test["its"], recipients: readonly string[], identified: readonly string[]): Together[] {
    const rows = (input.coalition ?? []).filter((row) => identified.includes(recipients[row] ?? ""))
    if (rows.length < 2) return []
    const weakest = Math.min(...rows.map((row) => input.log[row] ?? -Infinity))
    return [{ recipients: rows.map((row) => recipients[row] ?? ""), log10e: weakest / Math.LN10 }]
}
