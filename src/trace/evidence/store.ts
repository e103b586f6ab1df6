/** The rows of evidence: inserted and read; an opening in vain is replaced. */
import type { ContentKind } from "../../lib/content.ts"
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { ClockQuality } from "../sightings/sighting.ts"
import type { EvidenceKind } from "./evidence.ts"

export interface EvidenceRow {
    readonly id: string
    readonly kind: EvidenceKind
    readonly case_id: string | null
    readonly details_box: Buffer | null
    readonly sha256: Buffer | null
    readonly size: number | null
    readonly content_kind: ContentKind | null
    readonly content_format: string | null
    readonly seen_at: Instant
    readonly clock: ClockQuality
    readonly filed_by: string | null
    readonly filed_at: Instant
}

export interface KeptRow extends EvidenceRow {
    readonly deleted_at: Instant | null
}

export async function insertEvidence(tx: Tx, row: EvidenceRow, content: Buffer | null): Promise<void> {
    await tx.query(
        `insert into evidence
         (id, kind, case_id, details_box, content_box, sha256, size, seen_at, clock, filed_by, filed_at,
          content_kind, content_format)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
            row.id,
            row.kind,
            row.case_id,
            row.details_box,
            content,
            row.sha256,
            row.size,
            new Date(row.seen_at),
            row.clock,
            row.filed_by,
            new Date(row.filed_at),
            row.content_kind,
            row.content_format,
        ],
    )
}

const kept = `select id, kind, case_id, details_box, sha256, size, content_kind, content_format, seen_at, clock,
    filed_by, filed_at, d.at as deleted_at from evidence left join evidence_deletions d on d.evidence = id`

export async function evidence(tx: Tx, id: string): Promise<KeptRow | undefined> {
    return (await tx.query<KeptRow>(`${kept} where id = $1`, [id]))[0]
}

/** Of one kind (null: all), newest first. */
export async function allEvidence(tx: Tx, kind: EvidenceKind | null): Promise<KeptRow[]> {
    return await tx.query<KeptRow>(`${kept} where ($1::text is null or kind = $1) order by seq desc`, [kind])
}

/** Of the evidence about a case that is of these kinds: the first instant at which something was seen. */
export async function firstSeen(tx: Tx, caseId: string, kinds: readonly EvidenceKind[]): Promise<Instant | null> {
    const rows = await tx.query<{ at: Instant | null }>(
        "select min(seen_at) as at from evidence where case_id = $1 and kind = any($2::text[])",
        [caseId, kinds],
    )
    return rows[0]?.at ?? null
}

/** The ids of the evidence about a case that is of these kinds. */
export async function evidenceOfKinds(tx: Tx, caseId: string, kinds: readonly EvidenceKind[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        "select id from evidence where case_id = $1 and kind = any($2::text[])",
        [caseId, kinds],
    )
    return rows.map(({ id }) => id)
}

export async function contentOf(tx: Tx, id: string): Promise<Buffer | null> {
    const rows = await tx.query<{ content_box: Buffer | null }>("select content_box from evidence where id = $1", [id])
    return rows[0]?.content_box ?? null
}

export interface OpeningRow {
    readonly evidence: string
    readonly list_box: Buffer
    readonly texts_box: Buffer
    readonly opened_at: Instant
}

/** In place of the one before. What is alike is then to be found anew. */
export async function putOpening(tx: Tx, row: OpeningRow): Promise<void> {
    await tx.query(
        `insert into evidence_openings (evidence, list_box, texts_box, opened_at) values ($1, $2, $3, $4)
         on conflict (evidence) do update
         set list_box = excluded.list_box, texts_box = excluded.texts_box, opened_at = excluded.opened_at`,
        [row.evidence, row.list_box, row.texts_box, new Date(row.opened_at)],
    )
    await tx.query("update evidence set print_level = null where id = $1", [row.evidence])
}

export async function opening(tx: Tx, evidence: string): Promise<OpeningRow | undefined> {
    return (await tx.query<OpeningRow>("select * from evidence_openings where evidence = $1", [evidence]))[0]
}
