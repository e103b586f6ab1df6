/** What slots are good for, before anything has leaked: how many recipients they tell apart, alone and put together. */
import type { Robustness, Slot } from "../carriers/carrier.ts"
import { type Colluders, biases } from "../code.ts"
import { accusing, shares } from "./shares.ts"

/** What of a slot counts here. */
type Sized = Pick<Slot, "variants" | "robustness">

/** log10 of the e-value that a copy's owner gets when every slot of it is read and fits: at the least, over the biases' mean. */
export function log10Reach(slots: readonly Sized[], design: Colluders): number {
    const ofTwo = meanOf(biases[design].map((bias) => -Math.log10(Math.max(bias, 256 - bias) / 256)))
    const of = (size: number): number => (size === 2 ? ofTwo : -Math.log10(Math.ceil(256 / size) / 256))
    return slots.reduce((sum, { variants }) => sum + of(variants.length), Math.log10(accusing * shares.joint))
}

const meanOf = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length

/** Among how many recipients the owner of a copy is named by these slots of it; 0 where among none. */
export function tellsApart(slots: readonly Sized[], design: Colluders, alpha: number): number {
    const reach = Math.floor(10 ** Math.min(15, log10Reach(slots, design) + Math.log10(alpha)))
    return reach >= 2 ? reach : 0
}

/** Of slots of two forms: so many, and so many more for each nat of ln(recipients / α), for 2 to 8 who merge copies. */
const needs: Readonly<Record<number, readonly [base: number, perNat: number]>> = {
    2: [30, 7.5],
    3: [70, 13.5],
    4: [115, 20],
    5: [75, 38],
    6: [120, 52],
    7: [170, 68],
    8: [230, 84],
}

/**
 * About how many slots of two forms must survive so that one of `colluders` is named 99 times of 100 when they pick
 * from their copies at random, slot by slot.
 */
export function slotsNeeded(colluders: number, recipients: number, alpha: number): number {
    const goal = Math.log(recipients / alpha)
    const [base, perNat] = needs[colluders] ?? [3, 1.6]
    return Math.ceil(base + perNat * goal)
}

/** What slots are worth against merging, counted in slots of two forms. */
export function worthOf(slots: readonly Sized[]): number {
    return Math.floor(slots.reduce((sum, { variants }) => sum + 1 + 0.6 * (Math.min(variants.length, 9) - 2), 0))
}

/** Of so many who merge their copies: how many lasting slots of two forms are needed, and what the lasting ones are worth. */
export interface Merged {
    readonly colluders: number
    readonly needed: number
    readonly worth: number
}

export function againstMerging(
    slots: readonly Sized[],
    colluders: number,
    among: { readonly recipients: number; readonly alpha: number },
): Merged {
    const needed = slotsNeeded(colluders, among.recipients, among.alpha)
    return { colluders, needed, worth: worthOf(slots.filter(({ robustness }) => robustness !== "tripwire")) }
}

/** How many slots outlive what. */
export function lastsOf(slots: readonly Sized[]): Record<Robustness, number> {
    const lasts = { value: 0, wording: 0, order: 0, tripwire: 0 }
    for (const { robustness } of slots) lasts[robustness]++
    return lasts
}
