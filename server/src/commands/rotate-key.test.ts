import fs from "node:fs"
import path from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { readKey } from "openpgp"
import { afterAll, beforeAll, expect, test } from "vitest"
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
import { highWaterPath } from "../kernel/high-water.ts"

const home = createHome()
const keyFile = path.join(home, "key")
const running: RunningCommand[] = []
let database: TestDatabase
let flags: string[]
let operators: Operator[]

const people = ["--operator", "Ada Byron <ada@operator.example>", "--operator", "Bo Diddley <bo@operator.example>"]

const run = (args: readonly string[], input = "") => runTocsin(home, args, {}, input)
const rotate = (args: readonly string[] = [], input = "") => run(["rotate-key", ...flags, ...args], input)
const keyText = () => fs.readFileSync(keyFile, "utf8")
const formerFiles = () => fs.readdirSync(home).filter((name) => name.startsWith("key.former-"))

async function serve(): Promise<RunningCommand> {
    const server = await startTocsin(home, ["serve", "--console-port", "0", "--portal-port", "0", "--json", ...flags])
    running.push(server)
    return server
}

const signInAs = async (server: RunningCommand, operator: Operator | undefined) =>
    (await signIn(addressOf(server, "console"), operator?.link.split("#")[1] ?? "")).cookie

/** Signs in with a new link. Returns a function that writes a text and returns the status. */
async function openWriter(server: RunningCommand): Promise<(text: string) => Promise<number>> {
    const { out } = await run(["sign-in-link", "ada@operator.example", ...flags, "--json"])
    const address = addressOf(server, "console")
    const secret = (JSON.parse(out) as { link: string }).link.split("#")[1] ?? ""
    const cookie = (await signIn(address, secret)).cookie.split(";")[0] ?? ""
    return async (text) => {
        const agreement = { text, termDays: 30, obligations: [{ id: "1", kind: "no_offensive_use", text: "Clause." }] }
        const headers = { cookie, "content-type": "application/json" }
        const body = JSON.stringify(agreement)
        return (await fetch(`${address}/api/agreements`, { method: "POST", headers, body })).status
    }
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

test("the key file is replaced while a server runs, and the former key ends", async () => {
    const identity = await generateX25519Identity()
    fs.writeFileSync(path.join(home, "identity.txt"), `${identity}\n`, { mode: 0o600 })
    const server = await serve()
    const backup = path.join(home, "before.age")
    const recipient = ["--recipient", await identityToRecipient(identity)]
    expect((await run(["backup", ...flags, ...recipient, "--out", backup])).code).toBe(0)
    const former = keyText()

    const rotated = await rotate()
    expect(rotated).toMatchObject({
        code: 0,
        err: "",
        out: expect.stringContaining("No running server needs a restart"),
    })
    expect(keyText()).not.toBe(former)
    const [formerName = ""] = formerFiles()
    const formerFile = path.join(home, formerName)
    expect(fs.readFileSync(formerFile, "utf8")).toBe(former)
    expect([formerFile, keyFile].map((file) => fs.statSync(file).mode & 0o777)).toEqual([0o600, 0o600])

    const between = path.join(home, "between.age")
    expect((await run(["backup", ...flags, ...recipient, "--out", between])).code).toBe(0)

    // The former key still opens the database, but cannot end the new one.
    expect(await rotate(["--key-file", formerFile, "--finish"])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(keys.not_newest)"),
    })
    expect(await rotate(["--finish"])).toMatchObject({ code: 0, out: expect.stringContaining("no longer valid") })
    expect(await rotate(["--finish"])).toMatchObject({ code: 0, out: "There is no former key\n" })
    expect(await rotate(["--key-file", formerFile])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(serve.key_mismatch)"),
    })

    // The server that ran all the time reads and writes names, and so does one with the new key.
    expect(await signInAs(server, operators[0])).not.toBe("")
    expect(await server.end("SIGTERM")).toBe(0)
    const next = await serve()
    expect(await signInAs(next, operators[1])).not.toBe("")
    expect(await next.end("SIGTERM")).toBe(0)
    expect(server.log() + next.log()).not.toContain("quarantine")

    const verify = ["backup", "verify", backup, "--identity", path.join(home, "identity.txt"), "--json"]
    expect(await run([...verify, "--key-file", keyFile])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(backup.other_program)"),
    })
    const opened = await run([...verify, "--key-file", formerFile])
    expect(JSON.parse(opened.out)).toMatchObject({ ours: true })

    // A backup from between has both keys.
    const target = ["--data", path.join(home, "restored"), "--key-file", keyFile]
    const restored = await run(["restore", between, "--identity", path.join(home, "identity.txt"), ...target])
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining("A former key opens this database too") })
    expect((await run(["rotate-key", ...target, "--finish"])).out).toContain("no longer valid")
})

test("the signing keys are replaced while a server runs, which is killed in between", async () => {
    const signatureCount = async () => {
        const [row] = await database.db.transaction((tx) =>
            tx.query<{ note: string }>("select note from checkpoints order by size desc limit 1"),
        )
        return row?.note.split("\n— ").slice(1).length
    }
    const auditKeys = (out: string) => out.split("\n").filter((line) => line.startsWith("tocsin/"))
    const server = await serve()
    await expect.poll(signatureCount).toBe(1)

    const added = await rotate(["--signing-keys"])
    expect(added).toMatchObject({ code: 0, err: "", out: expect.stringContaining("No running server needs a restart") })
    const [former = "", next = ""] = auditKeys(added.out)
    expect(added.out.match(/^log tocsin-receipts/gm)).toHaveLength(4)
    await expect.poll(signatureCount).toBe(2)
    server.child.kill("SIGKILL")
    const again = await rotate(["--signing-keys"])
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("no new one was added") })
    expect(auditKeys(again.out)).toEqual([former, next])
    const restarted = await serve()
    const write = await openWriter(restarted)

    const ended = await rotate(["--signing-keys", "--finish"])
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining("no longer sign") })
    expect(auditKeys(ended.out)).toEqual([next])
    await expect.poll(signatureCount).toBe(1)
    expect(await write("Signed by the new key.")).toBe(200)
    expect(await rotate(["--signing-keys", "--finish"])).toMatchObject({ code: 0, out: "There is no former key\n" })
    expect((await rotate(["--signing-keys", "--data-keys"])).code).toBe(2)
    const folder = path.join(home, "exported.jsonl")
    expect((await run(["export", ...flags, "--out", folder])).code).toBe(0)
    expect((await run(["verify", folder, "--key", next])).code).toBe(0)
    expect((await run(["verify", folder, "--key", former])).code).toBe(1)
    expect(await restarted.end("SIGTERM")).toBe(0)
    expect(server.log() + restarted.log()).not.toContain("quarantine")
    // Without a server, the command itself saves the end in the high-water file.
    await rotate(["--signing-keys"])
    expect((await rotate(["--signing-keys", "--finish"])).code).toBe(0)
    const { ends } = JSON.parse(fs.readFileSync(highWaterPath(keyFile), "utf8")) as { ends: { kind: string }[] }
    expect(ends.filter(({ kind }) => kind === "signing_key")).toHaveLength(4)
})

test("the publisher key is replaced while a server runs, and revoked after the server was killed", async () => {
    const server = await serve()
    const keysOf = async (running: RunningCommand) => {
        const address = `${addressOf(running, "portal")}/.well-known/csaf/provider-metadata.json`
        const metadata = (await (await fetch(address)).json()) as { public_openpgp_keys: { fingerprint: string }[] }
        return metadata.public_openpgp_keys.map(({ fingerprint }) => fingerprint)
    }
    const isRevoked = async (running: RunningCommand, fingerprint: string) => {
        const answer = await fetch(`${addressOf(running, "portal")}/csaf/openpgp/${fingerprint}.asc`)
        return await (await readKey({ armoredKey: await answer.text() })).isRevoked()
    }
    const [first = ""] = await keysOf(server)
    const replaced = await rotate(["--publisher-key"])
    expect(replaced).toMatchObject({ code: 0, err: "", out: expect.stringContaining("No running server needs") })
    const [, second = ""] = /New key: +(\w+)$/m.exec(replaced.out) ?? []
    expect(replaced.out).toContain(`Former key: ${first}\n`)
    expect(await keysOf(server)).toEqual([second, first])
    server.child.kill("SIGKILL")

    const revoked = await rotate(["--publisher-key", "--revoke"])
    for (const fingerprint of [first, second])
        expect(revoked.out).toContain(`Revoked:    ${fingerprint} /csaf/openpgp/`)
    const restarted = await serve()
    const [third = ""] = await keysOf(restarted)
    expect(revoked.out).toContain(third)
    expect(await keysOf(restarted)).toEqual([third, second, first])
    expect([await isRevoked(restarted, first), await isRevoked(restarted, second)]).toEqual([true, true])
    const name = async (running: RunningCommand) => {
        const key = await (await fetch(`${addressOf(running, "portal")}/csaf/openpgp.asc`)).text()
        return (await readKey({ armoredKey: key })).getUserIDs()
    }
    expect(await name(restarted)).toEqual(["localhost"])
    expect(await restarted.end("SIGTERM")).toBe(0)
    expect(server.log() + restarted.log()).not.toContain("quarantine")

    for (const wrong of [["--publisher-key", "--finish"], ["--publisher-key", "--signing-keys"], ["--revoke"]])
        expect((await rotate(wrong)).code).toBe(2)
})

test("the data keys are renewed while a server runs that started with the former key", async () => {
    const server = await serve()
    const write = await openWriter(server)
    expect(await write("Before.")).toBe(200)
    expect((await rotate()).code).toBe(0)
    expect(await rotate(["--data-keys"])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(keys.former_valid)"),
    })
    expect((await rotate(["--finish"])).code).toBe(0)
    expect(await rotate(["--data-keys"])).toMatchObject({ code: 0, out: expect.stringContaining("new data keys") })
    // Writes with a new data key, because the server reads the key file again.
    expect(await write("After.")).toBe(200)
    const keys = await database.db.transaction((tx) =>
        tx.query<{ half: number }>("select half from data_keys where half > 1"),
    )
    expect(keys.length).toBeGreaterThan(0)
    expect(server.log()).not.toContain("process_outdated")
    expect(await server.end("SIGTERM")).toBe(0)
    const identityFile = path.join(home, "identity-after.txt")
    const identity = await generateX25519Identity()
    fs.writeFileSync(identityFile, `${identity}\n`, { mode: 0o600 })
    const after = path.join(home, "after.age")
    const recipient = ["--recipient", await identityToRecipient(identity)]
    expect((await run(["backup", ...flags, ...recipient, "--out", after])).code).toBe(0)
    const verified = await run(["backup", "verify", after, "--identity", identityFile, "--json", "--key-file", keyFile])
    expect(JSON.parse(verified.out)).toMatchObject({ ours: true })
    const target = ["--data", path.join(home, "restored-after"), "--key-file", keyFile]
    expect((await run(["restore", after, "--identity", identityFile, ...target])).code).toBe(0)
    expect((await run(["rotate-key", ...target, "--data-keys"])).code).toBe(0)
})

test("a server with a locked key file of before refuses what needs a new data key", async () => {
    const server = await serve()
    const write = await openWriter(server)
    expect((await rotate(["--passphrase"], "correct horse battery\n")).code).toBe(0)
    expect((await rotate(["--finish"], "correct horse battery\n")).code).toBe(0)
    expect((await rotate(["--data-keys"], "correct horse battery\n")).code).toBe(0)
    expect(await write("Refused.")).toBe(503)
    expect(await server.end("SIGTERM")).toBe(0)
    expect((await run(["lock-key", ...flags, "--remove"], "correct horse battery\n")).code).toBe(0)
    const restarted = await serve()
    expect(await (await openWriter(restarted))("Written.")).toBe(200)
    expect(await restarted.end("SIGTERM")).toBe(0)
})

test("a locked key file is replaced by one with a new lock", async () => {
    expect((await run(["lock-key", ...flags, "--passphrase"], "correct horse battery\n")).code).toBe(0)
    expect(await rotate([], "correct horse battery\n")).toMatchObject({
        code: 1,
        err: expect.stringContaining("(keys.lock_needed)"),
    })
    const locked = keyText()
    expect(await rotate(["--passphrase"], "correct horse battery\nanother long phrase\n")).toMatchObject({ code: 0 })
    expect(formerFiles().map((name) => fs.readFileSync(path.join(home, name), "utf8"))).toContain(locked)
    expect(await rotate(["--finish"], "another long phrase\n")).toMatchObject({ code: 0 })
    expect((await run(["lock-key", ...flags, "--remove"], "another long phrase\n")).code).toBe(0)
})

test("a rotation that stopped before the file was replaced is run again", async () => {
    const before = keyText()
    expect((await rotate()).code).toBe(0)
    fs.writeFileSync(keyFile, before, { mode: 0o600 })
    expect(fs.readdirSync(home).filter((name) => name.startsWith("key.new-"))).toEqual([])
    expect(await rotate(["--finish"])).toMatchObject({ code: 1, err: expect.stringContaining("(keys.not_newest)") })
    expect((await rotate()).code).toBe(0)
    expect((await rotate(["--finish"])).code).toBe(0)
    const server = await serve()
    expect(await server.end("SIGTERM")).toBe(0)
})

test("a command gives the new key", async () => {
    const [command, next] = [path.join(home, "get-key"), path.join(home, "get-next-key")]
    fs.writeFileSync(command, `#!/bin/sh\necho ${keyText()}`, { mode: 0o700 })
    fs.writeFileSync(next, `#!/bin/sh\necho ${"3c".repeat(32)}\n`, { mode: 0o700 })
    expect(await rotate(["--new-key-command", command])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(keys.same_key)"),
    })
    const rotated = await rotate(["--new-key-command", next])
    expect(rotated).toMatchObject({ code: 0, out: expect.stringContaining(`The key of ${next} opens the database`) })
    const byCommand = ["--key-command", next]
    expect((await rotate([...byCommand, "--finish"])).code).toBe(0)
    expect(await rotate(byCommand)).toMatchObject({
        code: 1,
        err: expect.stringContaining("(keys.new_command_needed)"),
    })
    expect(await rotate(["--finish"])).toMatchObject({ code: 1, err: expect.stringContaining("(serve.key_mismatch)") })
})

test("one way is given", async () => {
    expect(await rotate(["--finish", "--passphrase"])).toMatchObject({ code: 2 })
    expect(await rotate(["--needed", "2"])).toMatchObject({ code: 2 })
})
