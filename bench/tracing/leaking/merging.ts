/** Two colluders who compare their copies and toss a coin at each difference. */
import type { Dice } from "../dice.ts"

/** The units of comparison: words of prose with punctuation; in code names, numbers and single characters. */
export const wordUnits = /\s+|\S+/g
export const nameUnits = /\s+|[\p{L}\p{N}_$]+|./gsu

/**
 * Keeps what both have, and picks one or the other where they differ. With `isSteady`, code picks the same name for the
 * same pair, so that the result still works.
 */
export function mergeCopies(a: string, b: string, units: RegExp, by: Dice, isSteady = false): string {
    const [left, right] = [a.match(units) ?? [], b.match(units) ?? []]
    const decided = new Map<string, boolean>()
    const parts: string[] = []
    let [i, j] = [0, 0]
    const choose = (untilLeft: number, untilRight: number): void => {
        const [item, other] = [left.slice(i, untilLeft).join(""), right.slice(j, untilRight).join("")]
        if (item === other) return void parts.push(item)
        const pair = `${item}\0${other}`
        const isLeft = (isSteady ? decided.get(pair) : undefined) ?? by.below(2) === 0
        decided.set(pair, isLeft)
        parts.push(isLeft ? item : other)
    }
    for (const [nextLeft, nextRight] of commonOf(left, right)) {
        choose(nextLeft, nextRight)
        parts.push(left[nextLeft] ?? "")
        ;[i, j] = [nextLeft + 1, nextRight + 1]
    }
    choose(left.length, right.length)
    return parts.join("")
}

/** A longest common subsequence, as pairs of indices. White space alone matches nothing. */
function commonOf(left: readonly string[], right: readonly string[]): [number, number][] {
    const width = right.length + 1
    const lengths = new Uint16Array((left.length + 1) * width)
    const isSame = (i: number, j: number) => left[i] === right[j]
    for (let i = left.length - 1; i >= 0; i--) {
        for (let j = right.length - 1; j >= 0; j--) {
            const skipped = Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0)
            lengths[i * width + j] = isSame(i, j)
                ? Math.max(skipped, (lengths[(i + 1) * width + j + 1] ?? 0) + 1)
                : skipped
        }
    }
    const pairs: [number, number][] = []
    let [i, j] = [0, 0]
    while (i < left.length && j < right.length) {
        const here = lengths[i * width + j] ?? 0
        if (isSame(i, j) && here === (lengths[(i + 1) * width + j + 1] ?? 0) + 1) pairs.push([i++, j++])
        else if (here === (lengths[(i + 1) * width + j] ?? 0)) i++
        else j++
    }
    return pairs
}
