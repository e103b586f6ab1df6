/** Stores inquiries, their members and findings. Members alone read them. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"

export interface InquiryRow {
    readonly id: string
    readonly case_id: string
    readonly details_ciphertext: Buffer
    readonly opened_by: string
    readonly opened_at: Instant
}

/** Inserts an inquiry. */
export async function insertInquiry(tx: Tx, row: InquiryRow): Promise<void> {
    await tx.query(
        "insert into inquiries (id, case_id, details_ciphertext, opened_by, opened_at) values ($1, $2, $3, $4, $5)",
        [row.id, row.case_id, row.details_ciphertext, row.opened_by, new Date(row.opened_at)],
    )
}

/** Locks an inquiry until the transaction ends, where this person is a member. */
export async function lockInquiry(tx: Tx, id: string, member: string): Promise<InquiryRow | undefined> {
    const rows = await tx.query<InquiryRow>(
        `select i.* from inquiries i join inquiry_members m on m.inquiry_id = i.id
         where i.id = $1 and m.person_id = $2 for update of i`,
        [id, member],
    )
    return rows[0]
}

/** Lists the inquiries of a member, newest first. */
export async function listInquiries(tx: Tx, member: string): Promise<InquiryRow[]> {
    return await tx.query<InquiryRow>(
        `select i.* from inquiries i join inquiry_members m on m.inquiry_id = i.id where m.person_id = $1
         order by i.seq desc`,
        [member],
    )
}

/** Whether an inquiry into leaks of this case, or with any of this evidence, is open, with any members. */
export async function hasOpenInquiry(tx: Tx, caseId: string, evidence: readonly string[]): Promise<boolean> {
    const rows = await tx.query(
        `select from inquiries where (case_id = $1 or exists (select from inquiry_evidence
             where inquiry_id = inquiries.id and evidence_id = any($2::uuid[])))
         and coalesce((select kind from inquiry_history
             where inquiry_id = inquiries.id order by n desc limit 1), 'reopened') <> 'closed' limit 1`,
        [caseId, evidence],
    )
    return rows.length > 0
}

/** Whether any of these findings comes from an inquiry into leaks of this case. */
export async function hasFindingAmong(tx: Tx, caseId: string, findings: readonly string[]): Promise<boolean> {
    const rows = await tx.query(
        `select from findings join inquiries on inquiries.id = inquiry_id
         where case_id = $1 and findings.id = any($2::uuid[]) limit 1`,
        [caseId, findings],
    )
    return rows.length > 0
}

/** Lists the cases of the inquiries with this evidence, with any members. */
export async function listCasesOfEvidence(tx: Tx, evidence: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
        `select distinct case_id as id from inquiries join inquiry_evidence on inquiry_id = inquiries.id
         where evidence_id = $1`,
        [evidence],
    )
    return rows.map(({ id }) => id)
}

/** Replaces the encrypted details of an inquiry. */
export async function setDetails(tx: Tx, id: string, ciphertext: Buffer): Promise<void> {
    await tx.query("update inquiries set details_ciphertext = $2 where id = $1", [id, ciphertext])
}

/** Inserts members. */
export async function insertMembers(tx: Tx, id: string, people: readonly string[], at: Instant): Promise<void> {
    await tx.query(
        `insert into inquiry_members (inquiry_id, person_id, added_at) select $1, unnest($2::uuid[]), $3
         on conflict do nothing`,
        [id, people, new Date(at)],
    )
}

/** Lists the members of an inquiry. */
export async function listMembers(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ person: string }>(
        "select person_id as person from inquiry_members where inquiry_id = $1 order by added_at, person_id",
        [id],
    )
    return rows.map((row) => row.person)
}

/** Lists the members of each of these inquiries, in order. */
export async function listMembersAmong(
    tx: Tx,
    ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await tx.query<{ inquiry: string; person: string }>(
        `select inquiry_id as inquiry, person_id as person from inquiry_members where inquiry_id = any($1) order by
            added_at, person_id`,
        [ids],
    )
    const byInquiry = Map.groupBy(rows, ({ inquiry }) => inquiry)
    return new Map([...byInquiry].map(([inquiry, entries]) => [inquiry, entries.map(({ person }) => person)]))
}

/** Deletes a member. */
export async function deleteMember(tx: Tx, id: string, person: string): Promise<void> {
    await tx.query("delete from inquiry_members where inquiry_id = $1 and person_id = $2", [id, person])
}

/** Inserts evidence of an inquiry. */
export async function insertEvidence(tx: Tx, id: string, evidence: readonly string[]): Promise<void> {
    await tx.query(
        `insert into inquiry_evidence (inquiry_id, evidence_id) select $1, unnest($2::uuid[]) on conflict do nothing`,
        [id, evidence],
    )
}

/** Lists the evidence of an inquiry. */
export async function listEvidence(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ evidence: string }>(
        "select evidence_id as evidence from inquiry_evidence where inquiry_id = $1 order by evidence_id",
        [id],
    )
    return rows.map((row) => row.evidence)
}

export interface FindingRow {
    readonly id: string
    readonly inquiry: string
    readonly partner: string | null
    readonly details_ciphertext: Buffer
    readonly approval: string
    readonly proposed_by: string
    readonly proposed_at: Instant
    readonly confirmed_at: Instant | null
    readonly without_answer_ciphertext: Buffer | null
}

const findingColumns = `id, inquiry_id as inquiry, partner_id as partner, details_ciphertext,
    approval_id as approval, proposed_by, proposed_at, confirmed_at,
    without_answer_ciphertext`

/** Inserts a finding. */
export async function insertFinding(
    tx: Tx,
    row: Omit<FindingRow, "confirmed_at" | "without_answer_ciphertext">,
): Promise<void> {
    await tx.query(
        `insert into findings (id, inquiry_id, partner_id, details_ciphertext, approval_id, proposed_by, proposed_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            row.id,
            row.inquiry,
            row.partner,
            row.details_ciphertext,
            row.approval,
            row.proposed_by,
            new Date(row.proposed_at),
        ],
    )
}

/** Lists the findings of one inquiry, oldest first. */
export async function listFindings(tx: Tx, inquiry: string): Promise<FindingRow[]> {
    return await tx.query<FindingRow>(`select ${findingColumns} from findings where inquiry_id = $1 order by seq`, [
        inquiry,
    ])
}

/** Sets a finding as confirmed, with the encrypted reason where there is one. */
export async function setConfirmed(tx: Tx, id: string, at: Instant, reasonCiphertext: Buffer | null): Promise<void> {
    await tx.query("update findings set confirmed_at = $2, without_answer_ciphertext = $3 where id = $1", [
        id,
        new Date(at),
        reasonCiphertext,
    ])
}
