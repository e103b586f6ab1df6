/** The rows of objects that partners' machines sent, and of what became of each request. */
import type { Tx } from "../../../platform/db.ts"

export interface ObjectRow {
    readonly id: string
    readonly partner: string
    readonly case: string
    /** A keyed hash of the object's id, in hex. */
    readonly name: string
    readonly type: string
    readonly version: string
    readonly chars: number
}

const columns = "id, partner, case_id as case, encode(name, 'hex') as name, type, version, chars"

/** All of a partner's, in the order in which they came. */
export async function objectsOf(tx: Tx, partner: string): Promise<ObjectRow[]> {
    return await tx.query<ObjectRow>(`select ${columns} from sighting_objects where partner = $1 order by seq`, [
        partner,
    ])
}

/** How many of a partner's there are, and the number of the last: numbers rise and are given once. */
export async function objectsState(tx: Tx, partner: string): Promise<{ count: number; last: number }> {
    const [row] = await tx.query<{ count: number; last: number }>(
        "select count(*) as count, coalesce(max(seq), 0) as last from sighting_objects where partner = $1",
        [partner],
    )
    return row ?? { count: 0, last: 0 }
}

export async function objectsNamed(tx: Tx, partner: string, names: readonly string[]): Promise<ObjectRow[]> {
    return await tx.query<ObjectRow>(
        `select ${columns} from sighting_objects
         where partner = $1 and name in (select decode(one, 'hex') from unnest($2::text[]) as one) order by seq`,
        [partner, names],
    )
}

export async function countObjects(tx: Tx, partner: string, caseId: string): Promise<number> {
    const rows = await tx.query<{ count: number }>(
        "select count(*)::int as count from sighting_objects where partner = $1 and case_id = $2",
        [partner, caseId],
    )
    return rows[0]?.count ?? 0
}

export async function boxesOf(tx: Tx, ids: readonly string[]): Promise<{ id: string; case: string; box: Buffer }[]> {
    return await tx.query(
        "select id, case_id as case, object_box as box from sighting_objects where id = any($1::uuid[])",
        [ids],
    )
}

export async function insertObjects(tx: Tx, rows: readonly (ObjectRow & { readonly box: Buffer })[]): Promise<void> {
    const column = <Of>(of: (row: ObjectRow & { readonly box: Buffer }) => Of) => rows.map(of)
    await tx.query(
        `insert into sighting_objects (id, partner, case_id, name, type, version, chars, object_box)
         select id, partner, case_id, decode(name, 'hex'), type, version, chars, decode(box, 'hex')
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[])
              with ordinality as r (id, partner, case_id, name, type, version, chars, box, n) order by n`,
        [
            column(({ id }) => id),
            column(({ partner }) => partner),
            column((row) => row.case),
            column(({ name }) => name),
            column(({ type }) => type),
            column(({ version }) => version),
            column(({ chars }) => chars),
            column(({ box }) => box.toString("hex")),
        ],
    )
}

export async function deleteObjects(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query("delete from sighting_objects where id = any($1::uuid[])", [ids])
}

export async function insertStatus(tx: Tx, id: string, person: string, box: Buffer): Promise<void> {
    await tx.query(
        "insert into sighting_statuses (id, person, status_box, at) values ($1, $2, $3, clock_timestamp())",
        [id, person, box],
    )
}

export async function statusOf(tx: Tx, id: string, person: string): Promise<Buffer | null> {
    const rows = await tx.query<{ box: Buffer }>(
        "select status_box as box from sighting_statuses where id = $1 and person = $2",
        [id, person],
    )
    return rows[0]?.box ?? null
}

/** What another transaction forgets just now, it forgets. */
export async function forgetStatuses(tx: Tx): Promise<void> {
    await tx.query(
        `delete from sighting_statuses where id in (select id from sighting_statuses
         where at < clock_timestamp() - interval '2 days' order by at limit 100 for update skip locked)`,
    )
}
