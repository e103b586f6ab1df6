/**
 * Estimates how often names are touched without a leak, from decoys: copies made like others and never handed out.
 *
 * The result is an upper bound, not an estimate. Few decoys give a weak bound, and none give no bound.
 */
import { upperBound } from "@tocsin/marks/bundle/error-rate"
import { type LikelySource, likelySources } from "./touch.ts"

/** How often a likely source touches names that no partner received, and what follows for names in copies. */
export interface BackgroundRate {
    readonly likelySource: LikelySource
    /** The number of host names in decoys. */
    readonly decoys: number
    /** How many of them were touched by this likely source. */
    readonly touched: number
    /** The upper bound, with 95 % confidence, of the share of unleaked names touched (Clopper and Pearson). */
    readonly max: number
    /** The names in copies, how many were touched, and how many could be touched by background alone, by that bound. */
    readonly names: number
    readonly namesTouched: number
    readonly expectedMax: number
}

/** Computes the background. `touched` counts names by likely source, for decoys and others. */
export function backgroundRates(
    hosts: readonly { readonly decoy: boolean; readonly names: number }[],
    touched: readonly { readonly likelySource: LikelySource; readonly decoy: boolean; readonly touched: number }[],
): BackgroundRate[] {
    const namesIn = (decoy: boolean): number => hosts.find((host) => host.decoy === decoy)?.names ?? 0
    return likelySources.map((likelySource) => {
        const touchedIn = (decoy: boolean) =>
            touched.find((item) => item.likelySource === likelySource && item.decoy === decoy)?.touched ?? 0
        const max = upperBound(touchedIn(true), namesIn(true))
        const names = namesIn(false)
        return {
            likelySource,
            decoys: namesIn(true),
            touched: touchedIn(true),
            max,
            names,
            namesTouched: touchedIn(false),
            expectedMax: max * names,
        }
    })
}
