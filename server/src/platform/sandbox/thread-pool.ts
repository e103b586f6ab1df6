/**
 * Runs long computations in threads, so that no request waits for them: comparing a leak with all copies, scoring all
 * recipients. Work beyond its limits ends a thread, not the process.
 */
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { Piscina } from "piscina"
import { limitConcurrency } from "./limit-concurrency.ts"
import { type Job, type ThreadJobs, run } from "./thread-jobs.ts"

export interface ThreadLimits {
    readonly timeMs: number
    /** Memory of JavaScript for each thread. Shared memory does not count. */
    readonly memoryMb: number
}

export const threadLimits: ThreadLimits = { timeMs: 60_000, memoryMb: 1024 }

/** Maximum number of threads. */
export const threadsMax = Math.min(4, availableParallelism())
const idleMs = 20_000

const entry = new URL(import.meta.url.endsWith(".ts") ? "./thread-jobs.ts" : "./thread-jobs.js", import.meta.url)
const pool = new Piscina<Job, unknown>({
    filename: fileURLToPath(entry),
    name: run.name,
    maxThreads: threadsMax,
    minThreads: 0,
    idleTimeout: idleMs,
    resourceLimits: { maxOldGenerationSizeMb: threadLimits.memoryMb },
    env: {},
})

/** Starts the time of a job when it gets a thread. The pool's own queue would count the waiting time. */
const runLimited = limitConcurrency(threadsMax)

/** Thrown where work exceeds its limits. */
export class LimitExceeded extends Error {}

/**
 * Runs the work in a thread. Typed arrays on shared memory are shared, everything else is copied. Throws
 * `LimitExceeded`.
 */
export async function runInThread<Name extends keyof ThreadJobs>(
    name: Name,
    input: Parameters<ThreadJobs[Name]>[0],
    limits: Pick<ThreadLimits, "timeMs"> = threadLimits,
): Promise<ReturnType<ThreadJobs[Name]>> {
    return await runLimited(async () => {
        const signal = AbortSignal.timeout(limits.timeMs)
        try {
            return (await pool.run({ name, input }, { signal })) as ReturnType<ThreadJobs[Name]>
        } catch (error) {
            const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY"
            if (signal.aborted || isTooLarge) throw new LimitExceeded(`\`${name}\` exceeds the limits of a thread`)
            throw error
        }
    })
}

/** Runs the work in a thread only where it `isLong`: short work takes less time than starting a thread. */
export async function runHereOrInThread<Name extends keyof ThreadJobs>(
    isLong: boolean,
    name: Name,
    input: Parameters<ThreadJobs[Name]>[0],
): Promise<ReturnType<ThreadJobs[Name]>> {
    return isLong ? await runInThread(name, input) : (run({ name, input }) as ReturnType<ThreadJobs[Name]>)
}
