/** A partner's past attestations and reports, each as submitted. */
import type { ReactNode } from "react"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Statement } from "../answers.ts"
import { requirementTitles } from "../organisation/requirement-text.ts"
import { useNameOf } from "../viewer.ts"
import { t } from "../../messages/message.ts"

export function Statements({ statements }: { statements: readonly Statement[] }) {
    const nameOf = useNameOf()
    return (
        <Section title={t("Past submissions")}>
            {statements.length === 0 ? (
                <Empty title={t("No submissions yet.")}>
                    {t("Attestations and regular reports appear here, newest first.")}
                </Empty>
            ) : (
                <Table
                    caption={t("Attestations and reports")}
                    rows={statements}
                    keyOf={({ id }) => id}
                    columns={[
                        { name: t("Kind"), cell: ({ kind }) => requirementTitles[kind] },
                        { name: t("Submitted"), cell: ({ at }) => <When at={at} short /> },
                        { name: t("By"), cell: ({ person }) => nameOf(person) },
                        { name: t("Agreement"), cell: ({ version }) => t("version {version}", { version }) },
                        { name: t("Content"), cell: (statement) => <Content statement={statement} />, end: true },
                    ]}
                />
            )}
        </Section>
    )
}

function Content({ statement: { kind, nothing, body, at } }: { statement: Statement }): ReactNode {
    if ("text" in body) {
        if (nothing) return <Badge>{t("nothing to report")}</Badge>
        return (
            <Opens button={t("Read…")} title={`${requirementTitles[kind]}, ${at.slice(0, 10)}`} wide>
                {() => <Reading label={t("Text of the report")} text={body.text} />}
            </Opens>
        )
    }
    if (nothing) return <Badge tone="good">{t("all met")}</Badge>
    const exceptions = body.obligations.filter(({ kept }) => !kept)
    return (
        <Opens
            button={t("{count} not met…", { count: exceptions.length })}
            title={`${requirementTitles[kind]}, ${at.slice(0, 10)}`}
            wide
        >
            {() => (
                <ul className="obligations">
                    {exceptions.map(({ id, note }) => (
                        <li key={id} className="card">
                            <strong>{t("{id}, not met", { id })}</strong>
                            <p className="letter">{note}</p>
                        </li>
                    ))}
                </ul>
            )}
        </Opens>
    )
}
