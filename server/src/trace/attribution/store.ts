/** Stores attributions. Identified recipients are in the ciphertext only. */
import type { Verdict } from "@tocsin/marks/evidence"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"

export interface AttributionRow {
    readonly id: string
    readonly evidence: string
    readonly artifact: string | null
    readonly version: number | null
    readonly verdict: Verdict
    readonly result_ciphertext: Buffer
    readonly created_by: string | null
    readonly at: Instant
}

const attributionColumns =
    "id, evidence_id as evidence, artifact_id as artifact, version, verdict, result_ciphertext, created_by, " + "at"

/** Inserts an attribution. */
export async function insertAttribution(tx: Tx, row: AttributionRow): Promise<void> {
    await tx.query(
        `insert into attributions (id, evidence_id, artifact_id, version, verdict, result_ciphertext, created_by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
            row.id,
            row.evidence,
            row.artifact,
            row.version,
            row.verdict,
            row.result_ciphertext,
            row.created_by,
            new Date(row.at),
        ],
    )
}

/** Lists the attributions of one piece of evidence, newest first. */
export async function listAttributions(tx: Tx, evidence: string): Promise<AttributionRow[]> {
    return await tx.query<AttributionRow>(
        `select ${attributionColumns} from attributions where evidence_id = $1 order by seq desc`,
        [evidence],
    )
}

/** Deletes the attributions of one piece of evidence. */
export async function deleteAttributions(tx: Tx, evidence: string): Promise<void> {
    await tx.query("delete from attributions where evidence_id = $1", [evidence])
}

/** Finds an attribution by id, or null. */
export async function findAttribution(tx: Tx, id: string): Promise<AttributionRow | null> {
    return (
        (await tx.query<AttributionRow>(`select ${attributionColumns} from attributions where id = $1`, [id]))[0] ??
        null
    )
}

/** Lists the attributions of all evidence, oldest first. */
export async function listAllAttributions(
    tx: Tx,
    countMax: number,
): Promise<Pick<AttributionRow, "id" | "evidence">[]> {
    return await tx.query("select id, evidence_id as evidence from attributions order by seq limit $1", [countMax])
}

export interface BudgetRow {
    readonly artifact_id: string
    readonly version: number
    readonly case_id: string
    readonly seal_id: string
    readonly state_ciphertext: Buffer
}

/** Lists the budgets of cases. */
export async function listBudgetsOfCases(tx: Tx, cases: readonly string[]): Promise<BudgetRow[]> {
    return await tx.query<BudgetRow>("select * from tracing_budgets where case_id = any($1::uuid[])", [cases])
}

/** Finds the budget of one version, or null. */
export async function findBudget(tx: Tx, artifact: string, version: number): Promise<BudgetRow | null> {
    const sql = "select * from tracing_budgets where artifact_id = $1 and version = $2"
    return (await tx.query<BudgetRow>(sql, [artifact, version]))[0] ?? null
}

/** Inserts or replaces the budget of one version. */
export async function saveBudget(tx: Tx, row: BudgetRow): Promise<void> {
    await tx.query(
        `insert into tracing_budgets (artifact_id, version, case_id, seal_id, state_ciphertext)
         values ($1, $2, $3, $4, $5)
         on conflict (artifact_id, version) do update set seal_id = $4, state_ciphertext = $5`,
        [row.artifact_id, row.version, row.case_id, row.seal_id, row.state_ciphertext],
    )
}
