/** Stores the legal holds of cases. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

export interface HoldRow {
    readonly id: string
    readonly case: string
    readonly reason_ciphertext: Buffer
    readonly set_by: string
    readonly set_at: Instant
}

export async function insertHold(tx: Tx, row: HoldRow): Promise<void> {
    await tx.query(
        "insert into case_holds (id, case_id, reason_ciphertext, set_by, set_at) values ($1, $2, $3, $4, $5)",
        [row.id, row.case, row.reason_ciphertext, row.set_by, new Date(row.set_at)],
    )
}

/** Finds the current hold. */
export async function findHold(tx: Tx, caseId: string): Promise<HoldRow | undefined> {
    const rows = await tx.query<HoldRow>(
        `select id, case_id as "case", reason_ciphertext, set_by, set_at from case_holds
         where case_id = $1 and lifted_at is null`,
        [caseId],
    )
    return rows[0]
}

/** Returns which of these cases have a hold now. */
export async function listHeldCases(tx: Tx, cases: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        "select case_id as id from case_holds where case_id = any($1::uuid[]) and lifted_at is null",
        [cases],
    )
    return rows.map(({ id }) => id)
}

export async function liftHold(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update case_holds set lifted_at = $2 where id = $1", [id, new Date(at)])
}
