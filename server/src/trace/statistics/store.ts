/** Stores the published years. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { AnnualFigure } from "./annual-figures.ts"

export interface AnnualReportRow {
    readonly year: number
    readonly figures: readonly AnnualFigure[]
    readonly by: string
    readonly at: Instant
}

/** Lists the published years, newest first. */
export async function listAnnualReports(tx: Tx): Promise<AnnualReportRow[]> {
    return await tx.query<AnnualReportRow>(
        "select year, statistics as figures, actor_id as by, at from annual_reports order by year desc",
    )
}

/** Inserts a year. Returns false where it is published already. */
export async function insertAnnualReport(
    tx: Tx,
    row: AnnualReportRow & { readonly event: number; readonly approval: string },
): Promise<boolean> {
    const rows = await tx.query(
        `insert into annual_reports (year, event_id, statistics, approval_id, actor_id, at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing returning year`,
        [row.year, row.event, JSON.stringify(row.figures), row.approval, row.by, new Date(row.at)],
    )
    return rows.length > 0
}
