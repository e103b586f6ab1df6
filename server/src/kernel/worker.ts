/**
 * Runs event handlers and background jobs.
 *
 * The worker takes the oldest pending event, runs its handlers and completes it in one transaction. A failed handler
 * leaves only a later due date.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Instant } from "@tocsin/base/instant"
import type { Services } from "./services.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { isDatabaseDown } from "../platform/postgres/database-down.ts"
import { isDueSql } from "./retry-time.ts"
import { saveEveryMs, trackRuns } from "./job-runs.ts"
import { causeOf, oncePerMinute } from "../platform/log/log.ts"
import { inJobSpan } from "../platform/telemetry/spans.ts"

export interface RecordedEvent {
    readonly seq: number
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, unknown>>
}

/** Handles one recorded event, in the transaction that completes the pending event. */
export type EventHandler = (tx: Tx, event: RecordedEvent, now: Instant, services: Services) => Promise<void>
export type EventHandlers = Readonly<Record<string, readonly EventHandler[]>>

/**
 * Work that is found by state: due waves, leaves to sequence, mail to send. `run` returns true where there may be more.
 */
export interface BackgroundJob {
    readonly name: string
    readonly run: (services: Services) => Promise<boolean>
    /** Runs less often, because a second's delay does not matter. */
    readonly runsSeldom?: true
    /** Changes nothing that a quarantine protects, and runs in one. */
    readonly runsInQuarantine?: true
    /**
     * `select from …`, which finds a row whenever there may be work. The job runs only then. Absent: it always runs.
     */
    readonly workSql?: string
    /** Resolves when the work that it started is over. */
    readonly finish?: (services: Services) => Promise<void>
}

const delaySecondsMax = 3600
const isPendingEventDue = isDueSql("due_at", "clock_timestamp()", delaySecondsMax * 1000)
/** The loop that saves the runs of the others. Its own runs are not noted. */
const saveRunsName = "saving-runs"
/** Pause between two runs when nothing was due. */
export const idlePauseMs = 200
const seldomPauseMs = 1000

/** Handles the oldest pending event. False where none is due. */
export async function handleNextEvent(services: Services, handlers: EventHandlers): Promise<boolean> {
    let event: RecordedEvent | undefined
    try {
        await services.db.transaction(async (tx) => {
            const [now, rows] = await Promise.all([
                services.clock.now(tx),
                tx.query<RecordedEvent>(
                    `with next as (
                        select seq from pending_events where ${isPendingEventDue} and kind = any($1)
                        order by seq limit 1 for update skip locked
                     ) select seq, at, kind, body from next join events using (seq)`,
                    [Object.keys(handlers)],
                ),
            ])
            event = rows[0]
            if (!event) return
            for (const handle of handlers[event.kind] ?? []) await handle(tx, event, now, services)
            tx.queryAtCommit("delete from pending_events where seq = $1", [event.seq])
        })
    } catch (error) {
        if (!event) throw error
        services.log.error("event handler failed", { kind: event.kind, seq: event.seq, error: causeOf(error) })
        await postpone(services, event.seq)
    }
    return event !== undefined
}

/** Retries go by wall-clock time, because the demonstration's program time can stop. */
async function postpone(services: Services, seq: number): Promise<void> {
    await services.db.transaction((tx) =>
        tx.query(
            `update pending_events set attempts = attempts + 1,
             due_at = clock_timestamp() + make_interval(secs => least($2, power(2, attempts))) where seq = $1`,
            [seq, delaySecondsMax],
        ),
    )
}

/** Lists pending events of these kinds that have failed, oldest first. */
export async function listFailedEvents(tx: Tx, kinds: readonly string[]): Promise<RecordedEvent[]> {
    return await tx.query<RecordedEvent>(
        `select seq, at, events.kind, body from pending_events join events using (seq)
         where attempts > 0 and pending_events.kind = any($1) order by seq`,
        [kinds],
    )
}

/** Makes every failed event due at once. Called when a worker starts, because the cause may be gone. */
export async function retryFailedEvents({ db }: Pick<Services, "db">): Promise<void> {
    await db.transaction((tx) =>
        tx.query(
            `update pending_events set due_at = clock_timestamp()
             where seq = any(array(select seq from pending_events where attempts > 0 for update skip locked))`,
        ),
    )
}

/** Completes the pending events of kinds without a handler, in bulk. */
export async function completeRecordOnlyEvents(services: Services, kinds: readonly string[]): Promise<void> {
    await services.db.transaction((tx) =>
        tx.query(
            // An array, so that PostgreSQL runs the subquery once and not once for each row.
            `delete from pending_events where seq = any(array(select seq from pending_events
             where kind = any($1) limit 1000 for update skip locked))`,
            [kinds],
        ),
    )
}

export interface Worker {
    /** Resolves when running work is done. */
    stop(): Promise<void>
}

/** Names of the worker's jobs: the event handlers, the record-only events, and each background job. */
export const jobNamesOf = (jobs: readonly BackgroundJob[]): string[] => [
    "event-handlers",
    "record-only-events",
    ...jobs.map(({ name }) => name),
]

/** Number of pending events. */
export async function countPendingEvents(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>("select count(*)::int as count from pending_events")
    return row?.count ?? 0
}

/** Tells whether a job may have work. One statement asks for all jobs. */
function makeWorkCheck(
    { db }: Pick<Services, "db">,
    jobs: readonly BackgroundJob[],
): (job: BackgroundJob) => Promise<boolean> {
    const conditions = jobs.flatMap(({ name, workSql = "" }) =>
        workSql === "" ? [] : `exists (${workSql}) as "${name}"`,
    )
    let last: { readonly at: number; readonly found: Promise<Record<string, boolean> | undefined> } | undefined
    return async ({ name, workSql }) => {
        if (workSql === undefined) return true
        if (last === undefined || performance.now() - last.at > idlePauseMs / 2) {
            const rows = db.statement<Record<string, boolean>>(`select ${conditions.join(", ")}`, [])
            last = { at: performance.now(), found: rows.then(([row]) => row) }
        }
        return (await last.found)?.[name] === true
    }
}

/**
 * Runs event handlers and background jobs until stopped. A failed job is logged and runs again. The last run and
 * success of each job are saved every few seconds.
 */
export function startWorker(
    services: Services,
    handlers: EventHandlers,
    recordOnlyKinds: readonly string[],
    jobs: readonly BackgroundJob[],
): Worker {
    const stopping = new AbortController()
    const { signal } = stopping
    const runs = trackRuns()
    const logSeldom = oncePerMinute(services.realNow)
    const logFailure = (name: string, error: unknown) => {
        const cause = isDatabaseDown(error) ? "the database does not answer" : causeOf(error)
        logSeldom(`${name} ${cause}`, () => services.log.error("background job failed", { job: name, error: cause }))
    }
    const inQuarantine = new Set([saveRunsName, ...jobs.flatMap((job) => (job.runsInQuarantine ? [job.name] : []))])
    const loop = async (name: string, runOnce: () => Promise<boolean>, pauseFor = () => idlePauseMs): Promise<void> => {
        while (!signal.aborted) {
            // In quarantine no wave is released, no mail is sent and no leaf is sequenced. Runs are still saved, so
            // that the stop shows.
            if (services.highWater.isQuarantined() && !inQuarantine.has(name)) {
                await pause(idlePauseMs, undefined, { signal }).catch(() => undefined)
                continue
            }
            let succeeded = true
            const more = await runOnce().catch((error: unknown) => {
                succeeded = false
                if (!signal.aborted) logFailure(name, error)
                return false
            })
            if (name !== saveRunsName) runs.noteRun(name, succeeded)
            if (!more) await pause(pauseFor(), undefined, { signal }).catch(() => undefined)
        }
    }
    const handlersJob: BackgroundJob = {
        name: "event-handlers",
        run: () => handleNextEvent(services, handlers),
        workSql: "select from pending_events",
    }
    const hasWork = makeWorkCheck(services, [handlersJob, ...jobs])
    const loops = [
        loop(
            "record-only-events",
            () => completeRecordOnlyEvents(services, recordOnlyKinds).then(() => false),
            () => seldomPauseMs,
        ),
        ...[handlersJob, ...jobs].map((job) =>
            loop(
                job.name,
                async () => (await hasWork(job)) && (await inJobSpan(job.name, () => job.run(services))),
                () => (job.runsSeldom ? seldomPauseMs : idlePauseMs),
            ),
        ),
        loop(
            saveRunsName,
            () => runs.save(services.db).then(() => false),
            () => (runs.hasSaved ? saveEveryMs : idlePauseMs),
        ),
    ]
    return {
        stop: async () => {
            stopping.abort()
            await Promise.all(loops)
            await Promise.all(jobs.map(async (job) => await job.finish?.(services)))
        },
    }
}

/** Repeats one job in any process, also in quarantine. */
export function repeatJob(services: Services, { name, run }: BackgroundJob, everyMs: number): Worker {
    const stopping = new AbortController()
    const { signal } = stopping
    const logSeldom = oncePerMinute(services.realNow)
    const loop = async (): Promise<void> => {
        while (!signal.aborted) {
            await run(services).catch((error: unknown) => {
                const cause = causeOf(error)
                if (!signal.aborted)
                    logSeldom(cause, () => services.log.error("background job failed", { job: name, error: cause }))
            })
            await pause(everyMs, undefined, { signal }).catch(() => undefined)
        }
    }
    const ended = loop()
    return {
        stop: async () => {
            stopping.abort()
            await ended
        },
    }
}
