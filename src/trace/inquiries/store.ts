/** The rows of inquiries, their members and findings. Each is read by its members alone. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"

export interface InquiryRow {
    readonly id: string
    readonly case_id: string
    readonly details_box: Buffer
    readonly opened_by: string
    readonly opened_at: Instant
}

export async function insertInquiry(tx: Tx, row: InquiryRow): Promise<void> {
    await tx.query(
        "insert into inquiries (id, case_id, details_box, opened_by, opened_at) values ($1, $2, $3, $4, $5)",
        [row.id, row.case_id, row.details_box, row.opened_by, new Date(row.opened_at)],
    )
}

/** Held until the transaction ends; only where this person is a member. */
export async function lockInquiry(tx: Tx, id: string, member: string): Promise<InquiryRow | undefined> {
    const rows = await tx.query<InquiryRow>(
        `select i.* from inquiries i join inquiry_members m on m.inquiry = i.id
         where i.id = $1 and m.person = $2 for update of i`,
        [id, member],
    )
    return rows[0]
}

/** Those that this person is a member of, newest first. */
export async function inquiriesOf(tx: Tx, member: string): Promise<InquiryRow[]> {
    return await tx.query<InquiryRow>(
        `select i.* from inquiries i join inquiry_members m on m.inquiry = i.id where m.person = $1
         order by i.seq desc`,
        [member],
    )
}

export async function setDetails(tx: Tx, id: string, box: Buffer): Promise<void> {
    await tx.query("update inquiries set details_box = $2 where id = $1", [id, box])
}

export async function insertMembers(tx: Tx, id: string, persons: readonly string[], at: Instant): Promise<void> {
    await tx.query(
        `insert into inquiry_members (inquiry, person, added_at) select $1, unnest($2::uuid[]), $3
         on conflict do nothing`,
        [id, persons, new Date(at)],
    )
}

export async function members(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ person: string }>(
        "select person from inquiry_members where inquiry = $1 order by added_at, person",
        [id],
    )
    return rows.map((row) => row.person)
}

/** Of each of these inquiries, in the order of `members`. */
export async function membersAmong(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await tx.query<{ inquiry: string; person: string }>(
        "select inquiry, person from inquiry_members where inquiry = any($1) order by added_at, person",
        [ids],
    )
    const byInquiry = Map.groupBy(rows, ({ inquiry }) => inquiry)
    return new Map([...byInquiry].map(([inquiry, its]) => [inquiry, its.map(({ person }) => person)]))
}

export async function deleteMember(tx: Tx, id: string, person: string): Promise<void> {
    await tx.query("delete from inquiry_members where inquiry = $1 and person = $2", [id, person])
}

export async function insertEvidence(tx: Tx, id: string, evidence: readonly string[]): Promise<void> {
    await tx.query(
        `insert into inquiry_evidence (inquiry, evidence) select $1, unnest($2::uuid[]) on conflict do nothing`,
        [id, evidence],
    )
}

export async function evidenceOf(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ evidence: string }>(
        "select evidence from inquiry_evidence where inquiry = $1 order by evidence",
        [id],
    )
    return rows.map((row) => row.evidence)
}

export interface FindingRow {
    readonly id: string
    readonly inquiry: string
    readonly partner: string | null
    readonly details_box: Buffer
    readonly approval: string
    readonly proposed_by: string
    readonly proposed_at: Instant
    readonly confirmed_at: Instant | null
    readonly unheard_box: Buffer | null
}

export async function insertFinding(tx: Tx, row: Omit<FindingRow, "confirmed_at" | "unheard_box">): Promise<void> {
    await tx.query(
        `insert into findings (id, inquiry, partner, details_box, approval, proposed_by, proposed_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, row.inquiry, row.partner, row.details_box, row.approval, row.proposed_by, new Date(row.proposed_at)],
    )
}

/** Of one inquiry, oldest first. */
export async function findings(tx: Tx, inquiry: string): Promise<FindingRow[]> {
    return await tx.query<FindingRow>("select * from findings where inquiry = $1 order by seq", [inquiry])
}

export async function setConfirmed(tx: Tx, id: string, at: Instant, unheard: Buffer | null): Promise<void> {
    await tx.query("update findings set confirmed_at = $2, unheard_box = $3 where id = $1", [
        ...[id, new Date(at), unheard],
    ])
}
