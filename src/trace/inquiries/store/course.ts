/** The rows of how inquiries go, and of whom they are kept from: inserted and read, never changed. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"
import type { Turn } from "../course.ts"

export interface TurnRow {
    readonly kind: Turn["kind"]
    readonly by: string
    readonly at: Instant
    readonly words_box: Buffer
}

export async function insertTurn(tx: Tx, inquiry: string, n: number, row: TurnRow): Promise<void> {
    await tx.query("insert into inquiry_turns (inquiry, n, kind, by, at, words_box) values ($1, $2, $3, $4, $5, $6)", [
        inquiry,
        n,
        row.kind,
        row.by,
        new Date(row.at),
        row.words_box,
    ])
}

/** Oldest first. */
export async function turns(tx: Tx, inquiry: string): Promise<TurnRow[]> {
    return await tx.query<TurnRow>("select kind, by, at, words_box from inquiry_turns where inquiry = $1 order by n", [
        inquiry,
    ])
}

export interface KeptOutRow {
    readonly person: string
    readonly was_member: boolean
    readonly by: string
    readonly at: Instant
    readonly words_box: Buffer
}

export async function insertKeptOut(tx: Tx, inquiry: string, row: KeptOutRow): Promise<void> {
    await tx.query(
        `insert into inquiry_kept_out (inquiry, person, was_member, by, at, words_box) values ($1, $2, $3, $4, $5, $6)`,
        [inquiry, row.person, row.was_member, row.by, new Date(row.at), row.words_box],
    )
}

export async function keptOut(tx: Tx, inquiry: string): Promise<KeptOutRow[]> {
    return await tx.query<KeptOutRow>(
        `select person, was_member, by, at, words_box from inquiry_kept_out where inquiry = $1 order by at, person`,
        [inquiry],
    )
}

/** Persons who are kept out of any inquiry into each piece of this evidence. */
export async function keptOutOver(
    tx: Tx,
    evidence: readonly string[],
): Promise<{ readonly evidence: string; readonly person: string }[]> {
    return await tx.query(
        `select distinct evidence, person from inquiry_kept_out join inquiry_evidence using (inquiry)
         where evidence = any($1)`,
        [evidence],
    )
}
