/** Tests alarm calls with a real receiver and a real database. */
import { createHmac } from "node:crypto"
import { once } from "node:events"
import { type IncomingHttpHeaders, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { formatInstant, hourMs } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import { memoryHighWater } from "../../kernel/high-water.ts"
import { type BackgroundJob, startWorker } from "../../kernel/worker.ts"
import { postAlarm } from "../../platform/outgoing/post-alarm.ts"
import { proposeTermination } from "../../share/cases/actions/negotiate-embargo.ts"
import { type Program, createProgram, newCase } from "../../../../test/support/program.ts"
import { newId } from "../../../../test/support/database.ts"
import { callAlarmsJob, noteAlarms } from "./actions/call-alarms.ts"
import { retryAt } from "./alarm-call.ts"

interface Call {
    readonly headers: IncomingHttpHeaders
    readonly body: string
}

const secret = Buffer.alloc(32, 9)
const secondMs = 1_000
/** Wall-clock time. */
const wall = { now: Date.parse("2030-01-01T00:00:00Z") }
let world: Program
let services: Services
let calls: Call[]
let answer: (response: ServerResponse) => void
const receiver = createServer((request, response) => {
    void text(request).then((body) => {
        calls.push({ headers: request.headers, body })
        answer(response)
    })
})

beforeAll(async () => {
    world = await createProgram()
    receiver.listen(0, "127.0.0.1")
    await once(receiver, "listening")
}, 120_000)
afterAll(async () => {
    await world.database.close()
    receiver.closeAllConnections()
    receiver.close()
})

const query = (sql: string) => world.database.db.transaction((tx) => tx.query(sql))
const answerWith = (status: number) => (response: ServerResponse) => void response.writeHead(status).end()
const backupsOf = (state: "old" | "fresh") => (services = { ...services, backupIntervalMs: state === "old" ? 1 : 0 })

beforeEach(async () => {
    await query("truncate alarm_calls, job_runs")
    await query("insert into job_runs (job, ran_at, succeeded_at) values ('releasing', now(), now())")
    calls = []
    answer = answerWith(204)
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in?key=1`
    const post = (headers: Readonly<Record<string, string>>, body: string) => postAlarm(url, headers, body)
    services = { ...world.services, realNow: () => wall.now, alarmReceiver: { secret, post } }
})

/** Looks at the alarms, and makes all calls that are due. */
async function look(afterMs = 0): Promise<void> {
    wall.now += afterMs
    await services.db.transaction((tx) =>
        noteAlarms({ tx, now: world.clock.now, services, actor: { kind: "system", component: "test" } }),
    )
    while (await callAlarmsJob.run({ ...services }));
}
const bodies = () =>
    calls.map(({ body }) => JSON.parse(body) as { type: string; data: { code: string; alarm: string } })
const types = () => bodies().map(({ type, data }) => `${type} ${data.code}`)

describe("a call", () => {
    test("says that an alarm begins, and later that it ended, by a signed message", async () => {
        backupsOf("old")
        const since = wall.now
        await look()
        backupsOf("fresh")
        await look(hourMs)
        const alarm = bodies()[0]?.data.alarm
        const data = { alarm, code: "backup_old", console: "https://console.example/" }
        expect(bodies()).toEqual([
            { type: "alarm.raised", timestamp: formatInstant(since), data: { ...data, state: "raised" } },
            {
                type: "alarm.cleared",
                timestamp: formatInstant(wall.now),
                data: { ...data, state: "cleared" },
            },
        ])
        expect(new Set(calls.map(({ headers }) => headers["webhook-id"])).size).toBe(2)
        for (const { headers, body } of calls) {
            const signed = [headers["webhook-id"], headers["webhook-timestamp"], body].join(".")
            const signature = createHmac("sha256", secret).update(signed).digest("base64")
            expect(headers["webhook-signature"]).toBe(`v1,${signature}`)
            expect(headers["content-type"]).toBe("application/json")
        }
        expect(await query("select from alarm_calls")).toEqual([])
    })

    test("says nothing of a leak, or of exploitation before publication", async () => {
        const id = await newCase(world, "toolshell")
        for (const trigger of ["leak", "exploitation"] as const) {
            await world.acting(world.author, (ctx) => proposeTermination(ctx, id, { trigger }))
            await look()
        }
        expect(types()).toEqual([])
    })

    test("comes once for each alarm, also after a restart", async () => {
        backupsOf("old")
        await look()
        services = { ...services }
        await look(hourMs)
        await look(hourMs)
        expect(types()).toEqual(["alarm.raised backup_old"])
    })
})

describe("a receiver that fails", () => {
    test.each([301, 404, 503])(
        "by %d gets the same message again, later each time, and misses no end",
        async (status) => {
            backupsOf("old")
            answer = answerWith(status)
            await look()
            await look(9 * secondMs)
            expect(calls).toHaveLength(1)
            await look(secondMs)
            backupsOf("fresh")
            answer = answerWith(200)
            await look(hourMs)
            expect(types()).toEqual([...Array(3).fill("alarm.raised backup_old"), "alarm.cleared backup_old"])
            expect(new Set(calls.slice(0, 3).map(({ headers }) => headers["webhook-id"])).size).toBe(1)
        },
    )

    test("is told of an alarm again, if it can know of an end that was none", async () => {
        backupsOf("old")
        await look()
        backupsOf("fresh")
        answer = answerWith(503)
        await look(hourMs)
        backupsOf("old")
        answer = answerWith(200)
        await look(hourMs)
        expect(types()).toEqual(["raised", "cleared", "raised"].map((state) => `alarm.${state} backup_old`))
        expect(new Set(calls.map(({ headers }) => headers["webhook-id"])).size).toBe(3)
        expect(new Set(bodies().map(({ data }) => data.alarm)).size).toBe(1)
    })

    test("waits an hour at most", () => {
        expect([1, 2, 3, 100].map((attempts) => retryAt(attempts, 0))).toEqual([10, 30, 60, 3600].map((s) => s * 1000))
    })
})

test("notices that wait are an alarm after a quarter of an hour, and none if they are sent before", async () => {
    const insert = `insert into staff_notices (id, person_id, confidential, state, next_at)
        values ('${newId()}', '${world.manager.person}', false, 'due', now())`
    await query(insert)
    await look()
    await query("truncate staff_notices")
    await look(10 * 60 * secondMs)
    await query(insert)
    await look(10 * 60 * secondMs)
    expect(calls).toEqual([])
    await look(15 * 60 * secondMs)
    expect(types()).toEqual(["alarm.raised notices_unsent"])
    await query("truncate staff_notices")
})

describe("the worker", () => {
    const highWater = memoryHighWater()
    let runs = 0
    const other: BackgroundJob = { name: "other", run: async () => (runs++, false) }
    const until = (reached: () => boolean) => expect.poll(reached, { timeout: 20_000 }).toBe(true)

    async function work(check: () => Promise<void>): Promise<void> {
        const worker = startWorker({ ...services, highWater }, {}, [], [callAlarmsJob, other])
        const passing = setInterval(() => (wall.now += 10 * secondMs), 500)
        try {
            await check()
        } finally {
            clearInterval(passing)
            receiver.closeAllConnections()
            await worker.stop()
        }
    }

    test("does its other jobs while the receiver hangs", async () => {
        backupsOf("old")
        answer = () => undefined
        await work(async () => {
            await until(() => calls.length === 1)
            const before = runs
            await until(() => runs >= before + 3)
            expect(calls).toHaveLength(1)
        })
    })

    test("calls also in quarantine, where its other jobs stand still", async () => {
        highWater.setQuarantined(true)
        const before = runs
        await work(() => until(() => types().includes("alarm.raised quarantine")))
        expect(runs).toBe(before)
    })
})
