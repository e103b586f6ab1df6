import { spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import pg from "pg"
import { afterAll, describe, expect, test } from "vitest"
import { openDb } from "./db.ts"
import { type Postgres, type PostgresOptions, startPostgres } from "./postgres.ts"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-pg-"))
const running: Postgres[] = []
// As root, PostgreSQL runs as another user that needs access to this folder.
fs.chmodSync(root, 0o755)
let folders = 0

afterAll(async () => {
    await Promise.all(running.map((postgres) => postgres.stop()))
    fs.rmSync(root, { recursive: true, force: true })
})

const folder = (name = `d${folders++}`): string => path.join(root, name)

async function start(dataDir: string, options: PostgresOptions = { fast: true }): Promise<Postgres> {
    const started = await startPostgres(dataDir, options)
    running.push(started)
    return started
}

async function ask<Row>(server: Postgres, sql: string): Promise<Row[]> {
    const db = openDb(server.url, { connectionsMax: 1, statementMsMax: 5000 })
    try {
        return await db.transaction((tx) => tx.query<Row>(sql))
    } finally {
        await db.close()
    }
}

const cluster = (dataDir: string): string => fs.realpathSync(path.join(dataDir, "postgres", "cluster"))
const pidOf = (dataDir: string): number =>
    Number.parseInt(fs.readFileSync(path.join(cluster(dataDir), "postmaster.pid"), "utf8"), 10)

/** Another server, in a process of its own, on this folder; `then` is run once it is up. */
async function startInProcess(dataDir: string, then: string): Promise<{ pid: number; gone: Promise<unknown> }> {
    const script = `import { startPostgres } from ${JSON.stringify(new URL("postgres.ts", import.meta.url).href)}
        const server = await startPostgres(${JSON.stringify(dataDir)}, { fast: true })
        console.log("up"); ${then}`
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "ignore"],
    })
    const gone = once(child, "exit")
    await once(child.stdout, "data")
    return { pid: child.pid ?? 0, gone }
}

async function waitUntil(fact: () => boolean): Promise<void> {
    for (let n = 0; !fact() && n < 1000; n++) await new Promise((done) => setTimeout(done, 20))
}

function alive(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"))
    } catch {
        return false
    }
}

describe.each(["any", "package"] as const)("a private cluster (%s)", (from) => {
    const dataDir = folder()

    test("is created, keeps its data, and stops and starts again", async () => {
        const first = await start(dataDir, { from, fast: true })
        await ask(first, "create table kept as select 7 as n")
        await first.stop()
        const second = await start(dataDir, { from, fast: true })
        expect(await ask(second, "select n from kept")).toEqual([{ n: 7 }])
        expect(Number(second.version.split(".")[0])).toBeGreaterThanOrEqual(15)
    })

    test("listens only on a unix socket, in folders of its user", async () => {
        const server = running.at(-1) as Postgres
        const [row] = await ask<Record<string, unknown>>(
            server,
            `select current_setting('listen_addresses') as tcp,
             (select rolsuper from pg_roles where rolname = current_user) as super, current_user as who,
             (select datcollate || ' ' || pg_encoding_to_char(encoding) from pg_database
             where datname = 'tocsin') as text,
             lower('ÄÖ') as lower`,
        )
        expect(row).toMatchObject({ tcp: "", super: false, who: "tocsin", lower: "äö" })
        expect(row?.["text"]).toMatch(/UTF8$/)
        for (const place of [cluster(dataDir), new URL(server.url).searchParams.get("host") ?? ""]) {
            const { mode, uid } = fs.statSync(place)
            expect(mode & 0o777).toBe(0o700)
            expect(uid).not.toBe(0)
        }
        expect(fs.statSync(dataDir).mode & 0o007).toBe(0)
    })

    test("refuses a second server", async () => {
        await expect(startPostgres(dataDir, { from })).rejects.toMatchObject({ code: "postgres.folder_in_use" })
        expect(await ask(running.at(-1) as Postgres, "select 1 as n")).toEqual([{ n: 1 }])
    })
})

describe("two servers that start on a new folder", () => {
    test("one serves, the other reports the conflict", async () => {
        const dataDir = folder()
        const attempts = await Promise.allSettled([1, 2, 3].map(() => start(dataDir)))
        const refusals = attempts.flatMap((promiseSettledResult) =>
            promiseSettledResult.status === "rejected" ? [(promiseSettledResult.reason as { code?: string }).code] : [],
        )
        expect(refusals).toEqual(["postgres.folder_in_use", "postgres.folder_in_use"])
        expect(await ask(running.at(-1) as Postgres, "select 1 as n")).toEqual([{ n: 1 }])
        expect(fs.readdirSync(path.join(dataDir, "postgres")).toSorted()).toEqual(["cluster", "socket"])
    })
})

describe("after a kill -9", () => {
    test("of the server: committed data is there, and the old postgres process is gone", async () => {
        const dataDir = folder()
        const other = await startInProcess(dataDir, "setInterval(() => {}, 1000)")
        const left = pidOf(dataDir)
        const url = `postgresql://tocsin@localhost/tocsin?host=${path.join(dataDir, "postgres", "socket")}`
        const client = new pg.Client(url)
        client.on("error", () => undefined)
        await client.connect()
        await client.query("create table kept as select 1 as n")
        await client.query("begin; insert into kept values (2)")
        process.kill(other.pid, "SIGKILL")
        await other.gone
        expect(alive(left)).toBe(true)
        const server = await start(dataDir)
        expect(alive(left)).toBe(false)
        expect(await ask(server, "select n from kept")).toEqual([{ n: 1 }])
        await client.end().catch(() => undefined)
    })

    test("of postgres: the server is notified, and the folder starts again", async () => {
        const dataDir = folder()
        const server = await start(dataDir, {})
        await ask(server, "create table kept as select 1 as n")
        process.kill(pidOf(dataDir), "SIGKILL")
        expect(await server.lost).toMatch(/ended unexpectedly/)
        expect(await ask(await start(dataDir, {}), "select n from kept")).toEqual([{ n: 1 }])
    })

    test("of one postgres process: the server takes the lock again, and a second server is still refused", async () => {
        const dataDir = folder()
        const server = await start(dataDir)
        const [row] = await ask<{ pid: number }>(server, "select pid from pg_locks where locktype = 'advisory'")
        process.kill(row?.pid ?? 0, "SIGKILL")
        await waitUntil(() => !alive(row?.pid ?? 0))
        await expect(startPostgres(dataDir)).rejects.toMatchObject({ code: "postgres.folder_in_use" })
        expect(await ask(server, "select 1 as n")).toEqual([{ n: 1 }])
    })

    test("it ignores a pid file that names another program", async () => {
        const dataDir = folder()
        const server = await start(dataDir)
        const file = path.join(cluster(dataDir), "postmaster.pid")
        const text = fs.readFileSync(file, "latin1")
        await server.stop()
        const other = spawn("sleep", ["60"], { cwd: "/" })
        fs.writeFileSync(file, text.replace(/^\d+/, String(other.pid)))
        expect(await ask(await start(dataDir), "select 1 as n")).toEqual([{ n: 1 }])
        expect(other.kill()).toBe(true)
    })
})

describe("a clean exit", () => {
    test.each(["process.exit(0)", "throw new Error('on purpose')"])(
        "by `%s` leaves no postgres behind",
        async (way) => {
            const dataDir = folder()
            const other = await startInProcess(dataDir, `setTimeout(() => { ${way} }, 50)`)
            const left = pidOf(dataDir)
            await other.gone
            await waitUntil(() => !alive(left))
            expect(alive(left)).toBe(false)
        },
    )
})

describe("refusals", () => {
    test("a folder of another major version", async () => {
        const dataDir = folder()
        const place = path.join(dataDir, "postgres", "cluster")
        fs.mkdirSync(place, { recursive: true })
        fs.writeFileSync(path.join(place, "PG_VERSION"), "9\n")
        await expect(startPostgres(dataDir)).rejects.toMatchObject({
            code: "postgres.version_mismatch",
            message: expect.stringMatching(/^the data folder is of PostgreSQL `9`, and this machine has `[^\n]+`$/),
        })
    })

    test("a socket folder of another user", async () => {
        const dataDir = folder("taken")
        await (await start(dataDir)).stop()
        const socket = path.join(dataDir, "postgres", "socket")
        fs.chmodSync(socket, 0o755)
        await expect(startPostgres(dataDir)).rejects.toMatchObject({ code: "postgres.socket_folder_not_private" })
        fs.rmdirSync(socket)
        fs.symlinkSync(cluster(dataDir), socket)
        await expect(startPostgres(dataDir)).rejects.toMatchObject({ code: "postgres.socket_folder_not_private" })
    })
})

describe("folders", () => {
    test("a long path gets a short socket path", async () => {
        const server = await start(folder("long".repeat(30)))
        expect(await ask(server, "select 1 as n")).toEqual([{ n: 1 }])
        const socket = new URL(server.url).searchParams.get("host") ?? ""
        expect(socket.length).toBeLessThan(90)
        await server.stop()
        fs.rmdirSync(socket)
    })

    test.runIf(process.geteuid?.() === 0)(
        "a folder that only root can reach is served from another folder",
        async () => {
            const dataDir = path.join(folder(), "data")
            fs.mkdirSync(path.dirname(dataDir), { mode: 0o700 })
            const server = await start(dataDir)
            expect(await ask(server, "select 1 as n")).toEqual([{ n: 1 }])
            const home = fs.realpathSync(path.join(dataDir, "postgres"))
            expect(home).toMatch(/^\/var\/lib\/tocsin-/)
            await server.stop()
            await (await start(dataDir)).stop()
            fs.rmSync(home, { recursive: true })
        },
    )
})
