/** Tests the worker on a real database: each event's handler runs once, whole or not at all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Acting, actingOn, listEvents, system, testServices } from "../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"
import { record } from "./action-context.ts"
import type { Db, Tx } from "../platform/postgres/db.ts"
import type { Services } from "./services.ts"
import { listJobRuns, jobStateOf, trackRuns } from "./job-runs.ts"
import type { LogFields } from "../platform/log/log.ts"
import {
    type EventHandlers,
    type EventHandler,
    listFailedEvents,
    retryFailedEvents,
    handleNextEvent,
    startWorker,
    completeRecordOnlyEvents,
} from "./worker.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }

let database: TestDatabase
let services: Services
let acting: Acting
let logged: [string, LogFields][]

beforeAll(async () => {
    database = await createDatabase()
    const quiet = () => undefined
    const error = (kind: string, fields?: LogFields) => void logged.push([kind, fields ?? {}])
    services = { ...testServices(database, clock), log: { debug: quiet, info: quiet, warn: quiet, error } }
    acting = actingOn(services, clock)
})
afterAll(() => database.close())
beforeEach(async () => {
    logged = []
    await database.db.transaction((tx) =>
        tx.query("truncate events, pending_events, unsequenced_events, leaves cascade"),
    )
})

const happen = (kind: string, n = 0) => acting(system, (ctx) => record(ctx, { kind, n }))
const owed = () =>
    database.db.transaction((tx) =>
        tx.query<{ seq: number; attempts: number }>("select seq, attempts from pending_events order by seq"),
    )
const make = (kinds: string[]) => database.db.transaction((tx) => listFailedEvents(tx, kinds))
const makeDue = () => database.db.transaction((tx) => tx.query("update pending_events set due_at = clock_timestamp()"))

/** A handler that notes the events in the order of its calls, and leaves a trace of each. */
function noting(): { seen: number[]; step: EventHandler } {
    const seen: number[] = []
    return {
        seen,
        step: async (tx, event, now) => {
            seen.push(Number(event.body["n"]))
            await record({ tx, now, services, actor: system }, { kind: "traced", n: Number(event.body["n"]) })
        },
    }
}
const traces = async () =>
    (await listEvents(database)).filter(({ kind }) => kind === "traced").map(({ body }) => body["n"])

describe("one event after the other", () => {
    test("finds pending events without reading events, however many wait for their time", async () => {
        for (let n = 0; n < 50; n++) await happen(n % 2 ? "begun" : "ended", n)
        await database.db.transaction((tx) =>
            tx.query("update pending_events set due_at = clock_timestamp() + interval '1 hour'"),
        )
        await database.db.transaction((tx) => tx.query("analyze pending_events, events"))
        const reads: number[] = []
        const rowsRead = async (tx: Tx) => {
            const [row] = await tx.query<{ count: number }>(
                "select seq_tup_read + idx_tup_fetch as count from pg_stat_xact_user_tables where relname = 'events'",
            )
            return row?.count ?? Number.NaN
        }
        const transaction: Db["transaction"] = (work) =>
            database.db.transaction(async (tx) => {
                const before = await rowsRead(tx)
                const answer = await work(tx)
                reads.push((await rowsRead(tx)) - before)
                return answer
            })
        const counted = { ...database.db, transaction }
        expect(await handleNextEvent({ ...services, db: counted }, { begun: [noting().step] })).toBe(false)
        await completeRecordOnlyEvents({ ...services, db: counted }, ["gone"])
        // The planner reads the ends of an index.
        expect(reads.filter((count) => count > 5)).toEqual([])
    })

    test("runs its handler, the oldest first, in program time, and completes it", async () => {
        const { seen, step } = noting()
        for (const n of [1, 2, 3]) await happen("begun", n)
        for (const _ of [1, 2, 3]) expect(await handleNextEvent(services, { begun: [step] })).toBe(true)
        expect(await handleNextEvent(services, { begun: [step] })).toBe(false)
        expect(seen).toEqual([1, 2, 3])
        expect(await traces()).toEqual([1, 2, 3])
        expect(await owed()).toHaveLength(3)
    })

    test("gets the event as it was recorded", async () => {
        const seq = await happen("begun", 7)
        const got: unknown[] = []
        const step: EventHandler = async (_tx, event, now) => void got.push(event, now)
        await handleNextEvent(services, { begun: [step] })
        const body = { n: 7, by: null, step: "test" }
        expect(got).toEqual([{ seq, at: clock.now, kind: "begun", body }, clock.now])
    })

    test("leaves events without a handler pending", async () => {
        await happen("other")
        expect(await handleNextEvent(services, { begun: [noting().step] })).toBe(false)
        expect(await owed()).toHaveLength(1)
    })

    test("sees no event that was rolled back", async () => {
        const failing = acting(system, async (ctx) => {
            await record(ctx, { kind: "begun" })
            throw new Error("no")
        })
        await expect(failing).rejects.toThrow("no")
        expect(await handleNextEvent(services, { begun: [noting().step] })).toBe(false)
    })
})

describe("a handler that fails half way", () => {
    const failing = (fail: (tx: Tx) => Promise<unknown>): EventHandler => {
        const { step } = noting()
        return async (tx, event, now, doors) => {
            await step(tx, event, now, doors)
            await fail(tx)
        }
    }

    test.each<[string, (tx: Tx) => Promise<unknown>]>([
        ["by throwing", () => Promise.reject(new Error("broken"))],
        ["in a statement", (tx) => tx.query("select 1 / 0")],
        ["in a statement whose failure it hides", (tx) => tx.query("select 1 / 0").catch(() => undefined)],
        ["with its connection", (tx) => tx.query("select pg_terminate_backend(pg_backend_pid())")],
    ])("%s leaves nothing, and is tried again", async (_, fail) => {
        const seq = await happen("begun", 1)
        expect(await handleNextEvent(services, { begun: [failing(fail)] })).toBe(true)
        expect(await traces()).toEqual([])
        expect(await owed()).toEqual([{ seq, attempts: 1 }])
        expect(logged).toMatchObject([["event handler failed", { kind: "begun", seq }]])
        await makeDue()
        expect(await handleNextEvent(services, { begun: [noting().step] })).toBe(true)
        expect(await traces()).toEqual([1])
        expect((await owed()).map((item) => item.seq)).not.toContain(seq)
    })

    test("does not hold up the next event", async () => {
        await happen("begun", 1)
        await database.db.transaction((tx) => tx.query("update pending_events set attempts = 9"))
        await happen("begun", 2)
        const { seen, step } = noting()
        const flow: EventHandlers = {
            begun: [
                async (tx, event, now, doors) => {
                    await step(tx, event, now, doors)
                    if (event.body["n"] === 1) throw new Error("broken")
                },
            ],
        }
        while (await handleNextEvent(services, flow));
        expect(seen).toEqual([1, 2])
        expect(await traces()).toEqual([2])
    })

    test("is tried at once when a worker starts; pending events that have not failed keep their due date", async () => {
        await happen("begun", 1)
        await handleNextEvent(services, { begun: [() => Promise.reject(new Error("broken"))] })
        const { seen, step } = noting()
        expect(await handleNextEvent(services, { begun: [step] })).toBe(false)
        expect((await make(["begun"])).map(({ body }) => body["n"])).toEqual([1])
        expect(await make(["other"])).toEqual([])
        await happen("begun", 2)
        await database.db.transaction((tx) =>
            tx.query("update pending_events set due_at = clock_timestamp() + interval '1 hour'"),
        )
        await retryFailedEvents(services)
        while (await handleNextEvent(services, { begun: [step] }));
        expect(seen).toEqual([1])
        expect(await make(["begun"])).toEqual([])
    })

    test("is due where its instant is too far ahead, because a clock that was ahead wrote it", async () => {
        await happen("begun", 1)
        const { seen, step } = noting()
        const ahead = (by: string) =>
            database.db.transaction((tx) =>
                tx.query("update pending_events set due_at = clock_timestamp() + $1::interval, attempts = 1", [by]),
            )
        await ahead("1 hour")
        expect(await handleNextEvent(services, { begun: [step] })).toBe(false)
        await ahead("3 years")
        expect(await handleNextEvent(services, { begun: [step] })).toBe(true)
        expect(seen).toEqual([1])
    })

    test("waits longer each time, and an hour at most", async () => {
        await happen("begun")
        /** Tens of minutes, rounded up, so that the speed of the test does not matter. */
        const waits: number[] = []
        for (const attempts of [0, 5, 11, 12, 60]) {
            await database.db.transaction((tx) =>
                tx.query("update pending_events set due_at = now(), attempts = $1", [attempts]),
            )
            await handleNextEvent(services, { begun: [failing(() => Promise.reject(new Error("broken")))] })
            const [row] = await database.db.transaction((tx) =>
                tx.query<{ tens: number; attempts: number }>(
                    `select attempts, ceil(extract(epoch from due_at - clock_timestamp()) / 600)::int as tens
                     from pending_events`,
                ),
            )
            waits.push(row?.tens ?? -1)
            expect(row?.attempts).toBe(attempts + 1)
        }
        expect(waits.slice(2)).toEqual([4, 6, 6])
        expect(waits.slice(0, 2).every((wait) => wait <= 1)).toBe(true)
    })

    test("that cannot be taken throws to its caller", async () => {
        const gone = {
            ...services,
            db: { ...services.db, transaction: () => Promise.reject(new Error("no database")) },
        }
        await expect(handleNextEvent(gone, { begun: [noting().step] })).rejects.toThrow("no database")
    })
})

test("many workers run each event once", async () => {
    const numbers = Array.from({ length: 30 }, (_, n) => n)
    for (const n of numbers) await happen("begun", n)
    const { seen, step } = noting()
    const flow: EventHandlers = {
        begun: [
            async (tx, event, now, doors) => {
                await step(tx, event, now, doors)
                await tx.query("select pg_sleep(0.005)")
            },
        ],
    }
    const work = async () => {
        while (await handleNextEvent(services, flow));
    }
    await Promise.all([work(), work(), work(), work()])
    expect(seen.toSorted((a, b) => a - b)).toEqual(numbers)
    expect((await traces()).toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers)
})

test("completes only pending events of kinds without a handler", async () => {
    await happen("over")
    const seq = await happen("begun")
    await happen("over")
    await completeRecordOnlyEvents(services, ["over", "never"])
    expect((await owed()).map((item) => item.seq)).toEqual([seq])
    await completeRecordOnlyEvents(services, [])
    expect(await owed()).toHaveLength(1)
    expect(await listEvents(database)).toHaveLength(3)
})

describe("a worker", () => {
    test("runs handlers and jobs, completes record-only events, and repeats a failed job", async () => {
        const done = Promise.withResolvers<void>()
        const again = Promise.withResolvers<void>()
        let attempts = 0
        const job = {
            name: "failing",
            run: async () => {
                attempts++
                if (attempts === 1) throw new Error("broken")
                again.resolve()
                return false
            },
        }
        await happen("begun")
        await happen("over")
        const step: EventHandler = async () => done.resolve()
        const worker = startWorker(services, { begun: [step] }, ["over"], [job])
        await Promise.all([done.promise, again.promise])
        while ((await owed()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
        await worker.stop()
        expect(logged).toMatchObject([["background job failed", { job: "failing" }]])
    })

    test("runs a job only while it has work, and notes each check", async () => {
        let [ran, looked] = [0, 0]
        const statement: Db["statement"] = (text, values) => {
            looked++
            return database.db.statement(text, values)
        }
        const chore = {
            name: "waiting",
            workSql: "select from pending_events where kind = 'over'",
            run: async () => {
                ran++
                await completeRecordOnlyEvents(services, ["over"])
                return false
            },
        }
        const worker = startWorker({ ...services, db: { ...database.db, statement } }, {}, [], [chore])
        const until = async (isIt: () => boolean) => {
            while (!isIt()) await new Promise((done) => setTimeout(done, 10))
        }
        await until(() => looked > 2)
        expect(ran).toBe(0)
        await happen("over")
        await until(() => ran > 0)
        const from = looked
        await until(() => looked > from + 2)
        await worker.stop()
        expect(ran).toBe(1)
        const runs = await database.db.transaction(listJobRuns)
        expect(runs.map(({ job }) => job)).toContain("waiting")
    })

    test("stops when running work is done, and begins nothing new", async () => {
        const begun = Promise.withResolvers<void>()
        const held = Promise.withResolvers<void>()
        const order: string[] = []
        const step: EventHandler = async () => {
            order.push("begun")
            begun.resolve()
            await held.promise
            order.push("done")
        }
        for (const n of [1, 2]) await happen("begun", n)
        const worker = startWorker(services, { begun: [step] }, [], [])
        await begun.promise
        const stopped = worker.stop().then(() => order.push("stopped"))
        held.resolve()
        await stopped
        expect(order).toEqual(["begun", "done", "stopped"])
        expect(await owed()).toHaveLength(1)
    })
})

describe("when its jobs last ran", () => {
    const runs = () => database.db.transaction(listJobRuns)
    const saves = async () => {
        const [row] = await database.db.transaction((tx) =>
            tx.query<{ n: number }>("select count(distinct xmin::text)::int as n from job_runs"),
        )
        return row?.n ?? 0
    }
    const until = async (isIt: () => Promise<boolean>) => {
        while (!(await isIt())) await new Promise((done) => setTimeout(done, 20))
    }
    beforeEach(() => database.db.transaction((tx) => tx.query("delete from job_runs")))

    test("is saved for each, with a success only where there was one", async () => {
        const failing = async () => Promise.reject(new Error("out of order"))
        const well = { name: "well", run: async () => false }
        const worker = startWorker(services, {}, [], [well, { name: "ill", run: failing }])
        await until(async () => (await runs()).length === 4)
        await worker.stop()
        const jobRuns = await runs()
        expect(jobRuns.map(({ job }) => job)).toEqual(["event-handlers", "ill", "record-only-events", "well"])
        for (const { job, ageMs, succeededAt } of jobRuns) {
            if (job === "ill") expect({ ageMs, succeededAt }).toEqual({ ageMs: null, succeededAt: null })
            else expect(ageMs).toBeGreaterThanOrEqual(0)
        }
        expect(jobStateOf(jobRuns, "well", 60_000)).toBe("running")
        expect(jobStateOf(jobRuns, "ill", 60_000)).toBe("never_ran")
        expect(jobStateOf(jobRuns, "gone", 60_000)).toBe("never_ran")
    })

    test("is saved together every few seconds, however often the jobs run", async () => {
        let looks = 0
        const busy = async () => {
            await new Promise((done) => setTimeout(done, 5))
            return (looks += 1) > 0
        }
        const worker = startWorker(services, {}, [], [{ name: "busy", run: busy }])
        await until(async () => (await runs()).length === 3)
        const [first] = await runs()
        const from = looks
        await until(() => Promise.resolve(looks > from + 50))
        await worker.stop()
        expect(await saves()).toBe(1)
        expect((await runs())[0]).toMatchObject({ ranAt: first?.ranAt })
    })

    test("is moved back by a clock that was set back, but not by a slower worker", async () => {
        const set = (interval: string) =>
            database.db.transaction((tx) =>
                tx.query(
                    `insert into job_runs
                     select 'event-handlers', clock_timestamp() + $1::interval, clock_timestamp() + $1::interval
                     on conflict (job) do update set ran_at = excluded.ran_at, succeeded_at = excluded.succeeded_at`,
                    [interval],
                ),
            )
        const flowRun = async () => (await runs()).find(({ job }) => job === "event-handlers")
        await set("1 hour")
        expect(jobStateOf(await runs(), "event-handlers", 60_000)).toBe("late")
        const tracker = trackRuns()
        tracker.noteRun("event-handlers", true)
        await tracker.save(database.db)
        expect(jobStateOf(await runs(), "event-handlers", 60_000)).toBe("running")
        const slower = trackRuns()
        slower.noteRun("event-handlers", false)
        const before = await flowRun()
        await slower.save(database.db)
        expect((await flowRun())?.succeededAt).toBe(before?.succeededAt)
    })
})
