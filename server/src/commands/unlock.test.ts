import { once } from "node:events"
import fs from "node:fs"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { lockWithShares, parseLockedKey, startUnlocking } from "../platform/crypto/key-lock.ts"
import { silentLog } from "../platform/log/log.ts"
import { offerToServers, unlockAtSocket } from "./unlock.ts"

const text = `${"5a".repeat(32)}\n`
const refused = (code: string) => expect.objectContaining({ code })
const never = new Promise<never>(() => undefined)

let folder: string
let keyFile: string
beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-unlock-"))
    keyFile = path.join(folder, "key")
    fs.writeFileSync(keyFile, "")
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const sockets = () => fs.readdirSync(folder).filter((name) => name !== "key")

async function lockAndWait(stopped: Promise<unknown> = never) {
    const { locked, shares } = await lockWithShares(text, { shares: 5, needed: 3 })
    const parsed = parseLockedKey(locked)
    if (parsed === null) throw new Error("not a locked key file")
    const waiting = unlockAtSocket(keyFile, silentLog, stopped)(startUnlocking(parsed))
    waiting.catch(() => undefined)
    await expect.poll(sockets, { timeout: 60_000 }).toHaveLength(1)
    return { shares, waiting }
}

test("a server waits until enough shares are given, and takes no wrong one", async () => {
    const { shares, waiting } = await lockAndWait()
    const [socket = ""] = sockets()
    await expect.poll(() => fs.statSync(path.join(folder, socket)).mode & 0o777).toBe(0o600)
    expect(await offerToServers(keyFile, shares[4] ?? "")).toEqual([{ state: "waiting", have: 1, needed: 3 }])
    expect(await offerToServers(keyFile, "tocsin-share1qqqq")).toMatchObject([{ state: "wrong" }])
    expect(await offerToServers(keyFile, shares[1] ?? "")).toEqual([{ state: "waiting", have: 2, needed: 3 }])
    // The answer has no key.
    expect(await offerToServers(keyFile, shares[2] ?? "")).toEqual([{ state: "open" }])
    expect(await waiting).toBe(text)
    expect(sockets()).toEqual([])
})

test("a connection that sends too much, or nothing, gets no answer and stops nothing", async () => {
    const { shares, waiting } = await lockAndWait()
    const silent = net.connect(path.join(folder, sockets()[0] ?? ""))
    await expect(offerToServers(keyFile, "x".repeat(100_000))).rejects.toThrow(refused("unlock.not_waiting"))
    for (const share of shares.slice(0, 3)) await offerToServers(keyFile, share)
    expect(await waiting).toBe(text)
    silent.destroy()
})

test("a server that is stopped while it waits leaves no socket", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { waiting } = await lockAndWait(promise)
    resolve()
    await expect(waiting).rejects.toThrow(refused("unlock.stopped"))
    expect(sockets()).toEqual([])
})

test("the socket of a killed server is removed, and no other file", async () => {
    const others = ["key.unlock-2", "key.unlock-copy"]
    for (const name of others) fs.writeFileSync(path.join(folder, name), text)
    const server = net.createServer().listen(path.join(folder, "now"))
    await once(server, "listening")
    fs.linkSync(path.join(folder, "now"), path.join(folder, "key.unlock-1"))
    server.close()
    await once(server, "close")
    await expect(offerToServers(keyFile, "x")).rejects.toThrow(refused("unlock.not_waiting"))
    expect(sockets()).toEqual(others)
})

test("a path that is too long for a socket is refused", async () => {
    const { locked } = await lockWithShares(text, { shares: 2, needed: 2 })
    const parsed = parseLockedKey(locked)
    if (parsed === null) throw new Error("not a locked key file")
    const unlock = unlockAtSocket(path.join(folder, "k".repeat(100)), silentLog, never)
    await expect(unlock(startUnlocking(parsed))).rejects.toThrow(refused("unlock.path_too_long"))
})
