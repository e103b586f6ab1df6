/** Stores which recipients' codewords show the symbols read, bit by bit, and sums values over them. */
import type { Symbol, Codeword } from "../carriers/carrier.ts"

/** The largest number of slots in a group. */
export const groupSize = 32

/**
 * A bit for each recipient and slot: 1 if the codeword shows the symbol read. Each recipient has a row of `groups`
 * 32-bit words; bit i of word g is slot 32g + i.
 */
export interface Rows {
    readonly groups: number
    readonly bits: Uint32Array
}

/** Builds rows from known codewords, such as those of copies that no coin generated. Slot i is bit i of a row. */
export function rowsOfCodewords(codewords: readonly Codeword[], symbols: readonly Symbol[]): Rows {
    const groups = Math.ceil(symbols.length / groupSize)
    const bits = new Uint32Array(codewords.length * groups)
    codewords.forEach((codeword, row) => {
        symbols.forEach((symbol, i) => {
            if (typeof symbol === "number" && codeword[i] === symbol) setBit(bits, row * groups, i)
        })
    })
    return { groups, bits }
}

/** Writes one bit of the row that begins at `at`. */
export function setBit(into: Uint32Array, at: number, bit: number, value = 1): void {
    into[at + (bit >>> 5)] = (into[at + (bit >>> 5)] ?? 0) | (value << (bit & 31))
}

/** Picks rows by index, in the given order. */
export function pickRows({ groups, bits }: Rows, indices: readonly number[]): Rows {
    const pickedBits = new Uint32Array(indices.length * groups)
    indices.forEach((row, i) => pickedBits.set(bits.subarray(row * groups, (row + 1) * groups), i * groups))
    return { groups, bits: pickedBits }
}

/** The largest number of rows for which a table of bytes costs more than it saves. */
const fewRows = 48
/** The number of rows that are summed group by group, so that a group's table stays in the cache. */
const rowsAtOnce = 1024

/** Sums `fits` over the slots that fit and `others` over the rest, for each row, in a fixed order. */
export function sumRows(rows: Rows, fits: Float64Array, others: Float64Array): Float64Array {
    const { groups, bits } = rows
    const count = groups === 0 ? 0 : bits.length / groups
    return count <= fewRows ? sumsOfFew(rows, count, fits, others) : sumsByTable(rows, count, fits, others)
}

function sumsOfFew({ groups, bits }: Rows, count: number, fits: Float64Array, others: Float64Array): Float64Array {
    const out = new Float64Array(count)
    for (let row = 0; row < count; row++) {
        let sum = 0
        for (let i = 0; i < groups * groupSize; i++) {
            const isFit = ((bits[row * groups + (i >>> 5)] ?? 0) >>> (i & 31)) & 1
            sum += (isFit === 1 ? fits[i] : others[i]) ?? 0
        }
        out[row] = sum
    }
    return out
}

function sumsByTable({ groups, bits }: Rows, count: number, fits: Float64Array, others: Float64Array): Float64Array {
    const table = new Float64Array(groups * 4 * 256)
    for (let byte = 0; byte < groups * 4; byte++) {
        let none = 0
        for (let i = byte * 8; i < byte * 8 + 8; i++) none += others[i] ?? 0
        table[byte * 256] = none
        for (let value = 1; value < 256; value++) {
            const i = byte * 8 + 31 - Math.clz32(value & -value)
            table[byte * 256 + value] =
                (table[byte * 256 + (value & (value - 1))] ?? 0) + (fits[i] ?? 0) - (others[i] ?? 0)
        }
    }
    const out = new Float64Array(count)
    for (let from = 0; from < count; from += rowsAtOnce) {
        const to = Math.min(count, from + rowsAtOnce)
        for (let group = 0; group < groups; group++) {
            const base = group * 1024
            for (let row = from, at = from * groups + group; row < to; row++, at += groups) {
                const word = bits[at] as number
                const first =
                    (table[base | (word & 255)] as number) + (table[base | 256 | ((word >>> 8) & 255)] as number)
                const second =
                    (table[base | 512 | ((word >>> 16) & 255)] as number) +
                    (table[base | 768 | (word >>> 24)] as number)
                out[row] = (out[row] as number) + (first + second)
            }
        }
    }
    return out
}
