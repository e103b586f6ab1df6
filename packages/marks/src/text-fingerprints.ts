/**
 * What a text says, as numbers of which two texts have the same where they say the same: each row of some words is one.
 *
 * Which are kept of a long text follows from the numbers alone (the deeper ones), so that what two texts keep can be
 * compared. The seed is secret: who does not know it makes no text whose numbers are another's.
 */

/** Words in a row; a shorter text is one row. */
const rowWords = 5
const depthMax = 12

export interface Print {
    /** Below 2^52. */
    readonly value: number
    /** Half of all have a depth of 1 or more, a quarter of 2 or more, and so on. */
    readonly depth: number
}

/** Each once, in the order in which it first stands there. */
export function printsOf(words: readonly string[], seed: Seed): Print[] {
    const hashes = words.map((word) => hashOf(word, seed))
    const found = new Map<number, number>()
    const size = Math.min(rowWords, hashes.length)
    for (let at = 0; size > 0 && at + size <= hashes.length; at++) {
        let [high, low] = seed
        for (let i = at; i < at + size; i++) {
            const [first, second] = hashes[i] ?? [0, 0]
            high = mixed(high ^ first)
            low = mixed(low ^ second ^ high)
        }
        const value = (high >>> 0) * 2 ** 20 + (low >>> depthMax)
        found.set(value, depthOf(low))
    }
    return [...found].map(([value, depth]) => ({ value, depth }))
}

/** Two numbers of 32 bits. */
export type Seed = readonly [number, number]

export interface Kept {
    readonly level: number
    readonly prints: readonly Print[]
}

/** As many as there is room for: all of them, or those of a depth from a level on. */
export function kept(prints: readonly Print[], most: number): Kept {
    for (let level = 0; level < depthMax; level++) {
        const deep = prints.filter(({ depth }) => depth >= level)
        if (deep.length <= most) return { level, prints: deep }
    }
    return { level: depthMax, prints: prints.filter(({ depth }) => depth >= depthMax).slice(0, most) }
}

function depthOf(low: number): number {
    for (let depth = 0; depth < depthMax; depth++) if ((low & (1 << depth)) !== 0) return depth
    return depthMax
}

function hashOf(word: string, [high, low]: Seed): Seed {
    let [first, second] = [high, low]
    for (let i = 0; i < word.length; i++) {
        const unit = word.charCodeAt(i)
        first = Math.imul(first ^ unit, 0x01000193)
        second = mixed(second + unit)
    }
    return [mixed(first), second]
}

/** The last steps of MurmurHash3. */
function mixed(number: number): number {
    let value = number + 0x9e3779b9
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
    return (value ^ (value >>> 16)) | 0
}
