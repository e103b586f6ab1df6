/** An agreement's obligations, point by point, in the form that software checks. */
import type { Obligation } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import { Badge } from "../../kit/table.tsx"
import { kindLine } from "./requirement-text.ts"
import { t } from "../../messages/message.ts"

export function Obligations({ obligations }: { obligations: readonly Obligation[] }) {
    if (obligations.length === 0)
        return <p className="muted">{t("No listed obligations. The text alone binds you.")}</p>
    return (
        <ol className="obligations" aria-label={t("Obligations")}>
            {obligations.map((obligation) => (
                <li key={obligation.id} className="card">
                    <ObligationLine obligation={obligation} />
                </li>
            ))}
        </ol>
    )
}

export function ObligationLine({ obligation }: { obligation: Obligation }) {
    return (
        <>
            <span className="row">
                <strong>{obligation.id}</strong> <Badge>{kindLine(obligation)}</Badge>
            </span>
            <span>{obligation.text}</span>
        </>
    )
}
