/** Reads and writes access lists: who sees a case, from when. Rows are never changed; the newest is valid. */
import type { Tx } from "../../../../platform/postgres/db.ts"
import { combineCalls } from "../../../../kernel/shared-transaction.ts"
import type { AccessListEntry } from "../access-list.ts"

export interface AccessListRow extends AccessListEntry {
    readonly partner: string
    readonly case: string
}

export async function insertAccessList(tx: Tx, row: AccessListRow & { readonly by: string | null }): Promise<void> {
    await tx.query(
        "insert into access_lists (partner_id, case_id, person_ids, from_at, set_by) values ($1, $2, $3, $4, $5)",
        [row.partner, row.case, row.people, new Date(row.from), row.by],
    )
}

/** Lists the current lists of a partner, one per case that has one. */
export async function listAccessLists(tx: Tx, partner: string): Promise<AccessListRow[]> {
    const { rows } = await queryAccessLists(tx, partner, null)
    return rows.filter((row) => row.partner === partner)
}

const queryAccessLists = combineCalls((tx, partners: readonly string[], _: null) =>
    tx.query<AccessListRow>(
        `select distinct on (partner_id, case_id) partner_id as partner, case_id as "case", person_ids as people,
             from_at as "from" from access_lists
         where partner_id = any((select $1::uuid[])::uuid[]) order by partner_id, case_id, seq desc`,
        [partners],
    ),
)

/** Finds the current list of a case; undefined where none was set. */
export async function findAccessList(tx: Tx, partner: string, caseId: string): Promise<AccessListRow | undefined> {
    const rows = await tx.query<AccessListRow>(
        `select partner_id as partner, case_id as "case", person_ids as people, from_at as "from" from access_lists
         where partner_id = $1 and case_id = $2 order by seq desc limit 1`,
        [partner, caseId],
    )
    return rows[0]
}

/** Lists every setting for this case, of all partners, in order. */
export async function listAccessListsOfCase(tx: Tx, caseId: string): Promise<AccessListRow[]> {
    return await tx.query<AccessListRow>(
        `select partner_id as partner, case_id as "case", person_ids as people, from_at as "from" from access_lists
         where case_id = $1 order by seq`,
        [caseId],
    )
}
