/** A database that is out of reach: callers are asked to retry, jobs log it once, and both continue when it is back. */
import net, { type AddressInfo, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import type { FastifyInstance } from "fastify"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { openDb } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import type { Side } from "../../server/src/kernel/route.ts"
import { openLog } from "../../server/src/platform/log/log.ts"
import { startWorker } from "../../server/src/kernel/worker.ts"
import { makeServer } from "../../server/src/server.ts"
import { createToken } from "../support/polled-pages.ts"
import { type Program, newPartner, createProgram } from "../support/program.ts"

type Way = "open" | "refused" | "silent"

/** A proxy between the program and its database. Stopped, it refuses connections or does not answer. */
async function wayTo(url: string) {
    const at = new URL(url)
    const folder = at.searchParams.get("host") ?? decodeURIComponent(at.hostname)
    const target = folder.startsWith("/")
        ? `${folder}/.s.PGSQL.${at.port || at.searchParams.get("port") || 5432}`
        : null
    const open = new Set<Socket>()
    let way: Way = "open"
    const server = net.createServer((near) => {
        open.add(near)
        near.on("error", () => undefined).on("close", () => open.delete(near))
        if (way === "refused") return near.resetAndDestroy()
        const far = target === null ? net.connect(Number(at.port || 5432), at.hostname) : net.connect(target)
        far.on("error", () => near.destroy()).on("close", () => near.destroy())
        near.on("close", () => far.destroy())
        far.on("data", (data) => way !== "silent" && near.write(data))
        return near.on("data", (data) => way !== "silent" && far.write(data))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const through = new URL(`postgres://127.0.0.1:${(server.address() as AddressInfo).port}${at.pathname}`)
    through.username = at.username || "postgres"
    through.password = at.password
    const set = (next: Way) => {
        way = next
        if (next !== "silent") for (const socket of open) socket.destroy()
    }
    return { url: through.href, set, close: () => server.close() }
}

let world: Program
let way: Awaited<ReturnType<typeof wayTo>>
let services: Services
let token = ""
let apps: Readonly<Record<Side, FastifyInstance>>
const lines: string[] = []

beforeAll(async () => {
    world = await createProgram()
    way = await wayTo(world.database.url)
    const log = openLog("info", { write: (line) => void lines.push(line) })
    services = { ...world.services, log, db: openDb(way.url) }
    token = await createToken(world, await newPartner(world, "validate"))
    const options = { services, web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 }
    const [portal, console_] = [makeServer({ ...options, side: "portal" }), makeServer({ ...options, side: "console" })]
    apps = { portal: await portal, console: await console_ }
}, 60_000)
afterEach(() => way.set("open"))
afterAll(async () => {
    for (const app of Object.values(apps)) await app.close()
    await services.db.close()
    way.close()
    await world.database.close()
})

async function asked(side: Side, url: string) {
    return await apps[side].inject({ url, headers: { authorization: `Bearer ${token}` } })
}

/** Its answer once the database is back. */
async function served(side: Side, url: string): Promise<number> {
    for (;;) {
        const { statusCode } = await asked(side, url)
        if (statusCode !== 503) return statusCode
        await pause(100)
    }
}

describe.each(["refused", "silent"] as const)("while the database is %s", (fault) => {
    test.each([
        ["the portal", "portal", "/api/warnings"],
        ["TAXII", "portal", "/taxii2/api/collections/"],
        ["what is public", "portal", "/.well-known/csaf/provider-metadata.json"],
        ["the console", "console", "/api/cases"],
    ] as const)("%s answers 503, and serves again afterwards", async (_, side, url) => {
        const before = await served(side, url)
        way.set(fault)
        const answers = await Promise.all(Array.from({ length: 40 }, () => asked(side, url)))
        expect(answers.map((answer) => answer.statusCode)).toEqual(answers.map(() => 503))
        expect(answers[0]?.headers["retry-after"]).toBe("5")
        expect(answers[0]?.body).toMatch(/database/)
        way.set("open")
        expect(await served(side, url)).toBe(before)
    })
})

test.each(["refused", "silent"] as const)(
    "jobs log once a minute that they cannot work while the database is %s, without a stack, and continue afterwards",
    async (fault) => {
        lines.length = 0
        let ran = 0
        const job = (name: string, workSql?: string) => ({
            name,
            ...(workSql !== undefined && { workSql }),
            run: async () => {
                await services.db.transaction((tx) => tx.query("select 1"))
                ran++
                return false
            },
        })
        const jobs = [job("first"), job("second"), job("idle", "select 1 where false")]
        const worker = startWorker(services, {}, [], jobs)
        while (ran < 12) await pause(50)
        way.set(fault)
        const describe = () => lines.map((line) => JSON.parse(line) as { job: string; error: string })
        const names = ["event-handlers", "first", "idle", "record-only-events", "saving-runs", "second"]
        while (!names.every((name) => describe().some(({ job }) => job === name))) await pause(50)
        way.set("open")
        ran = 0
        while (ran < 4) await pause(50)
        await worker.stop()
        expect(
            describe()
                .map(({ job }) => job)
                .toSorted(),
        ).toEqual(names)
        expect(new Set(describe().map(({ error }) => error))).toEqual(new Set(["the database does not answer"]))
    },
)
