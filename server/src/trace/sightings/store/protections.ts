/** Stores protection reports, append-only. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { ProtectionState } from "@tocsin/client/limits"

export interface ProtectionRow {
    readonly id: string
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly state: ProtectionState
    readonly since: Instant | null
    readonly ciphertext: Buffer
    readonly at: Instant
}

/** Inserts a protection report. */
export async function insertProtection(tx: Tx, event: number, row: ProtectionRow): Promise<void> {
    await tx.query(
        `insert into protection_statuses (id, event_id, partner_id, person_id, case_id, state, effective_at,
         note_ciphertext, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            row.id,
            event,
            row.partner,
            row.person,
            row.case,
            row.state,
            row.since === null ? null : new Date(row.since),
            row.ciphertext,
            new Date(row.at),
        ],
    )
}

/** Lists protection reports, newest first; null selects all. */
export async function listProtections(
    tx: Tx,
    { partner, case: id }: { readonly partner: string | null; readonly case: string | null },
): Promise<ProtectionRow[]> {
    return await tx.query<ProtectionRow>(
        `select id, partner_id as partner, person_id as person, case_id as case, state, effective_at as since,
         note_ciphertext as ciphertext, at from protection_statuses
         where ${oneOrAll("partner_id", 1, partner)} and ${oneOrAll("case_id", 2, id)} order by event_id desc`,
        [partner, id],
    )
}
