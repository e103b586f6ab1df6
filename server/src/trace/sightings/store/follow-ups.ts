/** Stores follow-ups: the start, the reminders and the end of a clock. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { ReminderStage } from "../follow-up.ts"

export interface FollowUpRow {
    readonly id: string
    readonly partner: string
    readonly case: string
    readonly wave: string
    readonly since: Instant
    readonly dueAt: Instant
    readonly remindAt: Instant
    readonly endedAt: Instant | null
    readonly reminded: ReminderStage
}

/**
 * Inserts clocks of one case, and returns the partners whose clock started. A running clock stays. All callers insert
 * in one order, so concurrent inserts wait and never deadlock.
 */
export async function insertFollowUps(
    tx: Tx,
    rows: readonly Omit<FollowUpRow, "endedAt" | "reminded">[],
): Promise<string[]> {
    const instants = (column: "since" | "dueAt" | "remindAt") => rows.map((row) => new Date(row[column]))
    const started = await tx.query<{ partner: string }>(
        `insert into follow_ups (id, partner_id, case_id, wave_id, started_at, due_at, remind_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[],
         $7::timestamptz[])
             as row (id, partner, case_id, wave, since, due_at, remind_at)
         order by wave, partner
         on conflict do nothing returning partner_id as partner`,
        [
            rows.map(({ id }) => id),
            rows.map(({ partner }) => partner),
            rows.map((row) => row.case),
            rows.map(({ wave }) => wave),
            instants("since"),
            instants("dueAt"),
            instants("remindAt"),
        ],
    )
    return started.map(({ partner }) => partner)
}

/** Lists follow-ups, oldest first; null selects all. */
export async function listFollowUps(
    tx: Tx,
    { partner, case: id }: { readonly partner: string | null; readonly case: string | null },
): Promise<FollowUpRow[]> {
    return await tx.query<FollowUpRow>(
        `select id, partner_id as partner, case_id as case, wave_id as wave, started_at as since, due_at as "dueAt",
         remind_at as "remindAt",
                ended_at as "endedAt", reminded
         from follow_ups where ${oneOrAll("partner_id", 1, partner)} and ${oneOrAll("case_id", 2, id)}
         order by due_at, started_at, id`,
        [partner, id],
    )
}

/** Lists cases with a running clock that may end or need a reminder. */
export async function listCasesWithRunningClock(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ case: string }>(
        `select distinct case_id as case from follow_ups where ended_at is null and reminded <> 'after' order by 1`,
    )
    return rows.map((row) => row.case)
}

/** Ends clocks, by id. */
export async function endFollowUps(tx: Tx, ends: ReadonlyMap<string, Instant>): Promise<void> {
    await tx.query(
        `update follow_ups set ended_at = ended.at from unnest($1::uuid[], $2::timestamptz[]) as ended (id, at)
         where follow_ups.id = ended.id`,
        [[...ends.keys()], [...ends.values()].map((at) => new Date(at))],
    )
}

/** Records which reminder was sent. */
export async function setReminded(tx: Tx, id: string, reminded: ReminderStage): Promise<void> {
    await tx.query("update follow_ups set reminded = $2 where id = $1", [id, reminded])
}

/** Returns the last run; null where none ran, or where its clock was ahead. */
export async function findLastRun(tx: Tx, now: Instant): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from follow_up_last_run where at <= $1", [new Date(now)])
    return row?.at ?? null
}

/** Claims a run. Of concurrent callers, one gets it. */
export async function claimRun(tx: Tx, now: Instant, notSince: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into follow_up_last_run (at) values ($1)
         on conflict (only_one) do update set at = excluded.at
             where follow_up_last_run.at <= $2 or follow_up_last_run.at > $1 returning only_one`,
        [new Date(now), new Date(notSince)],
    )
    return rows.length > 0
}

/** Tells whether a clock can still end: until the first run after its deadline. */
export const canEnd = ({ reminded }: Pick<FollowUpRow, "reminded">): boolean => reminded !== "after"

/** Identifies a clock. Per partner and wave, one runs at a time. */
export const clockKey = ({ partner, wave }: Pick<FollowUpRow, "partner" | "wave">): string => `${partner} ${wave}`
