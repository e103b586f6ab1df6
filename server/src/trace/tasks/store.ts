/** Stores deputies, notified tasks, and notices to staff. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import { isDueSql } from "../../kernel/retry-time.ts"
import { waitMsMax } from "../../trust/mail/message.ts"
import type { Deputy } from "./deputy.ts"
import type { NoticeStep } from "./task.ts"

const columns = `id, person_id as person, deputy_id as deputy, from_at as "from", until_at as until,
ended_at as "endedAt"`

/** Inserts a deputy. */
export async function insertDeputy(
    tx: Tx,
    { id, person, deputy, from, until }: Omit<Deputy, "endedAt">,
): Promise<void> {
    await tx.query("insert into deputies (id, person_id, deputy_id, from_at, until_at) values ($1, $2, $3, $4, $5)", [
        id,
        person,
        deputy,
        new Date(from),
        new Date(until),
    ])
}

/** Lists current and future deputies, oldest first. */
export async function listDeputies(tx: Tx, now: Instant): Promise<Deputy[]> {
    return await tx.query<Deputy>(
        `select ${columns} from deputies where ended_at is null and until_at > $1 order by from_at, id`,
        [new Date(now)],
    )
}

/** Ends a deputy. Returns false where this person has no current deputy with this id. */
export async function endDeputy(tx: Tx, id: string, person: string, at: Instant): Promise<boolean> {
    const rows = await tx.query(
        `update deputies set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null and until_at > $3
         returning id`,
        [id, person, new Date(at)],
    )
    return rows.length === 1
}

/** A task by its key, and the step: began, expires soon or is over. */
export interface TaskNotice {
    readonly key: string
    readonly step: NoticeStep
}

/** Records tasks as notified, and returns those that are new to this person, in any order. */
export async function insertTaskNotices(
    tx: Tx,
    person: string,
    notices: readonly TaskNotice[],
    at: Instant,
): Promise<readonly TaskNotice[]> {
    return await tx.query<TaskNotice>(
        `insert into task_notices (person_id, key, step, at) select $1, key, step, $4
         from unnest($2::text[], $3::text[]) as notice (key, step) on conflict do nothing returning key, step`,
        [person, notices.map(({ key }) => key), notices.map(({ step }) => step), new Date(at)],
    )
}

/** Returns the last run; null where none ran, or where its clock was ahead. */
export async function findLastRun(tx: Tx, now: Instant): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from task_last_run where at <= $1", [new Date(now)])
    return row?.at ?? null
}

/** Claims a run. Returns false where another ran since `before`. */
export async function claimRun(tx: Tx, now: Instant, before: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into task_last_run (at) values ($1) on conflict (only_one) do update set at = excluded.at
         where task_last_run.at <= $2 or task_last_run.at > $1 returning at`,
        [new Date(now), new Date(before)],
    )
    return rows.length === 1
}

export interface NewNotice {
    readonly id: string
    readonly person: string
    /** Whether all its tasks are confidential. */
    readonly confidential: boolean
}

/** Inserts a notice. */
export async function insertNotice(tx: Tx, notice: NewNotice, now: Instant, realNow: Instant): Promise<void> {
    await tx.query(
        `insert into staff_notices (id, person_id, confidential, state, next_at, created_at) values ($1, $2, $3,
            'due', $4, $5)`,
        [notice.id, notice.person, notice.confidential, new Date(realNow), new Date(now)],
    )
}

export interface NoticeRow {
    readonly id: string
    readonly person: string
    readonly attempts: number
}

/** Counts notices that are due and not sent. Confidential notices are left out. */
export async function countDueNotices(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from staff_notices where state = 'due' and not confidential",
    )
    return row?.count ?? 0
}

/** Finds a row if any notice may be due. The worker asks this first. */
export const dueNoticesQuery = "select from staff_notices where state = 'due'"

/** Claims the next notice, and locks it until the transaction ends. */
export async function claimDueNotice(tx: Tx, realNow: Instant): Promise<NoticeRow | undefined> {
    const rows = await tx.query<NoticeRow>(
        `select id, person_id as person, attempts from staff_notices
         where state = 'due' and ${isDueSql("next_at", "$1", waitMsMax)}
         order by attempts > 0, next_at limit 1 for update skip locked`,
        [new Date(realNow)],
    )
    return rows[0]
}

/** Reserves a notice until an instant. */
export async function reserveNotice(tx: Tx, id: string, until: Instant): Promise<void> {
    await tx.query("update staff_notices set next_at = $2 where id = $1", [id, new Date(until)])
}

/** Tells whether a notice is still reserved until this instant, and locks it. */
export async function lockReservedNotice(tx: Tx, id: string, until: Instant): Promise<boolean> {
    const rows = await tx.query(
        "select 1 from staff_notices where id = $1 and state = 'due' and next_at = $2 for update",
        [id, new Date(until)],
    )
    return rows.length > 0
}

/** Sets the state of a notice. */
export async function setNotice(
    tx: Tx,
    id: string,
    state: "due" | "sent" | "dropped" | "failed",
    nextAt: Instant,
): Promise<void> {
    await tx.query("update staff_notices set state = $2, attempts = attempts + 1, next_at = $3 where id = $1", [
        id,
        state,
        new Date(nextAt),
    ])
}

/** Finds the recipient of a recent notice in any state, because a bounce can come before the state is written. */
export async function findRecentRecipient(tx: Tx, id: string, notBefore: Instant): Promise<string | undefined> {
    const rows = await tx.query<{ person: string }>(
        "select person_id as person from staff_notices where id = $1 and created_at > $2",
        [id, new Date(notBefore)],
    )
    return rows[0]?.person
}

/** Marks a notice as bounced. Returns false where it was marked already. */
export async function setBounced(tx: Tx, id: string, at: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update staff_notices set returned_at = $2 where id = $1 and returned_at is null returning id",
        [id, new Date(at)],
    )
    return rows.length > 0
}

/** Lists bounces, oldest first, without notices about confidential matters alone. */
export async function listBounces(tx: Tx): Promise<{ readonly person: string; readonly at: Instant }[]> {
    return await tx.query(
        `select person_id as person, returned_at as at from staff_notices
         where returned_at is not null and not confidential
         order by returned_at, person_id`,
    )
}
