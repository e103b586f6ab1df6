/** The rows of provisions, for the members of their inquiry alone. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"

export interface ProvisionRow {
    readonly id: string
    readonly words_box: Buffer
    readonly approval: string
    readonly asked_by: string
    readonly asked_at: Instant
    readonly in_force_at: Instant | null
}

export async function insertProvision(tx: Tx, inquiry: string, row: Omit<ProvisionRow, "in_force_at">): Promise<void> {
    await tx.query(
        `insert into inquiry_provisions (id, inquiry, words_box, approval, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6)`,
        [row.id, inquiry, row.words_box, row.approval, row.asked_by, new Date(row.asked_at)],
    )
}

/** Of one inquiry, oldest first. */
export async function provisions(tx: Tx, inquiry: string): Promise<ProvisionRow[]> {
    return await tx.query<ProvisionRow>("select * from inquiry_provisions where inquiry = $1 order by seq", [inquiry])
}

export async function setInForce(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update inquiry_provisions set in_force_at = $2 where id = $1", [id, new Date(at)])
}
