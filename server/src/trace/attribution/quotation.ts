/**
 * Canaries that a leak quotes. A name is drawn anew for each copy, so a text that was written without that copy holds it by
 * chance alone: how likely that is, over all names and all that could be one, is bounded without any model of the leaker.
 * It stands beside the marks, with an e-value and a bound of its own, and is multiplied with nothing: a leak that holds both
 * says the same thing twice.
 */
import { leakMax } from "@tocsin/marks/align"
import { type Canary, bitsLeast } from "@tocsin/marks/canary"

export interface Found extends Canary {
    readonly artifact: string
    readonly version: number
    readonly recipient: string
    /** Of a copy that was given to nobody: somebody else has what names are made of. */
    readonly decoy: boolean
}

export interface Quoted {
    /** How many words of the leak have the form of a name, and how many names there were. */
    readonly looked: number
    readonly names: number
    readonly found: readonly Found[]
    /** Of each that was found, alike; 0 where nothing was. */
    readonly log10e: number
}

/**
 * Of a leak, which never has more that look like names: twenty letters, and what parts them from the next, are made of five
 * characters at least (by NFKC one can be four letters, or five with what parts them). So nothing hides a name by padding.
 */
export const lookedMax = Math.ceil(leakMax / 5)

/** `log10e` is less the logarithm of the chance that any name of anybody's is met by any of the words. */
export function quotedOf({ looked, names, found }: Omit<Quoted, "log10e">): Quoted {
    const chance = Math.log10(Math.max(1, looked)) + Math.log10(Math.max(1, names)) - bitsLeast * Math.log10(2)
    return { looked, names, found, log10e: found.length === 0 ? 0 : -chance }
}

export const cautionOfNames =
    "A canary tells from which copy the text comes, and not who passed it on: each person who has seen that copy can write the canary " +
    "anywhere. A decoy was given to no partner: only the mark keys, or what they produce, tell it."
