/**
 * Estimates the strength of a version's marks for its author, before the release. It needs no key and reveals no
 * codeword.
 */
import { type Robustness, type Slot, isCounted } from "@tocsin/marks/carriers/carrier"
import type { Colluders } from "@tocsin/marks/code"
import {
    type MergeStrength,
    mergeStrength,
    isLasting,
    countByRobustness,
    distinguishableRecipients,
} from "@tocsin/marks/evidence/reach"

/** The error rate for one leak: the default, and the highest that an operator may allow. */
const errors = [1e-6, 1e-3]
/** The numbers of colluders compared with the declared one. */
const mergedColluders = [2, 3]

/** How well the copies of a version can be traced. */
export interface Strength {
    /** The declared number of colluders. */
    readonly colluders: number
    /** The number of partners with case access, one of which must be identified. */
    readonly recipients: number
    readonly slots: number
    /** The number of slots that survive each kind of change. Includes `typography`, which counts nowhere else. */
    readonly lastingSlots: Readonly<Record<Robustness, number>>
    readonly errors: readonly {
        readonly alpha: number
        /** The number of recipients among which a whole copy with all lasting slots identifies its recipient. */
        readonly identifiableAmong: number
        readonly merged: readonly MergeStrength[]
    }[]
}

/** The marks of a version, from which its strength is computed. */
export interface MarkedVersion {
    readonly slots: readonly Slot[]
    readonly colluders: number
    readonly design: Colluders
    readonly recipients: number
}

/** Returns the strength of a version, for several error bounds and numbers of colluders. */
export function strengthOf({ slots, colluders, design, recipients }: MarkedVersion): Strength {
    const lasting = slots.filter(isLasting)
    const many = [...new Set([...mergedColluders, colluders])]
        .filter((collusion) => collusion > 1)
        .toSorted((a, b) => a - b)
    return {
        colluders,
        recipients,
        slots: slots.filter(isCounted).length,
        lastingSlots: countByRobustness(slots),
        errors: errors.map((alpha) => ({
            alpha,
            identifiableAmong: distinguishableRecipients(lasting, design, alpha),
            merged: many.map((collusion) =>
                mergeStrength(slots, collusion, { recipients: Math.max(1, recipients), alpha, design }),
            ),
        })),
    }
}
