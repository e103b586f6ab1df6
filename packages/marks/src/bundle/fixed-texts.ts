/** The texts that every bundle of the format contains unchanged, so that a bundle cannot say something else. */

/** The caution, which every answer about an attribution contains too. */
export const caution =
    "This identifies a copy, not a culprit: the copy may have been stolen, passed on, or planted. " +
    "A text that was retyped, translated or mixed can lose its marks. A text without marks clears no partner."

/** The keys of the hypotheses that each inquiry weighs. */
export const priorHypothesisKeys = ["finder", "independent", "patch", "insider", "compromise", "partner"] as const

/** The key of a hypothesis that each inquiry weighs. */
export type PriorHypothesisKey = (typeof priorHypothesisKeys)[number]

/** A hypothesis that each inquiry weighs. */
export interface PriorHypothesis {
    readonly key: PriorHypothesisKey
    readonly title: string
}

/** The weight of a hypothesis that was not set: all are equal. */
export const weightDefault = 10

const priorTitles: Readonly<Record<PriorHypothesisKey, string>> = {
    finder: "The finder or the finder's organisation leaked or used it",
    independent: "Another person found it independently",
    patch: "It was learned from a patch or from a notice of a patch",
    insider: "A person at the operator leaked it",
    compromise: "An attacker broke into a system of the operator or of a partner",
    partner: "A partner leaked or used it",
}

/** The hypotheses that each inquiry weighs. */
export const priorHypotheses: readonly PriorHypothesis[] = priorHypothesisKeys.map((key) => ({
    key,
    title: priorTitles[key],
}))
