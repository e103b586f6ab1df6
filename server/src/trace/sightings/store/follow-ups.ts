/** The rows of owed reports: a clock begins, is reminded of, and ends. */
import type { Instant } from "@tocsin/base/instant"
import { type Tx, oneOrAll } from "../../../platform/postgres/db.ts"
import type { Reminded } from "../follow-up.ts"

export interface OwedRow {
    readonly id: string
    readonly partner: string
    readonly case: string
    readonly wave: string
    readonly since: Instant
    readonly dueAt: Instant
    readonly remindAt: Instant
    readonly endedAt: Instant | null
    readonly reminded: Reminded
}

/**
 * All of one case. Those whose clock began by it, and no one's whose clock runs already. Whoever inserts at the same time
 * does so in the same order: of two one waits for the other, and never both.
 */
export async function insertOwed(tx: Tx, rows: readonly Omit<OwedRow, "endedAt" | "reminded">[]): Promise<string[]> {
    const at = (subject: "since" | "dueAt" | "remindAt") => rows.map((row) => new Date(row[subject]))
    const begun = await tx.query<{ partner: string }>(
        `insert into follow_ups (id, partner_id, case_id, wave_id, started_at, due_at, remind_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[])
             as row (id, partner, case_id, wave, since, due_at, remind_at)
         order by wave, partner
         on conflict do nothing returning partner_id as partner`,
        [
            rows.map(({ id }) => id),
            rows.map(({ partner }) => partner),
            rows.map((row) => row.case),
            rows.map(({ wave }) => wave),
            ...[at("since"), at("dueAt"), at("remindAt")],
        ],
    )
    return begun.map(({ partner }) => partner)
}

/** Oldest first; null: of all. */
export async function listOwedReports(
    tx: Tx,
    { partner, case: id }: { readonly partner: string | null; readonly case: string | null },
): Promise<OwedRow[]> {
    return await tx.query<OwedRow>(
        `select id, partner_id as partner, case_id as case, wave_id as wave, started_at as since, due_at as "dueAt", remind_at as "remindAt",
                ended_at as "endedAt", reminded
         from follow_ups where ${oneOrAll("partner_id", 1, partner)} and ${oneOrAll("case_id", 2, id)}
         order by due_at, started_at, id`,
        [partner, id],
    )
}

/** Cases of which a clock runs that is not yet done with: whoever can have nothing any more, or is to be reminded, is looked for. */
export async function listCasesOwed(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ case: string }>(
        `select distinct case_id as case from follow_ups where ended_at is null and reminded <> 'after' order by 1`,
    )
    return rows.map((row) => row.case)
}

/** By id, when each ended. */
export async function endOwed(tx: Tx, ends: ReadonlyMap<string, Instant>): Promise<void> {
    await tx.query(
        `update follow_ups set ended_at = ended.at from unnest($1::uuid[], $2::timestamptz[]) as ended (id, at)
         where follow_ups.id = ended.id`,
        [[...ends.keys()], [...ends.values()].map((at) => new Date(at))],
    )
}

export async function setReminded(tx: Tx, id: string, reminded: Reminded): Promise<void> {
    await tx.query("update follow_ups set reminded = $2 where id = $1", [id, reminded])
}

/** When somebody last looked; null: never, or by a clock that was ahead. */
export async function findLastOwedLook(tx: Tx, now: Instant): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from follow_up_last_run where at <= $1", [new Date(now)])
    return row?.at ?? null
}

/** Of several who would look at once, one does; the others find it done. */
export async function claimFollowUpRun(tx: Tx, now: Instant, notSince: Instant): Promise<boolean> {
    const rows = await tx.query(
        `insert into follow_up_last_run (at) values ($1)
         on conflict (only_one) do update set at = excluded.at
             where follow_up_last_run.at <= $2 or follow_up_last_run.at > $1 returning only_one`,
        [new Date(now), new Date(notSince)],
    )
    return rows.length > 0
}

/** Until somebody has looked at it after it was due: then whoever is late is late. */
export const canEnd = ({ reminded }: Pick<OwedRow, "reminded">): boolean => reminded !== "after"

/** What a clock is of; of several of one partner and wave one runs. */
export const clockKey = ({ partner, wave }: Pick<OwedRow, "partner" | "wave">): string => `${partner} ${wave}`
