/** What the marks of a version are good for, told to its author before it goes out. It takes no key, and tells no word. */
import { type Robustness, type Slot, isCounted } from "@tocsin/marks/carriers/carrier"
import type { Colluders } from "@tocsin/marks/code"
import { type Merged, againstMerging, isLasting, lastsOf, tellsApart } from "@tocsin/marks/evidence/reach"

/** Of a leak, by itself, and where an operator allows more. */
const errors = [1e-6, 1e-3]
/** Compared with what the author has declared. */
const merging = [2, 3]

export interface Strength {
    /** As declared. */
    readonly colluders: number
    /** Partners that cases reach now: of them one is to be told. */
    readonly recipients: number
    readonly slots: number
    /** How many slots, `typography` too, which is in no other number here, outlive what. */
    readonly lasts: Readonly<Record<Robustness, number>>
    readonly errors: readonly {
        readonly alpha: number
        /** Among how many recipients the owner of a whole copy, whose lasting slots are all read, is named. */
        readonly among: number
        readonly merged: readonly Merged[]
    }[]
}

export interface Marked {
    readonly slots: readonly Slot[]
    readonly colluders: number
    readonly design: Colluders
    readonly recipients: number
}

export function strengthOf({ slots, colluders, design, recipients }: Marked): Strength {
    const lasting = slots.filter(isLasting)
    const many = [...new Set([...merging, colluders])].filter((value) => value > 1).toSorted((a, b) => a - b)
    return {
        ...{ colluders, recipients, slots: slots.filter(isCounted).length, lasts: lastsOf(slots) },
        errors: errors.map((alpha) => ({
            alpha,
            among: tellsApart(lasting, design, alpha),
            merged: many.map((value) =>
                againstMerging(slots, value, { recipients: Math.max(1, recipients), alpha, design }),
            ),
        })),
    }
}
