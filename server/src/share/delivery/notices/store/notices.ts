/** The table of notices. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { isDueSql } from "../../../../kernel/retry-time.ts"
import { waitMsMax } from "../../../../trust/mail/message.ts"
import type { NoticeState, NoticeStatus } from "../notification.ts"

export interface NewNotice {
    readonly id: string
    readonly partner: string
    readonly person: string
    /** Null where the notice is about no wave, such as for a requirement. */
    readonly wave: string | null
    /** Null where it is about no recall. */
    readonly recall: string | null
    /** Null where it is about no case. */
    readonly case: string | null
    /** The confidential matter, whose events are confidential too; null where there is none. */
    readonly matter: string | null
}

/** Inserts a notice, once for each person and wave or recall, however often the handler runs. */
export async function insertNotice(tx: Tx, notice: NewNotice, now: Instant, realNow: Instant): Promise<void> {
    await tx.query(
        `insert into notices (id, partner_id, person_id, wave_id, recall_id, case_id, matter_id, confidential, state,
         next_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7::uuid is not null, 'due', $8, $9) on conflict do nothing`,
        [
            notice.id,
            notice.partner,
            notice.person,
            notice.wave,
            notice.recall,
            notice.case,
            notice.matter,
            new Date(realNow),
            new Date(now),
        ],
    )
}

export interface DueNotice extends Omit<NewNotice, "matter"> {
    readonly confidential: boolean
    readonly attempts: number
}

/** A query that finds a row if any notice may be due. The worker runs it first. */
export const dueNoticesQuery = "select from notices where state = 'due'"

/** Locks and returns the next notice to send. Notices of `frozen` waves wait. */
export async function claimDueNotice(
    tx: Tx,
    realNow: Instant,
    frozen: readonly string[],
): Promise<DueNotice | undefined> {
    const rows = await tx.query<DueNotice>(
        `select id, partner_id as partner, person_id as person, wave_id as wave, recall_id as recall, case_id as "case",
         confidential, attempts from notices where state = 'due'
         and ${isDueSql("next_at", "$1", waitMsMax)} and (wave_id is null or wave_id <> all($2::uuid[]))
         order by attempts > 0, next_at limit 1 for update skip locked`,
        [new Date(realNow), frozen],
    )
    return rows[0]
}

export async function setNotice(
    tx: Tx,
    id: string,
    state: NoticeState,
    times: { readonly sentAt: Instant | null; readonly nextAt: Instant },
): Promise<void> {
    await tx.query("update notices set state = $2, attempts = attempts + 1, sent_at = $3, next_at = $4 where id = $1", [
        id,
        state,
        times.sentAt === null ? null : new Date(times.sentAt),
        new Date(times.nextAt),
    ])
}

/** Makes notices due again that could not be sent or were kept back, with a fresh count of attempts. */
export async function retryNotices(tx: Tx, wave: string, partners: readonly string[], realNow: Instant): Promise<void> {
    await tx.query(
        `update notices set state = 'due', attempts = 0, next_at = $3
         where wave_id = $1 and partner_id = any($2::uuid[])
         and state in ('dropped', 'failed', 'bounced', 'filtered')`,
        [wave, partners, new Date(realNow)],
    )
}

export interface NoticeRow extends NoticeStatus {
    readonly wave: string
    readonly at: Instant | null
}

/** Lists the notices of these waves. */
export async function listNotices(tx: Tx, waves: readonly string[]): Promise<NoticeRow[]> {
    return await tx.query<NoticeRow>(
        `select partner_id as partner, wave_id as wave, state, attempts, sent_at as at from notices where
            wave_id = any($1) order by sent_at`,
        [waves],
    )
}

/** Lists the notices of one recall, first sent first. */
export async function listRecallNotices(
    tx: Tx,
    recall: string,
): Promise<(NoticeStatus & { readonly at: Instant | null })[]> {
    return await tx.query(
        `select partner_id as partner, state, attempts, sent_at as at from notices where recall_id = $1 order
            by sent_at nulls last`,
        [recall],
    )
}

/** Makes the notices of a recall due again, as `retryNotices` does. */
export async function retryRecallNotices(
    tx: Tx,
    recall: string,
    partners: readonly string[],
    realNow: Instant,
): Promise<void> {
    await tx.query(
        `update notices set state = 'due', attempts = 0, next_at = $3
         where recall_id = $1 and partner_id = any($2::uuid[])
         and state in ('dropped', 'failed', 'bounced')`,
        [recall, partners, new Date(realNow)],
    )
}

export interface NoticeUse {
    /** Partners that were sent a notice. */
    readonly partners: number
    readonly lastAt: Instant | null
}

/** Counts the partners that were sent notices since an instant, with the last one; without confidential notices. */
export async function findNoticeUse(tx: Tx, since: Instant): Promise<NoticeUse> {
    const [row] = await tx.query<NoticeUse>(
        `select count(distinct partner_id)::int as partners, max(sent_at) as "lastAt" from notices
         where sent_at > $1 and not confidential`,
        [new Date(since)],
    )
    return row ?? { partners: 0, lastAt: null }
}

/** Counts, by partner, the notices since an instant that did not arrive. Confidential notices are left out. */
export async function countUndelivered(
    tx: Tx,
    since: Instant,
): Promise<{ readonly partner: string; readonly count: number; readonly since: Instant }[]> {
    return await tx.query(
        `select partner_id as partner, count(*)::int as count, min(created_at) as since from notices
         where created_at > $1 and not confidential and (state in ('failed', 'bounced') or returned = 'failed')
         group by partner_id order by min(created_at), partner_id`,
        [new Date(since)],
    )
}
