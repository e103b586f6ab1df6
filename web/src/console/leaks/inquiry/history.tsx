/** The history of an inquiry: who did what, in order. */
import { When } from "../../../kit/instant.tsx"
import { Section } from "../../../kit/table.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import { historyItems } from "./history-entries.ts"
import type { Opened } from "./inquiry-answers.ts"
import { t } from "../../../messages/message.ts"

export function HistoryTab({ subject }: { subject: Opened }) {
    const names = useNames()
    const items = historyItems(subject, names)
    return (
        <Section title={t("History")} count={items.length}>
            <ol className="history">
                {items.map(({ at, title, by, text, tone }) => (
                    <li key={`${at} ${title} ${text}`} className={tone}>
                        <strong>{title}</strong>
                        <small>
                            <When at={at} short />
                            {by !== null && `, ${names.person(by)}`}
                        </small>
                        {text !== "" && <p className="letter turn-words">{text}</p>}
                    </li>
                ))}
            </ol>
            <p className="muted small">{t("The audit log has each view and each change of this inquiry.")}</p>
        </Section>
    )
}
