/** What slots are good for, before anything has leaked: how many recipients they tell apart, alone and put together. */
import { type Robustness, type Slot, isCounted } from "../carriers/carrier.ts"
import { type Colluders, biases } from "../code.ts"
import { accusing, shares } from "./shares.ts"

/** What of a slot counts here. */
type Sized = Pick<Slot, "variants" | "robustness">

/** log10 of the e-value that a copy's owner gets when every slot of it is read and fits: at the least, over the biases' mean. */
export function log10Reach(slots: readonly Sized[], design: Colluders): number {
    const ofTwo = meanOf(biases[design].map((bias) => -Math.log10(Math.max(bias, 256 - bias) / 256)))
    const pick = (size: number): number => (size === 2 ? ofTwo : -Math.log10(Math.ceil(256 / size) / 256))
    return slots.reduce((sum, { variants }) => sum + pick(variants.length), Math.log10(accusing * shares.joint))
}

const meanOf = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length

/** Among how many recipients the owner of a copy is named by these slots of it; 0 where among none. */
export function tellsApart(slots: readonly Sized[], design: Colluders, alpha: number): number {
    const reach = Math.floor(10 ** Math.min(15, log10Reach(slots, design) + Math.log10(alpha)))
    return reach >= 2 ? reach : 0
}

/** Who the slots are to be told apart among, by which error, and with which biases. */
export interface Among {
    readonly recipients: number
    readonly alpha: number
    readonly design: Colluders
}

/** By how much more even biases take: they have .083 and .031 bits a slot against three and four, and not .0975 and .0545. */
const evenly: Readonly<Record<number, number>> = { 2: 1, 3: 1.2, 4: 1.8 }

/**
 * About how many slots of two forms must survive so that one of `colluders` is named 99 times of 100 when they pick
 * from their copies at random, slot by slot: 2c² ln(n) to find them (Huang and Moulin's capacity), and c² ln(1/α) to be
 * sure. What was measured for two to eight of a thousand is within a sixth of it.
 */
export function slotsNeeded(colluders: number, { recipients, alpha, design }: Among): number {
    if (colluders < 2) return Math.ceil(3 + 1.6 * Math.log(recipients / alpha))
    const grows = colluders ** 2 * (2 * Math.log(recipients) - Math.log(alpha))
    if (design > 2) return Math.ceil(50 + grows)
    return Math.ceil(15 + grows * (evenly[colluders] ?? 4))
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

export function againstMerging(slots: readonly Sized[], colluders: number, among: Among): Merged {
    const needed = slotsNeeded(colluders, among)
    return { colluders, needed, worth: worthOf(slots.filter(isLasting)) }
}

/** What is left once a house style, a formatter or sorting of keys has been over a copy. */
export const isLasting = (slot: Pick<Slot, "robustness">): boolean => isCounted(slot) && slot.robustness !== "tripwire"

/** How many slots outlive what. */
export function lastsOf(slots: readonly Sized[]): Record<Robustness, number> {
    const lasts = { value: 0, wording: 0, order: 0, tripwire: 0, typography: 0 }
    for (const { robustness } of slots) lasts[robustness]++
    return lasts
}
