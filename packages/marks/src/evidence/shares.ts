/** The shares of α of the three tests. */
export const shares = { whole: 0.2, parts: 0.15, joint: 0.65 }
/** The part of a test's share for scores that identify a copy. The rest separates all other scores. */
export const identifyingShare = 0.8
