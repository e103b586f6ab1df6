/**
 * Checks whether this process can work: database, worker, clocks and disk.
 *
 * Any caller may ask, so the answer has check names, codes and jobs, but no counts, paths or errors.
 */
import fs from "node:fs/promises"
import { setTimeout as pause } from "node:timers/promises"
import { findClockMemory } from "../time/clock-baseline.ts"
import type { Db, Tx } from "../postgres/db.ts"
import { type JobRun, listJobRuns, jobStateOf, otherJobsFactor } from "../../kernel/job-runs.ts"

export const checkNames = ["database", "worker", "clock", "disk", "keys"] as const

export interface Check {
    readonly check: (typeof checkNames)[number]
    readonly ok: boolean
    /** Why the check failed; null where it is ok. */
    readonly code: string | null
    /** The affected jobs. */
    readonly jobs?: readonly string[]
}

export interface ReadinessOptions {
    readonly db: Db
    /** The job whose last success may be at most `workerAgeMaxMs` old. */
    readonly job: string
    /**
     * The other jobs of the worker. Each may be ten times as late, because some work for minutes. The same time applies
     * to the first success, from the first run or the start of this process.
     */
    readonly jobs: readonly string[]
    readonly workerAgeMaxMs: number
    /** Folders that need disk space. Missing folders are skipped. */
    readonly folders: readonly string[]
    readonly diskFreeMin: number
    /** In quarantine the worker's jobs do not run. */
    readonly isQuarantined: () => boolean
    /** Null: this process has the keys, and there is no check of them. */
    readonly areKeysUp?: (() => Promise<boolean>) | null | undefined
}

const answerMsMax = 2_000
/** How long answers are cached, so that strangers cannot load the database. */
const cachedMs = 1_000

const passed = (check: Check["check"]): Check => ({ check, ok: true, code: null })
const failed = (check: Check["check"], code: string, jobs?: readonly string[]): Check => ({
    check,
    ok: false,
    code,
    ...(jobs !== undefined && { jobs }),
})

/** The answer of `/readyz`. */
export function readinessAnswer(checks: readonly Check[]): { readonly ok: boolean; readonly checks: readonly Check[] } {
    return { ok: checks.every(({ ok }) => ok), checks }
}

/** Makes the function that runs all checks. It never throws and answers within about two seconds. */
export function readinessOf(
    options: ReadinessOptions,
    steadyNow = () => performance.now(),
): () => Promise<readonly Check[]> {
    const startedAt = steadyNow()
    return cacheBriefly(async () => {
        const upMs = steadyNow() - startedAt
        const [database, disk, keys] = await Promise.all([
            databaseChecks(options, upMs),
            diskCheck(options),
            keysCheck(options),
        ])
        return [...database, disk, ...keys]
    })
}

/** Makes the function that checks the database and the key process, the portal's only checks. */
export function reachabilityOf(db: Db, areKeysUp: ReadinessOptions["areKeysUp"]): () => Promise<boolean> {
    return cacheBriefly(async () => {
        const [answer, keys] = await Promise.all([
            withTimeout(db, (tx) => tx.query("select 1")),
            keysCheck({ areKeysUp }),
        ])
        return answer !== null && keys.every(({ ok }) => ok)
    })
}

async function keysCheck({ areKeysUp = null }: Pick<ReadinessOptions, "areKeysUp">): Promise<Check[]> {
    if (areKeysUp === null) return []
    const isUp = await Promise.race([areKeysUp(), pause(answerMsMax, false)])
    return [isUp ? passed("keys") : failed("keys", "process_down")]
}

async function databaseChecks(options: ReadinessOptions, upMs: number): Promise<Check[]> {
    const { db, job, workerAgeMaxMs } = options
    const found = await withTimeout(db, async (tx) => {
        const [runs, memory] = await Promise.all([listJobRuns(tx), findClockMemory(tx)])
        return { runs, memory }
    })
    if (found === null) {
        return [failed("database", "unreachable"), failed("worker", "unknown"), failed("clock", "unknown")]
    }
    const { runs, memory } = found
    const state = options.isQuarantined() ? "quarantine" : jobStateOf(runs, job, workerAgeMaxMs)
    const clock = memory === null ? failed("clock", "unread") : null
    return [
        passed("database"),
        state === "running" ? otherJobsCheck(options, runs, upMs) : failed("worker", state),
        clock ?? (memory?.distrust ? failed("clock", "distrusted") : passed("clock")),
    ]
}

function otherJobsCheck({ jobs, workerAgeMaxMs }: ReadinessOptions, runs: readonly JobRun[], upMs: number): Check {
    const ageMsMax = workerAgeMaxMs * otherJobsFactor
    const stateOf = (job: string) => jobStateOf(runs, job, ageMsMax)
    const firstRunAgeMs = (job: string) => runs.find((jobRun) => jobRun.job === job)?.firstRunAgeMs ?? 0
    const late = jobs.filter((job) => stateOf(job) === "late")
    if (late.length > 0) return failed("worker", "job_stuck", late)
    const never = jobs.filter((job) => stateOf(job) === "never_ran" && Math.max(upMs, firstRunAgeMs(job)) > ageMsMax)
    return never.length > 0 ? failed("worker", "job_never_succeeded", never) : passed("worker")
}

async function diskCheck({ folders, diskFreeMin }: ReadinessOptions): Promise<Check> {
    const free = await Promise.all(folders.map(freeBytes))
    return free.some((bytes) => bytes !== null && bytes < diskFreeMin) ? failed("disk", "low") : passed("disk")
}

/** Returns the free bytes of the folder's disk; null where the folder does not exist. */
async function freeBytes(folder: string): Promise<number | null> {
    try {
        const { bavail, bsize } = await fs.statfs(folder)
        return bavail * bsize
    } catch {
        return null
    }
}

/** Returns null where the database does not answer in time. */
async function withTimeout<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T | null> {
    const timer = new AbortController()
    const late = pause(answerMsMax, null, { signal: timer.signal }).catch(() => null)
    try {
        return await Promise.race([db.transaction(work).catch(() => null), late])
    } finally {
        timer.abort()
    }
}

function cacheBriefly<T>(compute: () => Promise<T>): () => Promise<T> {
    let latest: { readonly answer: Promise<T>; readonly until: number } | null = null
    return () => {
        if (latest !== null && performance.now() < latest.until) return latest.answer
        const answer = compute()
        latest = { answer, until: Infinity }
        const keep = () => void (latest = { answer, until: performance.now() + cachedMs })
        void answer.then(keep, keep)
        return answer
    }
}
