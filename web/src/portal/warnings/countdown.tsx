/** The time until publication, as the one large number of a warning. */
import { parseInstant } from "@tocsin/base/instant"
import { When, spanParts } from "../../kit/instant.tsx"
import type { Warning } from "../answers.ts"
import { rich } from "../../messages/message.ts"

/** A span in large type, without units that are zero. */
export function Span({ ms }: { ms: number }) {
    const parts = spanParts(ms)
    const shown = parts.filter(([number], n) => number > 0 || (n === 0 && parts.length === 1))
    return shown.map(([number, unit]) => (
        <span key={unit}>
            {number}
            <small>{unit}</small>
        </span>
    ))
}

export function Countdown({ warning, now }: { warning: Warning; now: string }) {
    const { publication, withdrawnAt } = warning
    if (publication === null || withdrawnAt !== null) return null
    const left = parseInstant(publication) - parseInstant(now)
    return (
        <div className="countdown">
            {left > 0 && (
                <div className="big">
                    <Span ms={left} />
                </div>
            )}
            <div className="what">
                {left > 0
                    ? rich("embargo until {until}", { until: <When at={publication} short /> })
                    : rich("public since {since}", { since: <When at={publication} short /> })}
            </div>
        </div>
    )
}
