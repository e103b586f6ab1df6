/** Stores holds, notes and deletions. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { NoteKind } from "../retention.ts"

/** Locks evidence until the transaction ends. */
export async function lockEvidence(tx: Tx, id: string): Promise<void> {
    await tx.query("select from evidence where id = $1 for no key update", [id])
}

export interface HoldRow {
    readonly id: string
    readonly evidence: string
    readonly reason_ciphertext: Buffer
    readonly set_by: string
    readonly set_at: Instant
}

/** Inserts a hold. */
export async function insertHold(tx: Tx, row: HoldRow): Promise<void> {
    await tx.query(
        "insert into evidence_holds (id, evidence_id, reason_ciphertext, set_by, set_at) values ($1, $2, $3, $4, $5)",
        [row.id, row.evidence, row.reason_ciphertext, row.set_by, new Date(row.set_at)],
    )
}

/** Finds the current hold. */
export async function findHold(tx: Tx, evidence: string): Promise<HoldRow | undefined> {
    const rows = await tx.query<HoldRow>(
        `select id, evidence_id as evidence, reason_ciphertext, set_by, set_at from evidence_holds where evidence_id =
            $1 and lifted_at is null`,
        [evidence],
    )
    return rows[0]
}

/** Lists the evidence under hold. */
export async function listHeldEvidence(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ evidence: string }>(
        "select evidence_id as evidence from evidence_holds where lifted_at is null",
    )
    return rows.map(({ evidence }) => evidence)
}

/** Sets a hold as lifted. */
export async function liftHold(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update evidence_holds set lifted_at = $2 where id = $1", [id, new Date(at)])
}

export interface NoteRow {
    readonly id: string
    readonly evidence: string
    readonly about: NoteKind
    readonly text_ciphertext: Buffer
    readonly by: string
    readonly at: Instant
}

const noteColumns = `id, evidence_id as evidence, about, text_ciphertext, actor_id as by, at`

/** Inserts a note. */
export async function insertNote(tx: Tx, row: NoteRow): Promise<void> {
    await tx.query(
        `insert into evidence_notes (id, evidence_id, about, text_ciphertext, actor_id, at) values ($1, $2, $3, $4,
            $5, $6)`,
        [row.id, row.evidence, row.about, row.text_ciphertext, row.by, new Date(row.at)],
    )
}

/** Lists the notes, oldest first. */
export async function listNotes(tx: Tx, evidence: string): Promise<NoteRow[]> {
    return await tx.query<NoteRow>(`select ${noteColumns} from evidence_notes where evidence_id = $1 order by seq`, [
        evidence,
    ])
}

/** Lists touched canaries with a note. */
export async function listNotedTouches(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ evidence: string }>(
        `select distinct evidence_notes.evidence_id as evidence from evidence_notes
         join evidence on evidence.id = evidence_notes.evidence_id
         where kind = 'canary_touched'`,
    )
    return rows.map(({ evidence }) => evidence)
}

export interface DeletionRow {
    readonly evidence: string
    readonly reason_ciphertext: Buffer
    readonly by: string
    readonly at: Instant
}

const deletionColumns = `evidence_id as evidence, reason_ciphertext, actor_id as by, at`

/** Deletes all ciphertexts of evidence and keeps its identity. */
export async function deleteEvidence(tx: Tx, row: DeletionRow): Promise<void> {
    await tx.query(
        "insert into evidence_deletions (evidence_id, reason_ciphertext, actor_id, at) values ($1, $2, $3, $4)",
        [row.evidence, row.reason_ciphertext, row.by, new Date(row.at)],
    )
    await tx.query("update evidence set details_ciphertext = null, content_ciphertext = null where id = $1", [
        row.evidence,
    ])
    await tx.query("delete from archive_extractions where evidence_id = $1", [row.evidence])
    await tx.query("delete from text_fingerprints where evidence_id = $1", [row.evidence])
    await tx.query("delete from evidence_notes where evidence_id = $1", [row.evidence])
    await tx.query("delete from evidence_holds where evidence_id = $1", [row.evidence])
}

/** Finds the deletion of evidence. */
export async function findDeletion(tx: Tx, evidence: string): Promise<DeletionRow | undefined> {
    return (
        await tx.query<DeletionRow>(`select ${deletionColumns} from evidence_deletions where evidence_id = $1`, [
            evidence,
        ])
    )[0]
}
