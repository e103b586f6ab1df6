/** What every bundle of the format says in the same words, so that nobody can put others in its mouth. */

/** In every answer about an attribution too, so that nobody reads it without. */
export const caution =
    "This names a copy, not a culprit: the copy may have been stolen, passed on, or planted. " +
    "Retyped, translated or mixed, a text can lose its marks, and a text without marks clears nobody."

export interface Explanation {
    readonly key: string
    readonly title: string
}

/** What an explanation weighs where nobody has set it: none is likelier than another. */
export const weightDefault = 10

/** Each inquiry weighs all of them. */
export const explanations: readonly Explanation[] = [
    ["finder", "The finder's side let it out, or used it"],
    ["independent", "Somebody found it independently"],
    ["patch", "It was read from a patch, or from a notice of one"],
    ["insider", "Somebody at the operator passed it on"],
    ["compromise", "A system of the operator, or of a partner, was broken into"],
    ["partner", "A partner passed it on, or used it"],
].map(([key = "", title = ""]) => ({ key, title }))
