/** Whole processes: keys, portal, console and worker apart. Only the first has a key file. */
import fs from "node:fs"
import path from "node:path"
import { Decrypter } from "age-encryption"
import { afterAll, beforeAll, expect, test } from "vitest"
import { formatCheckpoint } from "@tocsin/audit-log/checkpoint"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { verifiedSignatures } from "@tocsin/audit-log/note-keys"
import { dayMs } from "@tocsin/base/instant"
import {
    type RunningCommand,
    addressOf,
    createHome,
    requestAs,
    runTocsin,
    startTocsin,
} from "../../../test/support/command.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
} from "../../../test/support/program.ts"
import { type KeyRole, keyRoles } from "../models/key-rights.ts"
import { keysFrom } from "../platform/crypto/keys.ts"
import { keyIdOf } from "../platform/crypto/root-key.ts"
import { type KeyRequest, ask, socketOf } from "../platform/key-process/ask.ts"
import { aliasFor } from "../share/delivery/actions/resolve-alias.ts"
import { firstKey } from "../trust/signing-keys/actions/load-log-keys.ts"
import { issueCredential } from "../trust/identity/actions/sign-in.ts"

const passphrase = "a passphrase of a few words"
const secret = Buffer.alloc(32, 7)
const home = createHome()
const keyHome = createHome()
const keyFile = path.join(keyHome, "key")
const folder = path.join(keyHome, "sockets")
const running: RunningCommand[] = []

let world: Program
let partner: TestPartner
let released: string
let hidden: string
let summary: string
let poc: string
let database: string[]
let keys: RunningCommand
let portal: RunningCommand
let console_: RunningCommand
let worker: RunningCommand

const startKeys = async (ready: string): Promise<RunningCommand> => {
    const args = ["serve", "--role", "keys", ...database, "--key-file", keyFile, "--key-process", folder]
    const command = await startTocsin(keyHome, [...args, "--metrics-port", "0", "--json"], { ready })
    running.push(command)
    return command
}
const unlock = () => runTocsin(keyHome, ["unlock", ...database, "--key-file", keyFile], {}, `${passphrase}\n`)
const start = async (role: KeyRole, ready?: string): Promise<RunningCommand> => {
    const receipts = ["--receipts-interval", "1", "--receipt-log-tiles", "public"]
    const ports = ["--console-port", "0", "--portal-port", "0", "--json", ...receipts]
    const args = ["serve", "--role", role, ...database, "--key-process", folder, ...ports]
    const command = await startTocsin(home, args, ready === undefined ? {} : { ready })
    running.push(command)
    return command
}

beforeAll(async () => {
    world = await createProgram()
    world.clock.now = Date.now() - 60_000
    partner = await newPartner(world, "validate")
    released = await newCase(world, "toolshell", Date.now() + 3 * dayMs)
    hidden = await newCase(world, "bypass", Date.now() + 3 * dayMs)
    summary = await newArtifact(world, released, "summary", "toolshell/summary.md")
    poc = await newArtifact(world, released, "poc", "toolshell/poc.py")
    await newArtifact(world, hidden, "summary", "toolshell/technical.md")
    await releaseWaveNow(world, released, "validate", [summary])
    const keyEncryptionKey = Buffer.alloc(32, 9)
    const id = keyIdOf(keyEncryptionKey)
    const wrapped = await keysFrom(keyEncryptionKey).wrap(`root_keys.wrapped:${id}`, Buffer.concat([secret, secret]))
    await world.database.db.transaction((tx) =>
        tx.query("insert into root_keys (id, wrapped) values ($1, $2)", [id, wrapped]),
    )
    fs.writeFileSync(keyFile, `${keyEncryptionKey.toString("hex")}\n`, { mode: 0o600 })
    database = ["--database-url", world.database.url]
    const locked = ["lock-key", "--passphrase", ...database, "--key-file", keyFile]
    const { code, err } = await runTocsin(keyHome, locked, {}, `${passphrase}\n${passphrase}\n`)
    if (code !== 0) throw new Error(err)
    keys = await startKeys("the key file is locked")
})

afterAll(async () => {
    for (const { child } of running) child.kill("SIGKILL")
    await world.database.close()
    for (const place of [home, keyHome]) fs.rmSync(place, { recursive: true, force: true })
})

async function sessionOf(person: TestPartner["lead"]): Promise<string> {
    world.clock.now = Date.now()
    const session = await world.acting(person, (ctx) => issueCredential(ctx, person.person, "session"))
    return `__Host-tocsin-portal=${session}`
}

const askAs = (role: KeyRole, request: KeyRequest) => ask(socketOf(folder, role), request, 5_000)

async function unwrapAs(role: KeyRole, scope: string): Promise<unknown> {
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ wrapped: Buffer }>("select wrapped from data_keys where scope = $1", [scope]),
    )
    const wrapped = rows[0]?.wrapped.toString("base64") ?? ""
    return await askAs(role, { do: "unwrap", place: `data_keys.wrapped:${scope}`, wrapped }).then(
        (value) => Buffer.from(String(value), "base64").length,
        (error: unknown) => (error as { code?: string }).code ?? String(error),
    )
}

const readiness = async (server: RunningCommand, side: "console" | "portal") => {
    const answer = await fetch(`${addressOf(server, side)}/readyz`)
    return [answer.status, await answer.json()] as const
}

test("the other roles wait until people unlock the key file at the key process alone", async () => {
    const waiting = await start("portal", "waiting for the key process")
    expect(waiting.output()).toBe("")
    expect(await waiting.end("SIGTERM")).toBe(1)
    expect(waiting.log()).toContain("(serve.stopped_waiting)")
    const starting = start("portal")
    expect(await unlock()).toMatchObject({ code: 0, out: "Unlocked\n" })
    portal = await starting
    console_ = await start("console")
    worker = await start("worker", '"working"')
    expect(fs.readdirSync(home)).toEqual([])
})

test("sockets are for their group, and folders that others can write to are refused", async () => {
    expect(fs.statSync(socketOf(folder, "portal")).mode & 0o777).toBe(0o660)
    const open = path.join(keyHome, "open")
    fs.mkdirSync(open)
    fs.chmodSync(open, 0o777)
    const args = ["serve", "--role", "keys", ...database, "--key-process", open]
    const other = path.join(keyHome, "other-key")
    fs.writeFileSync(other, `${Buffer.alloc(32, 9).toString("hex")}\n`, { mode: 0o600 })
    expect(await runTocsin(keyHome, [...args, "--key-file", other])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(keys.folder_open)"),
    })
})

async function fetchSummary(): Promise<string> {
    const alias = aliasFor(world.services.keys, partner.id, "artifact", summary)
    const answer = await fetch(`${addressOf(portal, "portal")}/api/artifacts/${alias}/copy`, {
        headers: { cookie: await sessionOf(partner.analyst) },
    })
    if (!answer.ok) throw new Error(await answer.text())
    const age = new Decrypter()
    age.addIdentity(partner.identity)
    return await age.decrypt(new Uint8Array(await answer.arrayBuffer()), "text")
}

test("a partner sees a released case and fetches its copy", async () => {
    const get = requestAs(addressOf(portal, "portal"), await sessionOf(partner.lead))
    expect(await get("GET", "/api/warnings")).toMatchObject({ warnings: [{ title: "toolshell" }] })
    expect(await fetchSummary()).toContain("SharePoint")
})

test("the portal gets no key of an unreleased case, nor of a proof of concept before its wave", async () => {
    expect(await unwrapAs("portal", `case:${released}`)).toBe(32)
    for (const scope of [`case:${hidden}`, `poc:${released}`])
        expect(await unwrapAs("portal", scope)).toBe("keys.not_for_role")
    for (const role of ["console", "worker"] as const) {
        expect(await unwrapAs(role, `case:${hidden}`)).toBe(32)
        expect(await unwrapAs(role, `poc:${released}`)).toBe(32)
    }
    await releaseWaveNow(world, released, "advance", [poc])
    expect(await unwrapAs("portal", `poc:${released}`)).toBe(32)
})

test("the portal gets no other key that is not its own, and makes none for an unreleased case", async () => {
    const key = Buffer.alloc(32).toString("base64")
    const requests: KeyRequest[] = [
        { do: "wrap", place: `data_keys.wrapped:case:${hidden}`, key, half: 1 },
        { do: "wrap", place: "root_keys.wrapped:1", key, half: 1 },
        { do: "derive", purpose: "record-heads", length: 32 },
        { do: "derive", purpose: "receipt-heads", length: 32 },
        { do: "derive", purpose: "backup", length: 32 },
        { do: "sign", kind: "ed25519", purpose: "record-heads", message: key },
        { do: "sign", kind: "ed25519", purpose: "receipt-heads", message: Buffer.from("x\n1\ny\n").toString("base64") },
        { do: "read_high_water" },
    ]
    for (const request of requests)
        await expect(askAs("portal", request), JSON.stringify(request)).rejects.toMatchObject({
            code: "keys.not_for_role",
        })
    expect(keys.log().match(/a role asked for a key that it does not get/g)).toHaveLength(1)
    const { metrics } = JSON.parse(keys.output()) as { metrics: { port: number } }
    const text = await (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text()
    expect(text).toMatch(/^tocsin_key_refusals\{role="portal"\} 10$/m)
})

test("the worker signs the audit log and writes the high-water file by the key process", async () => {
    await expect
        .poll(() => fs.existsSync(`${keyFile}.high-water`) && fs.readFileSync(`${keyFile}.high-water`, "utf8"))
        .toContain("checkpoint")
    await expect.poll(() => readiness(console_, "console")).toMatchObject([200, { ok: true }])
    expect(worker.log()).not.toContain("background job failed")
})

test("the portal shows checkpoints of the receipt log that the key process signs", async () => {
    const read = async () => await (await fetch(`${addressOf(portal, "portal")}/receipt-log/checkpoint`)).text()
    const { noteKeys } = firstKey(world.services.keys, "receipt_log")
    const kinds = async () => verifiedSignatures(await read(), noteKeys, nodeVerifiers).map(({ key }) => key.kind)
    await expect.poll(() => kinds().catch(() => [])).toEqual(["ed25519", "ml_dsa_44"])

    const rotated = await runTocsin(
        keyHome,
        ["rotate-key", "--signing-keys", ...database, "--key-file", keyFile],
        {},
        `${passphrase}\n`,
    )
    expect(rotated).toMatchObject({ code: 0 })
    await expect.poll(async () => (await read()).match(/^— /gm)).toHaveLength(4)
    for (const role of keyRoles) expect(await unwrapAs(role, "signing")).toBe("keys.not_for_role")
})

test("no role gets another history signed", async () => {
    const setRoot = (root: Buffer) =>
        world.database.db.transaction((tx) => tx.query("update batches set log_root = $1 where index = 0", [root]))
    const [batch] = await world.database.db.transaction((tx) =>
        tx.query<{ log_root: Buffer }>("select log_root from batches where index = 0"),
    )
    const { log_root: root = Buffer.alloc(0) } = batch ?? {}
    const sign = (
        role: KeyRole,
        log: "audit_log" | "receipt_log",
        purpose: string,
        tree: { size: number; root: Buffer },
    ) => {
        const text = formatCheckpoint({ origin: firstKey(world.services.keys, log).name, ...tree })
        const message = Buffer.from(text).toString("base64")
        return askAs(role, { do: "sign", kind: "ed25519", purpose, message })
    }
    const forged = Buffer.alloc(32, 3)
    const refused = { code: "keys.not_for_role" }
    await setRoot(forged)
    const signForged = sign("portal", "receipt_log", "receipt-heads", { size: 1, root: forged })
    await expect(signForged).rejects.toMatchObject(refused)
    await setRoot(root)
    expect(await sign("portal", "receipt_log", "receipt-heads", { size: 1, root })).toMatch(/=$/)

    const signAudit = (size: number) => sign("worker", "audit_log", "record-heads", { size, root: forged })
    await expect(signAudit(1)).rejects.toMatchObject(refused)
    const message = Buffer.from("a letter").toString("base64")
    const letter: KeyRequest = { do: "sign", kind: "ed25519", purpose: "record-heads", message }
    await expect(askAs("worker", letter)).rejects.toMatchObject(refused)
})

test("after kill -9 requests are refused, and the same processes continue with the next key process", async () => {
    await keys.end("SIGKILL")
    await expect(fetchSummary()).rejects.toThrow("keys.process_down")
    await expect.poll(async () => (await readiness(portal, "portal"))[0]).toBe(503)
    const check = { check: "keys", ok: false, code: "process_down" }
    await expect
        .poll(() => readiness(console_, "console"))
        .toMatchObject([503, { checks: expect.arrayContaining([check]) }])
    keys = await startKeys("the key file is locked")
    expect(await unlock()).toMatchObject({ code: 0 })
    await expect.poll(() => readiness(portal, "portal")).toEqual([200, { ok: true }])
    expect(await fetchSummary()).toContain("SharePoint")
    await expect.poll(() => readiness(console_, "console")).toMatchObject([200, { ok: true }])
    for (const command of [portal, console_, worker]) expect(await command.end("SIGTERM")).toBe(0)
})

test.each([
    [["--role", "all"], "serve.key_process_apart"],
    [["--role", "keys", "--key-process", ""], "settings.key_process_missing"],
])("refuses %j", async (args, code) => {
    const given = ["serve", ...database, "--key-process", folder, ...args]
    expect(await runTocsin(home, given)).toMatchObject({ code: 1, err: expect.stringContaining(`(${code})`) })
})
