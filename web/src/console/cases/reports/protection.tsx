/** The protection of the warned partners, and the missing reports. */
import { Link } from "@tanstack/react-router"
import { FollowUpBadge, followUpCounts } from "../../../kit/follow-up-text.tsx"
import { When, spanText } from "../../../kit/instant.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Empty, Loaded, NoAccess } from "../../../kit/notice.tsx"
import { ProtectionBadge } from "../../../kit/protection.tsx"
import { PagedTable, Section, Table } from "../../../kit/table.tsx"
import type { Case } from "../../answers.ts"
import { Reporter, useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { ProtectionChart } from "../overview/protection-chart.tsx"
import { FollowUpDeadlines } from "./follow-up-deadlines.tsx"
import {
    type FollowUp,
    type ProtectionReport,
    type ProtectionRow,
    isUnfinished,
    protectionRows,
} from "./protection-rows.ts"
import { useFollowUps, useProtections } from "./reports-reads.ts"
import { t } from "../../../messages/message.ts"

export function ProtectionView({ subject }: { subject: Case }) {
    const followUps = useFollowUps(subject.id)
    const reports = useProtections(subject.id)
    const whyNot = useWhyNot()("sighting:read")
    if (whyNot !== null) return <NoAccess reason={whyNot} />
    return (
        <Columns rail={<FollowUpDeadlines id={subject.id} />}>
            <ProtectionChart subject={subject} />
            <Loaded query={followUps}>
                {({ followUps }) => (
                    <Loaded query={reports}>
                        {({ protections }) => <Partners followUps={followUps} reports={protections} />}
                    </Loaded>
                )}
            </Loaded>
        </Columns>
    )
}

function Partners({ followUps, reports }: { followUps: readonly FollowUp[]; reports: readonly ProtectionReport[] }) {
    const rows = protectionRows(followUps, reports)
    return (
        <Section title={t("Partners")} count={rows.length}>
            {rows.length === 0 ? (
                <Empty title={t("No protection status yet.")}>
                    {t("Partners report it after the first released wave.")}
                </Empty>
            ) : (
                <>
                    {followUps.length > 0 && <p>{followUpCounts(followUps)}</p>}
                    <ByUrgency rows={rows} />
                    {reports.length > rows.filter(({ report }) => report !== null).length && (
                        <AllReports reports={reports} />
                    )}
                    <p className="muted">{t("Overdue follow-ups are counted. People decide about consequences.")}</p>
                </>
            )}
        </Section>
    )
}

const shortMax = 12

/** Of many partners, those with nothing left to do are folded. */
function ByUrgency({ rows }: { rows: readonly ProtectionRow[] }) {
    const unfinished = rows.filter(isUnfinished)
    const done = rows.filter((row) => !isUnfinished(row))
    if (rows.length <= shortMax) return <PartnersTable rows={rows} />
    return (
        <>
            {unfinished.length > 0 && <PartnersTable rows={unfinished} />}
            {done.length > 0 && (
                <details className="folded">
                    <summary>
                        {t(
                            "{count, plural, one {# partner is protected or not affected} other {# partners are protected or not affected}}",
                            { count: done.length },
                        )}
                    </summary>
                    <PartnersTable rows={done} />
                </details>
            )}
        </>
    )
}

function PartnersTable({ rows }: { rows: readonly ProtectionRow[] }) {
    const names = useNames()
    return (
        <div className="compact-rows">
            <PagedTable
                caption={t("Partners with protection status and follow-up, the most urgent first")}
                rows={rows}
                keyOf={({ partner }) => partner}
                columns={[
                    {
                        name: t("Partner"),
                        cell: ({ partner, report }) => (
                            <span className="stack">
                                <Link to={`/partners/${partner}`}>
                                    <strong>{names.partner(partner)}</strong>
                                </Link>
                                {report !== null && <span className="muted">{report.name}</span>}
                            </span>
                        ),
                    },
                    { name: t("Status"), cell: ({ report }) => <Status report={report} /> },
                    { name: t("Follow-up"), cell: ({ followUp }) => <Due followUp={followUp} /> },
                    {
                        name: t("Sighting or zero report"),
                        cell: ({ followUp }) => followUp?.sightingAt && <When at={followUp.sightingAt} short />,
                    },
                ]}
            />
        </div>
    )
}

function Status({ report }: { report: ProtectionReport | null }) {
    if (report === null) return <span className="muted">{t("not reported")}</span>
    const { tookMs, note } = report
    return (
        <span className="stack">
            <ProtectionBadge shownProtection={report} />
            {tookMs !== null && <span className="muted">{t("took {span}", { span: spanText(tookMs) })}</span>}
            {note !== "" && <span>{note}</span>}
        </span>
    )
}

function Due({ followUp }: { followUp: FollowUp | null }) {
    if (followUp === null) return <span className="muted">{t("no follow-up")}</span>
    const { state, dueAt } = followUp
    return (
        <span className="badge-line">
            <FollowUpBadge state={state} />
            {(state === "due" || state === "overdue") && (
                <span className="muted">
                    <When at={dueAt} short />
                </span>
            )}
        </span>
    )
}

/** The newest report of each partner counts. This shows those before it too. */
function AllReports({ reports }: { reports: readonly ProtectionReport[] }) {
    return (
        <details className="folded">
            <summary>{t("All {count} protection reports", { count: reports.length })}</summary>
            <Table
                tall
                caption={t("Protection statuses, newest first; the newest of each partner counts")}
                rows={reports}
                keyOf={({ partner, reportedAt, state, note }) => `${partner} ${reportedAt} ${state} ${note}`}
                columns={[
                    { name: t("Partner"), cell: (row) => <Reporter subject={row} /> },
                    { name: t("Status"), cell: (row) => <Status report={row} /> },
                    { name: t("Reported"), cell: ({ reportedAt }) => <When at={reportedAt} short /> },
                ]}
            />
        </details>
    )
}
