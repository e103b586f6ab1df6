/** The rows of deputies, of who was told of what, and of the notices to persons of the operator. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import { isDue } from "../../kernel/retry-time.ts"
import { waitMsMax } from "../../trust/mail/message.ts"
import type { Deputy } from "./deputy.ts"
import type { Step } from "./task.ts"

const columns = `id, person_id as person, deputy_id as deputy, from_at as "from", until_at as until, ended_at as "endedAt"`

export async function insertDeputy(
    tx: Tx,
    { id, person, deputy, from, until }: Omit<Deputy, "endedAt">,
): Promise<void> {
    await tx.query("insert into deputies (id, person_id, deputy_id, from_at, until_at) values ($1, $2, $3, $4, $5)", [
        ...[id, person, deputy, new Date(from), new Date(until)],
    ])
}

/** Those that are not over, oldest first. */
export async function listDeputies(tx: Tx, now: Instant): Promise<Deputy[]> {
    return await tx.query<Deputy>(
        `select ${columns} from deputies where ended_at is null and until_at > $1 order by from_at, id`,
        [new Date(now)],
    )
}

/** False where this person has named none of this id that goes on. */
export async function endDeputy(tx: Tx, id: string, person: string, at: Instant): Promise<boolean> {
    const rows = await tx.query(
        `update deputies set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null and until_at > $3
         returning id`,
        [id, person, new Date(at)],
    )
    return rows.length === 1
}

/** What somebody is told of, by its key, and that it began, lapses soon or is over. */
export interface ToldOf {
    readonly key: string
    readonly step: Step
}

/** Those of which this person was not told before, in any order. */
export async function insertTold(
    tx: Tx,
    person: string,
    toldOfs: readonly ToldOf[],
    at: Instant,
): Promise<readonly ToldOf[]> {
    return await tx.query<ToldOf>(
        `insert into task_notices (person_id, key, step, at) select $1, key, step, $4
         from unnest($2::text[], $3::text[]) as told (key, step) on conflict do nothing returning key, step`,
        [person, toldOfs.map(({ key }) => key), toldOfs.map(({ step }) => step), new Date(at)],
    )
}

/** Null also where the last look was by a clock that was ahead. */
export async function findLastLook(tx: Tx, now: Instant): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from task_last_run where at <= $1", [new Date(now)])
    return row?.at ?? null
}

/** False where another has looked since `before`. */
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
    /** Whether it tells of sealed matters alone. */
    readonly sealed: boolean
}

export async function insertNotice(tx: Tx, notice: NewNotice, now: Instant, realNow: Instant): Promise<void> {
    await tx.query(
        "insert into staff_notices (id, person_id, confidential, state, next_at, created_at) values ($1, $2, $3, 'due', $4, $5)",
        [notice.id, notice.person, notice.sealed, new Date(realNow), new Date(now)],
    )
}

export interface NoticeRow {
    readonly id: string
    readonly person: string
    readonly tries: number
}

/** Those that are due and not sent. */
export async function countDue(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
        "select count(*)::int as count from staff_notices where state = 'due'",
    )
    return row?.count ?? 0
}

/** Finds a row if any may be due: the worker asks this first. */
export const noticesWaiting = "select from staff_notices where state = 'due'"

/** The next to send, held until the transaction ends. */
export async function claimDueNotice(tx: Tx, realNow: Instant): Promise<NoticeRow | undefined> {
    const rows = await tx.query<NoticeRow>(
        `select id, person_id as person, attempts as tries from staff_notices where state = 'due' and ${isDue("next_at", "$1", waitMsMax)}
         order by attempts > 0, next_at limit 1 for update skip locked`,
        [new Date(realNow)],
    )
    return rows[0]
}

export async function holdNotice(tx: Tx, id: string, until: Instant): Promise<void> {
    await tx.query("update staff_notices set next_at = $2 where id = $1", [id, new Date(until)])
}

/** Whether it is still held until this instant; locked until the transaction ends. */
export async function lockHeldNotice(tx: Tx, id: string, until: Instant): Promise<boolean> {
    const rows = await tx.query(
        "select 1 from staff_notices where id = $1 and state = 'due' and next_at = $2 for update",
        [id, new Date(until)],
    )
    return rows.length > 0
}

export async function setNotice(
    tx: Tx,
    id: string,
    state: "due" | "sent" | "dropped" | "failed",
    nextAt: Instant,
): Promise<void> {
    await tx.query("update staff_notices set state = $2, attempts = attempts + 1, next_at = $3 where id = $1", [
        ...[id, state, new Date(nextAt)],
    ])
}

/** Whom a notice was to tell, whatever has become of it: it may come back before that is written down. */
export async function toldOfLate(tx: Tx, id: string, notBefore: Instant): Promise<string | undefined> {
    const rows = await tx.query<{ person: string }>(
        "select person_id as person from staff_notices where id = $1 and created_at > $2",
        [id, new Date(notBefore)],
    )
    return rows[0]?.person
}

/** False where that is noted already. */
export async function setReturned(tx: Tx, id: string, at: Instant): Promise<boolean> {
    const rows = await tx.query(
        "update staff_notices set returned_at = $2 where id = $1 and returned_at is null returning id",
        [id, new Date(at)],
    )
    return rows.length > 0
}

/** What came back, oldest first, but for what told of sealed matters alone. */
export async function listReturns(tx: Tx): Promise<{ readonly person: string; readonly at: Instant }[]> {
    return await tx.query(
        `select person_id as person, returned_at as at from staff_notices where returned_at is not null and not confidential
         order by returned_at, person_id`,
    )
}
