/** The rows of partners' ownership and jurisdictions. Added, never changed. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { BackgroundFact } from "../due-diligence.ts"

export interface BackgroundBox {
    readonly seq: number
    readonly fact: BackgroundFact
    readonly value_ciphertext: Buffer
    readonly from: Instant
    readonly by: string | null
}

export async function insertBackground(
    tx: Tx,
    partner: string,
    fact: BackgroundFact,
    box: Buffer,
    on: { readonly from: Instant; readonly by: string | null },
): Promise<void> {
    await tx.query(
        `insert into partner_due_diligence (partner_id, fact, value_ciphertext, from_at, recorded_by) values ($1, $2,
            $3, $4, $5)`,
        [partner, fact, box, new Date(on.from), on.by],
    )
}

/** All that was ever written of one partner, in that order. */
export async function background(tx: Tx, partner: string): Promise<BackgroundBox[]> {
    return await tx.query<BackgroundBox>(
        `select seq, fact, value_ciphertext, from_at as "from", recorded_by as "by" from partner_due_diligence
         where partner_id = $1 order by seq`,
        [partner],
    )
}
