/** Content still to come: copies of later waves, and publication. */
import { When } from "../../kit/instant.tsx"
import { Section } from "../../kit/table.tsx"
import type { Warning } from "../answers.ts"
import { classText } from "./copies/copies.tsx"
import { isPast } from "./inbox.ts"
import { t } from "../../messages/message.ts"

export function Upcoming({ warning }: { warning: Warning }) {
    const later = warning.artifacts
        .filter(({ available }) => !available)
        .toSorted((a, b) => a.from.localeCompare(b.from))
    if (isPast(warning) || (later.length === 0 && warning.publication === null)) return null
    return (
        <Section title={t("Upcoming")}>
            <ol className="history">
                {later.map(({ id, name, class: kind, from }) => (
                    <li key={id} className="due">
                        <span>
                            {name !== null && <strong>{name}: </strong>}
                            {classText(kind)}
                        </span>
                        <small>
                            <When at={from} short />
                        </small>
                    </li>
                ))}
                {warning.publication !== null && (
                    <li>
                        <span>{t("Publication: public advisory, CSAF and feed")}</span>
                        <small>
                            <When at={warning.publication} short />
                        </small>
                    </li>
                )}
            </ol>
        </Section>
    )
}
