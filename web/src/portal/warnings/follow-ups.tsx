/** The follow-ups of this partner: of one warning, and of all. */
import { Link } from "@tanstack/react-router"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { useRead } from "../api.ts"
import { Loaded } from "../../kit/notice.tsx"
import { followUpColumn, pressing } from "../../kit/follow-up-text.tsx"
import { Section, Table } from "../../kit/table.tsx"
import type { Warning } from "../answers.ts"
import { useMe, useWarnings } from "../viewer.ts"
import { SendZeroReport, SentReports, useSentReports } from "./zero-report.tsx"
import { t } from "../../messages/message.ts"

const asks = t(
    "After each wave, report your protection status and either a sighting or a zero report. A late report withholds nothing. The operator sees that it is late.",
)

export function FollowUps({ warning }: { warning: Warning }) {
    const answer = useRead(`/api/follow-ups?warning=${warning.id}`).data
    if (answer === undefined || answer.followUps.length === 0) return null
    return (
        <Section title={t("Follow-ups")}>
            <Table
                caption={t("Follow-ups of this warning, the most urgent first")}
                rows={pressing(answer.followUps)}
                keyOf={({ since, dueAt }) => `${since} ${dueAt}`}
                columns={Object.values(followUpColumn)}
            />
            <p className="muted">{asks}</p>
        </Section>
    )
}

const { state, due, protection, report } = followUpColumn

/** Lists the open follow-ups of all warnings that the viewer may see. */
export function OpenFollowUps() {
    const path = hasCaseAccess(useMe().partner.status) ? "/api/follow-ups" : null
    const query = useRead(path)
    const warnings = useWarnings()
    const titles = new Map(warnings.data?.warnings.map(({ id, title }) => [id, title]))
    const reports = useSentReports()
    if (path === null) return null
    return (
        <Section title={t("Follow-ups")}>
            <SentReports {...reports} />
            <Loaded query={query}>
                {({ followUps }) => {
                    const open = followUps.filter(({ state }) => state === "due" || state === "overdue")
                    if (open.length === 0) return <p className="muted">{t("No open follow-ups.")}</p>
                    return (
                        <>
                            <Table
                                caption={t("Follow-ups of warnings, the most urgent first")}
                                rows={pressing(open)}
                                keyOf={({ warning, since, dueAt }) => `${warning} ${since} ${dueAt}`}
                                columns={[
                                    {
                                        name: t("Warning"),
                                        cell: ({ warning }) => (
                                            <Link to={`/warnings/${warning}`}>
                                                {titles.get(warning) ??
                                                    (warnings.isLoading ? "…" : t("unknown warning"))}
                                            </Link>
                                        ),
                                    },
                                    state,
                                    due,
                                    protection,
                                    {
                                        ...report,
                                        cell: (row) =>
                                            row.sightingAt === null ? (
                                                <SendZeroReport
                                                    warning={{
                                                        id: row.warning,
                                                        since: row.since,
                                                        title: titles.get(row.warning) ?? t("a warning"),
                                                    }}
                                                    reports={reports}
                                                />
                                            ) : (
                                                report.cell(row)
                                            ),
                                    },
                                ]}
                            />
                            <p className="muted">{asks}</p>
                        </>
                    )
                }}
            </Loaded>
        </Section>
    )
}
