import { createHash } from "node:crypto"
import { once } from "node:events"
import fs from "node:fs"
import { createServer } from "node:http"
import net from "node:net"
import path from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Operator,
    type RunningCommand,
    addressOf,
    requestAs,
    createHome,
    signIn,
    startTocsin,
    runTocsin,
} from "../../../test/support/command.ts"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"

const home = createHome()
const running: RunningCommand[] = []
let database: TestDatabase
let operators: Operator[]
let own: string[]

async function init(...args: string[]): Promise<Operator[]> {
    const people = ["--operator", "Ada Byron <ada@operator.example>", "--operator", "Bo Diddley <bo@operator.example>"]
    const { out, err } = await runTocsin(home, ["init", ...args, ...people, "--json"])
    if (out === "") throw new Error(err)
    return (JSON.parse(out) as { operators: Operator[] }).operators
}

async function serve(...args: string[]): Promise<RunningCommand> {
    const server = await startTocsin(home, ["serve", "--console-port", "0", "--portal-port", "0", "--json", ...args])
    running.push(server)
    return server
}

const sha256Of = (migration: string): string =>
    createHash("sha256")
        .update(fs.readFileSync(`server/migrations/${migration}`))
        .digest("hex")
const secretOf = (operator: Operator | undefined): string => operator?.link.split("#")[1] ?? ""

beforeAll(async () => {
    database = await createDatabase()
    own = ["--database-url", database.url, "--key-file", path.join(home, "key")]
    operators = await init(...own)
})

afterAll(async () => {
    for (const { child } of running) child.kill("SIGKILL")
    await database.close()
    fs.rmSync(home, { recursive: true, force: true })
})

describe("tocsin serve", () => {
    test("does not start without a program, and makes nothing", async () => {
        const data = path.join(home, "nothing")
        const nothing = await runTocsin(home, ["serve", "--data", data])
        expect(nothing).toMatchObject({ code: 1, out: "", err: expect.stringContaining("(serve.no_program)") })
        expect(fs.existsSync(data)).toBe(false)
        const empty = await createDatabase()
        const other = await runTocsin(home, ["serve", "--database-url", empty.url])
        expect(other).toMatchObject({ code: 1, err: expect.stringContaining("(serve.no_program)") })
        await empty.close()
    })

    test("does not start with another program's key, or without a key", async () => {
        const [, url = "", , key = ""] = own
        const other = path.join(home, "other-key")
        fs.writeFileSync(other, `${"ab".repeat(32)}\n`, { mode: 0o600 })
        const start = (file: string) => runTocsin(home, ["serve", "--database-url", url, "--key-file", file])
        expect(await start(other)).toMatchObject({ code: 1, err: expect.stringContaining("(serve.key_mismatch)") })
        expect(await start(`${key}-gone`)).toMatchObject({
            code: 1,
            err: expect.stringContaining("(keys.file_missing)"),
        })
    })

    test("runs canary listeners alone, without key and portal, and ends with 0 on SIGTERM", async () => {
        const [, url = ""] = own
        const entries = ["--role", "canary", "--database-url", url, "--canary-zone", "canary.example"]
        const ports = ["--canary-dns-port", "0", "--canary-http-port", "0"]
        const server = await serve(...entries, ...ports, "--canary-addresses", "192.0.2.7")
        const { canary } = JSON.parse(server.firstOutput) as { canary: { http: number } }
        expect(await (await fetch(`http://127.0.0.1:${canary.http}/`)).text()).toBe("ok\n")
        expect(await server.end("SIGTERM")).toBe(0)
        const zoneless = await runTocsin(home, ["serve", "--role", "canary", "--database-url", url])
        expect(zoneless).toMatchObject({ code: 1, err: expect.stringContaining("(serve.no_zone)") })
        const nowhere = await runTocsin(home, ["serve", ...entries])
        expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining("(serve.no_address)") })
        const private_ = await runTocsin(home, ["serve", "--role", "canary"])
        expect(private_).toMatchObject({ code: 1, err: expect.stringContaining("(serve.canary_needs_url)") })
    })

    test("signs both people in by their printed links, once, and ends with 0 on SIGTERM", async () => {
        const server = await serve(...own)
        const [console_, portal] = [addressOf(server, "console"), addressOf(server, "portal")]
        const [ada] = operators
        expect((await signIn(portal, secretOf(ada))).code).toBe("identity.bad_link")
        const { cookie } = await signIn(console_, secretOf(ada))
        expect(cookie).toMatch(/^__Host-tocsin-console=[^;]+; .*HttpOnly; Secure; SameSite=Strict$/)
        expect(await requestAs(console_, cookie)("GET", "/api/me")).toMatchObject({ name: "Ada Byron" })
        expect((await signIn(console_, secretOf(ada))).code).toBe("identity.bad_link")
        expect(await server.end("SIGTERM")).toBe(0)
        const lines = server.log().trim().split("\n")
        expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain("stopped")
        expect(server.log()).not.toMatch(/Ada|Byron|operator\.example/)
    })

    test.each([
        ["http://console.example", /^tocsin-console=[^;]+;(?!.*Secure)/],
        ["https://console.example", /^__Host-tocsin-console=[^;]+;.* Secure/],
    ])("sets a cookie that a browser at %s keeps", async (origin, form) => {
        const other = await createDatabase()
        const entries = ["--database-url", other.url, "--key-file", path.join(home, new URL(origin).protocol, "key")]
        const [ada] = await init(...entries, "--console-origin", origin)
        expect(ada?.link.startsWith(`${origin}/sign-in#`)).toBe(true)
        const server = await serve(...entries, "--console-origin", origin, "--role", "console")
        expect(JSON.parse(server.firstOutput)).toEqual({ console: expect.objectContaining({ address: origin }) })
        expect((await signIn(addressOf(server, "console"), secretOf(ada))).cookie).toMatch(form)
        expect(await server.end("SIGINT")).toBe(0)
        await other.close()
    })

    const waiting = () => database.db.transaction((tx) => tx.query("select seq from unsequenced_events"))
    const writeEvent = () =>
        database.db.transaction((tx) =>
            tx.query(
                `with event as (insert into events (at, kind, body, salt)
                    values (now(), 'written', '{}', decode(repeat('00', 16), 'hex')) returning seq)
                 insert into unsequenced_events (seq) select seq from event`,
            ),
        )

    test("opens only the portal as portal, without work of the worker or a mail server", async () => {
        let calls = 0
        const mailbox = net.createServer((socket) => {
            calls += 1
            socket.destroy()
        })
        await once(mailbox.listen(0, "127.0.0.1"), "listening")
        const smtp = `smtp://127.0.0.1:${(mailbox.address() as net.AddressInfo).port}`
        await database.db.transaction(async (tx) => {
            const [{ person } = { person: "" }] = await tx.query<{ person: string }>("select id as person from persons")
            await tx.query("insert into partners values (gen_random_uuid(), '', now())")
            await tx.query(
                `insert into notices (id, partner_id, person_id, state, next_at, created_at)
                 select gen_random_uuid(), id, $1, 'due', now(), now() from partners`,
                [person],
            )
        })
        await writeEvent()
        const server = await serve(...own, "--role", "portal", "--smtp-url", smtp, "--mail-from", "a@b.example")
        expect(Object.keys(JSON.parse(server.firstOutput) as object)).toEqual(["portal"])
        for (let n = 0; n < 20; n++) {
            expect((await fetch(`${addressOf(server, "portal")}/healthz`)).ok).toBe(true)
            await new Promise((done) => setTimeout(done, 50))
        }
        expect(await server.end("SIGTERM")).toBe(0)
        expect(await waiting()).not.toEqual([])
        expect(calls).toBe(0)
        const left = await database.db.transaction((tx) => tx.query("select state, attempts from notices"))
        expect(left).toEqual([{ state: "due", attempts: 0 }])
        await database.db.transaction((tx) => tx.query("delete from notices"))
        mailbox.close()
    })

    test.each([
        ["http://portal.example", true],
        ["https://portal.example", false],
    ])("at %s says in one line that CSAF needs https: %s", async (origin, expected) => {
        const server = await serve(...own, "--role", "portal", "--portal-origin", origin)
        expect(await server.end("SIGTERM")).toBe(0)
        expect(server.log().match(/CSAF requires https/g) ?? []).toHaveLength(expected ? 1 : 0)
    })

    test("opens nothing as worker, and works", async () => {
        await writeEvent()
        const server = await startTocsin(home, ["serve", ...own, "--role", "worker"], { ready: '"working"' })
        running.push(server)
        for (let n = 0; n < 200 && (await waiting()).length > 0; n++) await new Promise((done) => setTimeout(done, 50))
        expect(await waiting()).toEqual([])
        expect(await server.end("SIGTERM")).toBe(0)
        expect(server.firstOutput).toBe("")
    })

    test("reports a missing worker at the console; a killed worker is missed at its monitoring port", async () => {
        await database.db.transaction((tx) => tx.query("delete from job_runs"))
        const console_ = await serve(...own, "--role", "console")
        const at = addressOf(console_, "console")
        const checks = async () => {
            const answer = await fetch(`${at}/readyz`)
            const { checks } = (await answer.json()) as { checks: { check: string; code: string | null }[] }
            return [answer.status, checks.find(({ check }) => check === "worker")?.code] as const
        }
        const until = async (code: string | null) => {
            for (let n = 0; n < 600 && (await checks())[1] !== code; n++)
                await new Promise((done) => setTimeout(done, 100))
            return await checks()
        }
        expect(await checks()).toEqual([503, "never_ran"])
        expect((await fetch(`${at}/healthz`)).status).toBe(200)
        const worker = await startTocsin(home, ["serve", ...own, "--role", "worker", "--metrics-port", "0", "--json"])
        running.push(worker)
        const { metrics } = JSON.parse(worker.firstOutput) as { metrics: { host: string; port: number } }
        expect(metrics.host).toBe("127.0.0.1")
        const monitoring = `http://127.0.0.1:${metrics.port}`
        expect((await until(null))[1]).toBe(null)
        const text = await (await fetch(`${monitoring}/metrics`)).text()
        expect(text).toMatch(/^tocsin_job_last_success_age_seconds\{job="releasing"\} \d/m)
        expect(await (await fetch(`${monitoring}/healthz`)).json()).toEqual({ ok: true })
        expect((await fetch(`${monitoring}/metrics`, { method: "POST" })).status).toBe(405)
        expect((await fetch(`${monitoring}/api/me`)).status).toBe(404)
        await worker.end("SIGKILL")
        await database.db.transaction((tx) =>
            tx.query("update job_runs set succeeded_at = succeeded_at - interval '2 minutes'"),
        )
        expect(await until("late")).toEqual([503, "late"])
        await console_.end("SIGTERM")
    }, 120_000)

    test("calls the receiver of alarms", async () => {
        const age = (sign: "-" | "+") =>
            database.db.transaction((tx) => tx.query(`update migrations set at = at ${sign} interval '2 days'`))
        const { promise: called, resolve } = Promise.withResolvers<string>()
        const receiver = createServer((request, response) => {
            void text(request).then(resolve)
            response.end()
        })
        await once(receiver.listen(0, "127.0.0.1"), "listening")
        const secretFile = path.join(home, "alarm-secret")
        fs.writeFileSync(secretFile, `whsec_${Buffer.alloc(32).toString("base64")}`, { mode: 0o600 })
        const url = `http://127.0.0.1:${(receiver.address() as net.AddressInfo).port}/`
        const alarms = ["--alarm-webhook", url, "--alarm-secret-file", secretFile]
        await age("-")
        const worker = await startTocsin(home, ["serve", ...own, "--role", "worker", "--json", ...alarms])
        running.push(worker)
        expect(JSON.parse(await called)).toMatchObject({
            type: "alarm.raised",
            data: { code: "backup_old", console: "http://localhost:8440/" },
        })
        await worker.end("SIGTERM")
        await age("+")
        receiver.close()
    }, 60_000)

    test("ends where its port is taken, and releases everything", async () => {
        const squatter = net.createServer()
        await once(squatter.listen(0, "127.0.0.1"), "listening")
        const port = String((squatter.address() as net.AddressInfo).port)
        const args = ["serve", ...own, "--console-port", "0", "--portal-port", port]
        expect(await runTocsin(home, args)).toMatchObject({ code: 1, err: expect.stringContaining("(run.port_taken)") })
        squatter.close()
    })

    const bad = "tocsin: setting `portalOrigin` is not valid: no CSAF document could be valid with it"
    test.each([
        ["an unknown role", ["--role", "boss"], 1, "settings.invalid"],
        ["an address that no CSAF document takes", ["--portal-origin", "https://a!b.example"], 1, bad],
        ["the same, where it only works", ["--portal-origin", "https://a!b.example", "--role", "worker"], 1, bad],
        ["an unknown flag", ["--rolle", "all"], 2, "--rolle"],
        ["a settings file that is not there", ["--settings", "gone.json"], 1, "settings.file_missing"],
    ])("refuses %s", async (_, args, code, reason) => {
        expect(await runTocsin(home, ["serve", ...own, ...args])).toMatchObject({
            code,
            err: expect.stringContaining(reason),
        })
    })
})

describe("an upgrade", () => {
    const query = (sql: string) => database.db.transaction((tx) => tx.query(sql))
    const check = async (...args: string[]) => await runTocsin(home, ["upgrade", "check", ...own, ...args])

    test("is checked while the server runs, and says what is missing first", async () => {
        const out = expect.stringMatching(/^The database has each migration of this program, up to [\w-]+\.\n$/)
        expect(await check()).toEqual({ code: 0, out, err: "" })
        await query("delete from migrations where name like '0016-%'")
        const notReady = await check()
        expect(notReady).toMatchObject({ code: 1, err: "" })
        expect(notReady.out).toContain("\n  0016-spent-budgets: What attributions have spent is kept")
        expect(notReady.out).toMatch(/\n {4}locks and writes access_changes: about \d+ rows, \d+ KiB\n/)
        expect(notReady.out).toMatch(
            /\nPostgreSQL: \d[\d.]+\. Needed: 15 or newer\.\nDisk .*: 1 MiB\. Free: unknown, .*\n/,
        )
        expect(notReady.out).toMatch(/\nNot ready:\n {2}There is no backup: make one .*\(upgrade\.no_backup\)\n$/)
        const aged = "insert into backups values (gen_random_uuid(), now() - interval '2 days', 1, '', true)"
        await query(aged)
        expect(JSON.parse((await check("--json")).out)).toMatchObject({ gaps: [{ code: "upgrade.old_backup" }] })
        await query(aged.replace("2 days", "2 hours"))
        const ready = await check()
        expect(ready).toMatchObject({ code: 0, out: expect.stringMatching(/\nReady to upgrade\.\n$/) })
    }, 120_000)

    test("ends a running server of an older version, with the reason", async () => {
        const hash = sha256Of("0016-spent-budgets.sql")
        const restore = `insert into migrations (name, sha256) values ('0016-spent-budgets.sql', '${hash}')`
        await query(restore)
        const server = await serve(...own)
        await query("insert into migrations (name, sha256) values ('9999-later.sql', '')")
        expect(await server.ended).toBe(1)
        expect(server.log()).toContain("(platform.newer_database)")
        expect(await check()).toMatchObject({ code: 1, err: expect.stringContaining("(platform.newer_database)") })
        await query("delete from migrations where name = '9999-later.sql'")
    }, 120_000)
})

describe("tocsin serve on a data folder", () => {
    const data = path.join(home, "data")
    const entries = ["--data", data]
    const cluster = () => fs.realpathSync(path.join(data, "postgres", "cluster"))
    const postgresRuns = () => fs.existsSync(path.join(cluster(), "postmaster.pid"))

    test("runs alone there, restarts after kill -9 with all data, and stops its PostgreSQL", async () => {
        const [ada, bo] = await init(...entries)
        const first = await serve(...entries)
        const { cookie } = await signIn(addressOf(first, "console"), secretOf(ada))
        const second = await runTocsin(home, ["serve", ...entries])
        expect(second).toMatchObject({ code: 1, err: expect.stringContaining("(postgres.folder_in_use)") })
        await first.end("SIGKILL")
        const again = await serve(...entries)
        const address = addressOf(again, "console")
        expect(await requestAs(address, cookie)("GET", "/api/me")).toMatchObject({ name: "Ada Byron" })
        expect((await signIn(address, secretOf(bo))).code).toBe("")
        expect((await signIn(address, secretOf(ada))).code).toBe("identity.bad_link")
        expect(postgresRuns()).toBe(true)
        expect(await again.end("SIGTERM")).toBe(0)
        expect(postgresRuns()).toBe(false)
    }, 120_000)

    test("ends with a reason and not with 0 when its PostgreSQL dies", async () => {
        const server = await serve(...entries)
        const pid = Number.parseInt(fs.readFileSync(path.join(cluster(), "postmaster.pid"), "latin1"), 10)
        process.kill(pid, "SIGQUIT")
        expect(await server.ended).toBe(1)
        expect(server.log()).toContain("(serve.database_lost)")
    }, 120_000)

    test("exports its whole audit log once it is stopped", async () => {
        const file = path.join(home, "record.jsonl")
        const { code, out, err } = await runTocsin(home, ["export", ...entries, "--out", file, "--json"])
        expect({ code, err }).toEqual({ code: 0, err: "" })
        expect(JSON.parse(out)).toEqual({ file, bytes: fs.statSync(file).size })
        expect(fs.statSync(file).mode & 0o777).toBe(0o600)
        expect(await runTocsin(home, ["verify", file])).toMatchObject({ code: 1 })
        expect(await runTocsin(home, ["verify", "--any-key", file])).toMatchObject({ code: 0 })
        const piped = await runTocsin(home, ["export", ...entries])
        expect(piped.out.split("\n").length).toBe(fs.readFileSync(file, "utf8").split("\n").length + 1)
        expect(piped.out).not.toMatch(/Byron|Diddley|operator\.example/)
        expect(
            await runTocsin(home, ["export", ...entries, "--out", path.join(home, "no", "such", "folder")]),
        ).toMatchObject({
            code: 1,
        })
        fs.rmSync(path.dirname(cluster()), { recursive: true })
    }, 120_000)
})
