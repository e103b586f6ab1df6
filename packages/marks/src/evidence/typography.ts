/**
 * Weighs the typography layer apart from the evidence: the same e-values, of the layer's slots alone.
 *
 * They are shown and not counted. They identify no recipient, add to no counted value, and removing them takes nothing
 * away. If the layer is still there, the leak was passed on unchanged.
 */
import { type Slot, isCounted } from "../carriers/carrier.ts"
import { type Findings, type Held, type Summing, rank, rankMany } from "../evidence.ts"

/** The result of the typography layer. */
export interface Tripwire {
    readonly total: number
    /** The number of slots read. If it is 0, the layer is gone, as in most edited texts. */
    readonly read: number
    readonly erased: number
    readonly mixed: number
    /** The e-value of each recipient by the layer alone, best first; empty if no slot was read. */
    readonly fits: readonly { readonly recipient: string; readonly log10e: number }[]
}

/** The findings with the typography layer. */
export interface Weighed extends Findings {
    /** Null if the document has no such layer. */
    readonly typographyLayer: Tripwire | null
}

/**
 * Applies `rank` to the counted slots, and separately to those of the typography layer. `slots` matches `held.symbols`.
 */
export function weigh(slots: readonly Slot[], held: Held, alpha: number): Weighed {
    const { counted, layer } = inLayers(slots, held)
    return { ...rank(counted, alpha), typographyLayer: tripwireOf(layer, alpha) }
}

/** Does what `weigh` does, with `rankMany`. */
export async function weighMany(slots: readonly Slot[], held: Held, alpha: number, summing: Summing): Promise<Weighed> {
    const { counted, layer } = inLayers(slots, held)
    return { ...(await rankMany(counted, alpha, summing)), typographyLayer: tripwireOf(layer, alpha) }
}

function inLayers(slots: readonly Slot[], held: Held): { readonly counted: Held; readonly layer: Held } {
    const part = (isIn: (slot: Slot) => boolean): Held => {
        const indices = [...slots.keys()].filter((i) => isIn(slots[i] as Slot))
        const pick = <T>(list: readonly T[]): T[] => indices.map((i) => list[i] as T)
        return {
            ...held,
            coins: pick(held.coins),
            symbols: pick(held.symbols),
            bits: pick(held.bits ?? [...slots.keys()]),
        }
    }
    return { counted: part(isCounted), layer: part((slot) => !isCounted(slot)) }
}

function tripwireOf(held: Held, alpha: number): Tripwire | null {
    if (held.coins.length === 0) return null
    const { slots, ranking } = rank(held, alpha)
    return { ...slots, fits: slots.read === 0 ? [] : ranking.map(({ recipient, log10e }) => ({ recipient, log10e })) }
}
