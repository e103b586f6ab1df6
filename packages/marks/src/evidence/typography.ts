/**
 * Weighs the typography layer apart from the evidence: the same e-values, of the layer's slots alone.
 *
 * They are shown and not counted. They identify no recipient, add to no counted value, and removing them takes nothing
 * away. If the layer is still there, the leak was passed on unchanged.
 */
import { type Slot, isCounted } from "../carriers/carrier.ts"
import { type Findings, type CopyComparison, type RowSums, rankRecipients, rankManyRecipients } from "../evidence.ts"

/** The result of the typography layer. */
export interface TypographyLayer {
    readonly total: number
    /** The number of slots read. If it is 0, the layer is gone, as in most edited texts. */
    readonly read: number
    readonly erased: number
    readonly mixed: number
    /** The e-value of each recipient by the layer alone, best first; empty if no slot was read. */
    readonly fits: readonly { readonly recipient: string; readonly log10e: number }[]
}

/** The findings with the typography layer. */
export interface WeighedFindings extends Findings {
    /** Null if the document has no such layer. */
    readonly typographyLayer: TypographyLayer | null
}

/**
 * Applies `rankRecipients` to the counted slots, and separately to those of the typography layer. `slots` matches
 * `held.symbols`.
 */
export function weigh(slots: readonly Slot[], comparison: CopyComparison, alpha: number): WeighedFindings {
    const { counted, layer } = splitLayers(slots, comparison)
    return { ...rankRecipients(counted, alpha), typographyLayer: typographyLayerOf(layer, alpha) }
}

/** Does what `weigh` does, with `rankManyRecipients`. */
export async function weighMany(
    slots: readonly Slot[],
    comparison: CopyComparison,
    alpha: number,
    sumInThreads: RowSums,
): Promise<WeighedFindings> {
    const { counted, layer } = splitLayers(slots, comparison)
    return {
        ...(await rankManyRecipients(counted, alpha, sumInThreads)),
        typographyLayer: typographyLayerOf(layer, alpha),
    }
}

function splitLayers(
    slots: readonly Slot[],
    comparison: CopyComparison,
): { readonly counted: CopyComparison; readonly layer: CopyComparison } {
    const part = (isIn: (slot: Slot) => boolean): CopyComparison => {
        const indices = [...slots.keys()].filter((i) => isIn(slots[i] as Slot))
        const pick = <T>(list: readonly T[]): T[] => indices.map((i) => list[i] as T)
        return {
            ...comparison,
            coins: pick(comparison.coins),
            symbols: pick(comparison.symbols),
            bits: pick(comparison.bits ?? [...slots.keys()]),
        }
    }
    return { counted: part(isCounted), layer: part((slot) => !isCounted(slot)) }
}

function typographyLayerOf(comparison: CopyComparison, alpha: number): TypographyLayer | null {
    if (comparison.coins.length === 0) return null
    const { slots, ranking } = rankRecipients(comparison, alpha)
    return { ...slots, fits: slots.read === 0 ? [] : ranking.map(({ recipient, log10e }) => ({ recipient, log10e })) }
}
