/** The requirements of a partner in short: state and deadline of each, the next to be due first. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useRead } from "../../api.ts"
import { dayOf, distance } from "../../../kit/instant.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { Partner } from "../../answers.ts"
import { stateWords } from "../requirements.tsx"
import { useNow } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function RequirementDates({ partner: { id } }: { partner: Partner }) {
    const query = useRead(`/api/partners/${id}/requirements`)
    const now = parseInstant(useNow())
    if (query.data?.requirements.length === 0) return null
    return (
        <Section
            title={t("Requirements")}
            aside={<Link to={`/partners/${id}/requirements`}>{t("View all requirements")}</Link>}
        >
            <Loaded query={query}>
                {({ requirements }) => (
                    <ul className="panel list short-list">
                        {requirements
                            .toSorted((a, b) => parseInstant(a.dueAt) - parseInstant(b.dueAt))
                            .map(({ kind, state, dueAt }) => (
                                <li key={kind}>
                                    <span className="grow title">{valueText(kind)}</span>
                                    <span>{dayOf(dueAt)}</span>
                                    <span className="muted">{distance(parseInstant(dueAt), now)}</span>
                                    <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>
                                </li>
                            ))}
                    </ul>
                )}
            </Loaded>
        </Section>
    )
}
