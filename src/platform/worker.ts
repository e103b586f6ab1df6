/**
 * Moves the flow: takes the oldest event that is owed a step, runs the step, and strikes the debt,
 * all in one transaction. A step that fails leaves no trace but a later due date.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Instant } from "../lib/instant.ts"
import type { Doors } from "./doors.ts"
import type { Tx } from "./db.ts"
import { isDatabaseDown } from "./database-down.ts"
import { isDue } from "./due.ts"
import { saveEveryMs, trackRuns } from "./job-runs.ts"
import { causeOf, oncePerMinute } from "./log.ts"

export interface Recorded {
    readonly seq: number
    readonly at: Instant
    readonly kind: string
    readonly body: Readonly<Record<string, unknown>>
}

/** What is done when an event of some kind was recorded. Runs in the transaction that strikes the debt. */
export type Step = (tx: Tx, event: Recorded, now: Instant, doors: Doors) => Promise<void>
export type Flow = Readonly<Record<string, Step>>

/** Something looked for again and again, by state: due waves, leaves to number, mail to send. True: there may be more. */
export interface Chore {
    readonly name: string
    readonly run: (doors: Doors) => Promise<boolean>
    /** Its work may be a second late: it rests longer. */
    readonly isUnhurried?: true
    /** `select from …`, which finds a row whenever there may be work. The chore runs only then. Absent: it runs each time. */
    readonly waiting?: string
    /** Resolves when what it has set going is over. */
    readonly settle?: (doors: Doors) => Promise<void>
}

const delaySecondsMax = 3600
const isTodoDue = isDue("due_at", "clock_timestamp()", delaySecondsMax * 1000)
/** The loop that saves when the others ran: its own age says nothing that theirs do not. */
const saving = "saving-runs"
/** Between two looks when nothing was due. */
export const restMs = 200
const unhurriedMs = 1000

/** False when nothing is due. Events that nothing follows from are struck in bulk. */
export async function runNext(doors: Doors, flow: Flow): Promise<boolean> {
    let taken: Recorded | undefined
    try {
        await doors.db.transaction(async (tx) => {
            const [now, rows] = await Promise.all([
                doors.clock.now(tx),
                tx.query<Recorded>(
                    `with next as (
                        select seq from pending_events where ${isTodoDue} and kind = any($1)
                        order by seq limit 1 for update skip locked
                     ) select seq, at, kind, body from next join events using (seq)`,
                    [Object.keys(flow)],
                ),
            ])
            taken = rows[0]
            if (!taken) return
            await flow[taken.kind]?.(tx, taken, now, doors)
            tx.finish("delete from pending_events where seq = $1", [taken.seq])
        })
    } catch (error) {
        if (!taken) throw error
        doors.log.error("step failed", { kind: taken.kind, seq: taken.seq, error: causeOf(error) })
        await postpone(doors, taken.seq)
    }
    return taken !== undefined
}

/** Retries go by real time: the demonstration's clock may stand still. */
async function postpone(doors: Doors, seq: number): Promise<void> {
    await doors.db.transaction((tx) =>
        tx.query(
            `update pending_events set attempts = attempts + 1,
             due_at = clock_timestamp() + make_interval(secs => least($2, power(2, attempts))) where seq = $1`,
            [seq, delaySecondsMax],
        ),
    )
}

/** What of these kinds is owed a step that has failed, oldest first. */
export async function failedDebts(tx: Tx, kinds: readonly string[]): Promise<Recorded[]> {
    return await tx.query<Recorded>(
        `select seq, at, events.kind, body from pending_events join events using (seq)
         where attempts > 0 and pending_events.kind = any($1) order by seq`,
        [kinds],
    )
}

/** What has failed is due at once: whoever starts a worker may have mended why. */
export async function retryFailed({ db }: Pick<Doors, "db">): Promise<void> {
    await db.transaction((tx) =>
        tx.query(
            `update pending_events set due_at = clock_timestamp()
             where seq = any(array(select seq from pending_events where attempts > 0 for update skip locked))`,
        ),
    )
}

/** Strikes what is owed to events of kinds that nothing follows from. */
export async function strikeEnds(doors: Doors, ends: readonly string[]): Promise<void> {
    await doors.db.transaction((tx) =>
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
export const jobsOf = (chores: readonly Chore[]): string[] => ["flow", "ends", ...chores.map(({ name }) => name)]

/** Events that are owed a step. */
export async function countPending(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>("select count(*)::int as count from pending_events")
    return row?.count ?? 0
}

/** Tells whether there may be work for a chore. One statement asks for all chores. */
function lookFor({ db }: Pick<Doors, "db">, chores: readonly Chore[]): (chore: Chore) => Promise<boolean> {
    const conditions = chores.flatMap(({ name, waiting = "" }) =>
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
export function startWorker(doors: Doors, flow: Flow, ends: readonly string[], chores: readonly Chore[]): Worker {
    const stopping = new AbortController()
    const { signal } = stopping
    const runs = trackRuns()
    const seldom = oncePerMinute(doors.realNow)
    const failed = (name: string, error: unknown) => {
        const cause = isDatabaseDown(error) ? "the database does not answer" : causeOf(error)
        seldom(`${name} ${cause}`, () => doors.log.error("chore failed", { chore: name, error: cause }))
    }
    const loop = async (name: string, once: () => Promise<boolean>, rest = () => restMs): Promise<void> => {
        while (!signal.aborted) {
            // Nothing is released, sent or sequenced in quarantine; that no job runs is then to be seen.
            if (doors.highWater.isQuarantined() && name !== saving) {
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
    const steps: Chore = { name: "flow", run: () => runNext(doors, flow), waiting: "select from pending_events" }
    const hasWork = lookFor(doors, [steps, ...chores])
    const loops = [
        loop(
            "ends",
            () => strikeEnds(doors, ends).then(() => false),
            () => unhurriedMs,
        ),
        ...[steps, ...chores].map((chore) =>
            loop(
                chore.name,
                async () => (await hasWork(chore)) && (await chore.run(doors)),
                () => (chore.isUnhurried ? unhurriedMs : restMs),
            ),
        ),
        loop(
            saving,
            () => runs.save(doors.db).then(() => false),
            () => (runs.hasSaved ? saveEveryMs : restMs),
        ),
    ]
    return {
        stop: async () => {
            stopping.abort()
            await Promise.all(loops)
            await Promise.all(chores.map(async (chore) => await chore.settle?.(doors)))
        },
    }
}

/** Repeats one chore in a process of whatever role, and in quarantine as well. */
export function repeat(doors: Doors, { name, run }: Chore, everyMs: number): Worker {
    const stopping = new AbortController()
    const { signal } = stopping
    const loop = async (): Promise<void> => {
        while (!signal.aborted) {
            await run(doors).catch((error: unknown) => {
                if (!signal.aborted) doors.log.error("chore failed", { chore: name, error: causeOf(error) })
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
