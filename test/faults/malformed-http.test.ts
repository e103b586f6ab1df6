/** Malformed or oversized HTTP on a real socket is refused and closed, and the next caller is served. */
import net from "node:net"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { signedInAs } from "../support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
let port: number
beforeAll(async () => {
    master = await seedMaster()
    world = await copyDemonstration(master)
    await world.apps.portal.listen({ host: "127.0.0.1", port: 0 })
    port = (world.apps.portal.server.address() as AddressInfo).port
})
afterAll(async () => {
    await world.close()
    await master.close()
})

/** Reads until the other side closes or is silent for a while. */
async function sent(bytes: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = net.connect(port, "127.0.0.1")
    let answer = ""
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on("data", (data) => {
        answer += data.toString("latin1")
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve())
    socket.write(bytes)
    await promise
    return answer
}

const line = "GET /api/warnings HTTP/1.1\r\nHost: portal.example\r\n"
const post = "POST /api/tokens HTTP/1.1\r\nHost: portal.example\r\nContent-Type: application/json\r\n"
const head = (rest: string) => `${line}${rest}\r\n\r\n`
const close = "Connection: close"

test.each([
    ["a length and chunks", `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`],
    ["two lengths", `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   `],
    ["a length that is no number", `${post}Content-Length: +2\r\n\r\n{}`],
    ["an encoding that nobody knows", `${post}Transfer-Encoding: xchunked\r\n\r\n{}`],
    ["a chunk size that is no number", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ["bare line feeds", "GET /api/warnings HTTP/1.1\nHost: portal.example\n\n"],
    ["a space before the colon", head(`X-A : b\r\n${close}`)],
    ["a line that is folded", head(`X-A: b\r\n  c\r\n${close}`)],
    ["a NUL in a header", head(`X-A: b\0c\r\n${close}`)],
    ["a header of a megabyte", head(`X-A: ${"a".repeat(1_000_000)}`)],
    ["ten thousand headers", head(Array.from({ length: 10_000 }, (_, i) => `X-${i}: a`).join("\r\n"))],
    ["an address of a megabyte", `GET /api/${"a".repeat(1_000_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ["no host", `GET /api/warnings HTTP/1.1\r\n${close}\r\n\r\n`],
    ["a method that is none", "FETCH /api/warnings HTTP/1.1\r\nHost: portal.example\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
])("%s", async (_, bytes) => {
    const answer = await sent(bytes)
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
    expect(answer.match(/HTTP\/1\.1 /g) ?? []).toHaveLength(answer === "" ? 0 : 1)
    expect((await signedInAs(world, "halcyon").raw("GET", "/api/warnings")).statusCode).toBe(200)
})

test("pipelined requests are answered in order, each separately", async () => {
    const { token } = signedInAs(world, "halcyon")
    const otherHead = head(`Authorization: Bearer ${token}`)
    const answer = await sent(`${otherHead}${head(close)}`)
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 401"])
})

test("a hundred incomplete requests keep no other caller from service", async () => {
    const slow = Array.from({ length: 100 }, () => net.connect(port, "127.0.0.1"))
    for (const socket of slow) socket.on("error", () => undefined).write(line)
    const { token } = signedInAs(world, "halcyon")
    expect(await sent(head(`Authorization: Bearer ${token}\r\n${close}`))).toMatch(/^HTTP\/1\.1 200 /)
    for (const socket of slow) socket.destroy()
})

test.each([
    ["comes byte by byte", `${post}Content-Length: 1000\r\n\r\n`, "x"],
    ["comes in chunks that do not end", `${post}Transfer-Encoding: chunked\r\n\r\n`, "1\r\nx\r\n"],
])("a body that %s is cut after half a minute", { timeout: 50_000 }, async (_, begin, more) => {
    const socket = net.connect(port, "127.0.0.1")
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()))
    socket.on("error", () => undefined).resume()
    socket.write(begin)
    const drip = setInterval(() => socket.write(more), 500)
    await closed
    clearInterval(drip)
    expect(socket.destroyed).toBe(true)
})
