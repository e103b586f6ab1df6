/** The decisions about a partner, newest first, and its events in the audit log. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { Window } from "../../../kit/dialog.tsx"
import { When } from "../../../kit/instant.tsx"
import { Reading } from "../../../kit/scroll.tsx"
import { Section } from "../../../kit/table.tsx"
import type { Partner } from "../../answers.ts"
import { useCan, useNames } from "../../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

type Fact = Partner["history"][number]

export const factNames: Readonly<Record<string, string>> = {
    status: t("Status"),
    tier: t("Tier"),
    duties: t("Reporting duties"),
    restriction: t("Restriction"),
    ownership: t("Owners"),
    jurisdictions: t("Jurisdictions"),
}

export function PartnerHistory({ partner }: { partner: Partner }) {
    const names = useNames()
    const can = useCan()
    const [shown, setShown] = useState<Fact | null>(null)
    return (
        <Section
            title={t("History")}
            aside={
                can("audit_log:read") && (
                    <Link to="/audit-log" search={{ partner: partner.id } as never}>
                        {t("Events in the audit log")}
                    </Link>
                )
            }
        >
            <ol className="history">
                {partner.history.toReversed().map((fact) => (
                    <li key={`${fact.fact} ${fact.from} ${JSON.stringify(fact.value)}`}>
                        <span>
                            {rich("{fact}: {entry}", {
                                fact: factNames[fact.fact] ?? valueText(fact.fact),
                                entry:
                                    typeof fact.value === "string" ? (
                                        <strong>{valueText(fact.value)}</strong>
                                    ) : (
                                        <button type="button" className="link" onClick={() => setShown(fact)}>
                                            {summaryOf(fact.value)}
                                        </button>
                                    ),
                            })}
                        </span>
                        <small>
                            {rich("{changedAt}, {author}", {
                                changedAt: <When at={fact.from} short />,
                                author: fact.by === null ? "Tocsin" : names.person(fact.by),
                            })}
                        </small>
                    </li>
                ))}
            </ol>
            <Window
                title={factNames[shown?.fact ?? ""] ?? t("Value")}
                open={shown !== null}
                onClose={() => setShown(null)}
            >
                <Reading label={t("Value")} text={JSON.stringify(shown?.value, null, 2) ?? ""} />
            </Window>
        </Section>
    )
}

function summaryOf(value: unknown): string {
    if (value === null) return t("none")
    return Array.isArray(value)
        ? t("{count, plural, one {# entry} other {# entries}}", { count: value.length })
        : t("details")
}
