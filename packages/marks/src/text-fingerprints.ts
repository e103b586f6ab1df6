/**
 * Computes text fingerprints: numbers that two texts share where they have the same words. Each run of five words is
 * one number.
 *
 * A long text keeps only the numbers of greater depth. The numbers alone decide this, so that two texts stay
 * comparable. The seed is secret: without it, a text with another text's numbers cannot be made.
 */

/** The words in a run. A shorter text is one run. */
const rowWords = 5
const depthMax = 12

/** One fingerprint. */
export interface Fingerprint {
    /** A number below 2^52. */
    readonly value: number
    /** Half of all fingerprints have a depth of 1 or more, a quarter of 2 or more, and so on. */
    readonly depth: number
}

/** Lists the distinct fingerprints of a text, in order of first occurrence. */
export function computeFingerprints(words: readonly string[], seed: Seed): Fingerprint[] {
    const hashes = words.map((word) => hashOf(word, seed))
    const found = new Map<number, number>()
    const size = Math.min(rowWords, hashes.length)
    for (let at = 0; size > 0 && at + size <= hashes.length; at++) {
        let [high, low] = seed
        for (let i = at; i < at + size; i++) {
            const [first, second] = hashes[i] ?? [0, 0]
            high = mix(high ^ first)
            low = mix(low ^ second ^ high)
        }
        const value = (high >>> 0) * 2 ** 20 + (low >>> depthMax)
        found.set(value, depthOf(low))
    }
    return [...found].map(([value, depth]) => ({ value, depth }))
}

/** Two 32-bit numbers. */
export type Seed = readonly [number, number]

/** The kept fingerprints of a text. */
export interface KeptFingerprints {
    readonly level: number
    readonly prints: readonly Fingerprint[]
}

/** Keeps at most `max` fingerprints: all of them, or those from some depth on. */
export function keepFingerprints(prints: readonly Fingerprint[], max: number): KeptFingerprints {
    for (let level = 0; level < depthMax; level++) {
        const deep = prints.filter(({ depth }) => depth >= level)
        if (deep.length <= max) return { level, prints: deep }
    }
    return { level: depthMax, prints: prints.filter(({ depth }) => depth >= depthMax).slice(0, max) }
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
        second = mix(second + unit)
    }
    return [mix(first), second]
}

/** Applies the final steps of MurmurHash3. */
function mix(number: number): number {
    let value = number + 0x9e3779b9
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
    return (value ^ (value >>> 16)) | 0
}
