/** Stores letters and their templates. Only an answer or a mark as read changes a letter. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { LetterKind } from "../letter.ts"

export interface LetterRow {
    readonly id: string
    readonly partner: string
    readonly kind: LetterKind
    readonly measure: string | null
    readonly procedure: string | null
    readonly text_ciphertext: Buffer
    readonly sent_at: Instant
    readonly answer_ciphertext: Buffer | null
    readonly answered_by: string | null
    readonly answered_at: Instant | null
    readonly read_at: Instant | null
}

const letterColumns = `id, partner_id as partner, kind, measure_id as measure, procedure_id as procedure,
    text_ciphertext, sent_at, answer_ciphertext, answered_by, answered_at, read_at`

type NewLetter = Pick<LetterRow, "id" | "partner" | "kind" | "measure" | "procedure" | "text_ciphertext" | "sent_at">

/** Inserts a letter. */
export async function insertLetter(tx: Tx, row: NewLetter): Promise<void> {
    await tx.query(
        `insert into letters (id, partner_id, kind, measure_id, procedure_id, text_ciphertext, sent_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, row.partner, row.kind, row.measure, row.procedure, row.text_ciphertext, new Date(row.sent_at)],
    )
}

/** Lists the letters to one partner, newest first. */
export async function listLettersOfPartner(tx: Tx, partner: string): Promise<LetterRow[]> {
    return await tx.query<LetterRow>(`select ${letterColumns} from letters where partner_id = $1 order by seq desc`, [
        partner,
    ])
}

/** Lists the letters about one measure, oldest first. */
export async function listLettersOfMeasure(tx: Tx, measure: string): Promise<LetterRow[]> {
    return await tx.query<LetterRow>(`select ${letterColumns} from letters where measure_id = $1 order by seq`, [
        measure,
    ])
}

/** Lists the letters about one procedure, oldest first. */
export async function listLettersOfProcedure(tx: Tx, procedure: string): Promise<LetterRow[]> {
    return await tx.query<LetterRow>(`select ${letterColumns} from letters where procedure_id = $1 order by seq`, [
        procedure,
    ])
}

/** Finds a letter by id. */
export async function findLetter(tx: Tx, id: string): Promise<LetterRow | undefined> {
    return (await tx.query<LetterRow>(`select ${letterColumns} from letters where id = $1`, [id]))[0]
}

/** Lists letters outside procedures with unread answers, oldest first. */
export async function listUnreadAnswers(tx: Tx): Promise<LetterRow[]> {
    return await tx.query<LetterRow>(
        `select ${letterColumns} from letters where answered_at is not null and read_at is null and procedure_id is null
         order by answered_at, seq`,
    )
}

/** Marks an answer as read. */
export async function setRead(tx: Tx, id: string, by: string, at: Instant): Promise<void> {
    await tx.query("update letters set read_by = $2, read_at = $3 where id = $1 and read_at is null", [
        id,
        by,
        new Date(at),
    ])
}

/** Finds a letter of this partner. */
export async function findLetterOfPartner(tx: Tx, partner: string, id: string): Promise<LetterRow | undefined> {
    return (
        await tx.query<LetterRow>(`select ${letterColumns} from letters where id = $1 and partner_id = $2`, [
            id,
            partner,
        ])
    )[0]
}

/** Sets the answer. Returns false where the letter was answered before. */
export async function setAnswer(
    tx: Tx,
    id: string,
    answer: { readonly ciphertext: Buffer; readonly by: string; readonly at: Instant },
): Promise<boolean> {
    const rows = await tx.query(
        `update letters set answer_ciphertext = $2, answered_by = $3, answered_at = $4
         where id = $1 and answered_at is null returning id`,
        [id, answer.ciphertext, answer.by, new Date(answer.at)],
    )
    return rows.length === 1
}

export interface TemplateRow {
    readonly kind: LetterKind
    readonly version: number
    readonly text_ciphertext: Buffer
    readonly created_by: string | null
    readonly created_at: Instant
}

/** Inserts a template. */
export async function insertTemplate(tx: Tx, row: TemplateRow): Promise<void> {
    await tx.query(
        `insert into letter_templates (kind, version, text_ciphertext, created_by, created_at) values ($1, $2, $3, $4,
            $5)`,
        [row.kind, row.version, row.text_ciphertext, row.created_by, new Date(row.created_at)],
    )
}

/** Lists the versions of one kind (null: all), oldest first. */
export async function listTemplates(tx: Tx, kind: LetterKind | null): Promise<TemplateRow[]> {
    return await tx.query<TemplateRow>(
        "select * from letter_templates where $1::text is null or kind = $1 order by kind, version",
        [kind],
    )
}
