/**
 * Estimates how often names are touched without a leak, from decoys: copies made like others and never handed out.
 *
 * The result is an upper bound, not an estimate. Few decoys give a weak bound, and none give no bound.
 */
import { upperBound } from "@tocsin/marks/bundle/error-rate"
import { type Grade, grades } from "./touch.ts"

/** How often a likely source touches names that no partner received, and what follows for names in copies. */
export interface Background {
    readonly grade: Grade
    /** The number of host names in decoys. */
    readonly decoys: number
    /** How many of them were touched by this likely source. */
    readonly touched: number
    /** The upper bound, with 95 % confidence, of the share of unleaked names touched (Clopper and Pearson). */
    readonly upTo: number
    /** The names in copies, how many were touched, and how many could be touched by background alone, by that bound. */
    readonly names: number
    readonly namesTouched: number
    readonly expectedUpTo: number
}

/** Computes the background. `touched` counts names by likely source, for decoys and others. */
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
            grade,
            decoys: run(true),
            touched: at(true),
            upTo,
            names,
            namesTouched: at(false),
            expectedUpTo: upTo * names,
        }
    })
}
