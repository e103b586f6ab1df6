/** Tests each readiness check on a real database and a real disk. */
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { trackRuns } from "../../kernel/job-runs.ts"
import { type ReadinessOptions, readinessAnswer, readinessOf } from "./readiness.ts"

let database: TestDatabase
beforeAll(async () => {
    database = await createDatabase()
})
afterAll(() => database.close())

const checks = async (more: Partial<ReadinessOptions> = {}) => {
    const watched = { db: database.db, job: "releasing", jobs: ["releasing", "counting"], workerAgeMaxMs: 60_000 }
    return await readinessOf({ ...watched, folders: [], diskFreeMin: 0, isQuarantined: () => false, ...more })()
}
const codeOf = async (name: string, more: Partial<ReadinessOptions> = {}) =>
    (await checks(more)).find(({ check }) => check === name)?.code

async function ran(...jobs: string[]): Promise<void> {
    const tracker = trackRuns()
    for (const job of jobs) tracker.noteRun(job, true)
    await tracker.save(database.db)
}
const ageJob = (job: string, seconds: number) =>
    database.db.transaction((tx) =>
        tx.query("update job_runs set succeeded_at = succeeded_at - make_interval(secs => $2) where job = $1", [
            job,
            seconds,
        ]),
    )

test("the disk is reported as sufficient or low; a missing folder needs no space", async () => {
    const folders = [os.tmpdir(), path.join(os.tmpdir(), "tocsin-not-there")]
    expect(await codeOf("disk", { folders, diskFreeMin: 1 })).toBe(null)
    expect(await codeOf("disk", { folders, diskFreeMin: Number.MAX_SAFE_INTEGER })).toBe("low")
})

test("a job other than the releases may be ten times as late", async () => {
    await ran("releasing", "counting", "of an older version")
    await ageJob("of an older version", 1_000_000)
    await ageJob("counting", 9 * 60)
    expect(await codeOf("worker")).toBe(null)
    await ageJob("counting", 2 * 60)
    expect(await codeOf("worker")).toBe("job_stuck")
    expect((await checks()).find(({ check }) => check === "worker")?.jobs).toEqual(["counting"])
    await ageJob("releasing", 61)
    expect(await codeOf("worker")).toBe("late")
})

test("a quarantine is named, because it stops the jobs of a worker that runs", async () => {
    await ran("releasing", "counting")
    expect(await codeOf("worker", { isQuarantined: () => true })).toBe("quarantine")
    await ageJob("releasing", 61)
    expect(await codeOf("worker", { isQuarantined: () => true })).toBe("quarantine")
})

test("a job is not ready when its first success is overdue, from its first run or the process start", async () => {
    const jobs = ["releasing", "never", "failing"]
    await ran("releasing")
    const tracker = trackRuns()
    tracker.noteRun("failing", false)
    await tracker.save(database.db)
    let now = 0
    const disk = { folders: [], diskFreeMin: 0, isQuarantined: () => false }
    const watched = { db: database.db, job: "releasing", jobs, workerAgeMaxMs: 60_000, ...disk }
    const workerAfter = async (ms: number) => {
        now = 0
        const ready = readinessOf(watched, () => now)
        now = ms
        return (await ready()).find(({ check }) => check === "worker")
    }
    expect(await workerAfter(600_000)).toEqual({ check: "worker", ok: true, code: null })
    const overdue = { check: "worker", ok: false, code: "job_never_succeeded" }
    expect(await workerAfter(600_001)).toEqual({ ...overdue, jobs: ["never", "failing"] })
    await database.db.transaction((tx) =>
        tx.query("update job_runs set first_ran_at = first_ran_at - make_interval(secs => 601) where job = 'failing'"),
    )
    expect(await workerAfter(0)).toEqual({ ...overdue, jobs: ["failing"] })
    await ran("never", "failing")
    expect(await workerAfter(600_001)).toMatchObject({ ok: true })
})

test("distrusted clocks are not ready", async () => {
    const remember = (frozen: object | null) =>
        database.db.transaction((tx) =>
            tx.query(
                `insert into clock_guard (high_water_at, memory) values (now(), $1) on conflict (only_one)
                 do update set memory = excluded.memory`,
                [JSON.stringify({ distrust: frozen })],
            ),
        )
    expect(await codeOf("clock")).toBe("unread")
    await remember({ doubt: "forward", since: 0 })
    expect(await codeOf("clock")).toBe("distrusted")
    await remember(null)
    expect(await codeOf("clock")).toBe(null)
})

test("concurrent requests share one answer, and every check counts", async () => {
    let requested = 0
    const db = {
        ...database.db,
        transaction: <T>(work: Parameters<typeof database.db.transaction<T>>[0]) => {
            requested += 1
            return database.db.transaction(work)
        },
    }
    const ready = readinessOf({
        db,
        job: "releasing",
        jobs: [],
        workerAgeMaxMs: 1_000_000,
        folders: [],
        diskFreeMin: 0,
        isQuarantined: () => false,
    })
    const answers = await Promise.all(Array.from({ length: 50 }, ready))
    expect(requested).toBe(1)
    expect(answers.every((checks) => readinessAnswer(checks).ok)).toBe(true)
})
