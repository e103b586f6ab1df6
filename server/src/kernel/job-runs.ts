/**
 * Keeps when each worker job last ran and last succeeded, by the database's clock. Old rows show a dead worker.
 *
 * A worker notes runs in memory and saves them together every few seconds.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Db, Tx } from "../platform/postgres/db.ts"

export interface JobRun {
    readonly job: string
    readonly ranAt: Instant
    /** Null: it never succeeded. */
    readonly succeededAt: Instant | null
    /** Time since the last success; negative if the database's clock was set back since. */
    readonly ageMs: number | null
    /** Time since the first run. */
    readonly firstRunAgeMs: number
}

/** Time between two saves of one worker. An alarm's limit must be a multiple of it. */
export const saveEveryMs = 5_000

interface UnsavedRun {
    readonly ranAt: number
    readonly succeededAt: number | null
}

export interface RunTracker {
    noteRun(job: string, succeeded: boolean): void
    /** Saves the runs noted since the last save, in one statement. */
    save(db: Db): Promise<void>
    /** Whether this worker has saved any run. */
    readonly hasSaved: boolean
}

/** Tracks runs by the process's monotonic clock, which changes of the system time do not affect. */
export function trackRuns(): RunTracker {
    let unsaved = new Map<string, UnsavedRun>()
    let hasSaved = false
    return {
        noteRun: (job, succeeded) => {
            const ranAt = performance.now()
            unsaved.set(job, { ranAt, succeededAt: succeeded ? ranAt : (unsaved.get(job)?.succeededAt ?? null) })
        },
        save: async (db) => {
            const runs = unsaved
            if (runs.size === 0) return
            unsaved = new Map()
            await db.transaction((tx) => saveRuns(tx, runs))
            hasSaved = true
        },
        get hasSaved() {
            return hasSaved
        },
    }
}

/** Keeps the latest run of several workers. Replaces an instant in the future. */
const latestSql = (column: string) =>
    `case when job_runs.${column} > clock_timestamp() then excluded.${column}
         else greatest(job_runs.${column}, excluded.${column}) end`

async function saveRuns(tx: Tx, runs: ReadonlyMap<string, UnsavedRun>): Promise<void> {
    const jobs = [...runs].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const secondsAgo = (at: number | null) => (at === null ? null : (performance.now() - at) / 1000)
    await tx.query(
        `insert into job_runs (job, ran_at, succeeded_at)
         select job, clock_timestamp() - make_interval(secs => ran),
         clock_timestamp() - make_interval(secs => succeeded)
         from unnest($1::text[], $2::float8[], $3::float8[]) as run (job, ran, succeeded)
         on conflict (job) do update set ran_at = ${latestSql("ran_at")}, succeeded_at = ${latestSql("succeeded_at")}`,
        [
            jobs.map(([job]) => job),
            jobs.map(([, { ranAt }]) => secondsAgo(ranAt)),
            jobs.map(([, { succeededAt }]) => secondsAgo(succeededAt)),
        ],
    )
}

/** Lists every job that ever ran, by name. */
export async function listJobRuns(tx: Tx): Promise<JobRun[]> {
    return await tx.query<JobRun>(
        `select job, ran_at as "ranAt", succeeded_at as "succeededAt",
             (extract(epoch from clock_timestamp() - succeeded_at) * 1000)::float8 as "ageMs",
             (extract(epoch from clock_timestamp() - first_ran_at) * 1000)::float8 as "firstRunAgeMs"
         from job_runs order by job`,
    )
}

/** `late`: the last success is older than the limit. `never_ran`: it never succeeded. */
export type JobState = "running" | "late" | "never_ran"

/** Other jobs than the release job may be this many times as late, because some work for minutes. */
export const otherJobsFactor = 10

/** State of one job. `ageMsMax` is the longest allowed time since its last success, in milliseconds. */
export function jobStateOf(runs: readonly JobRun[], job: string, ageMsMax: number): JobState {
    const run = runs.find((jobRun) => jobRun.job === job)
    if (run === undefined || run.ageMs === null) return "never_ran"
    return Math.abs(run.ageMs) > ageMsMax ? "late" : "running"
}
