/** A partner's protection status, as the partner and the operator both see it. */
import type { ProtectionState } from "@tocsin/client/limits"
import { When } from "./instant.tsx"
import { Badge } from "./table.tsx"

export interface ShownProtection {
    readonly person: string
    readonly state: ProtectionState
    readonly since: string | null
    readonly note: string
    readonly reportedAt: string
}

const tones = { protected: "good", coming: "due", "not applicable": "plain", "need more": "bad" } as const

export function ProtectionBadge({ shownProtection: { state, since } }: { shownProtection: ShownProtection }) {
    return (
        <span className="stack">
            <span>
                <Badge tone={tones[state]}>{state}</Badge>
            </span>
            {since !== null && (
                <span className="muted">
                    {state === "coming" ? "from" : "since"} <When at={since} short />
                </span>
            )}
        </span>
    )
}
