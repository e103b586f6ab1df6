import { type ChildProcess, spawn } from "node:child_process"
import fs from "node:fs"
import http from "node:http"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, test } from "vitest"
import { formatCheckpoint, parseLeadingCheckpoint, parseNote } from "../../checkpoint.ts"
import { leafHash, proveConsistency, rootOf } from "../../merkle.ts"
import { formatNoteKey, verifiedSignatures } from "../../note-keys.ts"
import { formatWitnessRequest } from "../../witness-request.ts"
import { nodeVerifiers, signingNoteKey, signWith } from "../node-keys.ts"
import { startWitness } from "./command.ts"
import type { WitnessServer } from "./serve.ts"
import { hashOfOrigin, readState, writeState } from "./states.ts"
import { openWitnessKeys } from "./witness.ts"

const name = "witness.example/w1"
const log = signingNoteKey("ed25519", new Uint8Array(32).fill(1), () => "example.org/log")
const other = signingNoteKey("ml_dsa_44", new Uint8Array(32).fill(2), () => "example.org/other")
const leaves = Array.from({ length: 200 }, (_, i) => leafHash(Uint8Array.of(i)))
const forked = leaves.map((leaf, i) => (i === 3 ? leafHash(Uint8Array.of(255)) : leaf))

let dir: string
let logs: string
let server: WitnessServer | null
let url: string
const messages: string[] = []
const io = { result: () => undefined, message: (line: string) => void messages.push(line), realNow: Date.now }

beforeEach(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "witness-"))
    logs = path.join(dir, "logs.txt")
    fs.writeFileSync(logs, `log ${formatNoteKey(log)}\nlog ${formatNoteKey(other)}\nquorum none\n`)
    messages.length = 0
    await start()
})
afterEach(async () => {
    await server?.stop()
    fs.rmSync(dir, { recursive: true, force: true })
})

async function start(): Promise<void> {
    server = await startWitness(path.join(dir, "state"), { name, logs, host: "127.0.0.1", port: "0" }, io)
    url = `http://127.0.0.1:${server?.port}`
}

function requestOf(oldSize: number, size: number, tree = leaves, key = log): string {
    const text = formatCheckpoint({ origin: key.name, size, root: rootOf(tree.slice(0, size)) })
    const proof = oldSize === 0 ? [] : proveConsistency(tree.slice(0, size), oldSize)
    return formatWitnessRequest({ oldSize, proof, note: `${text}\n${signWith(text, key, 0)}` })
}

async function post(body: string, to = url) {
    const answer = await fetch(`${to}/add-checkpoint`, { method: "POST", body })
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() }
}
const submit = async (...given: Parameters<typeof requestOf>) => (await post(requestOf(...given))).status
const kept = async (key = log) => (await fetch(`${url}/${hashOfOrigin(key.name)}/checkpoint`)).text()
const keptSize = async () => parseLeadingCheckpoint(parseNote(await kept()).text).size

test("a witness signs growth with both keys, and shows what it signed", async () => {
    expect(await submit(0, 10)).toBe(200)
    const { status, text } = await post(requestOf(10, 50))
    expect(status).toBe(200)
    const keys = await openWitnessKeys(path.join(dir, "state"), undefined)
    const note = requestOf(10, 50).split("\n\n").slice(1).join("\n\n") + text
    const signed = verifiedSignatures(note, [keys.ed25519, keys.mlDsa44], nodeVerifiers)
    expect(signed.map(({ key }) => key.kind)).toEqual(["cosignature", "ml_dsa_44"])
    expect(Math.abs(Date.now() / 1000 - (signed[0]?.time ?? 0))).toBeLessThan(60)
    expect(await kept()).toBe(note)
})

test("it refuses forks, shrinking, strangers and what it cannot read", async () => {
    expect(await submit(0, 50)).toBe(200)
    expect(await submit(50, 60, forked)).toBe(422)
    expect(await submit(50, 50, forked)).toBe(409)
    expect(await post(requestOf(0, 20, forked))).toEqual({ status: 409, type: "text/x.tlog.size", text: "50\n" })
    expect(await submit(20, 30)).toBe(409)
    expect(await submit(0, 5, leaves, { ...log, name: "example.org/unknown" })).toBe(404)
    const forger = signingNoteKey("ed25519", new Uint8Array(32).fill(9), () => log.name)
    expect(await submit(50, 60, leaves, forger)).toBe(403)
    for (const body of ["", "old 50\n", "old -1\n\n", requestOf(50, 60).replace("old 50", "old 61")]) {
        expect((await post(body)).status).toBe(400)
    }
    expect((await post("x".repeat(100_000))).status).toBe(413)
    expect(await keptSize()).toBe(50)
    expect(await submit(50, 60)).toBe(200)
})

test("a changed byte of a request never gets another tree signed", async () => {
    expect(await submit(0, 10)).toBe(200)
    const body = Buffer.from(requestOf(10, 20))
    for (let at = 0; at < body.length; at += 3) {
        const changed = Buffer.from(body)
        changed[at] = (changed[at] ?? 0) ^ 1
        expect([400, 403, 404, 409, 422]).toContain((await post(changed.toString("utf8"))).status)
    }
    expect(await keptSize()).toBe(10)
})

test("each log has its own state, also after a restart", async () => {
    expect(await submit(0, 10)).toBe(200)
    expect(await submit(0, 30, forked, other)).toBe(200)
    await server?.stop()
    await start()
    expect(await submit(0, 10)).toBe(409)
    expect(await submit(30, 40, forked, other)).toBe(200)
    expect(await submit(10, 11)).toBe(200)
})

test("two requests at once, and two processes on one folder, sign one history", async () => {
    expect(await submit(0, 10)).toBe(200)
    const second = await startWitness(path.join(dir, "state"), { logs, host: "127.0.0.1", port: "0" }, io)
    const answers = await Promise.all(
        Array.from({ length: 12 }, async (_, i) => {
            const to = i % 2 === 0 ? url : `http://127.0.0.1:${second?.port}`
            return (await post(requestOf(10, 20 + i, i % 3 === 0 ? forked : leaves), to)).status
        }),
    )
    await second?.stop()
    expect(answers.filter((status) => status === 200)).toHaveLength(1)
    expect(answers.filter((status) => status !== 200).every((status) => status === 409 || status === 422)).toBe(true)
})

test("a process that stood still while others wrote many states writes none", async () => {
    for (let number = 0; number < 17; number++) expect(await writeState(dir, "h", number, `${number}`)).toBe(true)
    expect(await writeState(dir, "h", 0, "fork")).toBe(false)
    expect(await readState(dir, "h")).toEqual({ number: 17, note: "16" })
})

test("the same checkpoint is signed again without a new state", async () => {
    expect(await submit(0, 10)).toBe(200)
    expect(await submit(10, 10)).toBe(200)
    expect((await readState(path.join(dir, "state"), hashOfOrigin(log.name))).number).toBe(1)
})

test("slow requests hold up no other, and end", async () => {
    const slow = Array.from({ length: 100 }, () => {
        const request = http.request(`${url}/add-checkpoint`, { method: "POST", headers: { "content-length": "9" } })
        const ended = new Promise((resolve) => request.on("error", resolve).on("response", resolve))
        return { sent: new Promise((resolve) => request.write("old", resolve)), ended }
    })
    await Promise.all(slow.map(({ sent }) => sent))
    expect(await submit(0, 10)).toBe(200)
    await Promise.all(slow.map(({ ended }) => ended))
})

test("a damaged state is signed over by nothing", async () => {
    expect(await submit(0, 10)).toBe(200)
    const folder = path.join(dir, "state", "logs", hashOfOrigin(log.name))
    const [file = ""] = fs.readdirSync(folder)
    fs.writeFileSync(path.join(folder, file), fs.readFileSync(path.join(folder, file), "utf8").replace("10", "09"))
    expect(await submit(0, 20)).toBe(500)
    expect(await submit(9, 20)).toBe(500)
    expect(messages.join()).toContain("damaged")
})

test("the name of a witness does not change", async () => {
    await expect(openWitnessKeys(path.join(dir, "state"), "witness.example/w2")).rejects.toThrow("another folder")
    await expect(openWitnessKeys(path.join(dir, "new"), undefined)).rejects.toThrow("--name")
    await expect(openWitnessKeys(path.join(dir, "new"), "a b")).rejects.toThrow("must be like")
})

test("keys without their states sign nothing", async () => {
    expect(await submit(0, 10)).toBe(200)
    fs.rmSync(path.join(dir, "state", "logs"), { recursive: true })
    await expect(openWitnessKeys(path.join(dir, "state"), undefined)).rejects.toThrow("new keys")
    expect(await submit(0, 10, forked)).toBe(500)
})

/** Starts the witness in a process of its own, which can be killed. */
async function spawnWitness(): Promise<{ child: ChildProcess; url: string }> {
    const module = fileURLToPath(new URL("command.ts", import.meta.url))
    const state = path.join(dir, "state")
    const script = `import { startWitness } from ${JSON.stringify(module)}
        const io = { result: () => 0, message: () => 0, realNow: Date.now }
        const options = { logs: ${JSON.stringify(logs)}, host: "127.0.0.1", port: "0" }
        console.log((await startWitness(${JSON.stringify(state)}, options, io)).port)`
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
    })
    const port = await new Promise<string>((resolve) =>
        child.stdout.once("data", (bytes: Buffer) => resolve(String(bytes))),
    )
    return { child, url: `http://127.0.0.1:${port.trim()}` }
}

/** Sends a request, and kills the witness as soon as the state is on the disk. Null: no answer came. */
async function submitAndKill(witness: { child: ChildProcess; url: string }, body: string): Promise<number | null> {
    const folder = path.join(dir, "state", "logs", hashOfOrigin(log.name))
    const before = fs.readdirSync(folder).filter((file) => !file.endsWith(".part")).length
    const exited = new Promise((resolve) => witness.child.once("exit", resolve))
    const watcher = setInterval(() => {
        const files = fs.readdirSync(folder).filter((file) => !file.endsWith(".part"))
        if (files.length > before) witness.child.kill("SIGKILL")
    }, 0)
    const status = await new Promise<number | null>((resolve) => {
        const request = http.request(`${witness.url}/add-checkpoint`, { method: "POST" }, (answer) =>
            resolve(answer.statusCode ?? null),
        )
        request.on("error", () => resolve(null))
        request.end(body)
    })
    setTimeout(() => witness.child.kill("SIGKILL"), 50)
    await exited
    clearInterval(watcher)
    return status
}

test("a kill between storing and answering loses no signature, and signs no fork", async () => {
    expect(await submit(0, 10)).toBe(200)
    for (let size = 10; size < 15; size++) {
        const witness = await spawnWitness()
        const status = await submitAndKill(witness, requestOf(size, size + 1))
        expect([200, null]).toContain(status)
        // The other process on this folder sees what was stored; whatever was answered is there.
        const now = await keptSize()
        expect([size, size + 1]).toContain(now)
        if (status === 200) expect(now).toBe(size + 1)
        if (now === size + 1) expect(await submit(size + 1, size + 1, forked)).toBe(409)
        expect(await submit(now, size + 1)).toBe(200)
    }
}, 60_000)
