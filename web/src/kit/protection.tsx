/** A partner's protection status, as the partner and the operator both see it. */
import { When } from "./instant.tsx"
import { Badge } from "./table.tsx"
import type { AnswerAt } from "../answer-at.ts"
import { rich, valueText } from "../messages/message.ts"

export type ShownProtection = Omit<
    AnswerAt<"portal", "GET", "/api/protection-statuses">["protections"][number],
    "warning"
>

export const protectionTones = {
    protected: "good",
    in_progress: "due",
    not_applicable: "plain",
    needs_more: "bad",
} as const

export function ProtectionBadge({ shownProtection: { state, since } }: { shownProtection: ShownProtection }) {
    return (
        <span className="stack">
            <span>
                <Badge tone={protectionTones[state]}>{valueText(state)}</Badge>
            </span>
            {since !== null && (
                <span className="muted">
                    {state === "in_progress"
                        ? rich("from {since}", { since: <When at={since} short /> })
                        : rich("since {since}", { since: <When at={since} short /> })}
                </span>
            )}
        </span>
    )
}
