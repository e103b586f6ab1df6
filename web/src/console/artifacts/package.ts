/** Puts the strength of a package into words: the colluders that it identifies, and the next step. Pure. */
import type { AnswerTo } from "../api.ts"

export type PackageStrength = AnswerTo<"/api/cases/{id}/package-strength">
export type Package = PackageStrength["packages"][number]
type Merged = Package["merged"][number]

export interface Reach {
    /** The most colluders of which one is identified; null: not even a whole copy is. */
    readonly reached: Merged | null
    /** The first number of colluders that is not; null: all are. */
    readonly next: Merged | null
}

/** Compares the slots of a package with the number needed against one colluder and more. */
export function reachOf({ merged }: Package): Reach {
    const failing = merged.findIndex(({ needed, worth }) => worth < needed)
    const reached = failing === -1 ? merged.at(-1) : merged[failing - 1]
    return { reached: reached ?? null, next: merged[failing] ?? null }
}
