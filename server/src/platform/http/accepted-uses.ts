/**
 * Caches the uses of credentials that the guard accepted: sender and scope. An answer that is served again without the
 * guard needs such a use. The limits of a credential never change, so a use stays acceptable until the
 * credential ends, which the statement that serves the answer checks.
 */
export interface AcceptedUses {
    add(use: string, scope: string | null): void
    has(use: string, scope: string | null): boolean
}

/** Makes a cache of the latest `usesMax` uses. */
export function rememberUses(usesMax = 20_000): AcceptedUses {
    const uses = new Set<string>()
    const keyOf = (use: string, scope: string | null) => `${scope} ${use}`
    return {
        add: (use, scope) => {
            const key = keyOf(use, scope)
            uses.delete(key)
            uses.add(key)
            const [oldest] = uses
            if (uses.size > usesMax && oldest !== undefined) uses.delete(oldest)
        },
        has: (use, scope) => uses.has(keyOf(use, scope)),
    }
}
