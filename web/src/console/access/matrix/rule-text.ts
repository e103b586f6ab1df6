/** Finds the text of one rule in a policy: from its first annotation to its semicolon. Pure. */

const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|;|@id\(\s*"((?:[^"\\]|\\.)*)"\s*\)/g

/** Returns the rule with this id, without what follows it; null if the policy has none. */
export function ruleText(policy: string, id: string): string | null {
    let start = 0
    let isFound = false
    for (const match of policy.matchAll(token)) {
        if (match[1] === id) isFound = true
        if (match[0] !== ";") continue
        const end = match.index + 1
        if (isFound) return policy.slice(start, end).trim()
        start = end
    }
    return null
}
