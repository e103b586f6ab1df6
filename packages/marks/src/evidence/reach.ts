/**
 * Estimates before any leak how many recipients the slots of a text distinguish, for single copies and for merged ones.
 */
import { type Robustness, type Slot, isCounted } from "../carriers/carrier.ts"
import { type Colluders, biases } from "../code.ts"
import { identifyingShare, shares } from "./shares.ts"

/** The parts of a slot that count here. */
type SlotSize = Pick<Slot, "variants" | "robustness">

/**
 * Computes log10 of the e-value of a copy if every slot is read and fits. It is the minimum, averaged over the biases.
 */
export function log10Reach(slots: readonly SlotSize[], design: Colluders): number {
    const ofTwo = meanOf(biases[design].map((bias) => -Math.log10(Math.max(bias, 256 - bias) / 256)))
    const pick = (size: number): number => (size === 2 ? ofTwo : -Math.log10(Math.ceil(256 / size) / 256))
    return slots.reduce((sum, { variants }) => sum + pick(variants.length), Math.log10(identifyingShare * shares.joint))
}

const meanOf = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length

/** Computes the number of recipients among which these slots identify a copy; 0 if none. */
export function distinguishableRecipients(slots: readonly SlotSize[], design: Colluders, alpha: number): number {
    const reach = Math.floor(10 ** Math.min(15, log10Reach(slots, design) + Math.log10(alpha)))
    return reach >= 2 ? reach : 0
}

/** The recipients to distinguish, the error, and the code design. */
export interface RecipientSetting {
    readonly recipients: number
    readonly alpha: number
    readonly design: Colluders
}

/**
 * Factors for even biases. They give .083 and .031 bits a slot against three and four colluders, instead of .0975 and
 * .0545.
 */
const evenBiasFactors: Readonly<Record<number, number>> = { 2: 1, 3: 1.2, 4: 1.8 }

/**
 * Estimates the number of surviving slots of two forms that identify one of `colluders` in 99 of 100 cases, if they
 * choose forms at random. 2c² ln(n) slots find them (Huang and Moulin's capacity), and c² ln(1/α) make it certain
 * enough. Measurements for two to eight of a thousand recipients are within a sixth.
 */
export function slotsNeeded(colluders: number, { recipients, alpha, design }: RecipientSetting): number {
    if (colluders < 2) return Math.ceil(3 + 1.6 * Math.log(recipients / alpha))
    const grows = colluders ** 2 * (2 * Math.log(recipients) - Math.log(alpha))
    if (design > 2) return Math.ceil(50 + grows)
    return Math.ceil(15 + grows * (evenBiasFactors[colluders] ?? 4))
}

/** Computes the worth of slots against merging, counted in slots of two forms. */
export function worthOf(slots: readonly SlotSize[]): number {
    return Math.floor(slots.reduce((sum, { variants }) => sum + 1 + 0.6 * (Math.min(variants.length, 9) - 2), 0))
}

/** For a number of colluders: the lasting slots of two forms needed, and the worth of the lasting slots there are. */
export interface MergeStrength {
    readonly colluders: number
    readonly needed: number
    readonly worth: number
}

/** Compares the worth of the lasting slots with the number needed against this many colluders. */
export function mergeStrength(slots: readonly SlotSize[], colluders: number, setting: RecipientSetting): MergeStrength {
    const needed = slotsNeeded(colluders, setting)
    return { colluders, needed, worth: worthOf(slots.filter(isLasting)) }
}

/** Checks whether a slot outlives a house style, a formatter or sorted keys. */
export const isLasting = (slot: Pick<Slot, "robustness">): boolean => isCounted(slot) && slot.robustness !== "fragile"

/** Counts the slots by robustness. */
export function countByRobustness(slots: readonly SlotSize[]): Record<Robustness, number> {
    const lasts = { value: 0, wording: 0, order: 0, fragile: 0, typography: 0 }
    for (const { robustness } of slots) lasts[robustness]++
    return lasts
}
