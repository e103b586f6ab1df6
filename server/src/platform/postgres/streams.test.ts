/** A stream over a real socket arrives whole or is visibly aborted; it never ends early without an error. */
import { once } from "node:events"
import http, { type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer, text } from "node:stream/consumers"
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { Download, LiveAnswer } from "../../kernel/route.ts"
import { sendDownload, sendLines, sendLive } from "../http/send-download.ts"

let app: FastifyInstance
let answer: (reply: FastifyReply) => Promise<FastifyReply>

beforeEach(async () => {
    app = Fastify({ forceCloseConnections: true })
    app.get("/", async (_request, reply) => await answer(reply.header("x-kept", "yes")))
    await app.listen({ host: "127.0.0.1", port: 0 })
})
afterEach(() => app.close())

async function get(): Promise<IncomingMessage> {
    const { port } = app.server.address() as AddressInfo
    const request = http.get({ host: "127.0.0.1", port, path: "/", agent: false })
    const [response] = (await once(request, "response")) as [IncomingMessage]
    return response
}

test.each([0, 1, 64 * 1024, 64 * 1024 + 1, 3_000_000])("a download of %d bytes arrives whole", async (length) => {
    const bytes = Buffer.alloc(length, 7)
    const mayContinue = async () => true
    answer = (reply) => {
        const download = new Download(bytes, "technical.md.age", mayContinue, { "tocsin-receipt": "r" })
        return sendDownload(reply, download, mayContinue)
    }
    const response = await get()
    expect(response.headers).toMatchObject({
        "content-type": "application/octet-stream",
        "content-length": String(length),
        "content-disposition": 'attachment; filename="technical.md.age"',
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        "tocsin-receipt": "r",
        "x-kept": "yes",
    })
    expect((await buffer(response)).equals(bytes)).toBe(true)
})

describe("lines", () => {
    test("arrive in the order in which they were written", async () => {
        answer = (reply) => sendLines(reply, { type: "application/jsonl", lines: lines(["a\n", "b\n"]) })
        const response = await get()
        expect(response.headers).toMatchObject({ "content-type": "application/jsonl", "cache-control": "no-store" })
        expect(await text(response)).toBe("a\nb\n")
    })

    test("that cannot be completed are aborted, not ended", async () => {
        answer = (reply) => sendLines(reply, { type: "application/jsonl", lines: lines(["a\n", null]) })
        await expect(get().then(text)).rejects.toThrow(/aborted|ECONNRESET|hang up/)
    })

    async function* lines(list: readonly (string | null)[]): AsyncGenerator<string, void> {
        for (const line of list) {
            if (line === null) throw new Error("the table was lost")
            yield line
        }
    }
})

describe("live changes", () => {
    test("report that something changed but not what, and end when permission ends", async () => {
        const looks = [new LiveAnswer("one"), new LiveAnswer("two"), null]
        answer = (reply) => sendLive(reply, new LiveAnswer("one"), async () => looks.shift() ?? null)
        const response = await get()
        expect(response.headers["content-type"]).toBe("text/event-stream")
        expect(await text(response)).toBe("event: open\ndata: {}\n\n: \n\nevent: changed\ndata: {}\n\n")
    })

    test("end when the check fails", async () => {
        answer = (reply) => sendLive(reply, new LiveAnswer("one"), () => Promise.reject(new Error("no database")))
        expect(await text(await get())).toBe("event: open\ndata: {}\n\n")
    })
})
