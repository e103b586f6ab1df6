/** Stores the fingerprints of evidence. */
import type { Tx } from "../../../platform/postgres/db.ts"
import type { Compared } from "../similarity.ts"

export interface PrintRow {
    readonly print: Buffer
    readonly depth: number
}

/** Inserts the fingerprints of evidence. */
export async function insertPrints(tx: Tx, evidence: string, level: number, rows: readonly PrintRow[]): Promise<void> {
    await tx.query("update evidence set fingerprint_level = $2 where id = $1", [evidence, level])
    await tx.query(
        `insert into text_fingerprints (fingerprint, evidence_id, depth)
         select print, $1, depth from unnest($2::bytea[], $3::smallint[]) as its (print, depth) on conflict do nothing`,
        [evidence, rows.map(({ print }) => print), rows.map(({ depth }) => depth)],
    )
}

const without = "fingerprint_level is null and content_ciphertext is not null and content_kind in ('text', 'archive')"

/** Lists leaks without fingerprints: this one first, then the newest. */
export async function withoutPrints(tx: Tx, evidence: string, most: number): Promise<string[]> {
    const sql = `select id from evidence where ${without} order by id = $1 desc, seq desc limit $2`
    return (await tx.query<{ id: string }>(sql, [evidence, most])).map(({ id }) => id)
}

/** Counts leaks without fingerprints. */
export async function countWithoutPrints(tx: Tx): Promise<number> {
    const sql = `select count(*) as "all" from evidence where ${without}`
    return (await tx.query<{ all: number }>(sql))[0]?.all ?? 0
}

/** Lists evidence that shares fingerprints with this one. */
export async function compared(tx: Tx, evidence: string): Promise<Compared[]> {
    return await tx.query<Compared>(
        `with this as (select fingerprint_level as level from evidence where id = $1),
         mine as (select fingerprint, depth from text_fingerprints where evidence_id = $1),
         shared as (
            select its.evidence_id as evidence, its.depth from mine join text_fingerprints its using (fingerprint)
            where its.evidence_id <> $1
         ), others as (
            select id, greatest(fingerprint_level, (select level from this)) as level from evidence
            where id in (select evidence from shared)
         )
         select id as evidence,
            (select count(*) from shared where shared.evidence = others.id and depth >= others.level) as shared,
            (select count(*) from mine where depth >= others.level) as "ofThis",
            (select count(*) from text_fingerprints its where its.evidence_id = others.id and depth >= others.level)
                as "ofOther"
         from others order by id`,
        [evidence],
    )
}

/** Lists evidence with the same bytes, oldest first. */
export async function equals(tx: Tx, evidence: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        `select id from evidence where id <> $1 and sha256 = (select sha256 from evidence where id = $1) order by seq`,
        [evidence],
    )
    return rows.map(({ id }) => id)
}
