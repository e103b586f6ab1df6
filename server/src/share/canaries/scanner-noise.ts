/**
 * How often a name is touched by whoever has no copy: learnt from decoys, which are made as others are, stand beside them for as
 * long, and are given to nobody. What is told is a bound and no estimate: few decoys say little, and none says nothing.
 */
import { upperBound } from "@tocsin/marks/bundle/error-rate"
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

/** `touched` counts names by grade, decoys and others. */
export function backgrounds(
    hosts: readonly { readonly decoy: boolean; readonly names: number }[],
    touched: readonly { readonly grade: Grade; readonly decoy: boolean; readonly touched: number }[],
): Background[] {
    const run = (decoy: boolean): number => hosts.find((host) => host.decoy === decoy)?.names ?? 0
    return grades.map((grade) => {
        const at = (decoy: boolean) =>
            touched.find((item) => item.grade === grade && item.decoy === decoy)?.touched ?? 0
        const upTo = upperBound(at(true), run(true))
        const names = run(false)
        return {
            ...{ grade, decoys: run(true), touched: at(true), upTo },
            ...{ names, namesTouched: at(false), expectedUpTo: upTo * names },
        }
    })
}
