/** The tables of waves, opened versions, freezes, default schedules and calendars. */
import type { Instant } from "@tocsin/base/instant"
import { trustedUntil } from "../../platform/time/clock.ts"
import { type Tx, oneOrAll } from "../../platform/postgres/db.ts"
import type { Calendar } from "./calendar.ts"
import type { Schedule, Wave, WaveTier } from "./wave.ts"

interface WaveRow {
    readonly id: string
    readonly case_id: string
    readonly tier: WaveTier
    readonly offset_ms: number
    readonly approval: string | null
    readonly frozen_at: Instant | null
    readonly released_at: Instant | null
}

const readWave = (row: WaveRow): Wave => ({
    id: row.id,
    case: row.case_id,
    tier: row.tier,
    offsetMs: row.offset_ms,
    approval: row.approval,
    frozenAt: row.frozen_at,
    releasedAt: row.released_at,
})

/** `frozen_at` is the start of the current freeze. */
const selectWaves = `select w.id, w.case_id, w.tier, w.approval_id as approval, w.released_at, o.offset_ms,
    (select f.frozen_at from wave_freezes f where f.wave_id = w.id and f.unfrozen_at is null)
    as frozen_at from waves w
    join lateral (select offset_ms from wave_offsets where wave_id = w.id order by seq desc limit 1) o on true`

export async function insertWave(
    tx: Tx,
    wave: Pick<Wave, "id" | "case" | "tier" | "offsetMs">,
    from: Instant,
): Promise<void> {
    await tx.query("insert into waves (id, case_id, tier) values ($1, $2, $3)", [wave.id, wave.case, wave.tier])
    await insertOffset(tx, wave.id, wave.offsetMs, from)
}

/** Lists the waves of one case (null: all), earliest first. */
export async function listWaves(tx: Tx, caseId: string | null): Promise<Wave[]> {
    const rows = await tx.query<WaveRow>(
        `${selectWaves} where ${oneOrAll("w.case_id", 1, caseId)} order by w.case_id, o.offset_ms, w.tier`,
        [caseId],
    )
    return rows.map(readWave)
}

/** Lists the unreleased waves with an approval, earliest first. An index keeps this list short. */
export async function listWavesWithApproval(tx: Tx): Promise<Wave[]> {
    const rows = await tx.query<WaveRow>(`${selectWaves} where w.released_at is null and w.approval_id is not null
         order by w.case_id, o.offset_ms, w.tier`)
    return rows.map(readWave)
}

export async function findWave(tx: Tx, id: string): Promise<Wave | undefined> {
    return (await tx.query<WaveRow>(`${selectWaves} where w.id = $1`, [id])).map(readWave)[0]
}

/** Locks a wave. Undefined also where another transaction holds it. */
export async function lockWave(tx: Tx, id: string): Promise<Wave | undefined> {
    const rows = await tx.query<WaveRow>(`${selectWaves} where w.id = $1 for update of w skip locked`, [id])
    return rows.map(readWave)[0]
}

/** Returns the default schedule at this instant; null before the first. */
export async function findScheduleAt(tx: Tx, instant: Instant): Promise<Schedule | null> {
    const rows = await tx.query<{ schedule: Schedule }>(
        "select schedule from default_schedules where from_at <= $1 order by seq desc limit 1",
        [new Date(instant)],
    )
    return rows[0]?.schedule ?? null
}

export async function insertSchedule(
    tx: Tx,
    schedule: Schedule,
    start: { from: Instant; by: string | null },
): Promise<void> {
    await tx.query("insert into default_schedules (schedule, from_at, actor_id) values ($1, $2, $3)", [
        JSON.stringify(schedule),
        new Date(start.from),
        start.by,
    ])
}

export async function listCalendarAt(tx: Tx, instant: Instant): Promise<Calendar> {
    const rows = await tx.query<{ days: Calendar }>(
        "select days from calendars where from_at <= $1 order by seq desc limit 1",
        [new Date(instant)],
    )
    return rows[0]?.days ?? []
}

export async function insertCalendar(
    tx: Tx,
    days: Calendar,
    start: { from: Instant; by: string | null },
): Promise<void> {
    await tx.query("insert into calendars (days, from_at, actor_id) values ($1, $2, $3)", [
        JSON.stringify(days),
        new Date(start.from),
        start.by,
    ])
}

/** Stores the distance from this instant on. Earlier rows stay for past decisions. */
export async function insertOffset(tx: Tx, wave: string, offsetMs: number, from: Instant): Promise<void> {
    await tx.query("insert into wave_offsets (wave_id, offset_ms, from_at) values ($1, $2, $3)", [
        wave,
        offsetMs,
        new Date(from),
    ])
}

export async function setApproval(tx: Tx, id: string, approval: string | null): Promise<void> {
    await tx.query("update waves set approval_id = $2 where id = $1", [id, approval])
}

export interface Freeze {
    readonly wave: string
    readonly from: Instant
    /** Null while the freeze lasts. */
    readonly until: Instant | null
}

/** Stores a freeze. If one lasts, the earlier start counts. */
export async function insertFreeze(tx: Tx, wave: string, from: Instant): Promise<void> {
    await tx.query(
        `insert into wave_freezes (wave_id, frozen_at) values ($1, $2)
         on conflict (wave_id) where unfrozen_at is null do update set frozen_at = least(wave_freezes.frozen_at, $2)`,
        [wave, new Date(from)],
    )
}

export async function endFreeze(tx: Tx, wave: string, until: Instant): Promise<void> {
    await tx.query("update wave_freezes set unfrozen_at = $2 where wave_id = $1 and unfrozen_at is null", [
        wave,
        new Date(until),
    ])
}

/** Lists the freezes of one case's waves (null: all), in order of their start. */
export async function listFreezes(tx: Tx, caseId: string | null): Promise<Freeze[]> {
    return await tx.query<Freeze>(
        `select f.wave_id as wave, f.frozen_at as from, f.unfrozen_at as until from wave_freezes f
         join waves w on w.id = f.wave_id
         where ${oneOrAll("w.case_id", 1, caseId)} order by f.seq`,
        [caseId],
    )
}

/** Marks the wave as released. This happens once. */
export async function setReleased(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update waves set released_at = $2 where id = $1 and released_at is null", [id, new Date(at)])
}

export interface OpenedVersion {
    readonly wave: string
    readonly artifact: string
    readonly version: number
}

/** `lateAt` is the instant of a late release; null for versions opened by the release itself. */
export async function insertOpenedVersions(
    tx: Tx,
    entries: readonly OpenedVersion[],
    lateAt: Instant | null,
): Promise<void> {
    await tx.query(
        `insert into wave_artifacts (wave_id, artifact_id, version, late_released_at)
         select *, $4::timestamptz from unnest($1::uuid[], $2::uuid[], $3::int[])`,
        [
            entries.map((entry) => entry.wave),
            entries.map((entry) => entry.artifact),
            entries.map((entry) => entry.version),
            lateAt === null ? null : new Date(lateAt),
        ],
    )
}

/** A wave as decisions need it: one row for each opened artifact, or one row without. */
export interface PlannedRow {
    readonly wave: string
    readonly case: string
    readonly tier: WaveTier
    readonly offsetMs: number
    readonly releasedAt: Instant | null
    readonly frozen: boolean
    readonly artifact: string | null
    readonly version: number | null
    /** Later than the release where the version was released late. */
    readonly openedAt: Instant | null
    /** Until when planned instants count as come; null before the first check of the clocks. */
    readonly trustedUntil: Instant | null
}

/**
 * Lists the waves of one case (null: all) as planned at this instant, with their freezes. Waves planned later are
 * missing. Each decision reads this, so it is one statement.
 */
export async function listPlannedRows(tx: Tx, caseId: string | null, instant: Instant): Promise<PlannedRow[]> {
    return await tx.query<PlannedRow>(
        `select w.id as wave, w.case_id as "case", w.tier, p.offset_ms as "offsetMs", w.released_at as "releasedAt",
             exists (select 1 from wave_freezes f where f.wave_id = w.id and f.frozen_at <= $2
                 and (f.unfrozen_at is null or f.unfrozen_at > $2)) as frozen, o.artifact_id as artifact, o.version,
              coalesce(o.late_released_at, w.released_at) as "openedAt", ${trustedUntil} as "trustedUntil"
         from waves w join lateral (select offset_ms from wave_offsets
             where wave_id = w.id and from_at <= $2 order by seq desc limit 1) p on true
         left join wave_artifacts o on o.wave_id = w.id
         where ${oneOrAll("w.case_id", 1, caseId)}`,
        [caseId, new Date(instant)],
    )
}

/** Lists what the released waves of one case (null: all) opened, and when. */
export async function listOpenedVersions(
    tx: Tx,
    caseId: string | null,
): Promise<(OpenedVersion & { tier: WaveTier; at: Instant })[]> {
    return await tx.query(
        `select o.wave_id as wave, o.artifact_id as artifact, o.version, w.tier, coalesce(o.late_released_at,
         w.released_at) as at
         from wave_artifacts o
         join waves w on w.id = o.wave_id where ${oneOrAll("w.case_id", 1, caseId)}`,
        [caseId],
    )
}
