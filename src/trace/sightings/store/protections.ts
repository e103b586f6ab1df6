/** The rows of protections: inserted and read, never changed. */
import type { Instant } from "../../../lib/instant.ts"
import { type Tx, oneOrAll } from "../../../platform/db.ts"
import type { ProtectionState } from "../protection.ts"

export interface ProtectionRow {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly state: ProtectionState
    readonly since: Instant | null
    readonly box: Buffer
    readonly at: Instant
}

export async function insertProtection(tx: Tx, event: number, row: ProtectionRow): Promise<void> {
    await tx.query(
        `insert into protections (id, event, partner, person, case_id, state, since, note_box, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            ...[row.id, event, row.partner, row.person, row.case, row.state],
            ...[row.since === null ? null : new Date(row.since), row.box, new Date(row.at)],
        ],
    )
}

/** Newest first; null: of all. */
export async function protections(
    tx: Tx,
    { partner, case: id }: { readonly partner: string | null; readonly case: string | null },
): Promise<ProtectionRow[]> {
    return await tx.query<ProtectionRow>(
        `select id, partner, person, case_id as case, state, since, note_box as box, at from protections
         where ${oneOrAll("partner", 1, partner)} and ${oneOrAll("case_id", 2, id)} order by event desc`,
        [partner, id],
    )
}
