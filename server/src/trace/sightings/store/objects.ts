/** Stores posted objects, those that partners deleted, and request statuses. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

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

export interface NewObjectRow extends Omit<ObjectRow, "partner"> {
    readonly ciphertext: Buffer
}

const columns = "id, partner_id as partner, case_id as case, encode(name, 'hex') as name, type, version, chars"

/** Lists a partner's objects, in order of arrival. */
export async function listObjects(tx: Tx, partner: string): Promise<ObjectRow[]> {
    return await tx.query<ObjectRow>(`select ${columns} from sighting_objects where partner_id = $1 order by seq`, [
        partner,
    ])
}

/** Returns the number of a partner's objects and the last sequence number, which never repeats. */
export async function loadObjectsState(tx: Tx, partner: string): Promise<{ count: number; last: number }> {
    const [row] = await tx.query<{ count: number; last: number }>(
        "select count(*) as count, coalesce(max(seq), 0) as last from sighting_objects where partner_id = $1",
        [partner],
    )
    return row ?? { count: 0, last: 0 }
}

/** Lists a partner's objects with these names. */
export async function listObjectsByName(tx: Tx, partner: string, names: readonly string[]): Promise<ObjectRow[]> {
    return await tx.query<ObjectRow>(
        `select ${columns} from sighting_objects
         where partner_id = $1 and name in (select decode(hex_name, 'hex') from unnest($2::text[]) as hex_name)
         order by seq`,
        [partner, names],
    )
}

/** Counts a partner's objects by case, without cases that have none. */
export async function countObjects(tx: Tx, partner: string, cases: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ case: string; count: number }>(
        `select case_id as case, count(*)::int as count from sighting_objects
         where partner_id = $1 and case_id = any((select $2::uuid[])::uuid[]) group by case_id`,
        [partner, cases],
    )
    return new Map(rows.map((row) => [row.case, row.count]))
}

/** Lists the ciphertexts of rows. */
export async function listCiphertexts(
    tx: Tx,
    ids: readonly string[],
): Promise<{ id: string; case: string; ciphertext: Buffer }[]> {
    return await tx.query(
        "select id, case_id as case, object_ciphertext as ciphertext from sighting_objects where id = any($1::uuid[])",
        [ids],
    )
}

/** Inserts one partner's objects with the commit. All ciphertexts travel as one byte string. */
export function insertObjectsLast(tx: Tx, partner: string, rows: readonly NewObjectRow[]): void {
    const column = <Value>(pick: (row: NewObjectRow) => Value) => rows.map(pick)
    let end = 1
    const starts = rows.map(({ ciphertext }) => (end += ciphertext.length) - ciphertext.length)
    tx.queryAtCommit(
        `insert into sighting_objects (id, partner_id, case_id, name, type, version, chars, object_ciphertext)
         select id, $2, case_id, decode(name, 'hex'), type, version, chars, substring($8::bytea from start for bytes)
         from unnest($1::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $9::int[], $10::int[])
              with ordinality as r (id, case_id, name, type, version, chars, start, bytes, n) order by n`,
        [
            column(({ id }) => id),
            partner,
            column((row) => row.case),
            column(({ name }) => name),
            column(({ type }) => type),
            column(({ version }) => version),
            column(({ chars }) => chars),
            Buffer.concat(column(({ ciphertext }) => ciphertext)),
            starts,
            column(({ ciphertext }) => ciphertext.length),
        ],
    )
}

/** Keeps objects apart as deleted. */
export async function deleteObjects(tx: Tx, ids: readonly string[], at: Instant): Promise<void> {
    await tx.query(
        `with deleted as (delete from sighting_objects where id = any($1::uuid[]) returning *)
         insert into deleted_sighting_objects
             (id, partner_id, case_id, name, type, version, object_ciphertext, deleted_at)
         select id, partner_id, case_id, name, type, version, object_ciphertext, $2 from deleted`,
        [ids, new Date(at)],
    )
}

export const deletedObjectsQuery = "select from deleted_sighting_objects"

/** Lists the cases with objects that partners deleted. */
export async function listCasesOfDeletedObjects(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ id: string }>("select distinct case_id as id from deleted_sighting_objects")
    return rows.map(({ id }) => id)
}

/** Removes the objects of these cases that partners deleted. */
export async function forgetDeletedObjects(tx: Tx, cases: readonly string[]): Promise<void> {
    await tx.query("delete from deleted_sighting_objects where case_id = any($1::uuid[])", [cases])
}

/** Inserts a status with the commit, and deletes old statuses that no other transaction is deleting. */
export function insertStatusLast(tx: Tx, id: string, person: string, ciphertext: Buffer): void {
    tx.queryAtCommit(
        `with expired as (delete from sighting_statuses where id in (
             select id from sighting_statuses where at < clock_timestamp() - interval '2 days'
             order by at limit 100 for update skip locked))
         insert into sighting_statuses (id, person_id, status_ciphertext, at) values ($1, $2, $3, clock_timestamp())`,
        [id, person, ciphertext],
    )
}

/** Finds the status of a request, for its person. */
export async function findStatus(tx: Tx, id: string, person: string): Promise<Buffer | null> {
    const rows = await tx.query<{ ciphertext: Buffer }>(
        "select status_ciphertext as ciphertext from sighting_statuses where id = $1 and person_id = $2",
        [id, person],
    )
    return rows[0]?.ciphertext ?? null
}
