/** Acknowledges fetched copies, in the rail of a warning. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import type { Warning } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { availableParts, count, unacknowledged } from "./inbox.ts"

export function AcknowledgePanel({ warning }: { warning: Warning }) {
    const { name } = useMe().partner
    const disabledReason = useWhyNot()("warning:acknowledge")
    const open = unacknowledged(warning).length
    const done = availableParts(warning)
        .flatMap(({ acknowledgedAt }) => acknowledgedAt ?? [])
        .toSorted()
        .at(-1)
    if (open === 0 && done !== undefined) {
        return (
            <section className="panel pad" aria-label="Acknowledge">
                <h2>Acknowledged</h2>
                <p className="soft">
                    Your last acknowledgement: <When at={done} short />
                </p>
            </section>
        )
    }
    return (
        <section className="panel pad" aria-label="Acknowledge">
            <h2>Acknowledge</h2>
            <p className="soft">Confirm for {name} that the fetched copies arrived and that you keep the embargo.</p>
            <Do
                disabledReason={disabledReason ?? (open === 0 ? "fetch a copy first" : null)}
                write={writeTo("POST", `/api/warnings/${warning.id}/acknowledge`)}
            >
                Acknowledge
            </Do>
            {open > 0 && <p className="small muted">{count(open, "copy is", "copies are")} not acknowledged.</p>}
        </section>
    )
}
