/**
 * Threads for work that takes a processor long: reading a leak against all that was handed out, and weighing everybody. Nobody
 * else's request waits for it, and what exceeds its limits ends a thread and not the process.
 *
 * They are started when there is work, and end when there is none for a while.
 */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { type Works, works } from "./works.ts"

export interface CrewLimits {
    readonly timeMs: number
    /** Of JavaScript, for each thread; what is shared is not in it. */
    readonly memoryMb: number
}

export const crewLimits: CrewLimits = { timeMs: 60_000, memoryMb: 1024 }

/** At most so many threads. */
export const crewMax = Math.min(4, availableParallelism())
const idleMs = 20_000

export interface Asked {
    readonly work: keyof Works
    readonly of: unknown
}

export type Answer = { readonly gave: unknown } | { readonly failed: string }
/** Of a job: what it gave, or that its limits were not enough. */
type Told = Answer | "beyond"

interface Job extends Asked {
    readonly limits: CrewLimits
    readonly resolve: (told: Told) => void
}

const waiting: Job[] = []
const idle = new Set<Thread>()
let started = 0

/** What a thread is given up with: the limits are not enough for it. */
export class Beyond extends Error {}

/** What the work gives; typed arrays on shared memory are shared, all else is copied. Throws `Beyond`. */
export async function apart<Name extends keyof Works>(
    work: Name,
    of: Parameters<Works[Name]>[0],
    limits: CrewLimits = crewLimits,
): Promise<ReturnType<Works[Name]>> {
    const { promise, resolve } = Promise.withResolvers<Told>()
    waiting.push({ work, of, limits, resolve })
    start()
    const told = await promise
    if (told === "beyond") throw new Beyond(`\`${work}\` takes more than a thread may`)
    if ("failed" in told) throw new Error(`a thread failed: ${told.failed}`)
    return told.gave as ReturnType<Works[Name]>
}

/** The same, in a thread only where it is `isLong`: what is little takes less time than to start one. */
export async function hereOrApart<Name extends keyof Works>(
    isLong: boolean,
    work: Name,
    of: Parameters<Works[Name]>[0],
): Promise<ReturnType<Works[Name]>> {
    return isLong ? await apart(work, of) : (works[work] as (of: unknown) => ReturnType<Works[Name]>)(of)
}

function start(): void {
    while (waiting.length > 0) {
        const [thread = started < crewMax ? threadOf() : null] = idle
        if (thread === null) return
        idle.delete(thread)
        thread.begin(waiting.shift() as Job)
    }
}

interface Thread {
    readonly begin: (job: Job) => void
}

const entry = new URL(import.meta.url.endsWith(".ts") ? "./crew-apart.ts" : "./crew-apart.js", import.meta.url)

function threadOf(): Thread {
    started++
    const worker = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: crewLimits.memoryMb }, env: {} })
    let job: Job | null = null
    let timer: NodeJS.Timeout | undefined
    let last: Told = { failed: "it ended" }
    const tell = (told: Told) => {
        clearTimeout(timer)
        job?.resolve(told)
        job = null
    }
    const thread: Thread = {
        begin: (its) => {
            clearTimeout(timer)
            job = its
            worker.ref()
            timer = setTimeout(() => {
                last = "beyond"
                void worker.terminate()
            }, its.limits.timeMs)
            worker.postMessage({ work: its.work, of: its.of } satisfies Asked)
        },
    }
    worker.on("message", (answer: Answer) => {
        tell(answer)
        worker.unref()
        timer = setTimeout(() => {
            idle.delete(thread)
            void worker.terminate()
        }, idleMs).unref()
        idle.add(thread)
        start()
    })
    worker.on("error", (error: NodeJS.ErrnoException) => {
        last = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "beyond" : { failed: error.message }
    })
    worker.on("exit", () => {
        idle.delete(thread)
        started--
        tell(last)
        start()
    })
    return thread
}
