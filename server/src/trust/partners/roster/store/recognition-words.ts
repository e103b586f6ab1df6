/** Reads and writes recognition words, each with its instant. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"

export interface WordsRow {
    readonly partner: string
    readonly setAt: Instant
    /** Null: no words from then on. */
    readonly ciphertext: Buffer | null
}

export async function insertWords(tx: Tx, { partner, setAt, ciphertext }: WordsRow): Promise<void> {
    await tx.query("insert into recognition_words (partner_id, set_at, words_ciphertext) values ($1, $2, $3)", [
        partner,
        new Date(setAt),
        ciphertext,
    ])
}

/** Finds the last words that were set before this instant; null: of all. */
export async function findWords(tx: Tx, partner: string, before: Instant | null): Promise<WordsRow | undefined> {
    const rows = await tx.query<WordsRow>(
        `select partner_id as partner, set_at as "setAt", words_ciphertext as ciphertext from recognition_words
         where partner_id = $1 and ($2::timestamptz is null or set_at < $2) order by set_at desc limit 1`,
        [partner, before === null ? null : new Date(before)],
    )
    return rows[0]
}
