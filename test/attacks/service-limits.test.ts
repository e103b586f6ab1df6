/** What one caller can do to others' service, and what remains of a permission that ended during a request. */
import { once } from "node:events"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { promisify } from "node:util"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openDb } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { Download, PendingWork } from "../../server/src/kernel/route.ts"
import { lockToChangePartner } from "../../server/src/kernel/locks.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { makeServer } from "../../server/src/server.ts"
import { route } from "../../server/src/kernel/action-context.ts"
import { removePerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { system } from "../support/actors.ts"
import { type Program, type TestPartner, newPartner, createProgram } from "../support/program.ts"

/** More than two sockets buffer. */
const large = Buffer.alloc(64 * 1024 * 1024)
const largeDownload = route(
    { method: "GET", path: "/api/large", side: "portal", permission: "copy:read", summary: "Something large" },
    async () => new Download(large, "large.bin", async () => true),
)

/** The requirement of the waiting request, until the test resolves it. */
const needed = Promise.withResolvers<void>()
let timesServed = 0
const slowRoute = route(
    {
        method: "GET",
        path: "/api/slow",
        side: "portal",
        permission: "copy:read",
        summary: "Something that takes long at first",
    },
    async () => {
        timesServed++
        if (timesServed === 1) throw new PendingWork(needed.promise)
        if (timesServed === 2) throw new PendingWork(Promise.resolve())
        return {}
    },
)

let world: Program
let partner: TestPartner
let other: TestPartner
let services: Services
const apps: FastifyInstance[] = []

async function served(side: "console" | "portal", requestsPerMinuteMax = 100_000): Promise<FastifyInstance> {
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax, extraRoutes: [largeDownload, slowRoute] }
    const app = await makeServer({ services, side, ...settings })
    apps.push(app)
    return app
}

const tokenOf = async (person: string): Promise<string> =>
    await world.acting(system, (ctx) => issueCredential(ctx, person, "token"))
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

beforeAll(async () => {
    world = await createProgram()
    services = { ...world.services, db: openDb(world.database.url), log: silentLog }
    partner = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
})
afterAll(async () => {
    for (const app of apps) await app.close()
    await services.db.close()
    await world.database.close()
})

test("a request that waits for a slow action blocks nothing, not even a change of its partner's status", async () => {
    const portal = await served("portal")
    const headers = bearer(await tokenOf(partner.analyst.person))
    const waiting = portal.inject({ method: "GET", url: "/api/slow", headers })
    await services.db.transaction((tx) => lockToChangePartner(tx, partner.id))
    needed.resolve()
    expect((await waiting).statusCode).toBe(200)
    expect(timesServed).toBe(3)
})

test("many waiting requests of a partner do not delay staff", async () => {
    const [portal, console] = [await served("portal"), await served("console")]
    const [value, ours] = [await tokenOf(partner.analyst.person), await tokenOf(world.manager.person)]
    const held = Promise.withResolvers<void>()
    const holding = Promise.withResolvers<void>()
    const holder = world.database.db.transaction(async (tx) => {
        await lockToChangePartner(tx, partner.id)
        holding.resolve()
        await held.promise
    })
    await holding.promise
    const many = Array.from({ length: 40 }, () => portal.inject({ url: "/api/warnings", headers: bearer(value) }))
    const settled = Promise.all(many)
    const answer = await console.inject({ url: "/api/partners", headers: bearer(ours) })
    held.resolve()
    await holder
    expect(answer.statusCode).toBe(200)
    expect((await settled).map(({ statusCode }) => statusCode)).toEqual(many.map(() => 200))
})

test("many waiting requests of one partner are refused without delay for the next partner", async () => {
    const portal = await served("portal")
    const [value, others] = [await tokenOf(partner.analyst.person), await tokenOf(other.analyst.person)]
    const held = Promise.withResolvers<void>()
    const holding = Promise.withResolvers<void>()
    const holder = world.database.db.transaction(async (tx) => {
        await lockToChangePartner(tx, partner.id)
        holding.resolve()
        await held.promise
    })
    await holding.promise
    const many = Array.from({ length: 110 }, () => portal.inject({ url: "/api/warnings", headers: bearer(value) }))
    const settled = Promise.all(many)
    const refused = await Promise.race(many)
    expect((await portal.inject({ url: "/api/warnings", headers: bearer(others) })).statusCode).toBe(200)
    held.resolve()
    await holder
    expect(refused.statusCode).toBe(503)
    expect(refused.headers["retry-after"]).toBe("1")
    expect(refused.json()).toMatchObject({ code: "request.busy" })
    const statuses = (await settled).map(({ statusCode }) => statusCode)
    expect(statuses.filter((status) => status === 200)).toHaveLength(102)
    expect(statuses.filter((status) => status === 503)).toHaveLength(8)
})

test("invented tokens share one limit, without effect on a valid one", async () => {
    const portal = await served("portal", 3)
    const made = ["A", "B", "C", "D"].map((letter) => letter.repeat(43))
    const statuses = []
    for (const token of [...made, await tokenOf(other.analyst.person)]) {
        statuses.push((await portal.inject({ url: "/api/me", headers: bearer(token) })).statusCode)
    }
    expect(statuses).toEqual([401, 401, 401, 429, 200])
})

test("one session has one limit, whatever else the header contains", async () => {
    const portal = await served("portal", 3)
    const secret = await world.acting(system, (ctx) => issueCredential(ctx, partner.analyst.person, "session"))
    const statuses = []
    for (const around of ["", "; a=1", "; a=2", "; a=3"]) {
        const headers = { cookie: `tocsin-portal=${secret}${around}` }
        statuses.push((await portal.inject({ url: "/api/me", headers })).statusCode)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
})

test("a download is cut when its person leaves", async () => {
    const portal = await served("portal")
    await portal.listen({ host: "127.0.0.1", port: 0 })
    const { port } = portal.server.address() as AddressInfo
    const headers = bearer(await tokenOf(partner.analyst.person))
    const asking = http.get({ port, host: "127.0.0.1", path: "/api/large", headers })
    asking.on("error", () => undefined)
    const [answer] = (await once(asking, "response")) as [http.IncomingMessage]
    const failed = once(answer, "error")
    await world.acting(system, (ctx) => removePerson(ctx, partner.analyst.person))
    const connections = promisify(portal.server.getConnections.bind(portal.server))
    while ((await connections()) > 0) await pause(50)
    answer.resume()
    expect(await failed).toMatchObject([{ code: "ECONNRESET" }])
})
