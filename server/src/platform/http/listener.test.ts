import { once } from "node:events"
import fs from "node:fs"
import net, { type AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { refuse } from "@tocsin/base/refusal"
import type { Dialect } from "./machine-routes.ts"
import { TextAnswer, hide } from "../../kernel/route.ts"
import { makeListener } from "./listener.ts"
import { openLog } from "../log/log.ts"

const canary = "c4n4ry-in-a-value"
const logged: string[] = []
let app: FastifyInstance
const slow = { began: Promise.withResolvers<void>(), end: Promise.withResolvers<void>() }
let begun = 0
let isOutdated = false

beforeAll(async () => {
    const log = openLog("info", { write: (line) => void logged.push(line) })
    app = await makeListener({
        side: "portal",
        log,
        web: null,
        dialects: [],
        isOutdated: async () => isOutdated,
        trustedProxies: [],
        requestsPerMinuteMax: 1000,
        bucketOf: async ({ ip }) => ip,
    })
    const params = { type: "object", properties: { id: { type: "string", format: "uuid" } } }
    app.get("/api/things/:id", { schema: { params } }, () => ({ found: true }))
    app.get("/api/database", () => {
        throw Object.assign(new Error(`invalid input syntax: "${canary}"`), { code: "22P02", severity: "ERROR" })
    })
    app.get("/api/parser", () => JSON.parse(`{"title": ${canary}`) as unknown)
    const forbids = (): never => refuse("forbidden", "things.not_yours", `not ${canary}`)
    app.post("/api/echo", ({ body }) => ({ read: body }))
    app.get("/api/slow", async () => {
        slow.began.resolve()
        await slow.end.promise
        return {}
    })
    app.get("/api/begun", () => ({ begun: ++begun }))
    app.post("/api/forbidden/:id", forbids)
    app.get("/api/forbidden/:id", forbids)
    await app.ready()
})
afterAll(async () => await app.close())

const id = "3f0c9b4e-7a54-4c63-9f4d-0d2b6f0e1111"

test.each([
    ["an id", `/api/things/${id}`, 200],
    ["an id in capitals", `/api/things/${id.toUpperCase()}`, 200],
    ["a text that the database refuses as an id", `/api/things/urn:uuid:${id}`, 400],
    ["invalid UTF-8", "/api/things/%zz", 400],
])("%s", async (_, url, status) => {
    expect((await app.inject({ url })).statusCode).toBe(status)
})

test("an address that is not valid UTF-8 is refused like any other mistake, and is not repeated", async () => {
    const answer = await app.inject({ url: `/api/things/%zz${canary}` })
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/)
    expect(answer.json()).toMatchObject({ status: 400, code: "request.invalid" })
    expect(answer.body).not.toContain(canary)
})

describe("a body", () => {
    test.each([
        ["a stray continuation byte", Buffer.from([0x22, 0xff, 0x22])],
        ["half a character", Buffer.from([0x22, 0xc3, 0x22])],
        ["an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
        ["half a surrogate pair", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ])("that is not valid UTF-8, for %s, is refused", async (_, payload) => {
        const headers = { "content-type": "application/json" }
        const answer = await app.inject({ method: "POST", url: "/api/echo", headers, payload })
        expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: "request.bad_utf8" }])
    })

    test("in UTF-8 is read unchanged", async () => {
        const payload = JSON.stringify("Zoë 🦢")
        const headers = { "content-type": "application/json" }
        const answer = await app.inject({ method: "POST", url: "/api/echo", headers, payload })
        expect(answer.json()).toEqual({ read: "Zoë 🦢" })
    })
})

test.each(["/api/database?a=%ff", "/api/database?a=%c3%28", "/api/database?%e2%82"])(
    "a query that is not valid UTF-8 is refused: %s",
    async (url) => {
        expect((await app.inject({ url })).json()).toMatchObject({ status: 400, code: "request.bad_query" })
    },
)

test("a pipelined request starts once the one before it was answered", async () => {
    await app.listen({ host: "127.0.0.1", port: 0 })
    const client = net.connect((app.server.address() as AddressInfo).port, "127.0.0.1")
    const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`
    client.write(ask("/api/slow") + ask("/api/begun"))
    await slow.began.promise
    // Both have come, in one packet.
    await pause(100)
    expect(begun).toBe(0)
    slow.end.resolve()
    await once(client, "data")
    while (begun === 0) await pause(10)
    client.destroy()
})

test.each(["database", "parser"])(
    "a text quoted in a %s error reaches neither the caller nor the log",
    async (kind) => {
        const answer = await app.inject({ url: `/api/${kind}` })
        expect(answer.statusCode).toBe(500)
        expect(answer.body).not.toContain(canary)
        expect(logged.join("")).toContain(`/api/${kind}`)
        expect(logged.join("")).not.toContain(canary)
    },
)

test("an unexpected error is a restart once a newer version has migrated the database", async () => {
    isOutdated = true
    const answer = await app.inject({ url: "/api/database" })
    isOutdated = false
    expect([answer.statusCode, answer.headers["retry-after"], answer.json()]).toMatchObject([
        503,
        "5",
        { code: "request.restarting" },
    ])
})

test("D-08 logs a forbidden action by its code without its object, and does not log a forbidden read", async () => {
    const lines = async (method: "GET" | "POST") => {
        const before = logged.length
        expect((await app.inject({ method, url: `/api/forbidden/${canary}` })).statusCode).toBe(403)
        return logged.slice(before).map((line) => JSON.parse(line) as unknown)
    }
    expect(await lines("POST")).toMatchObject([
        { level: "warn", msg: "refused", code: "things.not_yours", method: "POST", route: "/api/forbidden/:id" },
    ])
    expect(await lines("GET")).toEqual([])
    expect(logged.join("")).not.toContain(canary)
})

const large = "void 0\n".repeat(1000)

function decodeBody(bytes: Buffer, encoding: string | undefined): string {
    if (encoding === "br") return brotliDecompressSync(bytes).toString()
    return (encoding === "gzip" ? gunzipSync(bytes) : bytes).toString()
}

describe.each(["console", "portal"] as const)("files of the %s", (side) => {
    const page = "<!doctype html><title>Tocsin</title>"
    let folder: string
    let served: FastifyInstance
    beforeAll(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-web-"))
        fs.writeFileSync(path.join(folder, "index.html"), page)
        fs.writeFileSync(path.join(folder, "main.js"), "void 0\n")
        fs.mkdirSync(path.join(folder, "assets"))
        fs.writeFileSync(path.join(folder, "assets/main-a1b2.js"), "void 0\n")
        fs.writeFileSync(path.join(folder, "large.js"), large)
        fs.writeFileSync(path.join(folder, "large.js.br"), brotliCompressSync(large))
        fs.writeFileSync(path.join(folder, "large.js.gz"), gzipSync(large))
        served = await makeListener({
            side,
            log: openLog("info", { write: () => undefined }),
            web: pathToFileURL(`${folder}/`),
            dialects: [],
            isOutdated: async () => false,
            trustedProxies: [],
            requestsPerMinuteMax: 1000,
            bucketOf: async ({ ip }) => ip,
        })
        served.get("/advisories/:id", () => hide())
    })
    afterAll(async () => {
        await served.close()
        fs.rmSync(folder, { recursive: true })
    })

    test.each([
        ["br", "br, gzip"],
        ["gzip", "gzip"],
        [undefined, "identity"],
    ])("sends a file that was compressed when it was built (%s)", async (encoding, accepted) => {
        const { headers, rawPayload } = await served.inject({
            url: "/large.js",
            headers: { "accept-encoding": accepted },
        })
        expect(headers["content-encoding"]).toBe(encoding)
        expect(headers["content-type"]).toMatch("javascript")
        expect(headers["vary"]).toMatch(/accept-encoding/i)
        expect(decodeBody(rawPayload, encoding)).toBe(large)
    })

    test("a browser keeps what has a name of its own for each content, and asks again for the rest", async () => {
        const cacheOf = async (url: string) => (await served.inject({ url })).headers["cache-control"]
        expect(await cacheOf("/assets/main-a1b2.js")).toBe("public, max-age=31536000, immutable")
        expect(await cacheOf("/main.js")).toBe("no-cache")
        expect(await cacheOf("/")).toBe("no-cache")
    })

    test("where nothing is published, a reader gets a page and a program an error, both with 404", async () => {
        const answerTo = (accept: string) => served.inject({ url: "/advisories/none", headers: { accept } })
        expect(await answerTo("text/html,*/*;q=0.8")).toMatchObject({ statusCode: 404, body: page })
        const refused = await answerTo("application/json")
        expect([refused.statusCode, refused.json()]).toMatchObject([404, { code: "request.not_found" }])
    })

    test.each([
        ["the first page", "/", "text/html"],
        ["a page of the web app", "/cases/1", "text/html,*/*;q=0.8"],
        ["a file", "/main.js", "*/*"],
        ["an unknown page", "/cases/1", "application/json"],
        ["an unknown API address", "/api/nothing", "text/html"],
    ])("answers %s as GET, without the body", async (_, url, accept) => {
        const got = await served.inject({ method: "GET", url, headers: { accept } })
        const head = await served.inject({ method: "HEAD", url, headers: { accept } })
        expect(head.statusCode).toBe(got.statusCode)
        for (const name of ["content-type", "content-length", "cache-control", "content-security-policy"]) {
            expect(head.headers[name]).toBe(got.headers[name])
        }
        expect(got.body).not.toBe("")
        expect(head.body).toBe("")
    })
})

describe("where a protocol has its own error format", () => {
    const requestsMax = 3
    const dialect: Dialect = {
        pathPrefix: "/spoken/",
        acceptsAnswer: (accept) => accept !== "odd/type",
        readsType: (type) => type === "application/json",
        formatError: (title, { status, code }) => new TextAnswer(`${status} ${title}: ${code}`, "application/spoken"),
    }
    let spoken: FastifyInstance
    beforeAll(async () => {
        spoken = await makeListener({
            side: "portal",
            log: openLog("info", { write: () => undefined }),
            web: null,
            dialects: [dialect],
            isOutdated: async () => false,
            trustedProxies: [],
            requestsPerMinuteMax: requestsMax,
            bucketOf: async ({ url }) => url,
        })
        spoken.get("/spoken/good", () => ({}))
        spoken.get("/spoken/failed", () => {
            throw new Error(canary)
        })
        spoken.get("/spoken/busy", () => {
            throw Object.assign(new Error(canary), { statusCode: 503 })
        })
        spoken.post("/spoken/body", { bodyLimit: 10 }, () => ({}))
        await spoken.ready()
    })
    afterAll(async () => await spoken.close())

    const json = { "content-type": "application/json" }
    test.each([
        [400, "request.invalid", { url: "/spoken/%zz" }],
        [400, "json.invalid", { url: "/spoken/body", method: "POST", headers: json, payload: "{" }],
        [403, "request.cross_site", { url: "/spoken/failed", headers: { "sec-fetch-site": "cross-site" } }],
        [404, "request.not_found", { url: "/spoken/unknown" }],
        [406, "request.bad_accept", { url: "/spoken/failed", headers: { accept: "odd/type" } }],
        [413, "request.too_large", { url: "/spoken/body", method: "POST", headers: json, payload: `["${canary}"]` }],
        [
            415,
            "request.bad_type",
            { url: "/spoken/body", method: "POST", headers: { "content-type": "text/plain" }, payload: "1" },
        ],
        [500, "request.failed", { url: "/spoken/failed" }],
        [503, "request.busy", { url: "/spoken/busy" }],
    ] as const)("%i %s uses that format", async (status, code, request) => {
        const answer = await spoken.inject({ ...request })
        expect(answer.statusCode).toBe(status)
        expect(answer.headers["content-type"]).toBe("application/spoken")
        expect(answer.body).toMatch(new RegExp(`^${status} [A-Z].*: ${code}$`))
    })

    test("too many requests use that format too", async () => {
        const url = "/spoken/good"
        for (let n = 0; n < requestsMax; n++) expect((await spoken.inject({ url })).statusCode).toBe(200)
        const answer = await spoken.inject({ url })
        expect([answer.statusCode, answer.headers["content-type"]]).toEqual([429, "application/spoken"])
        expect(answer.body).toBe("429 Too Many Requests: request.too_many")
    })
})
