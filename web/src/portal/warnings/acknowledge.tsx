/** Acknowledges fetched copies, in the rail of a warning. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import type { Warning } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"
import { availableParts, unacknowledged } from "./inbox.ts"
import { rich, t } from "../../messages/message.ts"

export function AcknowledgePanel({ warning }: { warning: Warning }) {
    const { name: partner } = useMe().partner
    const disabledReason = useWhyNot()("warning:acknowledge")
    const open = unacknowledged(warning).length
    const done = availableParts(warning)
        .flatMap(({ acknowledgedAt }) => acknowledgedAt ?? [])
        .toSorted()
        .at(-1)
    if (open === 0 && done !== undefined) {
        return (
            <section className="panel pad" aria-label={t("Acknowledge")}>
                <h2>{t("Acknowledged")}</h2>
                <p className="soft">
                    {rich("Your last acknowledgement: {acknowledgedAt}", { acknowledgedAt: <When at={done} short /> })}
                </p>
            </section>
        )
    }
    return (
        <section className="panel pad" aria-label={t("Acknowledge")}>
            <h2>{t("Acknowledge")}</h2>
            <p className="soft">
                {t("Confirm for {partner} that the fetched copies arrived and that you keep the embargo.", { partner })}
            </p>
            <Do
                disabledReason={disabledReason ?? (open === 0 ? t("fetch a copy first") : null)}
                write={writeTo("POST", `/api/warnings/${warning.id}/acknowledge`)}
            >
                {t("Acknowledge")}
            </Do>
            {open > 0 && (
                <p className="small muted">
                    {t("{count, plural, one {# copy is not acknowledged.} other {# copies are not acknowledged.}}", {
                        count: open,
                    })}
                </p>
            )}
        </section>
    )
}
