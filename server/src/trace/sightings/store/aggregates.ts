/** Stores the aggregates that partners see. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { Cell } from "../aggregate.ts"

export interface AggregateRow {
    readonly case: string
    readonly cell: Cell
    readonly rules: number
    readonly band: string | null
    readonly basis: readonly string[]
}

/** Lists the aggregates of these cases, by one version of the rule. */
export async function listAggregates(tx: Tx, cases: readonly string[], rules: number): Promise<AggregateRow[]> {
    return await tx.query<AggregateRow>(
        `select case_id as case, cell, rules_version as rules, band, partner_ids as basis from aggregates
         where case_id = any($1::uuid[]) and rules_version = $2 order by case_id, cell`,
        [cases, rules],
    )
}

/** Inserts or replaces an aggregate. */
export async function putAggregate(tx: Tx, row: AggregateRow, at: Instant): Promise<void> {
    await tx.query(
        `insert into aggregates (case_id, cell, rules_version, band, partner_ids, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (case_id, cell) do update set rules_version = excluded.rules_version, band = excluded.band,
             partner_ids = excluded.partner_ids, at = excluded.at`,
        [row.case, row.cell, row.rules, row.band, row.basis, new Date(at)],
    )
}

/** Lists cases with sightings or protection reports before an instant. */
export async function listCasesReported(tx: Tx, before: Instant): Promise<string[]> {
    const rows = await tx.query<{ case: string }>(
        `select case_id as case from sightings where at < $1
         union select case_id from protection_statuses where at < $1 order by 1`,
        [new Date(before)],
    )
    return rows.map((row) => row.case)
}

/** Claims a day. Returns false where it is counted already or being counted. */
export async function claimDay(tx: Tx, day: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into aggregate_last_run (day)
         select $1 where not exists (select from aggregate_last_run where day >= $1) on conflict do nothing
         returning day`,
        [new Date(day)],
    )
    return rows.length > 0
}
