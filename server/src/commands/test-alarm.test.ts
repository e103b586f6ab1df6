/** Tests the command with a real receiver. */
import { createHmac } from "node:crypto"
import { once } from "node:events"
import fs from "node:fs"
import { type IncomingHttpHeaders, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, test } from "vitest"
import { formatSecret } from "@tocsin/formats/standard-webhooks"
import { createHome, runTocsin } from "../../../test/support/command.ts"

const home = createHome()
const secret = Buffer.alloc(32, 9)
const secretFile = path.join(home, "secret")
const calls: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = []
let status = 204
const receiver = createServer((request, response) => {
    void text(request).then((body) => {
        calls.push({ headers: request.headers, body })
        response.writeHead(status).end()
    })
})
const run = () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`
    const flags = ["--alarm-webhook", url, "--alarm-secret-file", secretFile]
    return runTocsin(home, ["test-alarm", ...flags, "--console-origin", "https://console.example"])
}

beforeAll(async () => {
    fs.writeFileSync(secretFile, formatSecret(secret), { mode: 0o600 })
    receiver.listen(0, "127.0.0.1")
    await once(receiver, "listening")
})
afterAll(() => {
    receiver.close()
    fs.rmSync(home, { recursive: true, force: true })
})

test("an alarm `test` begins and ends, in signed calls", async () => {
    expect(await run()).toEqual({
        code: 0,
        err: "",
        out: "alarm.raised: answered 204\nalarm.cleared: answered 204\n",
    })
    const bodies = calls.map(({ body }) => JSON.parse(body) as { data: { alarm: string } })
    const { alarm } = bodies[0]?.data ?? {}
    const data = (state: string) => ({ alarm, code: "test", state, console: "https://console.example/" })
    expect(bodies).toMatchObject([
        { type: "alarm.raised", data: data("raised") },
        { type: "alarm.cleared", data: data("cleared") },
    ])
    for (const { headers, body } of calls) {
        const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`
        const mac = createHmac("sha256", secret).update(signed).digest("base64")
        expect(headers["webhook-signature"]).toBe(`v1,${mac}`)
    }
    expect(calls[0]?.headers["webhook-id"]).not.toBe(calls[1]?.headers["webhook-id"])
})

test("a receiver that does not accept the call makes the command fail", async () => {
    status = 403
    expect(await run()).toEqual({
        code: 1,
        out: "alarm.raised: answered 403\nalarm.cleared: answered 403\n",
        err: expect.stringContaining("(alarm.not_accepted)"),
    })
})

test("without a receiver there is nothing to call", async () => {
    expect(await runTocsin(home, ["test-alarm"])).toMatchObject({
        code: 1,
        err: expect.stringContaining("(alarm.no_receiver)"),
    })
})
