/**
 * Estimates the strength of a version's marks for its author, before the release. It needs no key and reveals no
 * codeword.
 */
import { type Robustness, type Slot, isCounted } from "@tocsin/marks/carriers/carrier"
import type { Colluders } from "@tocsin/marks/code"
import { colludersMax } from "../artifacts/artifact.ts"
import {
    type MergeStrength,
    mergeStrength,
    isLasting,
    countByRobustness,
    distinguishableRecipients,
} from "@tocsin/marks/evidence/reach"

/** The error rate for one leak: the default, and the highest that an operator may allow. */
const errors = [1e-6, 1e-3] as const
/** The numbers of colluders compared with the declared one. */
const mergedColluders = [2, 3]

/** The worst issue of a version. */
export type FileState = "valid" | "warning" | "error"

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

/** The error rate at which packages are estimated: the default for one leak. */
export const packageAlpha = errors[0]

/** The strength of all artifacts that a partner gets, traced together. */
export interface PackageStrength {
    readonly slots: number
    /** For one colluder and more. */
    readonly merged: readonly MergeStrength[]
}

/**
 * Returns the strength of several files together: their slots count as those of one file. Where the code designs
 * differ, the design counts that needs the most slots.
 */
export function packageStrengthOf(
    files: readonly Pick<MarkedVersion, "slots" | "design">[],
    recipients: number,
): PackageStrength {
    const slots = files.flatMap((file) => file.slots)
    const designs = [...new Set(files.map(({ design }) => design))]
    const merged = Array.from({ length: colludersMax }, (_, n) => {
        const estimates = designs.map((design) =>
            mergeStrength(slots, n + 1, { recipients: Math.max(1, recipients), alpha: packageAlpha, design }),
        )
        return estimates.toSorted((a, b) => b.needed - a.needed).slice(0, 1)
    })
    return { slots: slots.filter(isCounted).length, merged: merged.flat() }
}
