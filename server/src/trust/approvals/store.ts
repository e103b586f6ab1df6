/** Reads and writes the rows of approvals. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { Approval, Effects, VoidReason } from "./approval.ts"

interface ApprovalRow {
    readonly id: string
    readonly effects: Effects
    readonly effects_hash: Buffer
    readonly text_ciphertext: Buffer | null
    readonly requested_by: string
    readonly requested_at: Instant
    readonly signed_by: string | null
    readonly signed_at: Instant | null
    readonly applied_at: Instant | null
    readonly voided_at: Instant | null
    readonly void_reason: VoidReason | null
    readonly withheld_from: readonly string[]
}

export async function insertApproval(tx: Tx, approval: Approval): Promise<void> {
    await tx.query(
        `insert into approvals (id, action, effects, effects_hash, text_ciphertext, requested_by, requested_at,
         withheld_from)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
            approval.id,
            approval.effects.action,
            JSON.stringify(approval.effects),
            Buffer.from(approval.effectsHash, "hex"),
            approval.textCiphertext,
            approval.requestedBy,
            new Date(approval.requestedAt),
            approval.withheldFrom,
        ],
    )
}

export async function findApproval(tx: Tx, id: string): Promise<Approval | undefined> {
    const rows = await tx.query<ApprovalRow>("select * from approvals where id = $1", [id])
    return rows.map(approvalOf)[0]
}

/** Lists approvals by id, in any order. */
export async function listApprovals(tx: Tx, ids: readonly string[]): Promise<Approval[]> {
    return (await tx.query<ApprovalRow>("select * from approvals where id = any($1)", [ids])).map(approvalOf)
}

/** Finds an approval and locks it until the transaction ends. */
export async function lockApproval(tx: Tx, id: string): Promise<Approval | undefined> {
    const rows = await tx.query<ApprovalRow>("select * from approvals where id = $1 for no key update", [id])
    return rows.map(approvalOf)[0]
}

/** Lists open requests made after `since`, oldest first. */
export async function listUnsigned(tx: Tx, since: Instant): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where requested_at > $1 and signed_at is null and voided_at is null
         order by requested_at, id`,
        [new Date(since)],
    )
    return rows.map(approvalOf)
}

/** Lists signed approvals that are neither applied nor voided, oldest first. */
export async function listSigned(tx: Tx): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where signed_at is not null and applied_at is null and voided_at is null
         order by signed_at, id`,
    )
    return rows.map(approvalOf)
}

/** Locks open approvals, signed or not, until the transaction ends. */
export async function lockOpen(tx: Tx, since: Instant): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where ${openAfter("$1")} order by id for no key update`,
        [new Date(since)],
    )
    return rows.map(approvalOf)
}

/** Locks open approvals of these actions for this recipient until the transaction ends. */
export async function lockOpenOfRecipient(
    tx: Tx,
    actions: readonly string[],
    recipient: string,
    since: Instant,
): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where action = any($1) and effects->'recipients' ? $2 and ${openAfter("$3")}
         order by id for no key update`,
        [actions, recipient, new Date(since)],
    )
    return rows.map(approvalOf)
}

/** Locks open approvals with any version of this artifact among the effects. */
export async function lockOpenOfArtifact(
    tx: Tx,
    actions: readonly string[],
    artifact: string,
    since: Instant,
): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where action = any($1) and effects->'artifacts' @> $2::jsonb and ${openAfter("$3")}
         order by id for no key update`,
        [actions, JSON.stringify([{ artifact }]), new Date(since)],
    )
    return rows.map(approvalOf)
}

/** Locks open approvals whose effects name this case. */
export async function lockOpenOfCase(
    tx: Tx,
    actions: readonly string[],
    caseId: string,
    since: Instant,
): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where action = any($1) and effects->'detail'->>'case' = $2 and ${openAfter("$3")}
         order by id for no key update`,
        [actions, caseId, new Date(since)],
    )
    return rows.map(approvalOf)
}

/**
 * Lists applied approvals about these cases, waves or recalls that were signed over a denial while a report was in
 * sight.
 */
export async function listAppliedDenials(tx: Tx, ids: readonly string[], entry: number): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals
         where applied_at is not null and effects->'detail'->'deniesReports' = to_jsonb($2::bigint)
         and array[effects->'detail'->>'case', effects->'detail'->>'wave', effects->'detail'->>'recall'] && $1::text[]`,
        [ids, entry],
    )
    return rows.map(approvalOf)
}

/** Locks open approvals whose effects name this inquiry. */
export async function lockOpenOfInquiry(tx: Tx, inquiry: string, since: Instant): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where effects->'detail'->>'inquiry' = $1 and ${openAfter("$2")}
         order by id for no key update`,
        [inquiry, new Date(since)],
    )
    return rows.map(approvalOf)
}

/** Locks open approvals of exactly these effects, except `exceptId`. */
export async function lockOpenDuplicates(
    tx: Tx,
    effectsHash: string,
    exceptId: string,
    since: Instant,
): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals where effects_hash = $1 and id <> $2 and ${openAfter("$3")}
         order by id for no key update`,
        [Buffer.from(effectsHash, "hex"), exceptId, new Date(since)],
    )
    return rows.map(approvalOf)
}

const openAfter = (since: string) =>
    `applied_at is null and voided_at is null and (signed_at is not null or requested_at > ${since})`

/** Lists the latest approvals that this person may see (null: all), newest first. */
export async function listLatest(tx: Tx, person: string | null, countMax: number): Promise<Approval[]> {
    const rows = await tx.query<ApprovalRow>(
        `select * from approvals
         where $1::text is null
            or ((not effects ? 'onlyFor' or effects->'onlyFor' ? $1) and not $1 = any(withheld_from::text[]))
         order by requested_at desc, id limit $2`,
        [person, countMax],
    )
    return rows.map(approvalOf)
}

export async function markSigned(
    tx: Tx,
    { id, person, signature }: { readonly id: string; readonly person: string; readonly signature: object | null },
    now: Instant,
): Promise<void> {
    await tx.query("update approvals set signed_by = $2, signed_at = $3, signature = $4 where id = $1", [
        id,
        person,
        new Date(now),
        signature === null ? null : JSON.stringify(signature),
    ])
}

/** Finds the assertion with which an approval was signed; null where it was signed without a passkey. */
export async function findSignature(tx: Tx, id: string): Promise<unknown> {
    const rows = await tx.query<{ signature: unknown }>("select signature from approvals where id = $1", [id])
    return rows[0]?.signature ?? null
}

export async function markApplied(tx: Tx, id: string, now: Instant): Promise<void> {
    await tx.query("update approvals set applied_at = $2 where id = $1", [id, new Date(now)])
}

export async function markVoided(tx: Tx, id: string, reason: VoidReason, now: Instant): Promise<void> {
    await tx.query("update approvals set void_reason = $2, voided_at = $3 where id = $1", [id, reason, new Date(now)])
}

export async function withdrawAll(tx: Tx, now: Instant): Promise<void> {
    await tx.query(
        `update approvals set void_reason = 'withdrawn', voided_at = $1 where applied_at is null and voided_at is null`,
        [new Date(now)],
    )
}

/** Hides all approvals of this inquiry from this person. */
export async function withholdApprovalsOfInquiry(tx: Tx, inquiry: string, person: string): Promise<void> {
    await tx.query(
        `update approvals set withheld_from = array_append(withheld_from, $2::uuid)
         where effects->'detail'->>'inquiry' = $1`,
        [inquiry, person],
    )
}

/** Marks approvals as read by this person. Returns those that the person had not read yet. */
export async function insertReads(tx: Tx, approvals: readonly string[], person: string): Promise<string[]> {
    const rows = await tx.query<{ approval: string }>(
        `insert into approval_reads (approval_id, person_id) select id, $2 from unnest($1::uuid[]) as id
         on conflict do nothing returning approval_id as approval`,
        [approvals, person],
    )
    return rows.map(({ approval }) => approval)
}

function approvalOf(row: ApprovalRow): Approval {
    return {
        id: row.id,
        effects: row.effects,
        effectsHash: row.effects_hash.toString("hex"),
        textCiphertext: row.text_ciphertext,
        requestedBy: row.requested_by,
        requestedAt: row.requested_at,
        signedBy: row.signed_by,
        signedAt: row.signed_at,
        appliedAt: row.applied_at,
        voidedAt: row.voided_at,
        voidReason: row.void_reason,
        withheldFrom: row.withheld_from,
    }
}
