/** How α is shared out among the tests. */
export const shares = { whole: 0.2, parts: 0.15, joint: 0.65 }
/** Of a test's share, what lies on the scores that accuse; the rest tells all others apart. */
export const accusing = 0.8
