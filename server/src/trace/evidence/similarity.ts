/** Computes how much text two texts share, and whether all of a leak was public when it was observed. */
import type { Instant } from "@tocsin/base/instant"

/** Similar evidence. */
export interface Alike {
    readonly evidence: string
    /** The share of this text in the other one, and of the other one in this. */
    readonly percentOfThis: number
    readonly percentOfOther: number
}

/** How many text fingerprints two pieces of evidence share. */
export interface Compared {
    readonly evidence: string
    readonly shared: number
    /** The number of fingerprints, up to the depth that both have. */
    readonly ofThis: number
    readonly ofOther: number
}

const percentMin = 10
const sharedMin = 3
const alikeMax = 20

/** Lists similar texts, the most similar first, without those that share a phrase or two. */
export function alike(compared: readonly Compared[]): Alike[] {
    return compared
        .map(({ evidence, shared, ofThis, ofOther }) => ({
            evidence,
            isEnough: shared >= Math.min(sharedMin, ofThis, ofOther),
            percentOfThis: percent(shared, ofThis),
            percentOfOther: percent(shared, ofOther),
        }))
        .filter((item) => item.isEnough && most(item) >= percentMin)
        .toSorted((a, b) => most(b) - most(a) || least(b) - least(a))
        .slice(0, alikeMax)
        .map(({ isEnough: _, ...rest }) => rest)
}

const most = (alike: Omit<Alike, "evidence">): number => Math.max(alike.percentOfThis, alike.percentOfOther)
const least = (alike: Omit<Alike, "evidence">): number => Math.min(alike.percentOfThis, alike.percentOfOther)

/** Returns a percentage, 100 only for all of it. */
export function percent(part: number, whole: number): number {
    return whole === 0 ? 0 : Math.floor((part * 100) / whole)
}

/** A public text with a part of the leak. */
export interface InPublic {
    readonly advisory: string
    readonly publicSince: Instant
    readonly percent: number
    /** Whether all of it was public before it was observed. It then accuses no recipient. */
    readonly isPublic: boolean
}

/** Fewer words do not show an origin. */
export const publicWordsMin = 10

/**
 * Returns the public text with the largest share, the earlier one of equals. Returns null where the share is too small.
 */
export function bestOf(found: readonly Omit<InPublic, "isPublic">[], seenAt: Instant): InPublic | null {
    const [best] = found
        .filter((inPublic) => inPublic.percent >= percentMin)
        .toSorted((a, b) => b.percent - a.percent || a.publicSince - b.publicSince)
    return best === undefined ? null : { ...best, isPublic: best.percent === 100 && best.publicSince <= seenAt }
}
