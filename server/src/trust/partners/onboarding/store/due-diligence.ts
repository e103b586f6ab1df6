/** Reads and writes partners' owners and jurisdictions, append-only. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { DueDiligenceFact } from "../due-diligence.ts"

export interface EncryptedDueDiligenceRow {
    readonly seq: number
    readonly fact: DueDiligenceFact
    readonly value_ciphertext: Buffer
    readonly from: Instant
    readonly by: string | null
}

export async function insertDueDiligence(
    tx: Tx,
    partner: string,
    fact: DueDiligenceFact,
    ciphertext: Buffer,
    basis: { readonly from: Instant; readonly by: string | null },
): Promise<void> {
    await tx.query(
        `insert into partner_due_diligence (partner_id, fact, value_ciphertext, from_at, recorded_by) values ($1, $2,
            $3, $4, $5)`,
        [partner, fact, ciphertext, new Date(basis.from), basis.by],
    )
}

/** Lists all entries of one partner, in order. */
export async function listDueDiligence(tx: Tx, partner: string): Promise<EncryptedDueDiligenceRow[]> {
    return await tx.query<EncryptedDueDiligenceRow>(
        `select seq, fact, value_ciphertext, from_at as "from", recorded_by as "by" from partner_due_diligence
         where partner_id = $1 order by seq`,
        [partner],
    )
}
