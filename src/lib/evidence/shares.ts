/** How α is shared out among the tests. */
export const shares = { whole: 0.5, parts: 0.15, joint: 0.35 }
