/**
 * Moves the flow: takes the oldest event that is owed a step, runs the step, and strikes the debt,
 * all in one transaction. A step that fails leaves no trace but a later due date.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Instant } from "@tocsin/base/instant"
import type { Services } from "./services.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { isDatabaseDown } from "../platform/postgres/database-down.ts"
import { isDue } from "./retry-time.ts"
import { saveEveryMs, trackRuns } from "./job-runs.ts"
import { causeOf, oncePerMinute } from "../platform/log/log.ts"

export interface RecordedEvent {
    readonly seq: number
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, unknown>>
}

/** What is done when an event of some kind was recorded. Runs in the transaction that strikes the debt. */
export type EventHandler = (tx: Tx, event: RecordedEvent, now: Instant, services: Services) => Promise<void>
export type EventHandlers = Readonly<Record<string, readonly EventHandler[]>>

/** Something looked for again and again, by state: due waves, leaves to number, mail to send. True: there may be more. */
export interface BackgroundJob {
    readonly name: string
    readonly run: (services: Services) => Promise<boolean>
    /** Its work may be a second late: it rests longer. */
    readonly isUnhurried?: true
    /** `select from …`, which finds a row whenever there may be work. The chore runs only then. Absent: it runs each time. */
    readonly waiting?: string
    /** Resolves when what it has set going is over. */
    readonly settle?: (services: Services) => Promise<void>
}

const delaySecondsMax = 3600
const isPendingEventDue = isDue("due_at", "clock_timestamp()", delaySecondsMax * 1000)
/** The loop that saves when the others ran: its own age says nothing that theirs do not. */
const saving = "saving-runs"
/** Between two looks when nothing was due. */
export const restMs = 200
const unhurriedMs = 1000

/** False when nothing is due. Events that nothing follows from are struck in bulk. */
export async function handleNextEvent(services: Services, handlers: EventHandlers): Promise<boolean> {
    let taken: RecordedEvent | undefined
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
            taken = rows[0]
            if (!taken) return
            for (const handle of handlers[taken.kind] ?? []) await handle(tx, taken, now, services)
            tx.finish("delete from pending_events where seq = $1", [taken.seq])
        })
    } catch (error) {
        if (!taken) throw error
        services.log.error("step failed", { kind: taken.kind, seq: taken.seq, error: causeOf(error) })
        await postpone(services, taken.seq)
    }
    return taken !== undefined
}

/** Retries go by real time: the demonstration's clock may stand still. */
async function postpone(services: Services, seq: number): Promise<void> {
    await services.db.transaction((tx) =>
        tx.query(
            `update pending_events set attempts = attempts + 1,
             due_at = clock_timestamp() + make_interval(secs => least($2, power(2, attempts))) where seq = $1`,
            [seq, delaySecondsMax],
        ),
    )
}

/** What of these kinds is owed a step that has failed, oldest first. */
export async function listFailedDebts(tx: Tx, kinds: readonly string[]): Promise<RecordedEvent[]> {
    return await tx.query<RecordedEvent>(
        `select seq, at, events.kind, body from pending_events join events using (seq)
         where attempts > 0 and pending_events.kind = any($1) order by seq`,
        [kinds],
    )
}

/** What has failed is due at once: whoever starts a worker may have mended why. */
export async function retryFailedEvents({ db }: Pick<Services, "db">): Promise<void> {
    await db.transaction((tx) =>
        tx.query(
            `update pending_events set due_at = clock_timestamp()
             where seq = any(array(select seq from pending_events where attempts > 0 for update skip locked))`,
        ),
    )
}

/** Strikes what is owed to events of kinds that nothing follows from. */
export async function completeRecordOnlyEvents(services: Services, ends: readonly string[]): Promise<void> {
    await services.db.transaction((tx) =>
        tx.query(
            // As an array: looked for once, however many are due, and not once for each of them.
            `delete from pending_events where seq = any(array(select seq from pending_events
             where kind = any($1) limit 1000 for update skip locked))`,
            [ends],
        ),
    )
}

export interface Worker {
    /** Resolves when what was under way is done. */
    stop(): Promise<void>
}

/** The names under which the worker's jobs are known: the flow, the ends, and each chore. */
export const jobsOf = (jobs: readonly BackgroundJob[]): string[] => ["flow", "ends", ...jobs.map(({ name }) => name)]

/** Events that are owed a step. */
export async function countPendingEvents(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>("select count(*)::int as count from pending_events")
    return row?.count ?? 0
}

/** Tells whether there may be work for a chore. One statement asks for all chores. */
function lookFor(
    { db }: Pick<Services, "db">,
    jobs: readonly BackgroundJob[],
): (job: BackgroundJob) => Promise<boolean> {
    const conditions = jobs.flatMap(({ name, waiting = "" }) =>
        waiting === "" ? [] : `exists (${waiting}) as "${name}"`,
    )
    let last: { readonly at: number; readonly found: Promise<Record<string, boolean> | undefined> } | undefined
    return async ({ name, waiting }) => {
        if (waiting === undefined) return true
        if (last === undefined || performance.now() - last.at > restMs / 2) {
            const rows = db.statement<Record<string, boolean>>(`select ${conditions.join(", ")}`, [])
            last = { at: performance.now(), found: rows.then(([row]) => row) }
        }
        return (await last.found)?.[name] === true
    }
}

/**
 * Runs the flow and the chores until stopped. A chore that fails is logged and looked for again. When each of them last
 * ran, and last succeeded, is saved every few seconds.
 */
export function startWorker(
    services: Services,
    handlers: EventHandlers,
    ends: readonly string[],
    jobs: readonly BackgroundJob[],
): Worker {
    const stopping = new AbortController()
    const { signal } = stopping
    const runs = trackRuns()
    const seldom = oncePerMinute(services.realNow)
    const failed = (name: string, error: unknown) => {
        const cause = isDatabaseDown(error) ? "the database does not answer" : causeOf(error)
        seldom(`${name} ${cause}`, () => services.log.error("chore failed", { chore: name, error: cause }))
    }
    const loop = async (name: string, once: () => Promise<boolean>, rest = () => restMs): Promise<void> => {
        while (!signal.aborted) {
            // Nothing is released, sent or sequenced in quarantine; that no job runs is then to be seen.
            if (services.highWater.isQuarantined() && name !== saving) {
                await pause(restMs, undefined, { signal }).catch(() => undefined)
                continue
            }
            let succeeded = true
            const more = await once().catch((error: unknown) => {
                succeeded = false
                if (!signal.aborted) failed(name, error)
                return false
            })
            if (name !== saving) runs.note(name, succeeded)
            if (!more) await pause(rest(), undefined, { signal }).catch(() => undefined)
        }
    }
    const steps: BackgroundJob = {
        name: "flow",
        run: () => handleNextEvent(services, handlers),
        waiting: "select from pending_events",
    }
    const hasWork = lookFor(services, [steps, ...jobs])
    const loops = [
        loop(
            "ends",
            () => completeRecordOnlyEvents(services, ends).then(() => false),
            () => unhurriedMs,
        ),
        ...[steps, ...jobs].map((job) =>
            loop(
                job.name,
                async () => (await hasWork(job)) && (await job.run(services)),
                () => (job.isUnhurried ? unhurriedMs : restMs),
            ),
        ),
        loop(
            saving,
            () => runs.save(services.db).then(() => false),
            () => (runs.hasSaved ? saveEveryMs : restMs),
        ),
    ]
    return {
        stop: async () => {
            stopping.abort()
            await Promise.all(loops)
            await Promise.all(jobs.map(async (job) => await job.settle?.(services)))
        },
    }
}

/** Repeats one chore in a process of whatever role, and in quarantine as well. */
export function repeat(services: Services, { name, run }: BackgroundJob, everyMs: number): Worker {
    const stopping = new AbortController()
    const { signal } = stopping
    const loop = async (): Promise<void> => {
        while (!signal.aborted) {
            await run(services).catch((error: unknown) => {
                if (!signal.aborted) services.log.error("chore failed", { chore: name, error: causeOf(error) })
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
