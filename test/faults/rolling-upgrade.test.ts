/** Replaces one process after the other under a live embargo: partners are served, or asked to come again. */
import fs from "node:fs"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Content, createContentAt } from "../../bench/faults/world.ts"
import { createKeyFile } from "../../server/src/platform/crypto/keys.ts"
import { type RunningCommand, addressOf, createHome, startTocsin } from "../support/command.ts"
import { type TestDatabase, createDatabase } from "../support/database.ts"
import { makeNewerVersion } from "./newer-version.ts"

const home = createHome()
const running: RunningCommand[] = []
const additive = {
    "9001-notes.sql": "-- additive\n-- Notes that no older version reads.\ncreate table notes (id int);\n",
}
/** The sleep is a rewrite of a large table: requests meet its lock. */
const breaking = {
    "9002-tokens.sql":
        "-- Names tokens by what they are.\nalter table credentials rename to tokens;\nselect pg_sleep(3);\n",
}
let database: TestDatabase
let program: string[]
let content: Content

beforeAll(async () => {
    database = await createDatabase()
    const keyFile = path.join(home, "keys/key")
    const dataDir = path.join(home, "data")
    createKeyFile(keyFile, dataDir)
    content = await createContentAt({ databaseUrl: database.url, dataDir, keyFile }, 1)
    program = ["--database-url", database.url, "--key-file", keyFile]
}, 120_000)
afterAll(async () => {
    for (const { child } of running) child.kill("SIGKILL")
    await database.close()
    fs.rmSync(home, { recursive: true, force: true })
})

async function start(role: "portal" | "worker", version?: string): Promise<RunningCommand> {
    const args = ["serve", "--role", role, "--portal-port", "0", "--json", ...program]
    const isReady = role === "worker" ? { ready: '"working"' } : {}
    const server = await startTocsin(home, args, { ...isReady, ...(version !== undefined && { program: version }) })
    running.push(server)
    return server
}

/** Returns the status with the code of a refusal; `unreachable` without an answer. Throws for half an answer. */
async function read(server: RunningCommand, { token, copy }: Content["early"]): Promise<string> {
    const url = addressOf(server, "portal") + copy
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } }).catch(() => null)
    if (answer === null) return "unreachable"
    const text = await answer.text()
    const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json") === true
    return isProblem ? `${answer.status} ${(JSON.parse(text) as { code: string }).code}` : String(answer.status)
}

const count = async (sql: string) => (await database.db.transaction((tx) => tx.query(sql))).length
const downloads = () => count("select from events where kind = 'copy.delivered'")
const unsequenced = () => count("select from unsequenced_events")

test("after an additive migration the older portal serves and records; after another one it ends", async () => {
    const reader = content.fetchers.at(-1) ?? expect.unreachable()
    const portal = await start("portal")
    const worker = await start("worker", makeNewerVersion(path.join(home, "newer"), additive))
    expect(worker.log()).toContain("9001-notes.sql")
    const before = await downloads()
    expect(await read(portal, reader)).toBe("200")
    expect(await downloads()).toBe(before + 1)
    expect(await read(portal, content.early)).toBe("404 request.not_found")
    await expect.poll(unsequenced).toBe(0)

    const newest = makeNewerVersion(path.join(home, "newest"), { ...additive, ...breaking })
    const upgraded = start("portal", newest)
    const due = new Set<string>()
    const early = new Set<string>()
    let hasEnded = false
    void portal.ended.then(() => (hasEnded = true))
    while (!hasEnded) {
        await Promise.all([
            read(portal, reader).then((answer) => due.add(answer)),
            read(portal, content.early).then((answer) => early.add(answer)),
        ])
    }
    const unavailable = ["503 request.database_down", "503 request.restarting", "unreachable"]
    expect([...due].filter((answer) => !["200", ...unavailable].includes(answer))).toEqual([])
    expect([...early].filter((answer) => !["404 request.not_found", ...unavailable].includes(answer))).toEqual([])
    expect(due).toContain("503 request.restarting")
    expect(await portal.ended).toBe(1)
    expect(await worker.ended).toBe(1)
    for (const process of [portal, worker]) {
        const reasons = process.log().match(/the database has `[^`]+`.*$/gm)
        expect(reasons).toEqual([expect.stringMatching(/9002-tokens.sql.*\(platform\.newer_database\)$/)])
    }
    await (await upgraded).end("SIGTERM")
}, 120_000)
