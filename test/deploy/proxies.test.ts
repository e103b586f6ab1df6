/**
 * The sample configurations in `deploy/`, with the real servers in front of console and portal: limits, addresses,
 * logs, and what a suspension still cuts.
 */
import { randomUUID } from "node:crypto"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import type { IncomingMessage } from "node:http"
import https from "node:https"
import net, { type AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import tls from "node:tls"
import { json, text } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import { parseInstant } from "@tocsin/base/instant"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { allRoutes } from "../../server/src/routes.ts"
import { makeServer } from "../../server/src/server.ts"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { suspendPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { type Certificate, createCertificate } from "../support/doubles/certificate.ts"
import { createToken } from "../support/polled-pages.ts"
import { type Program, createProgram, newCase, newPartner, releaseWaveNow } from "../support/program.ts"

const names = ["portal.example.org", "console.example.org"] as const
type Name = (typeof names)[number]
const mebibyte = 1024 * 1024
/** Tocsin's own limit where a route sets none. */
const defaultBytesMax = 256 * 1024
/** Bytes of an answer that the proxy and both systems can hold when its reader stalls. */
const heldMax = 700_000

const read = (file: string) => fs.readFileSync(file, "utf8")
const samples = { nginx: read("deploy/nginx/tocsin.conf"), caddy: read("deploy/caddy/Caddyfile") }
const isThere = (command: string, arg: string) => spawnSync(command, [arg]).status === 0

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-proxy-"))
let world: Program
let certificate: Certificate
const apps: Partial<Record<Name, FastifyInstance>> = {}
const forwarded: { readonly url: string | undefined; readonly from: string }[] = []
let artifact = ""

beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-07-04T17:00:00Z")
    certificate = await createCertificate(names)
    fs.writeFileSync(path.join(folder, "cert.pem"), certificate.cert)
    fs.writeFileSync(path.join(folder, "key.pem"), certificate.key)
    const caseId = await newCase(world, "toolshell")
    const input = { case: caseId, class: "guidance", tlp: "RED", pap: "RED", name: "long.log" } as const
    artifact = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { ...input, content: "A line of a log.\n".repeat(58_000) }),
    )
    await releaseWaveNow(world, caseId, "validate", [artifact])
}, 120_000)
afterAll(async () => {
    await world.database.close()
    fs.rmSync(folder, { recursive: true })
})

async function openApps(): Promise<void> {
    for (const name of names) {
        const side = name.startsWith("portal") ? "portal" : "console"
        const { services } = world
        const options = { services, side, web: null, secureCookies: true, requestsPerMinuteMax: 1_000 } as const
        const app = await makeServer({ ...options, trustedProxies: ["127.0.0.1"] })
        app.server.on("request", ({ url, headers }: IncomingMessage) =>
            forwarded.push({ url, from: String(headers["x-forwarded-for"]) }),
        )
        await app.listen({ host: "127.0.0.1", port: 0 })
        apps[name] = app
    }
}

const closeApps = () => Promise.all(Object.values(apps).map((app) => app.close()))

function portOf(name: Name): number {
    const address = apps[name]?.server.address() as AddressInfo | undefined
    return address?.port ?? 0
}

async function findFreePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    server.close()
    return port
}

interface Proxy {
    readonly child: ChildProcess
    readonly port: number
    readonly log: string
    readonly errors: () => string
}

/** The sample with this test's ports, files and folders. */
const local = (sample: string) =>
    sample
        .replaceAll("127.0.0.1:8441", `127.0.0.1:${portOf("portal.example.org")}`)
        .replaceAll("127.0.0.1:8440", `127.0.0.1:${portOf("console.example.org")}`)
        .replaceAll(/\/etc\/ssl\/tocsin\/\w+\.pem/g, path.join(folder, "cert.pem"))
        .replaceAll(/\/etc\/ssl\/tocsin\/\w+\.key/g, path.join(folder, "key.pem"))
        .replaceAll(/\/var\/log\/(nginx|caddy)/g, folder)

async function startNginx(): Promise<Proxy> {
    const port = await findFreePort()
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    const temporary = paths.map((name) => `${name}_temp_path ${path.join(folder, name)};`).join(" ")
    const sample = local(samples.nginx)
        .replaceAll(/ *listen \[::\].*\n/g, "")
        .replaceAll("listen 443", `listen 127.0.0.1:${port}`)
    const whole = `worker_processes 1; pid ${folder}/pid; events {} http { ${temporary}\n${sample} }`
    const file = path.join(folder, "nginx.conf")
    fs.writeFileSync(file, whole)
    const args = ["-e", "stderr", "-c", file, "-g", `daemon off;${process.geteuid?.() === 0 ? " user root;" : ""}`]
    return await started(spawn("nginx", args), port, "tocsin.log")
}

async function startCaddy(): Promise<Proxy> {
    const port = await findFreePort()
    const files = `tls ${path.join(folder, "cert.pem")} ${path.join(folder, "key.pem")}`
    const sample = local(samples.caddy)
        .replace("{\n", `{\n admin off\n auto_https disable_redirects\n https_port ${port}\n`)
        .replaceAll("import tocsin", `import tocsin\n ${files}`)
    const file = path.join(folder, "Caddyfile")
    fs.writeFileSync(file, sample)
    const env = { PATH: process.env["PATH"], HOME: folder }
    return await started(
        spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], { env }),
        port,
        "tocsin.log",
    )
}

async function started(child: ChildProcess, port: number, log: string): Promise<Proxy> {
    let errors = ""
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => (errors += piece))
    for (;;) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${errors}`)
        const socket = net.connect({ host: "127.0.0.1", port })
        const isOpen = await once(socket, "connect").then(
            () => true,
            () => false,
        )
        socket.destroy()
        if (isOpen) return { child, port, log: path.join(folder, log), errors: () => errors }
        await pause(50)
    }
}

interface Ask {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Buffer | string
    readonly localAddress?: string
}

async function ask({ port }: Proxy, name: Name, at: string, more: Ask = {}): Promise<IncomingMessage> {
    const { method = "GET", headers = {}, body, localAddress } = more
    const target = { host: "127.0.0.1", port, path: at, servername: name, ca: certificate.cert, agent: false } as const
    const request = https.request({
        ...target,
        method,
        headers: { host: name, ...headers },
        ...(localAddress !== undefined && { localAddress }),
    })
    request.on("error", () => undefined)
    request.end(body)
    const [answer] = (await once(request, "response")) as [IncomingMessage]
    answer.on("error", () => undefined)
    return answer
}

const jsonType = { "content-type": "application/json" }

test("the samples let each request through that Tocsin accepts, and not much more", () => {
    const largest = (name: string) =>
        Math.max(
            defaultBytesMax,
            ...allRoutes.filter(({ side }) => name.startsWith(side) || side === "both").map((r) => r.bodyMax ?? 0),
        )
    expect(largest("portal.example.org")).toBeLessThan(1_000_000)
    expect(largest("console.example.org")).toBeLessThan(15 * mebibyte)
    expect(largest("console.example.org")).toBeGreaterThan(13 * mebibyte)
    for (const sample of Object.values(samples)) expect(sample.match(/\b15m|\b15MiB/g)).toHaveLength(1)
})

interface Kind {
    readonly start: () => Promise<Proxy>
    readonly isInstalled: boolean
    /** Whether it refuses a body by the announced length, before Tocsin sees the request. */
    readonly refusesAtOnce: boolean
    /** Whether what it holds for a slow reader is limited. */
    readonly holdsLittle: boolean
}

/** Caddy sets no send buffers: docs/operate/proxy.md says how to limit those of the system. */
const isSystemLimited = Number(read("/proc/sys/net/ipv4/tcp_wmem").split(/\s+/)[2]) <= 65_536

const proxies: Readonly<Record<string, Kind>> = {
    nginx: { start: startNginx, isInstalled: isThere("nginx", "-v"), refusesAtOnce: true, holdsLittle: true },
    Caddy: {
        start: startCaddy,
        isInstalled: isThere("caddy", "version"),
        refusesAtOnce: false,
        holdsLittle: isSystemLimited,
    },
}

for (const [title, kind] of Object.entries(proxies)) {
    const { start, isInstalled } = kind
    describe.skipIf(!isInstalled)(`${title} with our sample (on machines that have it)`, () => {
        let proxy: Proxy
        beforeAll(async () => {
            await openApps()
            proxy = await start()
        })
        afterAll(async () => {
            proxy.child.kill("SIGTERM")
            if (proxy.child.exitCode === null) await once(proxy.child, "exit")
            await closeApps()
        })
        describeRequests(() => proxy, kind)
        describePassing(() => proxy, kind)
    })
}

function describeRequests(current: () => Proxy, { refusesAtOnce }: Kind): void {
    test("a person signs in, and the headers are those of Tocsin", async () => {
        const { manager } = world
        const link = await world.acting(manager, (ctx) => issueCredential(ctx, manager.person, "link"))
        const body = JSON.stringify({ secret: link })
        const answer = await ask(current(), "console.example.org", "/api/session", {
            method: "POST",
            headers: jsonType,
            body,
        })
        expect([answer.statusCode, await text(answer)]).toEqual([200, expect.any(String)])
        expect(answer.headers["set-cookie"]?.[0]).toContain("Secure")
        const hsts = answer.rawHeaders.filter((header) => /^strict-transport-security$/i.test(header))
        expect(hsts).toHaveLength(1)
    })

    test("a partner's tool fetches a copy, asks TAXII, and a monitor sends HEAD", async () => {
        const partner = await newPartner(world, "validate")
        const authorization = `Bearer ${await createToken(world, partner)}`
        const copy = `/api/artifacts/${aliasFor(world.services.keys, partner.id, "artifact", artifact)}/copy`
        const answer = await ask(current(), "portal.example.org", copy, { headers: { authorization } })
        expect(answer.statusCode).toBe(200)
        expect((await text(answer)).startsWith("age-encryption.org/v1")).toBe(true)
        const taxii = await ask(current(), "portal.example.org", "/taxii2/", {
            headers: { authorization, accept: "application/taxii+json;version=2.1" },
        })
        expect([taxii.statusCode, await json(taxii)]).toEqual([200, expect.objectContaining({ title: "Tocsin" })])
        const head = await ask(current(), "portal.example.org", "/readyz", { method: "HEAD" })
        expect([head.statusCode, await text(head)]).toEqual([200, ""])
    })

    test("a large body is for Tocsin to refuse, and one over all limits is refused", async () => {
        const { investigator } = world
        const token = await world.acting(investigator, (ctx) => issueCredential(ctx, investigator.person, "token"))
        const send = async (name: Name, bytes: number, at = "/api/evidence") => {
            const [body, headers] = [Buffer.alloc(bytes, 32), { ...jsonType, authorization: `Bearer ${token}` }]
            try {
                const answer = await ask(current(), name, at, { method: "POST", headers, body })
                answer.resume()
                return answer.statusCode
            } catch (error) {
                return (error as NodeJS.ErrnoException).code
            }
        }
        expect(await send("console.example.org", 13 * mebibyte)).toBe(400)
        expect(await send("portal.example.org", 200_000, "/api/keys")).toBe(401)
        // Caddy passes the body on. Where Tocsin refuses it meanwhile, Caddy says 502 or closes the connection.
        const refused = refusesAtOnce ? [413] : [401, 413, 502, "ECONNRESET", "EPIPE"]
        expect(refused).toContain(await send("console.example.org", 16 * mebibyte))
        expect(refused).toContain(await send("portal.example.org", 2 * mebibyte, "/api/keys"))
    })
}

function describePassing(current: () => Proxy, { holdsLittle }: Kind): void {
    test("Tocsin gets the client's address from the proxy, and not from the client", async () => {
        // A request of an earlier test can reach Tocsin only now.
        const url = `/healthz?${randomUUID()}`
        const headers = { "x-forwarded-for": "203.0.113.5" }
        const answer = await ask(current(), "portal.example.org", url, { headers, localAddress: "127.0.0.9" })
        answer.resume()
        expect(forwarded.filter((request) => request.url === url)).toEqual([{ url, from: "127.0.0.9" }])
    })

    test.runIf(holdsLittle)("a suspension cuts a copy that a slow reader has begun", async () => {
        const [partner, other] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
        const begin = async ({ id }: typeof partner, token: string) => {
            const copy = `/api/artifacts/${aliasFor(world.services.keys, id, "artifact", artifact)}/copy`
            return await stall(current(), copy, token)
        }
        const cut = await begin(partner, await createToken(world, partner))
        const goesOn = await begin(other, await createToken(world, other))
        await pause(1_500)
        await world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "it leaked" }))
        await pause(1_500)
        expect(await countBytes(cut)).toBeLessThan(heldMax)
        expect(await countBytes(goesOn)).toBeGreaterThan(1_000_000)
    })

    test("a stream of changes is passed on as it comes", async () => {
        const partner = await newPartner(world, "validate")
        const headers = { authorization: `Bearer ${await createToken(world, partner)}`, accept: "text/event-stream" }
        const stream = await ask(current(), "portal.example.org", "/api/events", { headers })
        const [first] = (await once(stream, "data")) as [Buffer]
        expect(first.toString()).toContain("event: open")
        stream.destroy()
    })

    test("no log has a path, a query, a header or a cookie", async () => {
        const headers = { authorization: "Bearer canary-header", cookie: "session=canary-cookie" }
        const at = "/api/canary-path?code=canary-query"
        ;(await ask(current(), "portal.example.org", at, { headers })).resume()
        await apps["portal.example.org"]?.close()
        ;(await ask(current(), "portal.example.org", at, { headers })).resume()
        await expect.poll(() => fs.readFileSync(current().log, "utf8")).toMatch(/502/)
        const files = fs.readdirSync(folder).filter((file) => file.endsWith(".log"))
        const lines = files.map((file) => fs.readFileSync(path.join(folder, file), "utf8")).join("")
        expect(lines + current().errors()).not.toMatch(/canary|\/api\//)
    })
}

/** Requests a path of the portal, and reads nothing of the answer yet. */
async function stall({ port }: Proxy, at: string, token: string): Promise<tls.TLSSocket> {
    const name = "portal.example.org"
    const socket = tls.connect({ host: "127.0.0.1", port, servername: name, ca: certificate.cert }).pause()
    socket.on("error", () => undefined)
    await once(socket, "secureConnect")
    socket.write(`GET ${at} HTTP/1.1\r\nhost: ${name}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`)
    return socket
}

async function countBytes(socket: tls.TLSSocket): Promise<number> {
    let count = 0
    socket.on("data", (piece: Buffer) => (count += piece.length)).resume()
    if (!socket.closed) await once(socket, "close")
    return count
}
