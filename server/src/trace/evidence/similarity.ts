/** Computes how much text two texts share, and whether all of a leak was public when it was observed. */
import type { Instant } from "@tocsin/base/instant"

/** Similar evidence. */
export interface SimilarText {
    readonly evidence: string
    /** The share of this text in the other one, and of the other one in this. */
    readonly percentOfThis: number
    readonly percentOfOther: number
}

/** The number of text fingerprints that two pieces of evidence share. */
export interface FingerprintOverlap {
    readonly evidence: string
    readonly shared: number
    /** The number of fingerprints, up to the depth that both have. */
    readonly thisTotal: number
    readonly otherTotal: number
}

const percentMin = 10
const sharedMin = 3
const similarMax = 20

/** Lists similar texts, the most similar first, without those that share a phrase or two. */
export function selectSimilar(overlaps: readonly FingerprintOverlap[]): SimilarText[] {
    return overlaps
        .map(({ evidence, shared, thisTotal, otherTotal }) => ({
            evidence,
            isEnough: shared >= Math.min(sharedMin, thisTotal, otherTotal),
            percentOfThis: percent(shared, thisTotal),
            percentOfOther: percent(shared, otherTotal),
        }))
        .filter((item) => item.isEnough && largerPercent(item) >= percentMin)
        .toSorted((a, b) => largerPercent(b) - largerPercent(a) || smallerPercent(b) - smallerPercent(a))
        .slice(0, similarMax)
        .map(({ isEnough: _, ...rest }) => rest)
}

const largerPercent = (similar: Omit<SimilarText, "evidence">): number =>
    Math.max(similar.percentOfThis, similar.percentOfOther)
const smallerPercent = (similar: Omit<SimilarText, "evidence">): number =>
    Math.min(similar.percentOfThis, similar.percentOfOther)

/** Returns a percentage, 100 only for all of it. */
export function percent(part: number, whole: number): number {
    return whole === 0 ? 0 : Math.floor((part * 100) / whole)
}

/** A public text with a part of the leak. */
export interface PublicMatch {
    readonly advisory: string
    readonly publicSince: Instant
    readonly percent: number
    /** Whether all of it was public before it was observed. It then identifies no recipient. */
    readonly isPublic: boolean
}

/** Fewer words do not show an origin. */
export const publicWordsMin = 10

/**
 * Returns the public text with the largest share, the earlier one of equals. Returns null where the share is too small.
 */
export function bestMatchOf(
    matches: readonly Omit<PublicMatch, "isPublic">[],
    observedAt: Instant,
): PublicMatch | null {
    const [best] = matches
        .filter((match) => match.percent >= percentMin)
        .toSorted((a, b) => b.percent - a.percent || a.publicSince - b.publicSince)
    return best === undefined ? null : { ...best, isPublic: best.percent === 100 && best.publicSince <= observedAt }
}
