/** Runs the samples in docs/partners/webhooks.md, as printed, against calls that Tocsin signs. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, test } from "vitest"
import { formatSecret, headersOf } from "@tocsin/formats/standard-webhooks"
import { signingKeyFrom } from "../server/src/platform/crypto/ed25519.ts"

const root = path.join(import.meta.dirname, "..")
const guide = fs.readFileSync(path.join(root, "docs/partners/webhooks.md"), "utf8")
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-receiver-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

/** Returns the one sample in a language. */
function sampleIn(language: string): string {
    const samples = [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))]
    expect(samples).toHaveLength(1)
    return samples[0]?.[1] ?? ""
}

interface Call {
    readonly secret: string
    readonly headers: Record<string, string>
    readonly body: string
}

/** Runs a sample on all calls, in a separate process; returns its verdict on each. */
const receivers: Readonly<Record<string, (calls: readonly Call[]) => boolean[]>> = {
    TypeScript: (calls) => {
        fs.writeFileSync(path.join(folder, "sample.ts"), sampleIn("ts"))
        const value = JSON.stringify(pathToFileURL(path.join(folder, "sample.ts")))
        const main = `import { isOurs } from ${value}
            import { text } from "node:stream/consumers"
            const calls = JSON.parse(await text(process.stdin))
            const all = calls.map(({ secret, headers, body }) => isOurs(secret, headers, Buffer.from(body)))
            console.log(JSON.stringify(all))`
        return said(process.execPath, ["--input-type=module", "-e", main], calls)
    },
    Python: (calls) => {
        fs.writeFileSync(path.join(folder, "sample.py"), sampleIn("python"))
        const main = `import json, sys
from sample import is_ours
print(json.dumps([is_ours(one["secret"], one["headers"], one["body"].encode()) for one in json.load(sys.stdin)]))`
        return said("python3", ["-c", main], calls)
    },
}

function said(command: string, args: readonly string[], calls: readonly Call[]): boolean[] {
    const input = JSON.stringify(calls)
    const { stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8", input, timeout: 60_000 })
    expect(stderr).toBe("")
    return JSON.parse(stdout) as boolean[]
}

const [secret, old, other] = [1, 2, 3].map((seed) => Buffer.alloc(32, seed)) as [Buffer, Buffer, Buffer]
const { sign } = signingKeyFrom(Buffer.alloc(32, 4))
const now = Math.floor(Date.now() / 1000)
const body = `{"v":1,"type":"poll","ts":"2026-01-01T00:00:00Z","nonce":"n","pad":"000"}`

/** Builds a call as Tocsin makes it: `ago` seconds ago, signed with these secrets. */
function call(ago = 0, secrets: readonly Uint8Array[] = [secret]): Call {
    const message = { id: "0b6f0a52-1111-4222-8333-444444444444", timestamp: now - ago, body: Buffer.from(body) }
    return { secret: formatSecret(secret), headers: headersOf(message, { secrets, signers: [sign] }), body }
}

function changed(headers: Record<string, string>, input: Partial<Call> = {}): Call {
    const right = call()
    return { ...right, ...input, headers: { ...right.headers, ...headers } }
}

function without(name: string): Call {
    const right = call()
    return { ...right, headers: Object.fromEntries(Object.entries(right.headers).filter(([key]) => key !== name)) }
}

const cases: readonly [title: string, its: Call, isOurs: boolean][] = [
    ["a right call is accepted", call(), true],
    ["one that was on its way for four minutes is accepted", call(240), true],
    ["one by the old secret and the new is accepted", call(0, [old, secret]), true],
    ["G-03 one that is sent again later is refused", call(400), false],
    ["G-03 one from the future is refused", call(-400), false],
    ["another body is refused", changed({}, { body: `${body} ` }), false],
    ["another id is refused", changed({ "webhook-id": "0b6f0a52-1111-4222-8333-555555555555" }), false],
    ["another time is refused", changed({ "webhook-timestamp": String(now - 1) }), false],
    ["a time that is none is refused", changed({ "webhook-timestamp": `${now}.0` }), false],
    ["no time is refused", changed({ "webhook-timestamp": "" }), false],
    ["another secret is refused", call(0, [other]), false],
    ["no signature is refused", changed({ "webhook-signature": "" }), false],
    ["a signature that is cut is refused", changed({ "webhook-signature": "v1,AAAA" }), false],
    ["one of letters that are no ASCII is refused", changed({ "webhook-signature": "v1,é" }), false],
    ["G-03 the signature alone with the time of now is refused", replayed(), false],
]

/** Builds an old call with the current time, which no signature matches. */
function replayed(): Call {
    const before = call(400)
    return { ...before, headers: { ...before.headers, "webhook-timestamp": String(now) } }
}

describe.each(Object.keys(receivers))("the guide's receiver in %s", (language) => {
    test("accepts Tocsin's calls only", () => {
        const list = receivers[language]!(cases.map(([, call]) => call))
        expect(Object.fromEntries(cases.map(([title], i) => [title, list[i]]))).toEqual(
            Object.fromEntries(cases.map(([title, , isOurs]) => [title, isOurs])),
        )
    })
})

test("the TypeScript sample reports missing headers and refuses the call", () => {
    const missing = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(without)
    expect(receivers["TypeScript"]!(missing)).toEqual([false, false, false])
})
