import fs from "node:fs"
import path from "node:path"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import {
    type Operator,
    type RunningCommand,
    addressOf,
    createHome,
    runTocsin,
    signIn,
    startTocsin,
} from "../../../test/support/command.ts"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"

const home = createHome()
const keyFile = path.join(home, "key")
const running: RunningCommand[] = []
let database: TestDatabase
let flags: string[]
let operators: Operator[]

const people = ["--operator", "Ada Byron <ada@operator.example>", "--operator", "Bo Diddley <bo@operator.example>"]

const run = (args: readonly string[], input = "") => runTocsin(home, args, {}, input)
const lock = (args: readonly string[], input = "") => run(["lock-key", ...flags, ...args], input)
const unlock = (secret: string) => run(["unlock", ...flags], `${secret}\n`)

async function startLocked(): Promise<RunningCommand> {
    const args = ["serve", "--console-port", "0", "--portal-port", "0", "--json", ...flags]
    const server = await startTocsin(home, args, { ready: "the key file is locked" })
    running.push(server)
    return server
}

beforeAll(async () => {
    database = await createDatabase()
    flags = ["--database-url", database.url, "--key-file", keyFile]
    const { out } = await run(["init", ...flags, ...people, "--json"])
    operators = (JSON.parse(out) as { operators: Operator[] }).operators
})

afterAll(async () => {
    for (const { child } of running) child.kill("SIGKILL")
    await database.close()
    fs.rmSync(home, { recursive: true, force: true })
})

test("two of three people unlock a server, each with a share", async () => {
    const key = fs.readFileSync(keyFile, "utf8")
    const locking = await startTocsin(home, ["lock-key", ...flags, "--shares", "3", "--needed", "2"], { asks: true })
    running.push(locking)
    const shares = locking.firstOutput.match(/tocsin-share1\w+/g) ?? []
    expect(shares).toHaveLength(3)
    // Nothing is locked before two shares are given back.
    locking.child.stdin?.write(`${shares[1]}\n`)
    await vi.waitFor(() => expect(locking.log()).toContain("1 of 2 shares"), 60_000)
    expect(fs.readFileSync(keyFile, "utf8")).toBe(key)
    locking.child.stdin?.end(`${shares[2]}\n`)
    expect(await locking.ended).toBe(0)
    expect(locking.log()).toContain("Delete each unlocked copy")
    expect(fs.readFileSync(keyFile, "utf8")).not.toContain(key.trim())
    expect(fs.statSync(keyFile).mode & 0o777).toBe(0o600)

    const server = await startLocked()
    expect(server.output()).toBe("")
    expect(await unlock(shares[2] ?? "")).toMatchObject({ code: 0, out: "1 of 2 shares\n" })
    expect(await unlock(shares[0] ?? "")).toMatchObject({ code: 0, out: "Unlocked\n" })
    await vi.waitFor(() => expect(server.output()).toContain("\n"), 60_000)
    const address = addressOf({ ...server, firstOutput: server.output() }, "console")
    const { cookie } = await signIn(address, operators[0]?.link.split("#")[1] ?? "")
    expect(cookie).not.toBe("")
    expect(server.log()).not.toContain(shares[0])
    expect(await server.end("SIGTERM")).toBe(0)
    fs.writeFileSync(keyFile, key)
})

test("a passphrase locks the key file, and removes the lock", async () => {
    const key = fs.readFileSync(keyFile, "utf8")
    expect(await lock(["--passphrase"], "correct horse battery\n")).toMatchObject({ code: 0 })
    expect(fs.readFileSync(keyFile, "utf8")).not.toBe(key)
    const removed = await lock(["--remove"], "wrong horse battery\ncorrect horse battery\n")
    expect(removed).toMatchObject({ code: 0, err: expect.stringContaining("wrong passphrase") })
    expect(fs.readFileSync(keyFile, "utf8")).toBe(key)
})

test("one way to lock is given", async () => {
    const both = await lock(["--passphrase", "--remove"])
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining("error: give --passphrase, or") })
    expect(await lock(["--shares", "3"])).toMatchObject({ code: 2 })
})

test("a command gives the key, and no key file is made", async () => {
    const own = await createDatabase()
    const [command, file] = [path.join(home, "get-key"), path.join(home, "none", "key")]
    const entries = ["--database-url", own.url, "--key-file", file, "--key-command", command]
    try {
        expect(await run(["init", ...entries, ...people])).toMatchObject({
            code: 1,
            err: expect.stringContaining("(keys.command_failed)"),
        })
        fs.writeFileSync(command, `#!/bin/sh\necho ${"3c".repeat(32)}\n`, { mode: 0o700 })
        const made = await run(["init", ...entries, ...people])
        expect(made).toMatchObject({ code: 0, err: "" })
        expect(made.out).not.toContain("The key file is")
        const server = await startTocsin(home, [
            "serve",
            "--console-port",
            "0",
            "--portal-port",
            "0",
            "--json",
            ...entries,
        ])
        running.push(server)
        expect(await server.end("SIGTERM")).toBe(0)
        expect(fs.existsSync(file)).toBe(false)
        fs.writeFileSync(command, "#!/bin/sh\necho no key here\n")
        expect(await run(["serve", ...entries])).toMatchObject({
            code: 1,
            err: expect.stringContaining("(keys.file_damaged)"),
        })
    } finally {
        await own.close()
    }
})
