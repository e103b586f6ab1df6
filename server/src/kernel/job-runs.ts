/**
 * When each of the worker's jobs last ran, and last succeeded, by the database's clock: a dead worker is seen by the age
 * of these rows. A worker notes each run in memory and saves them together, once in a few seconds.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Db, Tx } from "../platform/postgres/db.ts"

export interface JobRun {
    readonly job: string
    readonly ranAt: Instant
    /** Null: it never ran without an error. */
    readonly succeededAt: Instant | null
    /** How long ago it last succeeded; below zero where the database's clock was set back since. */
    readonly ageMs: number | null
    /** How long ago it first ran. */
    readonly knownMs: number
}

/** Between two saves of one worker. An alarm that looks for an older run needs a multiple of it. */
export const saveEveryMs = 5_000

interface Noted {
    readonly ranAt: number
    readonly succeededAt: number | null
}

export interface RunTracker {
    note(job: string, succeeded: boolean): void
    /** Writes what was noted since the last save, in one statement. */
    save(db: Db): Promise<void>
    /** Whether anything was ever saved. */
    readonly hasSaved: boolean
}

/** Remembers runs by this process's own steady clock, which no change of the time moves. */
export function trackRuns(): RunTracker {
    let noted = new Map<string, Noted>()
    let hasSaved = false
    return {
        note: (job, succeeded) => {
            const ranAt = performance.now()
            noted.set(job, { ranAt, succeededAt: succeeded ? ranAt : (noted.get(job)?.succeededAt ?? null) })
        },
        save: async (db) => {
            const runs = noted
            if (runs.size === 0) return
            noted = new Map()
            await db.transaction((tx) => saveRuns(tx, runs))
            hasSaved = true
        },
        get hasSaved() {
            return hasSaved
        },
    }
}

/** The later run counts, of several workers; but a row from a time that has not come yet is replaced. */
const later = (column: string) =>
    `case when job_runs.${column} > clock_timestamp() then excluded.${column}
         else greatest(job_runs.${column}, excluded.${column}) end`

async function saveRuns(tx: Tx, runs: ReadonlyMap<string, Noted>): Promise<void> {
    const jobs = [...runs].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const secondsAgo = (at: number | null) => (at === null ? null : (performance.now() - at) / 1000)
    await tx.query(
        `insert into job_runs (job, ran_at, succeeded_at)
         select job, clock_timestamp() - make_interval(secs => ran), clock_timestamp() - make_interval(secs => succeeded)
         from unnest($1::text[], $2::float8[], $3::float8[]) as run (job, ran, succeeded)
         on conflict (job) do update set ran_at = ${later("ran_at")}, succeeded_at = ${later("succeeded_at")}`,
        [
            jobs.map(([job]) => job),
            jobs.map(([, { ranAt }]) => secondsAgo(ranAt)),
            jobs.map(([, { succeededAt }]) => secondsAgo(succeededAt)),
        ],
    )
}

/** Of every job that ever ran, by name. */
export async function listJobRuns(tx: Tx): Promise<JobRun[]> {
    return await tx.query<JobRun>(
        `select job, ran_at as "ranAt", succeeded_at as "succeededAt",
             (extract(epoch from clock_timestamp() - succeeded_at) * 1000)::float8 as "ageMs",
             (extract(epoch from clock_timestamp() - first_ran_at) * 1000)::float8 as "knownMs"
         from job_runs order by job`,
    )
}

/** `late`: it succeeded once, and not within the limit. */
export type JobState = "running" | "late" | "never_ran"

export function jobStateOf(runs: readonly JobRun[], job: string, ageMsMax: number): JobState {
    const run = runs.find((jobRun) => jobRun.job === job)
    if (run === undefined || run.ageMs === null) return "never_ran"
    return Math.abs(run.ageMs) > ageMsMax ? "late" : "running"
}
