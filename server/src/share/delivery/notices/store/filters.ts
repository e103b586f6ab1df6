/** The tables of notice filters, and of the notices that filters keep back. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import type { NewNotice } from "./notices.ts"

export interface FilterRow {
    readonly partner: string
    readonly ciphertext: Buffer
}

export async function setFilter(tx: Tx, { partner, ciphertext }: FilterRow): Promise<void> {
    await tx.query(
        `insert into notice_filters (partner_id, patterns_ciphertext) values ($1, $2)
         on conflict (partner_id) do update set patterns_ciphertext = excluded.patterns_ciphertext`,
        [partner, ciphertext],
    )
}

export async function deleteFilter(tx: Tx, partner: string): Promise<void> {
    await tx.query("delete from notice_filters where partner_id = $1", [partner])
}

/** Lists the filters of those partners that have one. */
export async function listFilters(tx: Tx, partners: readonly string[]): Promise<FilterRow[]> {
    return await tx.query<FilterRow>(
        `select partner_id as partner, patterns_ciphertext as ciphertext from notice_filters where partner_id =
            any($1::uuid[])`,
        [partners],
    )
}

/**
 * Stores that a filter kept back this person's notice of this wave. False where this was stored before, or where a
 * notice is due or sent.
 */
export async function insertFilteredNotice(
    tx: Tx,
    notice: NewNotice,
    now: Instant,
    realNow: Instant,
): Promise<boolean> {
    const rows = await tx.query(
        `insert into notices (id, partner_id, person_id, wave_id, recall_id, case_id, state, next_at, created_at)
         values ($1, $2, $3, $4, $5, $6, 'filtered', $7, $8)
         on conflict (person_id, wave_id) do update set state = 'filtered'
         where notices.state in ('dropped', 'failed', 'bounced') returning id`,
        [
            notice.id,
            notice.partner,
            notice.person,
            notice.wave,
            notice.recall,
            notice.case,
            new Date(realNow),
            new Date(now),
        ],
    )
    return rows.length > 0
}
