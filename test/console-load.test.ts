/**
 * The console's first page costs the database no more with more cases, partners and people: one request per panel, and
 * the same number of statements. No time is measured.
 */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { dayMs } from "@tocsin/base/instant"
import { connectionsOf, openDb } from "../server/src/platform/postgres/db.ts"
import { silentLog } from "../server/src/platform/log/log.ts"
import type { Side } from "../server/src/kernel/route.ts"
import { openListeners } from "../server/src/commands/listeners.ts"
import { makeServer } from "../server/src/server.ts"
import { loadWaveEffects } from "../server/src/share/release/actions/compute-effects.ts"
import { listWavesOfOpenCases, listOpeningWaves } from "../server/src/share/release/actions/list-waves.ts"
import { requestRelease } from "../server/src/share/release/actions/release-wave.ts"
import { freezeWave, listWaves } from "../server/src/share/waves/actions.ts"
import { route } from "../server/src/kernel/action-context.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { createPartnerMember, createStaffMember } from "./support/actors.ts"
import { type Program, newArtifact, newCase, newPartner, createProgram, signAsApprover } from "./support/program.ts"
import { listStatements } from "./support/statements.ts"

let world: Program
let app: FastifyInstance
let token: string
const panels = [
    "/api/me",
    "/api/alarms",
    "/api/clock",
    "/api/tasks",
    "/api/approvals",
    "/api/deputies",
    "/api/staff-names",
    "/api/cases",
    "/api/artifacts",
    "/api/partners",
    "/api/agreements",
    "/api/embargo-proposals",
]
const few = new Map<string, string[]>()

/** Adds a due, a frozen, a requested and a signed case, and a partner with people. */
async function grow(): Promise<void> {
    const partner = await newPartner(world, "validate")
    for (let n = 0; n < 3; n++) await createPartnerMember(world.acting, partner.id, ["analyst"])
    for (const kind of ["due", "frozen", "asked", "signed"] as const) {
        const id = await newCase(world, "toolshell")
        await newArtifact(world, id, "summary", "toolshell/summary.md")
        await newArtifact(world, id, "technical", "toolshell/technical.md")
        const [wave] = await world.acting(world.manager, (ctx) => listWaves(ctx, id))
        if (!wave) throw new Error("no wave")
        if (kind === "frozen") await world.acting(world.manager, (ctx) => freezeWave(ctx, wave.id))
        if (kind === "asked" || kind === "signed") {
            const acting = await world.acting(world.author, (ctx) => requestRelease(ctx, wave.id))
            if (kind === "signed") await signAsApprover(world, acting)
        }
    }
}

const ask = async (url: string) => {
    const answer = await app.inject({ method: "GET", url, headers: { authorization: `Bearer ${token}` } })
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${answer.body}`)
    return answer.json() as ReturnType<typeof JSON.parse>
}
/** Lists the texts of statements without their row counts. */
const textsOf = async (url: string) =>
    (await listStatements(() => ask(url))).map((statement) => statement.replace(/^\d+ rows: /, "")).toSorted()

const addresses = [...panels, "/api/waves?before=2025-07-20T00:00:00Z"]

/** Warms up: the token's owner is looked up once, and a read of a case is recorded once per revision. */
async function lookOnce(): Promise<void> {
    for (const url of addresses) await ask(url)
}

beforeAll(async () => {
    world = await createProgram()
    world = { ...world, services: { ...world.services, log: silentLog } }
    const values = await createStaffMember(world.acting, ["manager", "approver", "author"])
    token = await world.acting(values, (ctx) => issueCredential(ctx, values.person, "token"))
    app = await makeServer({
        services: world.services,
        side: "console",
        web: null,
        secureCookies: false,
        requestsPerMinuteMax: 1_000_000,
    })
    await grow()
    world.clock.now += 13 * dayMs
    await lookOnce()
    for (const url of addresses) few.set(url, await textsOf(url))
    world.clock.now -= 13 * dayMs
    for (let n = 0; n < 3; n++) await grow()
    await createStaffMember(world.acting, ["approver"])
    world.clock.now += 13 * dayMs
    await lookOnce()
}, 300_000)
afterAll(() => world.database.close())

test("each panel contains rows that can grow", async () => {
    const { tasks } = await ask("/api/tasks")
    const kinds = new Set((tasks as { kind: string }[]).map(({ kind }) => kind))
    expect([...kinds]).toEqual(expect.arrayContaining(["overdue_release", "unfreeze", "release", "release_again"]))
    expect((await ask("/api/waves?before=2025-07-20T00:00:00Z")).waves.length).toBeGreaterThan(40)
    expect((await ask("/api/artifacts")).artifacts).toHaveLength(32)
})

test.each(addresses)("%s sends as many statements for many rows as for few", async (url) => {
    expect(await textsOf(url)).toEqual(few.get(url))
})

test("waves that are decided together each release their own effects", async () => {
    await world.acting(world.manager, async (ctx) => {
        const waves = (await listWavesOfOpenCases(ctx))
            .map(({ wave }) => wave)
            .filter(({ releasedAt }) => releasedAt === null)
        const together = await listOpeningWaves(ctx, waves)
        const apart = []
        for (const wave of waves) if ((await loadWaveEffects(ctx, wave)).artifacts.length > 0) apart.push(wave.id)
        expect([...together].toSorted()).toEqual(apart.toSorted())
        expect(apart.length).toBeGreaterThan(0)
        expect(apart.length).toBeLessThan(waves.length)
    })
})

const limits = { requestsPerMinuteMax: 1_000_000, secureCookies: false } as const

test("partners get answers while console and worker use all of their connections", async () => {
    const db = openDb(world.database.url, { connectionsMax: 2, statementMsMax: 20_000 })
    const listening = await openListeners({
        ...limits,
        services: { ...world.services, db },
        databaseUrl: world.database.url,
        role: "all",
        host: "127.0.0.1",
        ports: { console: 0, portal: 0 },
    })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const held = Array.from({ length: 40 }, () => db.transaction(() => released))
    while (connectionsOf(db).waiting === 0) await new Promise((done) => setTimeout(done, 10))
    const statusOf = async (side: Side) => (await fetch(`http://127.0.0.1:${listening.ports[side]}/readyz`)).status
    expect(await statusOf("portal")).toBe(200)
    expect(await statusOf("console")).toBe(503)
    release()
    await Promise.all(held)
    await listening.stop()
    await db.close()
})

test("a staff member with many requests leaves connections for other people", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const slow = route(
        { side: "console", method: "GET", path: "/api/slow", permission: "self:read", summary: "Waits" },
        async () => {
            await released
            return {}
        },
    )
    const both = await makeServer({
        ...limits,
        services: world.services,
        side: "console",
        web: null,
        extraRoutes: [slow],
    })
    const by = (subject: string) => ({ headers: { authorization: `Bearer ${subject}` } })
    const other = await createStaffMember(world.acting, ["auditor"])
    const others = await world.acting(other, (ctx) => issueCredential(ctx, other.person, "token"))
    const many = Array.from({ length: 40 }, () => both.inject({ method: "GET", url: "/api/slow", ...by(token) }))
    const responses = Promise.all(many)
    await new Promise((done) => setTimeout(done, 200))
    expect((await both.inject({ method: "GET", url: "/api/me", ...by(others) })).statusCode).toBe(200)
    release()
    expect((await responses).every(({ statusCode }) => statusCode === 200)).toBe(true)
    await both.close()
})
