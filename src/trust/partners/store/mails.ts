/** The rows of mail that says more than that there is something to fetch: codes, sign-in links, answers to applications. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"
import { isDue } from "../../../platform/due.ts"
import { waitMsMax } from "../../mailing/mailing.ts"
import type { Fate } from "../../mailing/returned.ts"

export interface MailRow {
    readonly id: string
    readonly partner: string
    readonly kind: "code" | "answered" | "link"
    readonly mail_box: Buffer
    readonly tries: number
    readonly made_at: Instant
}

const columns = "id, partner, kind, mail_box, tries, made_at"

export async function insertMail(
    tx: Tx,
    row: Pick<MailRow, "id" | "partner" | "kind" | "mail_box">,
    realNow: Instant,
): Promise<void> {
    await tx.query(
        `insert into partner_mails (id, partner, kind, mail_box, state, next_at, made_at)
         values ($1, $2, $3, $4, 'due', $5, $5)`,
        [row.id, row.partner, row.kind, row.mail_box, new Date(realNow)],
    )
}

/** Finds a row if any may be due: the worker asks this first. */
export const mailsWaiting = "select from partner_mails where state = 'due'"

/** The next to send, held until the transaction ends. */
export async function takeDueMail(tx: Tx, realNow: Instant): Promise<MailRow | undefined> {
    const rows = await tx.query<MailRow>(
        `select ${columns} from partner_mails where state = 'due' and ${isDue("next_at", "$1", waitMsMax)} and ended_at is null
         order by tries > 0, next_at limit 1 for update skip locked`,
        [new Date(realNow)],
    )
    return rows[0]
}

export async function holdMail(tx: Tx, id: string, until: Instant): Promise<void> {
    await tx.query("update partner_mails set next_at = $2 where id = $1", [id, new Date(until)])
}

/** Whether it is still held until this instant; locked until the transaction ends. */
export async function lockHeldMail(tx: Tx, id: string, until: Instant): Promise<boolean> {
    const rows = await tx.query(
        "select 1 from partner_mails where id = $1 and state = 'due' and next_at = $2 for update",
        [id, new Date(until)],
    )
    return rows.length > 0
}

export async function setMail(tx: Tx, id: string, state: "due" | "sent" | "failed", nextAt: Instant): Promise<void> {
    await tx.query("update partner_mails set state = $2, tries = tries + 1, next_at = $3 where id = $1", [
        id,
        state,
        new Date(nextAt),
    ])
}

/** The code that the partner was sent last, while it is good, held until the transaction ends. */
export async function lockCode(tx: Tx, partner: string, notBefore: Instant): Promise<MailRow | undefined> {
    const rows = await tx.query<MailRow>(
        `select ${columns} from partner_mails where partner = $1 and kind = 'code' and ended_at is null and made_at > $2
         order by made_at desc limit 1 for update`,
        [partner, new Date(notBefore)],
    )
    return rows[0]
}

/** A recent mail to a partner, in whatever state: it can come back before its state is written. */
export async function recentMail(tx: Tx, id: string, notBefore: Instant): Promise<MailRow | undefined> {
    const rows = await tx.query<MailRow>(`select ${columns} from partner_mails where id = $1 and made_at > $2`, [
        id,
        new Date(notBefore),
    ])
    return rows[0]
}

export interface ReturnedMail {
    readonly mail: string
    readonly fate: Fate
    readonly partner: string
    /** Null: the partner's own address. */
    readonly person: string | null
}

/** False where that is noted already. */
export async function insertReturn(
    tx: Tx,
    { mail, fate, partner, person }: ReturnedMail,
    at: Instant,
): Promise<boolean> {
    const rows = await tx.query(
        `insert into mail_returns (mail, fate, partner, person, at) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning mail`,
        [mail, fate, partner, person, new Date(at)],
    )
    return rows.length > 0
}

export interface Returned extends Pick<ReturnedMail, "person" | "fate"> {
    readonly times: number
    readonly since: Instant
}

export async function returned(tx: Tx, partner: string, after: Instant): Promise<Returned[]> {
    return await tx.query<Returned>(
        `select person, fate, count(*)::int as times, min(at) as since from mail_returns
         where partner = $1 and at > $2 group by person, fate order by min(at), person, fate`,
        [partner, new Date(after)],
    )
}

export interface Failing {
    readonly partner: string
    /** The first of it. */
    readonly since: Instant
}

/** Partners whose mail failed, of late too, since their mailbox was last proved to be read or said to bounce. */
export async function failing(tx: Tx, notBefore: Instant): Promise<Failing[]> {
    return await tx.query<Failing>(
        `select partner, min(at) as since from mail_returns
         where fate = 'failed' and at > coalesce(
             (select max(at) from mailbox_marks where partner = mail_returns.partner), '-infinity')
         group by partner having max(at) > $1 order by min(at), partner`,
        [new Date(notBefore)],
    )
}

/**
 * Forgets what came back before this instant. Of an address that goes on failing, the first since its mailbox was last proved
 * to be read or said to bounce stays, so that it is known since when.
 */
export async function forgetReturns(tx: Tx, before: Instant): Promise<void> {
    await tx.query(
        `with marked as (select partner, max(at) as at from mailbox_marks group by partner)
         delete from mail_returns r where r.at <= $1 and not (
             r.at > coalesce((select at from marked where partner = r.partner), '-infinity')
             and exists (select 1 from mail_returns n where n.partner = r.partner
                 and n.person is not distinct from r.person and n.fate = r.fate and n.at > $1)
             and not exists (select 1 from mail_returns o where o.partner = r.partner
                 and o.person is not distinct from r.person and o.fate = r.fate and (o.at, o.mail) < (r.at, r.mail)
                 and o.at > coalesce((select at from marked where partner = r.partner), '-infinity')))`,
        [new Date(before)],
    )
}

export async function countMails(tx: Tx, partner: string, kind: MailRow["kind"], since: Instant): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from partner_mails where partner = $1 and kind = $2 and made_at > $3",
        [partner, kind, new Date(since)],
    )
    return row?.count ?? 0
}

export async function endCodes(tx: Tx, partner: string, realNow: Instant): Promise<void> {
    await tx.query("update partner_mails set ended_at = $2 where partner = $1 and kind = 'code' and ended_at is null", [
        partner,
        new Date(realNow),
    ])
}
