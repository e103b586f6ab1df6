/** Defines the scopes of tokens. A session has all rights of its person; a token only those that its scopes allow. */

/**
 * `poll`: read warnings and feeds. `fetch`: download copies. `report`: sightings, acknowledgements, protection status,
 * regular reports, test results. `manage`: everything else that a token may do.
 */
export const scopes = ["poll", "fetch", "report", "manage"] as const

export type Scope = (typeof scopes)[number]

/** The scope of all routes with a permission. */
const scopeByPermission: Readonly<Record<string, Scope>> = {
    "warning:read": "poll",
    "receipt:read": "poll",
    "copy:read": "fetch",
    "warning:acknowledge": "report",
    "sighting:own": "report",
    "protection:own": "report",
    "test_result:own": "report",
    "own:report": "report",
}

/** Permissions of staff whose reads take `poll`. Masters, copies, evidence and inquiries take `manage`. */
const polledByStaff: ReadonlySet<string> = new Set([
    "agreement:read",
    "application:read",
    "approval:read",
    "audit_log:read",
    "case:read",
    "channel:read",
    "checkpoint:read",
    "clock:read",
    "delivery:read",
    "entitlement:read",
    "event_stream:read",
    "filing:read",
    "health:read",
    "measure:read",
    "partner:read",
    "policy:read",
    "quarantine:read",
    "recall:read",
    "sighting:read",
    "staff:read",
    "staff_name:read",
    "statistics:read",
    "task:read",
    "test_result:read",
    "warning_question:read",
    "wave:read",
])

/** The scope that a token needs for a route; null for a route that is open without sign-in. */
export function scopeOf({
    scope,
    permission,
    method,
}: {
    /** As the route declares it. */
    readonly scope: Scope | undefined
    readonly permission: string
    readonly method: string
}): Scope | null {
    if (permission === "public") return null
    if (scope !== undefined) return scope
    if (method === "GET" && polledByStaff.has(permission)) return "poll"
    return scopeByPermission[permission] ?? "manage"
}
