/** The texts that every bundle of the format contains unchanged, so that a bundle cannot say something else. */

/** The caution, which every answer about an attribution contains too. */
export const caution =
    "This names a copy, not a culprit: the copy may have been stolen, passed on, or planted. " +
    "Retyped, translated or mixed, a text can lose its marks, and a text without marks clears nobody."

/** A hypothesis that each inquiry weighs. */
export interface PriorHypothesis {
    readonly key: string
    readonly title: string
}

/** The weight of a hypothesis that was not set: all are equal. */
export const weightDefault = 10

/** The hypotheses that each inquiry weighs. */
export const priorHypotheses: readonly PriorHypothesis[] = [
    ["finder", "The finder's side let it out, or used it"],
    ["independent", "Somebody found it independently"],
    ["patch", "It was read from a patch, or from a notice of one"],
    ["insider", "Somebody at the operator passed it on"],
    ["compromise", "A system of the operator, or of a partner, was broken into"],
    ["partner", "A partner passed it on, or used it"],
].map(([key = "", title = ""]) => ({ key, title }))
