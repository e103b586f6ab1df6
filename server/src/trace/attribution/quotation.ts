/**
 * Evaluates canaries that a leak quotes. Each copy has generated canaries, so a text written without the copy contains
 * one only by chance. The bound on that chance needs no model of the leaker. Canaries have an e-value and a bound of
 * their own, and are not multiplied with marks. A leak with both says the same thing twice.
 */
import { leakMax } from "@tocsin/marks/align"
import { type Canary, bitsLeast } from "@tocsin/marks/canary"

/** A canary that the leak contains. */
export interface QuotedCanary extends Canary {
    readonly artifact: string
    readonly version: number
    readonly recipient: string
    /** Whether the canary is of a decoy, which no recipient has. */
    readonly decoy: boolean
}

/** What the canaries in a leak say. */
export interface Quotations {
    /** The number of words in the leak that have the form of a canary, and the number of issued canaries. */
    readonly wordsChecked: number
    readonly canariesIssued: number
    readonly found: readonly QuotedCanary[]
    /** The log10 e-value of each canary found. It is 0 where none was found. */
    readonly log10e: number
}

/**
 * The largest number of words in a leak that can look like canaries. Each takes five characters at least with its
 * separator (by NFKC, one can be four letters). Padding therefore hides no canary.
 */
export const wordsCheckedMax = Math.ceil(leakMax / 5)

/** Computes the e-value: the inverse of the chance that any word of the leak equals any issued canary. */
export function quotationsOf({ wordsChecked, canariesIssued, found }: Omit<Quotations, "log10e">): Quotations {
    const chance =
        Math.log10(Math.max(1, wordsChecked)) + Math.log10(Math.max(1, canariesIssued)) - bitsLeast * Math.log10(2)
    return { wordsChecked, canariesIssued, found, log10e: found.length === 0 ? 0 : -chance }
}

export const canaryCaution =
    "A canary tells from which copy the text comes, and not who passed it on: each person who has seen that " +
    "copy can write the canary " +
    "anywhere. A decoy was given to no partner: only the mark keys, or what they produce, tell it."
