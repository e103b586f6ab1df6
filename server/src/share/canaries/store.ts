/**
 * The tables of canaries: names by digest, buffered touches, processed touches. The recipient of a name is encrypted.
 */
import type { CanaryKind } from "@tocsin/marks/canary"
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../platform/postgres/db.ts"
import type { BufferEntry } from "./listener-buffer.ts"
import type { Channel, LikelySource } from "./touch.ts"

export interface NameRow {
    readonly digest: Buffer
    readonly case_id: string
    readonly artifact: string
    readonly version: number
    readonly kind: CanaryKind
    readonly decoy: boolean
    readonly ciphertext: Buffer
    readonly at: Instant
}

const nameColumns = "digest, case_id, artifact_id, version, kind, decoy, ciphertext, at"
const nameFields = "digest, case_id, artifact_id as artifact, version, kind, decoy, ciphertext, at"

/** Returns which of these digests are stored. */
export async function listKnownDigests(tx: Tx, digests: readonly Uint8Array[]): Promise<Buffer[]> {
    const rows = await tx.query<{ digest: Buffer }>("select digest from canary_names where digest = any($1)", [digests])
    return rows.map(({ digest }) => digest)
}

export async function insertNames(tx: Tx, rows: readonly NameRow[]): Promise<void> {
    const [first] = rows
    if (first === undefined) return
    await tx.query(
        `insert into canary_names (${nameColumns})
         select digest, $1, $2, $3, kind, $4, ciphertext, $5 from unnest($6::bytea[], $7::text[], $8::bytea[])
         as new_name (digest, kind, ciphertext) on conflict do nothing`,
        [
            first.case_id,
            first.artifact,
            first.version,
            first.decoy,
            new Date(first.at),
            rows.map((row) => row.digest),
            rows.map((row) => row.kind),
            rows.map((row) => row.ciphertext),
        ],
    )
}

export async function listNamesByDigest(tx: Tx, digests: readonly Uint8Array[]): Promise<NameRow[]> {
    return await tx.query<NameRow>(`select ${nameFields} from canary_names where digest = any($1)`, [digests])
}

export async function countNames(tx: Tx): Promise<number> {
    return (await tx.query<{ count: number }>("select count(*) as count from canary_names"))[0]?.count ?? 0
}

/** The limit of unprocessed entries. Beyond it, listeners store nothing until the worker has caught up. */
const spoolMax = 50_000
/** The limit of one entry's count. A larger number would be refused and block later entries. */
const timesMax = 1_000_000

/** Inserts all entries in one statement, or throws. It needs permission only to insert into and count this table. */
export async function insertSpooled(tx: Tx, entries: readonly BufferEntry[]): Promise<void> {
    const rows = entries.map(({ digest, channel, times, request, at }) => ({
        digest: digest && `\\x${digest}`,
        channel,
        times: Math.min(times, timesMax),
        request: request ?? {},
        received_at: new Date(at),
    }))
    const inserted = await tx.query(
        `insert into canary_spool (digest, channel, times, request, received_at)
         select digest, channel, times, request, received_at from jsonb_to_recordset($1::jsonb)
         as entry (digest bytea, channel text, times integer, request jsonb, received_at timestamptz)
         where (select count(*) from (select from canary_spool limit ${spoolMax}) as pending) < ${spoolMax}
         returning seq`,
        [JSON.stringify(rows)],
    )
    if (inserted.length < rows.length) throw new Error("the spool is full")
}

export interface SpoolRow {
    readonly digest: Buffer | null
    readonly channel: Channel
    readonly times: number
    /** As the listener wrote it. */
    readonly request: unknown
    readonly received_at: Instant
}

/** A query that finds a row if any entry is waiting. The worker runs it first. */
export const pendingSpoolQuery = "select from canary_spool"

/** Removes and returns the oldest entries. */
export async function claimSpooled(tx: Tx, max: number): Promise<SpoolRow[]> {
    const rows = await tx.query<SpoolRow & { readonly seq: number }>(
        `delete from canary_spool where seq in
         (select seq from canary_spool order by seq limit $1 for update skip locked)
         returning seq, digest, channel, times, request, received_at`,
        [max],
    )
    return rows.toSorted((a, b) => a.seq - b.seq)
}

export interface TouchRow {
    readonly id: string
    readonly digest: Buffer
    readonly channel: Channel
    readonly likelySource: LikelySource
    /** The hash of the network, under a key. */
    readonly source: Buffer
    readonly times: number
    readonly first_at: Instant
    readonly last_at: Instant
    readonly ciphertext: Buffer
}

/**
 * Stores a touch, one row for each name, channel, likely source and network. Returns whether it is the first of this
 * name and source.
 */
export async function upsertTouch(tx: Tx, row: TouchRow): Promise<{ readonly id: string; readonly isFirst: boolean }> {
    const before = await tx.query("select from canary_touches where digest = $1 and likely_source = $2 limit 1", [
        row.digest,
        row.likelySource,
    ])
    const rows = await tx.query<{ id: string }>(
        `insert into canary_touches (id, digest, channel, likely_source, source, times, first_at, last_at, ciphertext)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (digest, channel, likely_source, source) do update
         set times = canary_touches.times + excluded.times, last_at = greatest(canary_touches.last_at, excluded.last_at)
         returning id`,
        [
            row.id,
            row.digest,
            row.channel,
            row.likelySource,
            row.source,
            row.times,
            new Date(row.first_at),
            new Date(row.last_at),
            row.ciphertext,
        ],
    )
    return { id: rows[0]?.id ?? row.id, isFirst: before.length === 0 }
}

export async function countTouches(tx: Tx, digest: Uint8Array): Promise<number> {
    const sql = "select count(*) as count from canary_touches where digest = $1"
    return (await tx.query<{ count: number }>(sql, [digest]))[0]?.count ?? 0
}

export async function addUnknownNames(
    tx: Tx,
    group: { channel: Channel; formed: boolean; times: number },
    at: Instant,
): Promise<void> {
    await tx.query(
        `insert into canary_unknown_names (day, channel, formed, times)
         values (($1::timestamptz at time zone 'UTC')::date, $2, $3, $4)
         on conflict (day, channel, formed) do update set times = canary_unknown_names.times + excluded.times`,
        [new Date(at), group.channel, group.formed, group.times],
    )
}

export interface UnknownRow {
    /** The day, such as `2026-11-27`. */
    readonly day: string
    readonly channel: Channel
    readonly formed: boolean
    readonly times: number
}

/** Lists unknown names of the last days, newest first. */
export async function listUnknownNames(tx: Tx, max: number): Promise<UnknownRow[]> {
    return await tx.query(
        `select to_char(day, 'YYYY-MM-DD') as day, channel, formed, times from canary_unknown_names
         order by canary_unknown_names.day desc, channel, formed limit $1`,
        [max],
    )
}

export interface CanaryVersionRow {
    readonly artifact: string
    readonly version: number
    readonly kind: CanaryKind
    readonly decoy: boolean
    readonly names: number
}

/** Counts the names of each version, of one case (null: all). */
export async function listCanaryVersions(tx: Tx, caseId: string | null): Promise<CanaryVersionRow[]> {
    return await tx.query(
        `select artifact_id as artifact, version, kind, decoy, count(*) as names from canary_names
         where ${oneOrAll("case_id", 1, caseId)} group by artifact_id, version, kind, decoy
         order by artifact_id, version, kind, decoy`,
        [caseId],
    )
}

export type TouchWithNameRow = TouchRow & Pick<NameRow, "case_id" | "artifact" | "version" | "kind" | "decoy">

/** Lists touches of one case (null: all), newest first. */
export async function listTouches(tx: Tx, caseId: string | null, max: number): Promise<TouchWithNameRow[]> {
    return await tx.query(
        `select id, canary_touches.digest, channel, likely_source as "likelySource", source, times, first_at, last_at,
         canary_touches.ciphertext,
         case_id, artifact_id as artifact, version, kind, decoy from canary_touches join canary_names using (digest)
         where ${oneOrAll("case_id", 1, caseId)} order by last_at desc, id limit $2`,
        [caseId, max],
    )
}

export async function findTouch(tx: Tx, id: string): Promise<TouchWithNameRow | undefined> {
    const rows = await tx.query<TouchWithNameRow>(
        `select id, canary_touches.digest, channel, likely_source as "likelySource", source, times, first_at, last_at,
         canary_touches.ciphertext,
         case_id, artifact_id as artifact, version, kind, decoy from canary_touches join canary_names using (digest)
         where id = $1`,
        [id],
    )
    return rows[0]
}

/** Lists touches of decoys, oldest first. */
export async function listTouchedDecoys(tx: Tx): Promise<{ id: string }[]> {
    return await tx.query(
        `select id from canary_touches join canary_names using (digest) where decoy
         order by first_at, id`,
    )
}

/** Counts the touched host names of decoys and of copies, by likely source. */
export async function countTouchedHosts(
    tx: Tx,
): Promise<{ likelySource: LikelySource; decoy: boolean; touched: number }[]> {
    return await tx.query(
        `select likely_source as "likelySource", decoy, count(distinct digest) as touched from canary_touches
         join canary_names using (digest)
         group by likely_source, decoy`,
    )
}

export async function countHosts(tx: Tx): Promise<{ decoy: boolean; names: number }[]> {
    return await tx.query(
        "select decoy, count(*) as names from canary_names where kind in ('host', 'url') group by decoy",
    )
}

/** Finds the first touch of a copy's name of a case, without decoys. */
export async function findFirstTouch(
    tx: Tx,
    caseId: string,
): Promise<{ at: Instant; likelySource: LikelySource } | undefined> {
    const rows = await tx.query<{ at: Instant; likelySource: LikelySource }>(
        `select first_at as at, likely_source as "likelySource" from canary_touches join canary_names using (digest)
         where case_id = $1 and not decoy order by first_at, id limit 1`,
        [caseId],
    )
    return rows[0]
}
