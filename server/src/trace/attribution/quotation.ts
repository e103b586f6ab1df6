/**
 * Evaluates canaries that a leak quotes. Each copy has generated canaries, so a text written without the copy contains
 * one only by chance. The bound on that chance needs no model of the leaker. Canaries have an e-value and a bound of
 * their own, and are not multiplied with marks. In a leak with both, they are the same evidence twice.
 */
import { leakCharsMax } from "@tocsin/marks/align"
import { type Canary, bitsMin } from "@tocsin/marks/canary"

/** A canary that the leak contains. */
export interface QuotedCanary extends Canary {
    readonly artifact: string
    readonly version: number
    readonly recipient: string
    /** Whether the canary is of a decoy, which no recipient has. */
    readonly decoy: boolean
}

/** The canaries that a leak contains, and their e-value. */
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
export const wordsCheckedMax = Math.ceil(leakCharsMax / 5)

/** Computes the e-value: the inverse of the chance that any word of the leak equals any issued canary. */
export function quotationsOf({ wordsChecked, canariesIssued, found }: Omit<Quotations, "log10e">): Quotations {
    const chance =
        Math.log10(Math.max(1, wordsChecked)) + Math.log10(Math.max(1, canariesIssued)) - bitsMin * Math.log10(2)
    return { wordsChecked, canariesIssued, found, log10e: found.length === 0 ? 0 : -chance }
}

/** The caution of a quoted canary in reports. The code of it in answers is `copy_not_reader`. */
export const canaryCaution =
    "A canary identifies the copy that the text comes from, not the person who passed it on: each reader of that " +
    "copy can write the canary anywhere. No partner has a decoy: only the mark keys, or their output, reveal it."
