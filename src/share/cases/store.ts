/** The rows of cases, their links, embargo turns and consents. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { CaseLink, LinkKind } from "./case.ts"
import type { ConsentTurn } from "./consent.ts"
import type { Turn } from "./embargo.ts"

export interface CaseRow {
    readonly id: string
    readonly details_box: Buffer
    readonly created_by: string
    readonly created_at: Instant
}

export async function insertCase(tx: Tx, row: CaseRow, nameHashes: readonly Buffer[]): Promise<void> {
    await tx.query("insert into cases (id, details_box, created_by, created_at) values ($1, $2, $3, $4)", [
        row.id,
        row.details_box,
        row.created_by,
        new Date(row.created_at),
    ])
    await tx.query("insert into case_names (name_hash, case_id) select unnest($1::bytea[]), $2", [nameHashes, row.id])
}

export async function caseRow(tx: Tx, id: string): Promise<CaseRow | undefined> {
    return (await tx.query<CaseRow>("select * from cases where id = $1", [id]))[0]
}

/** As `caseRow`, and nobody else changes the case until this transaction ends. */
export async function lockCase(tx: Tx, id: string): Promise<CaseRow | undefined> {
    return (await tx.query<CaseRow>("select * from cases where id = $1 for update", [id]))[0]
}

export async function caseRows(tx: Tx): Promise<CaseRow[]> {
    return await tx.query<CaseRow>("select * from cases order by created_at, id")
}

/** The ids alone: of one case where it exists, or of all (null), oldest first. */
export async function caseIds(tx: Tx, id: string | null): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        "select id from cases where $1::uuid is null or id = $1 order by created_at, id",
        [id],
    )
    return rows.map((row) => row.id)
}

export async function casesNamed(tx: Tx, nameHash: Buffer): Promise<string[]> {
    const rows = await tx.query<{ case_id: string }>("select case_id from case_names where name_hash = $1", [nameHash])
    return rows.map((row) => row.case_id)
}

export async function insertLink(tx: Tx, link: CaseLink): Promise<void> {
    await tx.query("insert into case_links (from_case, to_case, kind) values ($1, $2, $3) on conflict do nothing", [
        link.from,
        link.to,
        link.kind,
    ])
}

export async function links(tx: Tx): Promise<CaseLink[]> {
    const rows = await tx.query<{ from_case: string; to_case: string; kind: LinkKind }>("select * from case_links")
    return rows.map((row) => ({ from: row.from_case, to: row.to_case, kind: row.kind }))
}

export interface TurnRow {
    readonly case_id: string
    readonly n: number
    readonly kind: Turn["kind"]
    readonly at: Instant
    readonly ends_at: Instant | null
    readonly why_box: Buffer | null
}

/** The turns of one case, or of all. */
export async function turnRows(tx: Tx, id: string | null): Promise<TurnRow[]> {
    return await tx.query<TurnRow>(
        "select * from embargo_turns where $1::uuid is null or case_id = $1 order by case_id, n",
        [id],
    )
}

export async function insertTurn(tx: Tx, row: TurnRow): Promise<void> {
    await tx.query(
        "insert into embargo_turns (case_id, n, kind, at, ends_at, why_box) values ($1, $2, $3, $4, $5, $6)",
        [
            row.case_id,
            row.n,
            row.kind,
            new Date(row.at),
            row.ends_at === null ? null : new Date(row.ends_at),
            row.why_box,
        ],
    )
}

interface ConsentRow {
    readonly case_id: string
    readonly partner: string
    readonly kind: ConsentTurn["kind"]
    readonly at: Instant
    readonly answer_by: Instant
    readonly ends_at: Instant
}

export interface Said {
    readonly case: string
    readonly partner: string
    readonly turn: ConsentTurn
}

/** What was said about the embargo of one case, or of all, in its order. */
export async function consentTurns(tx: Tx, id: string | null): Promise<Said[]> {
    const rows = await tx.query<ConsentRow>(
        "select * from consent_turns where $1::uuid is null or case_id = $1 order by seq",
        [id],
    )
    return rows.map((row) => ({ case: row.case_id, partner: row.partner, turn: consentTurn(row) }))
}

function consentTurn(row: ConsentRow): ConsentTurn {
    if (row.kind === "invited") return { kind: "invited", at: row.at, answerBy: row.answer_by }
    if (row.kind === "signed") return { kind: "signed", at: row.at, endsAt: row.ends_at }
    return { kind: "declined", at: row.at }
}

export async function insertConsent(tx: Tx, id: string, partner: string, turn: ConsentTurn): Promise<void> {
    await tx.query(
        "insert into consent_turns (case_id, partner, kind, at, answer_by, ends_at) values ($1, $2, $3, $4, $5, $6)",
        [
            id,
            partner,
            turn.kind,
            new Date(turn.at),
            turn.kind === "invited" ? new Date(turn.answerBy) : null,
            turn.kind === "signed" ? new Date(turn.endsAt) : null,
        ],
    )
}

/** The cases that this partner was ever asked about. */
export async function casesAsking(tx: Tx, partner: string): Promise<string[]> {
    const rows = await tx.query<{ case_id: string }>(
        "select case_id from consent_turns where partner = $1 group by case_id order by min(seq)",
        [partner],
    )
    return rows.map((row) => row.case_id)
}
