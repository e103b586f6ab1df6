/** The permitted use until publication, in the rail. */
import { Link } from "@tanstack/react-router"
import { wordsOf } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Section } from "../../kit/table.tsx"
import { useRead } from "../api.ts"
import type { Warning } from "../answers.ts"
import { isPast } from "./inbox.ts"
import { usesOf } from "./permitted-use.ts"
import { t } from "../../messages/message.ts"

export function PermittedUse({ warning }: { warning: Warning }) {
    const agreement = useRead("/api/agreements").data?.agreements.at(-1)
    if (isPast(warning)) return null
    const { publication, permission } = warning
    return (
        <Section
            title={t("Permitted use")}
            aside={publication !== null && <span>{t("until {until}", { until: wordsOf(publication) })}</span>}
        >
            <ul className="uses">
                {usesOf(warning, agreement?.obligations ?? []).map(({ text, isAllowed }) => (
                    <li key={text} className={isAllowed ? "good" : "bad"}>
                        <Icon name={isAllowed ? "check" : "close"} />
                        <span>
                            <span className="unseen">{isAllowed ? t("allowed:") : t("not allowed:")}</span> {text}
                        </span>
                    </li>
                ))}
            </ul>
            {permission === null ? (
                <p className="small muted">{t("The operator has not said whether you may deploy fixes.")}</p>
            ) : (
                <p className="letter small">{permission.text}</p>
            )}
            <p className="small">
                <Link to="/organisation/agreement">{t("Agreement")}</Link>
            </p>
        </Section>
    )
}
