/** Reads and writes mails to a partner's own address: codes, and answers to applications. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { mailQueue } from "../../../mail/actions/store-mail.ts"
import type { BounceOutcome } from "../../../mail/bounce.ts"

export interface MailRow {
    readonly id: string
    readonly partner: string
    readonly kind: "code" | "answered"
    readonly mail_ciphertext: Buffer
    readonly attempts: number
    readonly created_at: Instant
}

const columns = "id, partner_id as partner, kind, mail_ciphertext, attempts, created_at"

export async function insertMail(
    tx: Tx,
    row: Pick<MailRow, "id" | "partner" | "kind" | "mail_ciphertext">,
    realNow: Instant,
): Promise<void> {
    await tx.query(
        `insert into partner_mails (id, partner_id, kind, mail_ciphertext, state, next_at, created_at)
         values ($1, $2, $3, $4, 'due', $5, $5)`,
        [row.id, row.partner, row.kind, row.mail_ciphertext, new Date(realNow)],
    )
}

export const mails = mailQueue<MailRow>("partner_mails", columns, "ended_at is null")

/** Finds and locks the last valid code of the partner. */
export async function lockCode(tx: Tx, partner: string, notBefore: Instant): Promise<MailRow | undefined> {
    const rows = await tx.query<MailRow>(
        `select ${columns} from partner_mails
         where partner_id = $1 and kind = 'code' and ended_at is null and created_at > $2
         order by created_at desc limit 1 for update`,
        [partner, new Date(notBefore)],
    )
    return rows[0]
}

/** Finds a recent mail in any state, because it can bounce before its state is saved. */
export async function findRecentMail(tx: Tx, id: string, notBefore: Instant): Promise<MailRow | undefined> {
    const rows = await tx.query<MailRow>(`select ${columns} from partner_mails where id = $1 and created_at > $2`, [
        id,
        new Date(notBefore),
    ])
    return rows[0]
}

export interface ReportedBounce {
    readonly mail: string
    readonly outcome: BounceOutcome
    readonly partner: string
    /** Null: the partner's own address. */
    readonly person: string | null
}

/** Inserts a reported bounce. False where it is already noted. */
export async function insertReportedBounce(
    tx: Tx,
    { mail, outcome, partner, person }: ReportedBounce,
    at: Instant,
): Promise<boolean> {
    const rows = await tx.query(
        `insert into mail_returns (mail_id, outcome, partner_id, person_id, at) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning mail_id as mail`,
        [mail, outcome, partner, person, new Date(at)],
    )
    return rows.length > 0
}

export interface BounceCount extends Pick<ReportedBounce, "person" | "outcome"> {
    readonly times: number
    readonly since: Instant
}

export async function listReportedBounces(tx: Tx, partner: string, after: Instant): Promise<BounceCount[]> {
    return await tx.query<BounceCount>(
        `select person_id as person, outcome, count(*)::int as times, min(at) as since from mail_returns
         where partner_id = $1 and at > $2 group by person_id, outcome order by min(at), person_id, outcome`,
        [partner, new Date(after)],
    )
}

export interface FailingPartner {
    readonly partner: string
    /** The first failure. */
    readonly since: Instant
}

/** Lists partners whose mail failed recently, since the last mailbox proof or mark. */
export async function listFailingPartners(tx: Tx, notBefore: Instant): Promise<FailingPartner[]> {
    return await tx.query<FailingPartner>(
        `select partner_id as partner, min(at) as since from mail_returns
         where outcome = 'failed' and at > coalesce(
             (select max(at) from mailbox_events where partner_id = mail_returns.partner_id), '-infinity')
         group by partner_id having max(at) > $1 order by min(at), partner_id`,
        [new Date(notBefore)],
    )
}

/**
 * Deletes reported bounces before this instant, except the first of an address that still fails, which shows since
 * when.
 */
export async function deleteOldBounces(tx: Tx, before: Instant): Promise<void> {
    await tx.query(
        `with marked as (select partner_id, max(at) as at from mailbox_events group by partner_id)
         delete from mail_returns r where r.at <= $1 and not (
             r.at > coalesce((select at from marked where marked.partner_id = r.partner_id), '-infinity')
             and exists (select 1 from mail_returns n where n.partner_id = r.partner_id
                 and n.person_id is not distinct from r.person_id and n.outcome = r.outcome and n.at > $1)
             and not exists (select 1 from mail_returns o where o.partner_id = r.partner_id
                 and o.person_id is not distinct
                 from r.person_id and o.outcome = r.outcome and (o.at, o.mail_id) < (r.at, r.mail_id)
                 and o.at > coalesce((select at from marked where marked.partner_id = r.partner_id), '-infinity')))`,
        [new Date(before)],
    )
}

export async function countMails(tx: Tx, partner: string, kind: MailRow["kind"], since: Instant): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from partner_mails where partner_id = $1 and kind = $2 and created_at > $3",
        [partner, kind, new Date(since)],
    )
    return row?.count ?? 0
}

export async function endCodes(tx: Tx, partner: string, realNow: Instant): Promise<void> {
    await tx.query(
        "update partner_mails set ended_at = $2 where partner_id = $1 and kind = 'code' and ended_at is null",
        [partner, new Date(realNow)],
    )
}
