/** This partner's follow-ups: of one warning, and of all. */
import { Link } from "@tanstack/react-router"
import { hasCaseAccess } from "../../../../server/src/trust/partners/partner.ts"
import { useRead } from "../api.ts"
import { Loaded } from "../../kit/notice.tsx"
import { owedColumns, pressing } from "../../kit/follow-up-text.tsx"
import { Section, Table } from "../../kit/table.tsx"
import type { Warning } from "../answers.ts"
import { useMe, useWarnings } from "../viewer.ts"
import { nameOr } from "../../kit/text.ts"

const asks =
    "Report your protection status, and any exploitation that you observed. If you looked and observed none, report that. " +
    "A late report withholds nothing from you, but the operator sees that it is late."

export function OwedSection({ warning }: { warning: Warning }) {
    const owedReports = useRead(`/api/follow-ups?warning=${warning.id}`).data
    if (owedReports === undefined || owedReports.followUps.length === 0) return null
    return (
        <Section title="Follow-ups">
            <Table
                caption="Your reports of this warning, the most pressing first"
                rows={pressing(owedReports.followUps)}
                keyOf={({ since, dueAt }) => `${since} ${dueAt}`}
                columns={[...owedColumns]}
            />
            <p className="muted">{asks}</p>
        </Section>
    )
}

/** Lists the open follow-ups of all warnings that the viewer may see. */
export function OwedReportsSection() {
    const path = hasCaseAccess(useMe().partner.status) ? "/api/follow-ups" : null
    const query = useRead(path)
    const warnings = useWarnings()
    const titles = new Map(warnings.data?.warnings.map(({ id, title }) => [id, title]))
    if (path === null) return null
    return (
        <Section title="Reports of warnings">
            <Loaded query={query}>
                {({ followUps: owed }) => {
                    const open = owed.filter(({ state }) => state === "due" || state === "overdue")
                    if (open.length === 0) return <p className="muted">You owe no report of a warning.</p>
                    return (
                        <>
                            <Table
                                caption="Follow-ups of warnings, the most urgent first"
                                rows={pressing(open)}
                                keyOf={({ warning, since, dueAt }) => `${warning} ${since} ${dueAt}`}
                                columns={[
                                    {
                                        name: "Warning",
                                        cell: ({ warning }) => (
                                            <Link to={`/warnings/${warning}`}>
                                                {nameOr(titles.get(warning), "warning", warnings.isLoading)}
                                            </Link>
                                        ),
                                    },
                                    ...owedColumns,
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
