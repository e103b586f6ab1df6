/** Compares bit-sliced bytes with bounds, 32 slots at once, to find the recipients whose codewords show a symbol. */
import type { Symbol } from "../carriers/carrier.ts"
import type { Coin } from "./coin.ts"
import { setBit } from "./codewords.ts"

/**
 * The 32-bit words of a group: one for each bit of a byte. One AES block holds the upper four bits, or the lower four.
 */
export const wordsOfGroup = 8
export const wordsOfBlock = 4

/**
 * The bounds of the symbols read, by group, in bit slices. A byte shows the symbol if it is below `bound`, or, where
 * `from` is set, at or above it. In groups with slots of many variants, `upper` is the upper one of two such bounds.
 */
export interface Bounds {
    readonly bound: Uint32Array
    readonly from: Uint32Array
    readonly upper: Uint32Array
    readonly isTwo: Uint8Array
    readonly read: Uint32Array
}

/**
 * Computes the bounds of the symbols read. `bits` gives the bit of each slot in a row; `groups` is the number of
 * groups.
 */
export function boundsOf(
    coins: readonly Coin[],
    symbols: readonly Symbol[],
    bits: readonly number[],
    groups: number,
): Bounds {
    const [bound, upper] = [new Uint32Array(groups * wordsOfGroup), new Uint32Array(groups * wordsOfGroup)]
    const [from, read, isTwo] = [new Uint32Array(groups), new Uint32Array(groups), new Uint8Array(groups)]
    const slice = (into: Uint32Array, bit: number, byte: number) => {
        const at = (bit >>> 5) * wordsOfGroup
        for (let plane = 0; plane < 8; plane++) {
            into[at + plane] = (into[at + plane] ?? 0) | (((byte >> (7 - plane)) & 1) << (bit & 31))
        }
    }
    coins.forEach((coin, i) => {
        const [symbol, bit = 0] = [symbols[i], bits[i]]
        if (typeof symbol !== "number" || !(symbol >= 0 && symbol < coin.length)) return
        const [low, high] = [coin[symbol - 1] ?? 0, coin[symbol] ?? 256]
        setBit(read, 0, bit)
        if (low > 0) setBit(from, 0, bit)
        slice(bound, bit, low > 0 ? low : high)
        if (low > 0 && high < 256) {
            isTwo[bit >>> 5] = 1
            slice(upper, bit, high)
        }
    })
    return { bound, from, upper, isTwo, read }
}

/** The slices of all recipients, `width` words each. Each group has the first four bit planes, or all eight. */
interface Slices {
    readonly slices: Uint32Array
    readonly width: number
    readonly wordsPerGroup: Uint8Array
}

/**
 * Sets a bit in `into` for each slot at which a recipient's codeword shows the symbol read. Goes group by group, so
 * that the bounds of a group stay in the cache.
 */
export function compareSlices(slices: Slices, { bound, from, upper, isTwo, read }: Bounds, into: Uint32Array): void {
    const groups = read.length
    const fits = new Uint32Array(into.length / groups)
    const upperFits = new Uint32Array(fits.length)
    for (let group = 0, start = 0; group < groups; start += slices.wordsPerGroup[group] ?? 0, group++) {
        const [inverted, readBits] = [from[group] ?? 0, read[group] ?? 0]
        const below = slices.wordsPerGroup[group] === wordsOfBlock ? belowCoarse : belowFine
        below(slices, start, bound, group * wordsOfGroup, fits)
        if (isTwo[group] === 1) below(slices, start, upper, group * wordsOfGroup, upperFits)
        const unbounded = isTwo[group] === 1 ? ~upperBounded(upper, group * wordsOfGroup) : -1
        for (let n = 0, at = group; n < fits.length; n++, at += groups) {
            into[at] = ((fits[n] as number) ^ inverted) & ((upperFits[n] as number) | unbounded) & readBits
        }
    }
}

/**
 * Compares the bytes of one group with their bounds, for each recipient, from the lowest bit to the highest. A higher
 * bit overrules a lower one.
 */
function belowFine(
    { slices, width }: Slices,
    start: number,
    bounds: Uint32Array,
    from: number,
    into: Uint32Array,
): void {
    const [a = 0, b = 0, c = 0, d = 0] = [bounds[from], bounds[from + 1], bounds[from + 2], bounds[from + 3]]
    const [e = 0, f = 0, g = 0, h = 0] = [bounds[from + 4], bounds[from + 5], bounds[from + 6], bounds[from + 7]]
    for (let n = 0, at = start; n < into.length; n++, at += width) {
        let less = ~(slices[at + 7] as number) & h
        let u = ~(slices[at + 6] as number)
        less = (u & g) | ((u | g) & less)
        u = ~(slices[at + 5] as number)
        less = (u & f) | ((u | f) & less)
        u = ~(slices[at + 4] as number)
        less = (u & e) | ((u | e) & less)
        u = ~(slices[at + 3] as number)
        less = (u & d) | ((u | d) & less)
        u = ~(slices[at + 2] as number)
        less = (u & c) | ((u | c) & less)
        u = ~(slices[at + 1] as number)
        less = (u & b) | ((u | b) & less)
        u = ~(slices[at] as number)
        into[n] = (u & a) | ((u | a) & less)
    }
}

/** Does the same for bounds whose lower four bits are 0. The lower four bits of a byte then decide nothing. */
function belowCoarse(
    { slices, width }: Slices,
    start: number,
    bounds: Uint32Array,
    from: number,
    into: Uint32Array,
): void {
    const [a = 0, b = 0, c = 0, d = 0] = [bounds[from], bounds[from + 1], bounds[from + 2], bounds[from + 3]]
    for (let n = 0, at = start; n < into.length; n++, at += width) {
        let less = ~(slices[at + 3] as number) & d
        let u = ~(slices[at + 2] as number)
        less = (u & c) | ((u | c) & less)
        u = ~(slices[at + 1] as number)
        less = (u & b) | ((u | b) & less)
        u = ~(slices[at] as number)
        into[n] = (u & a) | ((u | a) & less)
    }
}

/** Finds the slots that have an upper bound. An upper bound is never 0. */
function upperBounded(upper: Uint32Array, at: number): number {
    let any = 0
    for (let plane = 0; plane < 8; plane++) any |= upper[at + plane] ?? 0
    return any
}
