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

/** Asks for the download and reads nothing yet; `taken` once the server has handed all of it to the system. */
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

describe("a download under way", () => {
    test.each([
        ["that may not go on", async () => false],
        ["of which nobody can say whether it may", () => Promise.reject(new Error("no database"))],
    ])("%s is cut for a reader that has not taken it, also when the system holds the rest", async (_, then) => {
        const { client, taken, gone } = await stalled()
        await taken
        mayContinue = then
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("is cut when nobody says in time whether it may go on", async () => {
        patience = { ...long, checkMsMax: 50 }
        const { client, taken, gone } = await stalled()
        await taken
        mayContinue = () => new Promise(() => undefined)
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("is cut for a reader that takes too long over the rest", async () => {
        patience = { ...long, lingerMs: 200 }
        const { client, taken, gone } = await stalled()
        await taken
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("is cut, not closed, where the connection stands still", async () => {
        const { client, socket, gone } = await stalled()
        socket.emit("timeout")
        await gone
        expect(await readAll(client)).toBeLessThan(bytes.length)
    })

    test("goes on as long as it may, and is under way until its reader is done", async () => {
        const { client, taken, gone } = await stalled()
        await taken
        expect(underWay).toBe(1)
        const read = readAll(client)
        client.end()
        expect(await read).toBeGreaterThan(bytes.length)
        await gone
        expect(underWay).toBe(0)
    })

    test("is over when its reader has it, and asks something else", async () => {
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
/** What a reader may do that has not read what it asked for: each looked as if it had, or closed the connection. */
const tricks: readonly (readonly [string, (client: net.Socket) => unknown])[] = [
    ["sends one byte", (client) => client.write("G")],
    ["asks for something else", (client) => client.write(another)],
    ["asks for much else, and for the end of the connection", (client) => client.write(`${another}${last}`)],
    ["ends its side", (client) => client.end()],
    ["ends its side within a request", (client) => client.end("G")],
    ["ends its side behind a request", (client) => client.end(another)],
    ["sends what is no request", (client) => client.write("\r\nno request\r\n\r\n")],
]
const last = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

describe.each(["/", "/text", "/json"])("what is under way, at %s, to a reader that", (path) => {
    test.each(tricks)("%s is cut all the same", async (_, trick) => {
        const { client, taken, gone } = await stalled("keep-alive", path)
        await taken
        trick(client)
        await pause(300)
        mayContinue = async () => false
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("has ended its side, and reads, comes to all of it", async () => {
        const { client, taken } = await stalled("close", path)
        await taken
        client.end()
        await pause(300)
        expect(await readAll(client)).toBeGreaterThan(1_000_000)
    })

    test("reads slowly gets at most one piece after a denial, and the bytes in its own system", async () => {
        let looks = 0
        let looksMax = Infinity
        mayContinue = async () => ++looks <= looksMax
        const { client, gone } = await stalled("keep-alive", path)
        looksMax = looks + 1
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })
})

/** What the system takes for a reader that reads nothing is less than either. */
const unreadMax = 1_000_000

describe.each(["/text", "/json"])("what is more than a piece, at %s,", (path) => {
    test.each([
        ["that may not go on", async () => false],
        ["of which nobody can say whether it may", () => Promise.reject(new Error("no database"))],
    ])("is cut for a reader that has not taken it: %s", async (_, then) => {
        const { client, taken, gone } = await stalled("close", path)
        await taken
        mayContinue = then
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("is cut for a reader that takes too long over the rest", async () => {
        patience = { ...long, lingerMs: 200 }
        const { client, taken, gone } = await stalled("keep-alive", path)
        await taken
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("is cut, too, where its reader asked for it behind something else", async () => {
        const { client, taken, gone } = await stalled("keep-alive", path)
        client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
        await taken
        mayContinue = async () => false
        await gone
        expect(await readAll(client)).toBeLessThan(unreadMax)
    })

    test("goes out as where nobody is asked, head and body", async () => {
        const ask = async (item: string) => {
            const answer = await fetch(`http://127.0.0.1:${port}${item}`)
            const { date: _, ...headers } = Object.fromEntries(answer.headers)
            return { headers, names: [...answer.headers.keys()], body: await answer.text() }
        }
        const [watched, whole] = [await ask(path), await ask(path.replace("/", "/as-"))]
        expect(watched).toEqual(whole)
        expect(watched.body.length).toBeGreaterThan(1_000_000)
    })

    test("is asked about no more once its reader has it", async () => {
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
