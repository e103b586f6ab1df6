/** Tests outgoing calls against well-behaved and hostile TLS servers. */
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { afterEach, describe, expect, test, vi } from "vitest"
import { createCertificate } from "../../../../test/support/doubles/certificate.ts"
import { type Receiver, openReceiver, publicAddress } from "../../../../test/support/doubles/receiver.ts"
import { noOutgoing, openOutgoing } from "./outgoing.ts"

const host = "hooks.partner.example"
const otherCertificate = await createCertificate([host])
const address = `https://${host}/in?key=1`
const body = Buffer.from(`{"v":1}`)
const maySend = async () => true

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
    vi.unstubAllEnvs()
    for (const close of cleanups.splice(0)) await close()
})

async function receiver(...given: Parameters<typeof openReceiver> | []): Promise<Receiver> {
    const receiver = await openReceiver(given[0] ?? [host], given[1])
    cleanups.push(() => receiver.close())
    return receiver
}

const post = (receiver: Receiver, change: object = {}) =>
    receiver.outgoing.post({ address, headers: { "webhook-id": "a" }, body, maySend, ...change })

describe("an outgoing call", () => {
    test("arrives unchanged, with constant headers only", async () => {
        const input = await receiver()
        expect(await post(input)).toBe("2xx")
        expect(input.dialled).toEqual([publicAddress])
        expect(input.received).toHaveLength(1)
        expect(input.received[0]).toMatchObject({ path: "/in?key=1", body })
        expect(input.received[0]?.headers).toEqual({
            host,
            "user-agent": "Tocsin-Webhooks/1",
            "content-type": "application/json",
            "content-length": "7",
            connection: "close",
            "webhook-id": "a",
        })
    })

    test.each([
        [200, "2xx"],
        [204, "2xx"],
        [299, "2xx"],
        [302, "3xx"],
        [404, "4xx"],
        [410, "410"],
        [429, "4xx"],
        [500, "5xx"],
        [503, "5xx"],
        [600, "refused"],
    ])("reports for %d only %s", async (status, outcome) => {
        const input = await receiver()
        input.answer = (_, response) => void response.writeHead(status, { "set-cookie": "a=b" }).end("x".repeat(300))
        expect(await post(input)).toBe(outcome)
    })

    test("keeps no cookie and no connection", async () => {
        const input = await receiver()
        input.answer = (_, response) => void response.writeHead(200, { "set-cookie": "a=b" }).end()
        await post(input)
        await post(input)
        expect(input.received.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined])
        expect(input.dialled).toHaveLength(2)
    })

    test("ignores proxies and TLS settings of the environment", async () => {
        const input = await receiver([host], { trusted: otherCertificate.cert })
        for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"])
            vi.stubEnv(name, "http://127.0.0.1:9")
        vi.stubEnv("NODE_USE_ENV_PROXY", "1")
        vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
        expect(await post(input)).toBe("refused")
        expect(input.dialled).toEqual([publicAddress])
    })

    test("is not sent when permission ends before sending", async () => {
        const input = await receiver()
        expect(await post(input, { maySend: async () => false })).toBe("withheld")
        expect(input.dialled).toHaveLength(1)
        expect(input.received).toEqual([])
    })

    test("is refused when permission cannot be checked", async () => {
        const input = await receiver()
        expect(await post(input, { maySend: async () => await Promise.reject(new Error("no database")) })).toBe(
            "refused",
        )
        expect(input.received).toEqual([])
    })
})

describe("no packet is sent", () => {
    test.each([
        "http://hooks.partner.example",
        "https://127.0.0.1",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://[::ffff:127.0.0.1]",
        "https://[64:ff9b::7f00:1]",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://[fd00::1]",
        "https://localhost.",
        "https://user:pw@hooks.partner.example",
        "https://hooks.partner.example:22",
        "https://hooks.partner.example:5432",
        "nonsense",
    ])("G-04 to %s", async (to) => {
        const input = await receiver()
        expect(await post(input, { address: to })).toBe("refused")
        expect(input.dialled).toEqual([])
    })

    test.each([
        ["loopback", ["127.0.0.1"]],
        ["IPv6 loopback", ["::1"]],
        ["one internal address among several", [publicAddress, "10.0.0.1"]],
        ["one internal address of the other version", [publicAddress, "fd00::1"]],
        ["internal IPv4", ["::ffff:10.0.0.1"]],
        ["cloud metadata", ["169.254.169.254"]],
        ["an invalid address", ["localhost"]],
        ["no address", []],
        ["too many addresses", Array.from({ length: 33 }, () => publicAddress)],
    ])("G-05 when the name resolves to %s", async (_, answers) => {
        const input = await receiver()
        input.names.set(host, answers)
        expect(await post(input)).toBe("refused")
        expect(input.dialled).toEqual([])
    })

    test("G-05 when a public name resolves to loopback at the next call", async () => {
        const input = await receiver()
        expect(await post(input)).toBe("2xx")
        input.names.set(host, ["127.0.0.1"])
        expect(await post(input)).toBe("refused")
        expect(input.dialled).toEqual([publicAddress])
    })

    test("G-05 a name that changes during a call is resolved once, and the call uses that answer", async () => {
        const input = await receiver()
        const answers = [["1.1.1.1"], ["127.0.0.1"], ["127.0.0.1"]]
        let requested = 0
        const resolve = async () => answers[requested++] ?? []
        const outgoing = openOutgoing({ ...input.network, resolve })
        expect(await outgoing.post({ address, headers: {}, body, maySend })).toBe("2xx")
        expect([requested, input.dialled]).toEqual([1, ["1.1.1.1"]])
    })

    test("when outgoing calls are disabled", async () => {
        expect(await noOutgoing.post({ address, headers: {}, body, maySend })).toBe("refused")
    })
})

describe("a hostile server", () => {
    test.each([
        "https://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "https://hooks.partner.example/again",
        "//localhost/",
    ])("G-07 redirects to %s, and the redirect is not followed", async (location) => {
        const input = await receiver()
        input.answer = (_, response) => void response.writeHead(302, { location }).end()
        expect(await post(input)).toBe("3xx")
        expect([input.received.length, input.dialled.length]).toEqual([1, 1])
    })

    test("G-08 answers slowly: the call ends after the total time limit", async () => {
        const input = await receiver([host], { msMax: 300 })
        input.answer = () => undefined
        expect(await post(input)).toBe("timeout")
    })

    test("G-08 answers byte by byte: the call ends after the same limit", async () => {
        const input = await receiver([host], { msMax: 300 })
        input.answer = (_, response) => {
            response.writeHead(200)
            const drops = setInterval(() => response.write("x"), 20)
            response.once("close", () => clearInterval(drops))
        }
        expect(await post(input)).toBe("timeout")
    })

    test("G-08 answers without end: one kilobyte is read, and the connection is closed", async () => {
        const input = await receiver()
        let sent = 0
        const closed = Promise.withResolvers<void>()
        input.answer = (_, response) => {
            response.writeHead(200, { "content-length": 1_000_000_000 })
            const piece = Buffer.alloc(1024)
            const drops = setInterval(() => {
                sent += piece.length
                response.write(piece)
            }, 5)
            response.once("close", () => {
                clearInterval(drops)
                closed.resolve()
            })
        }
        expect(await post(input)).toBe("2xx")
        await closed.promise
        expect(sent).toBeLessThan(64 * 1024)
    })

    test.each([
        ["sends endless headers", "x".repeat(20_000)],
        ["sends an invalid head", "\r\n\r\nnonsense"],
    ])("%s", async (_, odd) => {
        const input = await receiver()
        input.answer = (request) => void request.socket.end(`HTTP/1.1 200 OK\r\nx: ${odd}\r\n\r\n`)
        expect(await post(input)).toMatch(/refused|2xx/)
    })

    test("never speaks TLS", async () => {
        const silent = createServer((socket) => void socket.on("error", () => undefined).resume())
        silent.listen(0, "127.0.0.1")
        await once(silent, "listening")
        cleanups.push(async () => await new Promise((resolve) => silent.close(resolve)))
        const { port } = silent.address() as AddressInfo
        const dial = () => ({ host: "127.0.0.1", port })
        const outgoing = openOutgoing({ dial, resolve: async () => [publicAddress], msMax: 200 })
        expect(await outgoing.post({ address, headers: {}, body, maySend })).toBe("timeout")
    })

    test("refuses or closes the connection", async () => {
        const input = await receiver()
        const dial = () => ({ host: "127.0.0.1", port: 1 })
        const offline = openOutgoing({ ...input.network, dial })
        expect(await offline.post({ address, headers: {}, body, maySend })).toBe("refused")
        input.answer = (request) => void request.socket.destroy()
        expect(await post(input)).toBe("refused")
    })

    test("has a name that does not resolve", async () => {
        const outgoing = openOutgoing({ resolve: () => new Promise(() => undefined), msMax: 100 })
        expect(await outgoing.post({ address, headers: {}, body, maySend })).toBe("timeout")
    })

    test.each([
        ["another name", { certified: ["other.example"] }],
        ["a past date", { days: 0.5 }],
        ["an untrusted authority", { trusted: otherCertificate.cert }],
    ])("has a certificate of %s", async (_, given) => {
        const input = await receiver([host], given)
        expect(await post(input)).toBe("refused")
        expect(input.received).toEqual([])
    })
})
