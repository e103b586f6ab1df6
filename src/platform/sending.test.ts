import { once } from "node:events"
import type { ServerResponse } from "node:http"
import net, { type AddressInfo } from "node:net"
import Fastify from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Doors } from "./doors.ts"
import { Download } from "./http.ts"
import { sendDownload } from "./sending.ts"

const bytes = Buffer.alloc(2_000_000, 7)
const app = Fastify()
let allowed = true
let port = 0

beforeAll(async () => {
    const db = { transaction: (work: (tx: null) => unknown) => work(null) }
    const doors = { db } as Partial<Record<keyof Doors, unknown>> as Doors
    app.get("/", (_, reply) => sendDownload(doors, reply, new Download(bytes, "copy.age", async () => allowed)))
    await app.listen({ host: "127.0.0.1", port: 0 })
    port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

/** Asks for the download and reads nothing yet; `taken` once the server has handed all of it to the system. */
async function stalled(): Promise<{ client: net.Socket; taken: Promise<unknown>; gone: Promise<unknown> }> {
    const [connected, asked] = [once(app.server, "connection"), once(app.server, "request")]
    const client = net.connect({ host: "127.0.0.1", port })
    client.pause().on("error", () => undefined)
    client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    const [socket] = (await connected) as [net.Socket]
    const [, response] = (await asked) as [unknown, ServerResponse]
    return { client, taken: once(response, "finish"), gone: once(socket, "close") }
}

async function readAll(client: net.Socket): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    let count = 0
    client.on("data", (piece) => (count += piece.length)).once("close", () => resolve(count))
    client.resume()
    return await promise
}

describe("a download under way", () => {
    test("is cut for a reader that has not taken it, also when the system holds the rest", async () => {
        allowed = true
        const { client, gone } = await stalled()
        allowed = false
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("goes on as long as it may", async () => {
        allowed = true
        const { client, taken } = await stalled()
        const read = readAll(client)
        await taken
        client.end()
        expect(await read).toBeGreaterThan(bytes.length)
    })
})
