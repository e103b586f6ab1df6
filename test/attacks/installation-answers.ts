/** Answers about the installation without the parts that differ between programs, or that the audit log shows too. */

interface Answer {
    readonly statusCode: number
    readonly body: string
}

/** Health without the audit log and the pending events, which show that a confidential event happened. */
function healthIn({ statusCode, body }: Answer): object {
    const { auditLog: _, pendingEvents: __, ...health } = JSON.parse(body) as Record<string, unknown>
    return { statusCode, health }
}

/** Keys without fingerprints, which each program has of its own. */
function keysIn({ statusCode, body }: Answer): object {
    const { keys = [] } = JSON.parse(body) as { keys?: readonly Record<string, unknown>[] }
    return { statusCode, keys: keys.map(({ fingerprint: _, ...key }) => key) }
}

/** The comparable answer of an address; null: compare it whole. */
export function comparableAnswer(path: string, answer: Answer): object | null {
    if (path === "/api/health") return healthIn(answer)
    return path === "/api/server-keys" ? keysIn(answer) : null
}
