import { once } from "node:events"
import { Agent, type IncomingMessage, type ServerResponse, get } from "node:http"
import net, { type AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import Fastify from "fastify"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { Download, TextAnswer } from "../../kernel/route.ts"
import { type SendTiming, sendDownload, sendJson, sendText } from "./send-download.ts"

const bytes = Buffer.alloc(2_000_000, 7)
const text = new TextAnswer("long ".repeat(400_000), "text/csv; charset=utf-8", { "x-of-its-own": "yes" })
const json = { all: Array.from({ length: 15_000 }, (_, n) => ({ n, notified: "ü".repeat(50) })) }
const app = Fastify()
const long: SendTiming = { checkEveryMs: 50, checkMsMax: 60_000, lingerMs: 60_000, lingerMsPerKilobyte: 0 }
let patience = long
let mayContinue: () => Promise<boolean>
let port = 0
/** Whether the server still counts the download as under way. */
let underWay = 0

beforeAll(async () => {
    app.get("/", async (_, reply) => {
        underWay++
        const download = new Download(bytes, "copy.age", mayContinue)
        return await sendDownload(reply, download, () => mayContinue(), patience).finally(() => underWay--)
    })
    app.get("/text", async (_, reply) => await sendText(reply, text, () => mayContinue(), patience))
    app.get("/json", async (_, reply) => await sendJson(reply, json, () => mayContinue(), patience))
    app.get("/as-text", async (_, reply) => await sendText(reply, text))
    app.get("/as-json", async () => json)
    await app.listen({ host: "127.0.0.1", port: 0 })
    port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())
beforeEach(() => {
    patience = long
    mayContinue = async () => true
})

/** Requests the download and reads nothing yet; `taken` resolves once the system has all of it. */
async function stalled(connection = "close", path = "/") {
    const [connected, requests] = [once(app.server, "connection"), once(app.server, "request")]
    const client = net.connect({ host: "127.0.0.1", port })
    client.pause().on("error", () => undefined)
    client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\n\r\n`)
    const [socket] = (await connected) as [net.Socket]
    const [, response] = (await requests) as [unknown, ServerResponse]
    const taken = response.writableFinished ? Promise.resolve() : once(response, "finish")
    return { client, socket, taken, gone: once(socket, "close") }
}

async function readAll(client: net.Socket): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    let count = 0
    client.on("data", (piece) => (count += piece.length)).once("close", () => resolve(count))
    client.resume()
    return await promise
}

describe("a running download", () => {
    test.each([
        ["that is denied", async () => false],
        ["that cannot be checked", () => Promise.reject(new Error("no database"))],
    ])("%s is cut for a reader with unread bytes, also when the system holds the rest", async (_, then) => {
        const { client, taken, gone } = await stalled()
        await taken
        mayContinue = then
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("is cut when the check does not answer in time", async () => {
        patience = { ...long, checkMsMax: 50 }
        const { client, taken, gone } = await stalled()
        await taken
        mayContinue = () => new Promise(() => undefined)
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("is cut when the reader takes too long over the rest", async () => {
        patience = { ...long, lingerMs: 200 }
        const { client, taken, gone } = await stalled()
        await taken
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("is cut, not closed, when the connection stalls", async () => {
        const { client, socket, gone } = await stalled()
        socket.emit("timeout")
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("continues while it is allowed, and is running until its reader has it all", async () => {
        const { client, taken, gone } = await stalled()
        await taken
        expect(underWay).toBe(1)
        const read = readAll(client)
        client.end()
        expect(await read).toBeGreaterThan(bytes.length)
        await gone
        expect(underWay).toBe(0)
    })

    test("ends when its reader has it all and sends another request", async () => {
        const { client, taken } = await stalled("keep-alive")
        await taken
        const requests = once(app.server, "request")
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await requests
        client.resume()
        while (underWay > 0) await pause(10)
        expect(client.destroyed).toBe(false)
        client.destroy()
    })
})

const another = "GET / HTTP/1.1\r\nhost: x\r\n\r\n"
/** Actions of a reader with unread bytes that once looked like a complete read or a closed connection. */
const tricks: readonly (readonly [string, (client: net.Socket) => unknown])[] = [
    ["sends one byte", (client) => client.write("G")],
    ["sends another request", (client) => client.write(another)],
    ["sends many requests, and asks to close the connection", (client) => client.write(`${another}${last}`)],
    ["closes its side", (client) => client.end()],
    ["closes its side within a request", (client) => client.end("G")],
    ["closes its side after a request", (client) => client.end(another)],
    ["sends an invalid request", (client) => client.write("\r\nno request\r\n\r\n")],
]
const last = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

describe.each(["/", "/text", "/json"])("a running download, at %s, to a reader that", (path) => {
    test.each(tricks)("%s is cut", async (_, trick) => {
        const { client, taken, gone } = await stalled("keep-alive", path)
        await taken
        trick(client)
        await pause(300)
        mayContinue = async () => false
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("closes its side and reads, is delivered whole", async () => {
        const { client, taken } = await stalled("close", path)
        await taken
        client.end()
        await pause(300)
        expect(await readAll(client)).toBeGreaterThan(1_000_000)
    })

    test("reads slowly, stops within one piece of a denial, plus the bytes in the reader's own system", async () => {
        let looks = 0
        let looksMax = Infinity
        mayContinue = async () => ++looks <= looksMax
        const { client, gone } = await stalled("keep-alive", path)
        looksMax = looks + 1
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })
})

/** The system buffers less than either size for a reader that reads nothing. */
const unreadMax = 1_000_000

describe.each(["/text", "/json"])("a download of several pieces, at %s,", (path) => {
    test.each([
        ["when it is denied", async () => false],
        ["when it cannot be checked", () => Promise.reject(new Error("no database"))],
    ])("is cut for a reader with unread bytes: %s", async (_, then) => {
        const { client, taken, gone } = await stalled("close", path)
        await taken
        mayContinue = then
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("is cut when the reader takes too long over the rest", async () => {
        patience = { ...long, lingerMs: 200 }
        const { client, taken, gone } = await stalled("keep-alive", path)
        await taken
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("is cut when it was requested by pipelining", async () => {
        const { client, taken, gone } = await stalled("keep-alive", path)
        client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
        await taken
        mayContinue = async () => false
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("has the same head and body as without a check", async () => {
        const ask = async (item: string) => {
            const answer = await fetch(`http://127.0.0.1:${port}${item}`)
            const { date: _, ...headers } = Object.fromEntries(answer.headers)
            return { headers, names: [...answer.headers.keys()], body: await answer.text() }
        }
        const [watched, whole] = [await ask(path), await ask(path.replace("/", "/as-"))]
        expect(watched).toEqual(whole)
        expect(watched.body.length).toBeGreaterThan(1_000_000)
    })

    test("is no longer checked once its reader has it all", async () => {
        let looks = 0
        mayContinue = async () => ++looks > 0
        // Connections of the tests before may be open still.
        await pause(300)
        const others = looks
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        const ask = async () => {
            const request = get({ port, host: "127.0.0.1", path, agent })
            const [answer] = (await once(request, "response")) as [IncomingMessage]
            await buffer(answer)
            return request.reusedSocket
        }
        await ask()
        while (looks < others + 2) await pause(10)
        const warned: Error[] = []
        process.on("warning", (error) => warned.push(error))
        for (let n = 0; n < 30; n++) expect(await ask()).toBe(true)
        // Of the last alone.
        await pause(100)
        const before = looks
        await pause(300)
        expect(looks - before).toBeLessThanOrEqual(others + 8)
        expect(warned).toEqual([])
        agent.destroy()
    })
})
