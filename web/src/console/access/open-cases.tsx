/** Shows how many artifacts each partner gets of each open case. The case that is published next comes first. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { type AnswerTo, useRead } from "../api.ts"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { type Column, PagedTable } from "../../kit/table.tsx"
import type { Case, PartnerRow } from "../answers.ts"
import { useCases, usePartners } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { tierOrder } from "./matrix/matrix-model.ts"
import { OutcomeGlyph } from "./matrix/outcome.tsx"
import { t } from "../../messages/message.ts"

type Summary = AnswerTo<"/api/entitlements/open-cases">
type Counts = Summary["partners"][number]["counts"][number]

interface AccessRow {
    readonly partner: PartnerRow
    readonly counts: readonly Counts[]
}

export function OpenCasesAccess() {
    const summary = useRead("/api/entitlements/open-cases")
    const partners = usePartners()
    const cases = useCases()
    return (
        <Page
            title={t("Who gets what")}
            path={[{ to: "/cases", name: t("Cases") }]}
            lead={t(
                "Open cases, the next to be published first. Select a number to see the artifacts and the reasons.",
            )}
        >
            <Loaded query={partners}>
                {(known) => (
                    <Loaded query={cases}>
                        {(titled) => (
                            <Loaded query={summary}>
                                {(found) => (
                                    <AccessTable summary={found} partners={known.partners} cases={titled.cases} />
                                )}
                            </Loaded>
                        )}
                    </Loaded>
                )}
            </Loaded>
        </Page>
    )
}

interface AccessTableProps {
    summary: Summary
    partners: readonly PartnerRow[]
    cases: readonly Case[]
}

function AccessTable({ summary, partners, cases }: AccessTableProps) {
    const [text, setText] = useState("")
    const known = new Map(partners.map((partner) => [partner.id, partner]))
    const titles = new Map(cases.map(({ id, title }) => [id, title]))
    const rows = summary.partners
        .flatMap(({ partner: id, counts }): AccessRow[] => {
            const partner = known.get(id)
            return partner === undefined ? [] : [{ partner, counts }]
        })
        .filter(({ partner }) => partner.name.toLowerCase().includes(text.trim().toLowerCase()))
        .toSorted(
            ({ partner: a }, { partner: b }) =>
                tierOrder.indexOf(a.tier) - tierOrder.indexOf(b.tier) || a.name.localeCompare(b.name),
        )
    const columns = summary.cases.map((id, n): Column<AccessRow> => {
        const title = titles.get(id) ?? "…"
        return {
            name: title,
            id,
            title: <Link to={`/cases/${id}`}>{title}</Link>,
            cell: ({ counts }) => <Cell id={id} counts={counts[n]} />,
        }
    })
    if (summary.cases.length === 0) return <Empty title={t("No case is open.")} />
    return (
        <>
            <search className="filters">
                <input
                    type="search"
                    aria-label={t("Partner name")}
                    placeholder={t("Partner name")}
                    value={text}
                    onChange={(event) => setText(event.target.value)}
                />
                <Legend />
            </search>
            {summary.leftOut > 0 && (
                <p className="muted">
                    {t(
                        "{count, plural, one {# more open case is} other {# more open cases are}} not shown: published later, or without an agreed end.",
                        {
                            count: summary.leftOut,
                        },
                    )}
                </p>
            )}
            {rows.length === 0 ? (
                <Empty title={t("No partner matches.")} />
            ) : (
                <div className="by-case">
                    <PagedTable
                        caption={t("Artifacts that each partner gets")}
                        rows={rows}
                        keyOf={({ partner }) => partner.id}
                        columns={[
                            { name: t("Partner"), cell: ({ partner }) => <Name partner={partner} /> },
                            ...columns,
                        ]}
                    />
                </div>
            )}
        </>
    )
}

function Name({ partner: { id, name, tier } }: { partner: PartnerRow }) {
    return (
        <span>
            <Link to={`/partners/${id}`}>{name}</Link>
            <small className="block muted">{tierNames[tier]}</small>
        </span>
    )
}

const signs = [
    ["open", "full"],
    ["later", "at_publication"],
    ["withheld", "withheld"],
] as const

const signNames = { open: t("can fetch now"), later: t("gets later"), withheld: t("withheld") }

function Legend() {
    return (
        <span className="counts">
            {signs.map(([sign, glyph]) => (
                <span key={sign}>
                    <OutcomeGlyph outcome={glyph} /> {signNames[sign]}
                </span>
            ))}
        </span>
    )
}

function Cell({ id, counts }: { id: string; counts: Counts | undefined }) {
    const shown = signs.filter(([sign]) => counts !== undefined && counts[sign] > 0)
    if (counts === undefined || shown.length === 0) return <span className="muted">–</span>
    return (
        <Link to={`/cases/${id}/access`} className="counts">
            {shown.map(([sign, glyph]) => (
                <span key={sign}>
                    <OutcomeGlyph outcome={glyph} /> {counts[sign]} <span className="unseen">{signNames[sign]}</span>
                </span>
            ))}
        </Link>
    )
}
