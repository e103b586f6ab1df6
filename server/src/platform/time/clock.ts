/**
 * Program time, read in the transaction that uses it, and never from this machine's clock.
 *
 * In service it is the database's clock, the same for all servers. A demonstration has a clock that stops until a
 * person moves it. Sessions, tokens, retries and limits use wall-clock time.
 */
import { formatInstant, type Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../postgres/db.ts"

export interface Clock {
    now(tx: Tx): Promise<Instant>
    /** Set for the demonstration's clock, which people move. */
    readonly isMovable?: true
    /** Set for a clock that is not the database's. */
    readonly externalNow?: () => Instant
}

/** The database's clock, but never before the latest trusted instant, even if that clock is set back. */
export const databaseClock: Clock = {
    now: (tx) =>
        read(tx, "select greatest(clock_timestamp(), (select high_water_at as high_water from clock_guard)) as now"),
}

export const demoClock: Clock = { now: (tx) => read(tx, "select now_at as now from demo_clock"), isMovable: true }

/** The maximum age of the latest trusted instant while a guard checks the clocks. */
const guardAgeMsMax = 15_000

/**
 * SQL: the instant up to which due releases may happen. While clocks are distrusted, it is the latest trusted instant.
 * While they are trusted, it is a little later, because no guard has checked an instant far ahead. Null before the
 * first check.
 */
export const trustedUntil = `(select case when memory -> 'distrust' = 'null' then high_water_at
    + interval '${guardAgeMsMax} milliseconds' else high_water_at end from clock_guard)`

/**
 * Returns the instant at which something opens, as far as the clocks are trusted. A demonstration's clock is always
 * trusted.
 */
export function trustedInstant(clock: Clock, until: Instant | null, instant: Instant): Instant {
    return clock.isMovable || until === null ? instant : Math.min(instant, until)
}

/**
 * Returns the instant from which a suspension or a recall is valid. While the clocks are distrusted, it is the latest
 * trusted instant. Otherwise it is `now`, or this machine's time where that is earlier. So it is also valid once a
 * clock that was ahead is set back.
 */
export async function withheldFrom(tx: Tx, { clock, realNow: wallNow }: ClockServices, now: Instant): Promise<Instant> {
    if (clock.isMovable) return now
    const [guard] = await tx.query<{ trusted: Instant; isDistrusted: boolean }>(
        `select high_water_at as trusted, memory -> 'distrust' <> 'null' as "isDistrusted" from clock_guard`,
        [],
    )
    if (guard === undefined) return now
    return Math.min(now, guard.isDistrusted ? guard.trusted : Math.max(guard.trusted, wallNow()))
}

interface ClockServices {
    readonly clock: Clock
    readonly realNow: () => Instant
}

/** Wall-clock time in milliseconds since 1970, for sessions, tokens, retries and limits. */
export const realNow = (): number => Date.now()

/**
 * Sets the demonstration's clock: the first time to any instant, then only forward. Refuses `clock.moves_backwards`.
 */
export async function moveDemoClock(tx: Tx, to: Instant): Promise<void> {
    const moved = await tx.query(
        `insert into demo_clock (now_at) values ($1) on conflict (only_one)
         do update set now_at = excluded.now_at where demo_clock.now_at <= excluded.now_at returning now_at as now`,
        [new Date(to)],
    )
    if (moved.length === 0) await refuseBackwards(tx)
}

/** Returns where the demonstration's clock is moving to; null while it stops. */
export async function findDemoTarget(tx: Tx): Promise<Instant | null> {
    const [row] = await tx.query<{ target: Instant | null }>("select target_at as target from demo_clock")
    return row?.target ?? null
}

/**
 * Moves the demonstration's clock to an instant. The furthest request counts. Refuses `clock.moves_backwards` for the
 * past.
 */
export async function setDemoTarget(tx: Tx, target: Instant): Promise<void> {
    const aimed = await tx.query(
        "update demo_clock set target_at = greatest(target_at, $1) where now_at < $1 returning target_at as target",
        [new Date(target)],
    )
    if (aimed.length === 0) await refuseBackwards(tx)
}

/** Stops the clock at its target. */
export async function stopDemoClock(tx: Tx): Promise<void> {
    await tx.query("update demo_clock set target_at = null")
}

async function refuseBackwards(tx: Tx): Promise<never> {
    const now = formatInstant(await demoClock.now(tx))
    refuse("conflict", "clock.moves_backwards", `the clock is at \`${now}\`: it can only be moved forward`, { now })
}

async function read(tx: Tx, sql: string): Promise<Instant> {
    // An empty list of values makes the driver parse and plan the statement once.
    const [row] = await tx.query<{ now: Instant }>(sql, [])
    if (!row) throw new Error("the demonstration's clock was never set")
    return row.now
}
