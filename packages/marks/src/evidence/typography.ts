/**
 * The tripwire layer beside the evidence: the same e-values, of the layer's slots alone.
 *
 * They are told and not counted: nobody is identified by them, nothing that is counted grows by them, and whoever strips
 * them takes nothing away. Where the layer is still there, the leak was passed on as it was handed out.
 */
import { type Slot, isCounted } from "../carriers/carrier.ts"
import { type Findings, type Held, type Summing, rank, rankMany } from "../evidence.ts"

export interface Tripwire {
    readonly total: number
    /** Where none is, the layer is gone, as in most texts that were edited. */
    readonly read: number
    readonly erased: number
    readonly mixed: number
    /** Everybody's e-value by the layer alone, best first; nobody's where nothing was read. */
    readonly fits: readonly { readonly recipient: string; readonly log10e: number }[]
}

export interface Weighed extends Findings {
    /** Null where the document has no such layer. */
    readonly tripwire: Tripwire | null
}

/** `rank` over the slots that count, and apart from it over those of the tripwire layer. `slots` go with `held.symbols`. */
export function weigh(slots: readonly Slot[], held: Held, alpha: number): Weighed {
    const { counted, layer } = inLayers(slots, held)
    return { ...rank(counted, alpha), tripwire: tripwireOf(layer, alpha) }
}

/** The same by `rankMany`. */
export async function weighMany(slots: readonly Slot[], held: Held, alpha: number, summing: Summing): Promise<Weighed> {
    const { counted, layer } = inLayers(slots, held)
    return { ...(await rankMany(counted, alpha, summing)), tripwire: tripwireOf(layer, alpha) }
}

function inLayers(slots: readonly Slot[], held: Held): { readonly counted: Held; readonly layer: Held } {
    const part = (isIn: (slot: Slot) => boolean): Held => {
        const those = [...slots.keys()].filter((i) => isIn(slots[i] as Slot))
        const pick = <T>(list: readonly T[]): T[] => those.map((i) => list[i] as T)
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
