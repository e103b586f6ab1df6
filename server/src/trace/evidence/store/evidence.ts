/** Stores evidence, append-only. Only a failed extraction is replaced. */
import type { ContentKind } from "../../../models/content-type.ts"
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { ClockQuality } from "@tocsin/client/limits"
import type { EvidenceKind } from "../evidence.ts"

export interface EvidenceRow {
    readonly id: string
    readonly kind: EvidenceKind
    readonly case_id: string | null
    readonly details_ciphertext: Buffer | null
    readonly sha256: Buffer | null
    readonly size: number | null
    readonly content_kind: ContentKind | null
    readonly content_format: string | null
    readonly observed_at: Instant
    readonly clock: ClockQuality
    readonly added_by: string | null
    readonly added_at: Instant
}

export interface StoredEvidenceRow extends EvidenceRow {
    readonly deleted_at: Instant | null
}

/** Inserts evidence with its encrypted content. */
export async function insertEvidence(tx: Tx, row: EvidenceRow, content: Buffer | null): Promise<void> {
    await tx.query(
        `insert into evidence
         (id, kind, case_id, details_ciphertext, content_ciphertext, sha256, size, observed_at, clock, added_by,
         added_at,
          content_kind, content_format)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
            row.id,
            row.kind,
            row.case_id,
            row.details_ciphertext,
            content,
            row.sha256,
            row.size,
            new Date(row.observed_at),
            row.clock,
            row.added_by,
            new Date(row.added_at),
            row.content_kind,
            row.content_format,
        ],
    )
}

const selectEvidence = `select id, kind, case_id, details_ciphertext, sha256, size, content_kind, content_format,
observed_at, clock,
    added_by, added_at, d.at as deleted_at from evidence left join evidence_deletions d on d.evidence_id = id`

/** Finds evidence by id. */
export async function findEvidence(tx: Tx, id: string): Promise<StoredEvidenceRow | undefined> {
    return (await tx.query<StoredEvidenceRow>(`${selectEvidence} where id = $1`, [id]))[0]
}

/** Lists evidence of one kind (null: all), newest first. */
export async function listAllEvidence(tx: Tx, kind: EvidenceKind | null): Promise<StoredEvidenceRow[]> {
    return await tx.query<StoredEvidenceRow>(
        `${selectEvidence} where ($1::text is null or kind = $1) order by seq desc`,
        [kind],
    )
}

/** Finds the first observation of these kinds about a case. */
export async function findFirstObservedAt(
    tx: Tx,
    caseId: string,
    kinds: readonly EvidenceKind[],
): Promise<Instant | null> {
    const rows = await tx.query<{ at: Instant | null }>(
        "select min(observed_at) as at from evidence where case_id = $1 and kind = any($2::text[])",
        [caseId, kinds],
    )
    return rows[0]?.at ?? null
}

/** Lists the ids of evidence of these kinds about a case. */
export async function listEvidenceOfKinds(tx: Tx, caseId: string, kinds: readonly EvidenceKind[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        "select id from evidence where case_id = $1 and kind = any($2::text[])",
        [caseId, kinds],
    )
    return rows.map(({ id }) => id)
}

/** Finds the encrypted content. */
export async function findContent(tx: Tx, id: string): Promise<Buffer | null> {
    const rows = await tx.query<{ content_ciphertext: Buffer | null }>(
        "select content_ciphertext from evidence where id = $1",
        [id],
    )
    return rows[0]?.content_ciphertext ?? null
}

export interface ExtractionRow {
    readonly evidence: string
    readonly list_ciphertext: Buffer
    readonly texts_ciphertext: Buffer
    readonly extracted_at: Instant
}

const extractionColumns = `evidence_id as evidence, list_ciphertext, texts_ciphertext, extracted_at`

/** Stores an extraction in place of the one before, and resets the fingerprints. */
export async function replaceExtraction(tx: Tx, row: ExtractionRow): Promise<void> {
    await tx.query(
        `insert into archive_extractions (evidence_id, list_ciphertext, texts_ciphertext, extracted_at)
         values ($1, $2, $3, $4)
         on conflict (evidence_id) do update
         set list_ciphertext = excluded.list_ciphertext, texts_ciphertext = excluded.texts_ciphertext, extracted_at =
         excluded.extracted_at`,
        [row.evidence, row.list_ciphertext, row.texts_ciphertext, new Date(row.extracted_at)],
    )
    await tx.query("update evidence set fingerprint_level = null where id = $1", [row.evidence])
}

/** Finds the extraction of an archive. */
export async function findExtraction(tx: Tx, evidence: string): Promise<ExtractionRow | undefined> {
    return (
        await tx.query<ExtractionRow>(`select ${extractionColumns} from archive_extractions where evidence_id = $1`, [
            evidence,
        ])
    )[0]
}
