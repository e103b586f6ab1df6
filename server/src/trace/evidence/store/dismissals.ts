/** Stores dismissed reports of exploitation, append-only. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

/** Lists the dismissed reports of a case. */
export async function listDismissedReports(tx: Tx, caseId: string): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ report: string }>(
        "select report_id as report from dismissed_reports where case_id = $1",
        [caseId],
    )
    return new Set(rows.map(({ report }) => report))
}

export interface Dismissal {
    readonly case: string
    readonly reports: readonly string[]
    readonly approval: string
    readonly at: Instant
}

/** Inserts a dismissal. */
export async function insertDismissal(tx: Tx, { case: caseId, reports, approval, at }: Dismissal): Promise<void> {
    await tx.query(
        `insert into dismissed_reports (report_id, case_id, approval_id, at)
         select report, $2, $3, $4 from unnest($1::uuid[]) as report`,
        [reports, caseId, approval, new Date(at)],
    )
}
