/** Stores the fingerprints of evidence. */
import type { Tx } from "../../../platform/postgres/db.ts"
import type { FingerprintOverlap } from "../similarity.ts"

export interface FingerprintRow {
    readonly fingerprint: Buffer
    readonly depth: number
}

/** Inserts the fingerprints of evidence. */
export async function insertFingerprints(
    tx: Tx,
    evidence: string,
    level: number,
    rows: readonly FingerprintRow[],
): Promise<void> {
    await tx.query("update evidence set fingerprint_level = $2 where id = $1", [evidence, level])
    await tx.query(
        `insert into text_fingerprints (fingerprint, evidence_id, depth)
         select fingerprint, $1, depth from unnest($2::bytea[], $3::smallint[]) as added (fingerprint, depth)
         on conflict do nothing`,
        [evidence, rows.map(({ fingerprint }) => fingerprint), rows.map(({ depth }) => depth)],
    )
}

const withoutFingerprints =
    "fingerprint_level is null and content_ciphertext is not null and content_kind in ('text', 'archive')"

/** Lists leaks without fingerprints: this one first, then the newest. */
export async function listWithoutFingerprints(tx: Tx, evidence: string, countMax: number): Promise<string[]> {
    const sql = `select id from evidence where ${withoutFingerprints} order by id = $1 desc, seq desc limit $2`
    return (await tx.query<{ id: string }>(sql, [evidence, countMax])).map(({ id }) => id)
}

/** Counts leaks without fingerprints. */
export async function countWithoutFingerprints(tx: Tx): Promise<number> {
    const sql = `select count(*) as count from evidence where ${withoutFingerprints}`
    return (await tx.query<{ count: number }>(sql))[0]?.count ?? 0
}

/** Lists evidence that shares fingerprints with this one. */
export async function listOverlaps(tx: Tx, evidence: string): Promise<FingerprintOverlap[]> {
    return await tx.query<FingerprintOverlap>(
        `with this as (select fingerprint_level as level from evidence where id = $1),
         mine as (select fingerprint, depth from text_fingerprints where evidence_id = $1),
         shared as (
            select other.evidence_id as evidence, other.depth from mine join text_fingerprints other using (fingerprint)
            where other.evidence_id <> $1
         ), others as (
            select id, greatest(fingerprint_level, (select level from this)) as level from evidence
            where id in (select evidence from shared)
         )
         select id as evidence,
            (select count(*) from shared where shared.evidence = others.id and depth >= others.level) as shared,
            (select count(*) from mine where depth >= others.level) as "thisTotal",
            (select count(*) from text_fingerprints other where other.evidence_id = others.id and depth >= others.level)
                as "otherTotal"
         from others order by id`,
        [evidence],
    )
}

/** Lists evidence with the same bytes, oldest first. */
export async function listIdentical(tx: Tx, evidence: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        `select id from evidence where id <> $1 and sha256 = (select sha256 from evidence where id = $1) order by seq`,
        [evidence],
    )
    return rows.map(({ id }) => id)
}
