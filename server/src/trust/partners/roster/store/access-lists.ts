/** Reads and writes access lists: who sees a case, from when. Rows are never changed; the newest is valid. */
import type { Tx } from "../../../../platform/postgres/db.ts"
import { inOneStatement } from "../../../../kernel/shared-transaction.ts"
import type { CircleTurn } from "../access-list.ts"

export interface CircleRow extends CircleTurn {
    readonly partner: string
    readonly case: string
}

export async function insertCircle(tx: Tx, row: CircleRow & { readonly by: string | null }): Promise<void> {
    await tx.query(
        "insert into access_lists (partner_id, case_id, person_ids, from_at, set_by) values ($1, $2, $3, $4, $5)",
        [row.partner, row.case, row.persons, new Date(row.from), row.by],
    )
}

/** Lists the current lists of a partner, one per case that has one. */
export async function listCircles(tx: Tx, partner: string): Promise<CircleRow[]> {
    const { rows } = await circlesTogether(tx, partner, null)
    return rows.filter((row) => row.partner === partner)
}

const circlesTogether = inOneStatement((tx, partners: readonly string[], _: null) =>
    tx.query<CircleRow>(
        `select distinct on (partner_id, case_id) partner_id as partner, case_id as "case", person_ids as persons,
             from_at as "from" from access_lists
         where partner_id = any((select $1::uuid[])::uuid[]) order by partner_id, case_id, seq desc`,
        [partners],
    ),
)

/** Finds the current list of a case; undefined where none was set. */
export async function findCircle(tx: Tx, partner: string, caseId: string): Promise<CircleRow | undefined> {
    const rows = await tx.query<CircleRow>(
        `select partner_id as partner, case_id as "case", person_ids as persons, from_at as "from" from access_lists
         where partner_id = $1 and case_id = $2 order by seq desc limit 1`,
        [partner, caseId],
    )
    return rows[0]
}

/** Lists every setting for this case, of all partners, in order. */
export async function listCirclesOfCase(tx: Tx, caseId: string): Promise<CircleRow[]> {
    return await tx.query<CircleRow>(
        `select partner_id as partner, case_id as "case", person_ids as persons, from_at as "from" from access_lists
         where case_id = $1 order by seq`,
        [caseId],
    )
}
