/** The table of external parties. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { PartyRole } from "../party.ts"

export interface PartyRow {
    readonly id: string
    readonly case: string
    readonly role: PartyRole
    readonly details: Buffer
    readonly addedAt: Instant
}

const partyColumns = `id, case_id as "case", role, details_ciphertext as details, added_at as "addedAt"`

/** Lists the parties of one case, in order. */
export async function listParties(tx: Tx, id: string): Promise<PartyRow[]> {
    return await tx.query<PartyRow>(
        `select ${partyColumns} from external_parties where case_id = $1 order by added_at, id`,
        [id],
    )
}

export async function findPartyBySecret(tx: Tx, secretHash: Buffer): Promise<PartyRow | undefined> {
    const rows = await tx.query<PartyRow>(`select ${partyColumns} from external_parties where secret_hash = $1`, [
        secretHash,
    ])
    return rows[0]
}

export async function insertParty(tx: Tx, row: PartyRow & { readonly by: string }): Promise<void> {
    await tx.query(
        `insert into external_parties (id, case_id, role, details_ciphertext, added_by, added_at) values ($1, $2, $3,
            $4, $5, $6)`,
        [row.id, row.case, row.role, row.details, row.by, new Date(row.addedAt)],
    )
}

/** Replaces the secret; the earlier one stops working. */
export async function setSecret(tx: Tx, party: string, secretHash: Buffer): Promise<void> {
    await tx.query("update external_parties set secret_hash = $2 where id = $1", [party, secretHash])
}
