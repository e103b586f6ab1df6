/**
 * A worker that is dead, or fails at a release, causes alarms, tasks, `/readyz` failures and metrics; on a real
 * database.
 */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { recordOnlyEvents } from "../server/src/record-only-events.ts"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { silentLog } from "../server/src/platform/log/log.ts"
import type { Side } from "../server/src/kernel/route.ts"
import { readinessOf } from "../server/src/platform/http/readiness.ts"
import { type BackgroundJob, startWorker } from "../server/src/kernel/worker.ts"
import { openMetrics } from "../server/src/commands/metrics.ts"
import { makeServer, readinessOptionsOf } from "../server/src/server.ts"
import { releaseWavesJob, requestRelease } from "../server/src/share/release/actions/release-wave.ts"
import { watchClocksJob } from "../server/src/share/release/actions/guard-clocks.ts"
import { listWaves } from "../server/src/share/waves/actions.ts"
import type { Actor } from "../server/src/kernel/actor.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { createStaffMember } from "./support/actors.ts"
import { type Program, newArtifact, newCase, newPartner, createProgram, signAsApprover } from "./support/program.ts"

type Somebody = Actor & { readonly person: string }

let world: Program
let caseId: string
let auditor: Somebody
const apps: Partial<Record<Side, FastifyInstance>> = {}
const tokens = new Map<string, string>()
/** When the approved wave is due. */
const due = parseInstant("2025-06-24T17:00:00Z")
const ageMaxMs = 60_000

beforeAll(async () => {
    world = await createProgram()
    world = { ...world, services: { ...world.services, log: silentLog } }
    auditor = await createStaffMember(world.acting, ["auditor"])
    const partner = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    const [wave] = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    await signAsApprover(world, await world.acting(world.author, (ctx) => requestRelease(ctx, String(wave?.id))))
    for (const item of [world.manager, world.approver, world.author, world.investigator, auditor, partner.lead]) {
        tokens.set(item.person, await world.acting(item, (ctx) => issueCredential(ctx, item.person, "token")))
    }
    for (const side of ["console", "portal"] as const) {
        const options = { side, web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 } as const
        apps[side] = await makeServer({ ...options, services: world.services })
    }
}, 120_000)
afterAll(() => world.database.close())

async function get(side: Side, url: string, by?: Somebody) {
    const headers = by ? { authorization: `Bearer ${tokens.get(by.person)}` } : {}
    const answer = await apps[side]?.inject({ method: "GET", url, headers })
    return { status: answer?.statusCode, body: answer?.json() as ReturnType<typeof JSON.parse> }
}
const alarms = async (by: Somebody = auditor) => (await get("console", "/api/alarms", by)).body["alarms"]
const tasks = async (by: Somebody) => (await get("console", "/api/tasks", by)).body["tasks"] as { kind: string }[]
/** Answers are cached for a second. */
const ready = async (side: Side = "console") => {
    await new Promise((done) => setTimeout(done, 1_100))
    return await get(side, "/readyz")
}
const failing = async () =>
    ((await ready()).body["checks"] as { check: string; ok: boolean; code: string }[])
        .filter(({ ok }) => !ok)
        .map(({ check, code }) => `${check} ${code}`)
const rows = () => world.database.db.transaction((tx) => tx.query<{ job: string }>("select job from job_runs"))

/** Runs a worker until its jobs are recorded, and then stops it as if it was killed. */
async function worked(jobs: readonly BackgroundJob[] = [watchClocksJob, releaseWavesJob]): Promise<void> {
    await world.database.db.transaction((tx) => tx.query("delete from job_runs"))
    const worker = startWorker(world.services, eventHandlers, recordOnlyEvents, jobs)
    while ((await rows()).length < jobs.length + 2) await new Promise((done) => setTimeout(done, 20))
    await worker.stop()
}
/** Lets time pass without a worker. */
const pass = (seconds: number) =>
    world.database.db.transaction((tx) =>
        tx.query(
            `update job_runs set ran_at = ran_at - make_interval(secs => $1), succeeded_at = succeeded_at -
                make_interval(secs => $1)`,
            [seconds],
        ),
    )
async function metric(name: string): Promise<string | undefined> {
    const readiness = readinessOf(readinessOptionsOf(world.services, { folders: [], diskFreeMin: 0 }))
    const { text } = await openMetrics({
        services: world.services,
        readiness,
        jobs: ["event-handlers", "record-only-events", "releasing"],
        pools: { program: world.database.db },
        keyRefusals: new Map(),
    }).text()
    return text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1)
}

describe("no worker has run yet", () => {
    test("is an alarm for every staff member, and contains no secret", async () => {
        const expected = [{ code: "releases_stopped", cause: "worker_never_ran", since: null }]
        for (const item of [world.manager, world.approver, world.author, world.investigator, auditor]) {
            expect(await alarms(item)).toEqual(expected)
        }
        expect((await get("console", "/api/alarms")).status).toBe(401)
        expect(await failing()).toEqual(["worker never_ran", "clock unread"])
        expect((await get("console", "/readyz")).status).toBe(503)
        expect(await get("console", "/healthz")).toEqual({ status: 200, body: { ok: true } })
    })
})

describe("a running worker", () => {
    beforeAll(() => worked())
    test("causes no alarm, and is ready", async () => {
        expect(await alarms()).toEqual([])
        expect(await failing()).toEqual([])
        expect((await get("console", "/readyz")).status).toBe(200)
        expect(Number(await metric('tocsin_job_last_success_age_seconds{job="releasing"}'))).toBeLessThan(30)
        expect(await metric('tocsin_ready{check="worker"}')).toBe("1")
    })

    test("may be late up to the limit", async () => {
        await pass(30)
        expect(await alarms()).toEqual([])
        await pass(ageMaxMs / 1000)
        expect(await alarms()).toMatchObject([{ code: "releases_stopped", cause: "worker_late" }])
        expect(await failing()).toEqual(["worker late"])
        expect(await metric('tocsin_ready{check="worker"}')).toBe("0")
    })
})

describe("a worker killed before an approved wave is due", () => {
    beforeAll(async () => {
        world.clock.now = due - 1
        await worked()
        await pass(2 * 3_600)
    })
    test("changes no task until the wave is overdue", async () => {
        world.clock.now = due + ageMaxMs - 1
        expect((await tasks(world.manager)).map(({ kind }) => kind)).not.toContain("overdue_release")
        expect(await metric("tocsin_overdue_releases")).toBe("0")
    })

    test("then adds the first task of managers and authors, with the cause", async () => {
        world.clock.now = due + ageMaxMs
        for (const actor of [world.manager, world.author]) {
            expect((await tasks(actor))[0]).toMatchObject({
                kind: "overdue_release",
                case: caseId,
                until: "2025-06-24T17:00:00Z",
                reason: { code: "worker_late", lastSuccess: expect.stringMatching(/^\d{4}-/) },
            })
        }
        expect((await tasks(world.investigator)).map(({ kind }) => kind)).not.toContain("overdue_release")
        expect(await metric("tocsin_overdue_releases")).toBe("1")
    })

    test("is visible to partners at no address of the portal", async () => {
        expect(await ready("portal")).toEqual({ status: 200, body: { ok: true } })
        expect(await get("portal", "/healthz")).toEqual({ status: 200, body: { ok: true } })
        expect((await get("portal", "/api/alarms")).status).toBe(404)
        expect((await get("portal", "/metrics")).status).toBe(404)
    })

    test.each(["/healthz", "/readyz", "/api/openapi.json"])(
        "HEAD %s answers like GET, without the body",
        async (url) => {
            for (const app of Object.values(apps)) {
                const [whole, head] = await Promise.all([app.inject({ url }), app.inject({ method: "HEAD", url })])
                expect([head.statusCode, head.body]).toEqual([whole.statusCode, ""])
            }
        },
    )

    test("ends as soon as a worker releases the wave", async () => {
        await worked()
        expect(await alarms()).toEqual([])
        expect((await tasks(world.manager)).map(({ kind }) => kind)).not.toContain("overdue_release")
    })
})

describe("a running worker that fails at a release", () => {
    test("causes an alarm that names the wave, since its due instant", async () => {
        world.clock.now = due
        const [, wave] = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
        await newPartner(world, "advance")
        await signAsApprover(world, await world.acting(world.author, (ctx) => requestRelease(ctx, String(wave?.id))))
        world.clock.now = parseInstant("2025-07-03T17:00:00Z") + ageMaxMs
        await worked([watchClocksJob, { name: "releasing", run: async () => false }])
        expect(await alarms()).toEqual([
            { code: "releases_stopped", cause: "release_overdue", since: "2025-07-03T17:00:00Z" },
        ])
        expect((await tasks(world.manager))[0]).toMatchObject({
            kind: "overdue_release",
            reason: { code: "release_fails" },
        })
    })
})

test("metrics name jobs, checks, routes and pools, and no partner, person or case", async () => {
    const readiness = readinessOf(readinessOptionsOf(world.services, { folders: [], diskFreeMin: 0 }))
    const metrics = openMetrics({
        services: world.services,
        readiness,
        jobs: ["releasing"],
        pools: { program: world.database.db },
        keyRefusals: new Map(),
    })
    const app = await makeServer({
        services: world.services,
        side: "console",
        web: null,
        secureCookies: false,
        requestsPerMinuteMax: 1_000,
        observe: metrics.observe,
    })
    const headers = { authorization: `Bearer ${tokens.get(world.manager.person)}` }
    expect((await app.inject({ method: "GET", url: `/api/cases/${caseId}/waves`, headers })).statusCode).toBe(200)
    expect((await app.inject({ method: "GET", url: `/api/${caseId}`, headers })).statusCode).toBe(404)
    await app.close()
    const { text, type } = await metrics.text()
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(text).toContain('route="/api/cases/:id/waves",status="2xx"')
    expect(text).toContain('route="none",status="4xx"')
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(text).toMatch(/^tocsin_db_pool_connections\{pool="program",state="idle"\} \d+$/m)
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|@|partner of/)
})
