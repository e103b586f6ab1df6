/** Stores the history and the excluded people of inquiries, both append-only. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { HistoryEntry } from "../history.ts"

export interface HistoryRow {
    readonly kind: HistoryEntry["kind"]
    readonly by: string
    readonly at: Instant
    readonly text_ciphertext: Buffer
}

/** Inserts an entry of the history. */
export async function insertEntry(tx: Tx, inquiry: string, n: number, row: HistoryRow): Promise<void> {
    await tx.query(
        `insert into inquiry_history (inquiry_id, n, kind, actor_id, at, text_ciphertext) values ($1, $2, $3, $4, $5,
            $6)`,
        [inquiry, n, row.kind, row.by, new Date(row.at), row.text_ciphertext],
    )
}

/** Lists the history, oldest first. */
export async function listHistory(tx: Tx, inquiry: string): Promise<HistoryRow[]> {
    return await tx.query<HistoryRow>(
        "select kind, actor_id as by, at, text_ciphertext from inquiry_history where inquiry_id = $1 order by n",
        [inquiry],
    )
}

export interface ExclusionRow {
    readonly person: string
    readonly was_member: boolean
    readonly by: string
    readonly at: Instant
    readonly text_ciphertext: Buffer
}

/** Inserts an excluded person. */
export async function insertExclusion(tx: Tx, inquiry: string, row: ExclusionRow): Promise<void> {
    await tx.query(
        `insert into inquiry_exclusions (inquiry_id, person_id, was_member, actor_id, at, text_ciphertext)
         values ($1, $2, $3, $4, $5, $6)`,
        [inquiry, row.person, row.was_member, row.by, new Date(row.at), row.text_ciphertext],
    )
}

/** Lists the excluded people of an inquiry. */
export async function listExcluded(tx: Tx, inquiry: string): Promise<ExclusionRow[]> {
    return await tx.query<ExclusionRow>(
        `select person_id as person, was_member, actor_id as by, at, text_ciphertext from inquiry_exclusions
         where inquiry_id = $1 order by at, person_id`,
        [inquiry],
    )
}

/** Lists the people excluded from any inquiry into each piece of evidence. */
export async function listExcludedByEvidence(
    tx: Tx,
    evidence: readonly string[],
): Promise<{ readonly evidence: string; readonly person: string }[]> {
    return await tx.query(
        `select distinct evidence_id as evidence, person_id as person from inquiry_exclusions
         join inquiry_evidence using (inquiry_id)
         where evidence_id = any($1)`,
        [evidence],
    )
}
