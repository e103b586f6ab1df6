/** How much of one text another one says, and whether all of it was public when it was seen. */
import type { Instant } from "@tocsin/base/instant"

/** Other evidence that says nearly the same. */
export interface Alike {
    readonly evidence: string
    /** Of this one, what the other says; of the other one, what this says. */
    readonly percentOfThis: number
    readonly percentOfOther: number
}

export interface Compared {
    readonly evidence: string
    readonly shared: number
    /** As far as both were kept. */
    readonly ofThis: number
    readonly ofOther: number
}

const percentMin = 10
const sharedMin = 3
const alikeMax = 20

/** The most alike first; what shares a phrase or two is not. */
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

/** All of it alone is 100. */
export function percent(part: number, whole: number): number {
    return whole === 0 ? 0 : Math.floor((part * 100) / whole)
}

/** What of it an advisory says. */
export interface InPublic {
    readonly advisory: string
    readonly publicSince: Instant
    readonly percent: number
    /** All of it, and since before it was seen: it accuses nobody. */
    readonly isPublic: boolean
}

/** Fewer words say nothing of where they are from. */
export const publicWordsMin = 10

/** The form that says most of it; of equals the one that was public first. Null where none says enough of it. */
export function bestOf(found: readonly Omit<InPublic, "isPublic">[], seenAt: Instant): InPublic | null {
    const [best] = found
        .filter((inPublic) => inPublic.percent >= percentMin)
        .toSorted((a, b) => b.percent - a.percent || a.publicSince - b.publicSince)
    return best === undefined ? null : { ...best, isPublic: best.percent === 100 && best.publicSince <= seenAt }
}
