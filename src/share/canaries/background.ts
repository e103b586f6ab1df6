/**
 * How often a name is touched by whoever has no copy: learnt from decoys, which are made as others are, stand beside them for as
 * long, and are given to nobody. What is told is a bound and no estimate: few decoys say little, and none says nothing.
 */
import { type Grade, grades } from "./touch.ts"

export interface Background {
    readonly grade: Grade
    /** Names of hosts in decoys. */
    readonly decoys: number
    /** Those of them that were touched at this grade, once or more. */
    readonly touched: number
    /** With 95 % confidence no more than this share of names nobody leaked is touched so (Clopper and Pearson). */
    readonly upTo: number
    /** Names in copies, how many of them were touched so, and how many could be by background alone, by that bound. */
    readonly names: number
    readonly namesTouched: number
    readonly expectedUpTo: number
}

export const confidence = 0.95

/** `touched` counts names by grade, decoys and others. */
export function backgrounds(
    hosts: readonly { readonly decoy: boolean; readonly names: number }[],
    touched: readonly { readonly grade: Grade; readonly decoy: boolean; readonly touched: number }[],
): Background[] {
    const all = (decoy: boolean): number => hosts.find((one) => one.decoy === decoy)?.names ?? 0
    return grades.map((grade) => {
        const at = (decoy: boolean) => touched.find((one) => one.grade === grade && one.decoy === decoy)?.touched ?? 0
        const upTo = upperBound(at(true), all(true))
        const names = all(false)
        return {
            ...{ grade, decoys: all(true), touched: at(true), upTo },
            ...{ names, namesTouched: at(false), expectedUpTo: upTo * names },
        }
    })
}

/** The highest share by which so few of so many, or fewer, would still come about once in twenty times. */
export function upperBound(touched: number, of: number): number {
    if (touched >= of) return 1
    let [low, high] = [0, 1]
    for (let n = 0; n < 60; n++) {
        const middle = (low + high) / 2
        if (chanceOfAtMost(touched, of, middle) > 1 - confidence) low = middle
        else high = middle
    }
    return high
}

/** Of a binomial distribution, in logarithms. */
function chanceOfAtMost(touched: number, of: number, share: number): number {
    let [log, sum] = [of * Math.log1p(-share), 0]
    for (let n = 0; n <= touched; n++) {
        sum += Math.exp(log)
        log += Math.log(of - n) - Math.log(n + 1) + Math.log(share) - Math.log1p(-share)
    }
    return sum
}
