/**
 * Whether this process can do its work: the database answers, the worker runs, the clocks are trusted, the disk has room.
 *
 * Anyone who reaches the address may ask, so that an answer names checks and codes, and no counts, paths or errors.
 */
import fs from "node:fs/promises"
import { setTimeout as pause } from "node:timers/promises"
import { clockMemory } from "./clock-memory.ts"
import type { Db, Tx } from "./db.ts"
import { jobRuns, jobStateOf } from "./job-runs.ts"

export const checkNames = ["database", "worker", "clock", "disk"] as const

export interface Check {
    readonly check: (typeof checkNames)[number]
    readonly ok: boolean
    /** Why it is not ok; null where it is. */
    readonly code: string | null
}

export interface Watched {
    readonly db: Db
    /** The job whose success is held to `workerAgeMaxMs`. */
    readonly job: string
    /** The other jobs of the worker: each may be ten times as late, because some of them work for minutes. */
    readonly jobs: readonly string[]
    readonly workerAgeMaxMs: number
    /** Folders that need room; those that do not exist are left out. */
    readonly folders: readonly string[]
    readonly diskFreeMin: number
}

const answerMsMax = 2_000
/** Answers are shared for so long, so that strangers cannot keep the database busy by asking. */
const sharedMs = 1_000
const otherJobsFactor = 10

const passed = (check: Check["check"]): Check => ({ check, ok: true, code: null })
const failed = (check: Check["check"], code: string): Check => ({ check, ok: false, code })

/** As `/readyz` says it. */
export function readinessAnswer(checks: readonly Check[]): { readonly ok: boolean; readonly checks: readonly Check[] } {
    return { ok: checks.every(({ ok }) => ok), checks }
}

/** All checks. Never throws, and answers within some two seconds. */
export function readinessOf(watched: Watched): () => Promise<readonly Check[]> {
    return shared(async () => {
        const [database, disk] = await Promise.all([databaseChecks(watched), diskCheck(watched)])
        return [...database, disk]
    })
}

/** Whether the database answers: all that partners' side needs, and all that partners may learn. */
export function reachabilityOf(db: Db): () => Promise<boolean> {
    return shared(async () => (await inTime(db, (tx) => tx.query("select 1"))) !== null)
}

async function databaseChecks({ db, job, jobs, workerAgeMaxMs }: Watched): Promise<Check[]> {
    const found = await inTime(db, async (tx) => {
        const [runs, memory] = await Promise.all([jobRuns(tx), clockMemory(tx)])
        return { runs, memory }
    })
    if (found === null) {
        return [failed("database", "unreachable"), failed("worker", "unknown"), failed("clock", "unknown")]
    }
    const { runs, memory } = found
    const state = jobStateOf(runs, job, workerAgeMaxMs)
    const stuck = jobs.some((one) => jobStateOf(runs, one, workerAgeMaxMs * otherJobsFactor) === "late")
    const worker = state === "running" ? (stuck ? failed("worker", "job_stuck") : passed("worker")) : null
    const clock = memory === null ? failed("clock", "unread") : null
    return [
        passed("database"),
        worker ?? failed("worker", state),
        clock ?? (memory?.frozen ? failed("clock", "distrusted") : passed("clock")),
    ]
}

async function diskCheck({ folders, diskFreeMin }: Watched): Promise<Check> {
    const free = await Promise.all(folders.map(freeBytes))
    return free.some((bytes) => bytes !== null && bytes < diskFreeMin) ? failed("disk", "low") : passed("disk")
}

/** Null where there is no such folder. */
async function freeBytes(folder: string): Promise<number | null> {
    try {
        const { bavail, bsize } = await fs.statfs(folder)
        return bavail * bsize
    } catch {
        return null
    }
}

/** Null where the database gives no answer in time. */
async function inTime<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T | null> {
    const timer = new AbortController()
    const late = pause(answerMsMax, null, { signal: timer.signal }).catch(() => null)
    try {
        return await Promise.race([db.transaction(work).catch(() => null), late])
    } finally {
        timer.abort()
    }
}

function shared<T>(ask: () => Promise<T>): () => Promise<T> {
    let latest: { readonly answer: Promise<T>; readonly until: number } | null = null
    return () => {
        if (latest !== null && performance.now() < latest.until) return latest.answer
        const answer = ask()
        latest = { answer, until: Infinity }
        const keep = () => void (latest = { answer, until: performance.now() + sharedMs })
        void answer.then(keep, keep)
        return answer
    }
}
