/** What goes out, against a real server with TLS that behaves and one that does not. */
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { afterEach, describe, expect, test, vi } from "vitest"
import { certificateFor } from "../../test/certificate.ts"
import { type Receiver, openReceiver, publicAddress } from "../../test/receiver.ts"
import { noOutgoing, openOutgoing } from "./outgoing.ts"

const host = "hooks.partner.example"
const address = `https://${host}/in?key=1`
const body = Buffer.from(`{"v":1}`)
const mayGo = async () => true

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
    vi.unstubAllEnvs()
    for (const close of closing.splice(0)) await close()
})

async function receiver(...given: Parameters<typeof openReceiver> | []): Promise<Receiver> {
    const its = await openReceiver(given[0] ?? [host], given[1])
    closing.push(() => its.close())
    return its
}

const post = (its: Receiver, change: object = {}) =>
    its.outgoing.post({ address, headers: { "webhook-id": "a" }, body, mayGo, ...change })

describe("a call that goes out", () => {
    test("arrives as it was handed over, with constant headers and nothing besides", async () => {
        const its = await receiver()
        expect(await post(its)).toBe("2xx")
        expect(its.dialled).toEqual([publicAddress])
        expect(its.received).toHaveLength(1)
        expect(its.received[0]).toMatchObject({ path: "/in?key=1", body })
        expect(its.received[0]?.headers).toEqual({
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
    ])("tells of %d only %s", async (status, outcome) => {
        const its = await receiver()
        its.answer = (_, response) => void response.writeHead(status, { "set-cookie": "a=b" }).end("x".repeat(300))
        expect(await post(its)).toBe(outcome)
    })

    test("keeps no cookie and no connection", async () => {
        const its = await receiver()
        its.answer = (_, response) => void response.writeHead(200, { "set-cookie": "a=b" }).end()
        await post(its)
        await post(its)
        expect(its.received.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined])
        expect(its.dialled).toHaveLength(2)
    })

    test("goes by no proxy of the environment, and verifies whatever that says", async () => {
        const its = await receiver([host], { trusted: certificateFor([host]).cert })
        for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"])
            vi.stubEnv(name, "http://127.0.0.1:9")
        vi.stubEnv("NODE_USE_ENV_PROXY", "1")
        vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
        expect(await post(its)).toBe("refused")
        expect(its.dialled).toEqual([publicAddress])
    })

    test("does not go where it may not any more, though all is ready", async () => {
        const its = await receiver()
        expect(await post(its, { mayGo: async () => false })).toBe("withheld")
        expect(its.dialled).toHaveLength(1)
        expect(its.received).toEqual([])
    })

    test("is refused where it cannot be said whether it may go", async () => {
        const its = await receiver()
        expect(await post(its, { mayGo: async () => await Promise.reject(new Error("no database")) })).toBe("refused")
        expect(its.received).toEqual([])
    })
})

describe("no packet leaves", () => {
    test.each([
        ...["http://hooks.partner.example", "https://127.0.0.1", "https://127.1", "https://0x7f000001"],
        ...["https://2130706433", "https://[::ffff:127.0.0.1]", "https://[64:ff9b::7f00:1]", "https://169.254.169.254"],
        ...["https://100.64.0.1", "https://[fd00::1]", "https://localhost.", "https://user:pw@hooks.partner.example"],
        ...["https://hooks.partner.example:22", "https://hooks.partner.example:5432", "nonsense"],
    ])("G-04 to %s", async (to) => {
        const its = await receiver()
        expect(await post(its, { address: to })).toBe("refused")
        expect(its.dialled).toEqual([])
    })

    test.each([
        ["loopback", ["127.0.0.1"]],
        ["loopback of IPv6", ["::1"]],
        ["one of several", [publicAddress, "10.0.0.1"]],
        ["one of the other version", [publicAddress, "fd00::1"]],
        ["IPv4 inside", ["::ffff:10.0.0.1"]],
        ["the metadata of a cloud", ["169.254.169.254"]],
        ["what is no address", ["localhost"]],
        ["nothing", []],
        ["too much", Array.from({ length: 33 }, () => publicAddress)],
    ])("G-05 where the name leads to %s", async (_, answers) => {
        const its = await receiver()
        its.names.set(host, answers)
        expect(await post(its)).toBe("refused")
        expect(its.dialled).toEqual([])
    })

    test("G-05 where a name that was public leads to loopback at the next call", async () => {
        const its = await receiver()
        expect(await post(its)).toBe("2xx")
        its.names.set(host, ["127.0.0.1"])
        expect(await post(its)).toBe("refused")
        expect(its.dialled).toEqual([publicAddress])
    })

    test("G-05 a name that changes while it is called is asked for once, and that answer is connected to", async () => {
        const its = await receiver()
        const answers = [["1.1.1.1"], ["127.0.0.1"], ["127.0.0.1"]]
        let asked = 0
        const resolve = async () => answers[asked++] ?? []
        const outgoing = openOutgoing({ ...its.ways, resolve })
        expect(await outgoing.post({ address, headers: {}, body, mayGo })).toBe("2xx")
        expect([asked, its.dialled]).toEqual([1, ["1.1.1.1"]])
    })

    test("where nothing goes out at all", async () => {
        expect(await noOutgoing.post({ address, headers: {}, body, mayGo })).toBe("refused")
    })
})

describe("a hostile other side", () => {
    test.each([
        "https://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "https://hooks.partner.example/again",
        "//localhost/",
    ])("G-07 redirects to %s, and is not followed", async (location) => {
        const its = await receiver()
        its.answer = (_, response) => void response.writeHead(302, { location }).end()
        expect(await post(its)).toBe("3xx")
        expect([its.received.length, its.dialled.length]).toEqual([1, 1])
    })

    test("G-08 answers slowly: over after the time that all of it has", async () => {
        const its = await receiver([host], { msMax: 300 })
        its.answer = () => undefined
        expect(await post(its)).toBe("timeout")
    })

    test("G-08 answers drop by drop: over in the same time", async () => {
        const its = await receiver([host], { msMax: 300 })
        its.answer = (_, response) => {
            response.writeHead(200)
            const drops = setInterval(() => response.write("x"), 20)
            response.once("close", () => clearInterval(drops))
        }
        expect(await post(its)).toBe("timeout")
    })

    test("G-08 answers without end: a kilobyte is read, and the connection closed", async () => {
        const its = await receiver()
        let sent = 0
        const closed = Promise.withResolvers<void>()
        its.answer = (_, response) => {
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
        expect(await post(its)).toBe("2xx")
        await closed.promise
        expect(sent).toBeLessThan(64 * 1024)
    })

    test.each([
        ["has no end of headers", "x".repeat(20_000)],
        ["has a head that is none", "\r\n\r\nnonsense"],
    ])("%s", async (_, odd) => {
        const its = await receiver()
        its.answer = (request) => void request.socket.end(`HTTP/1.1 200 OK\r\nx: ${odd}\r\n\r\n`)
        expect(await post(its)).toMatch(/refused|2xx/)
    })

    test("never speaks TLS", async () => {
        const silent = createServer((socket) => void socket.on("error", () => undefined).resume())
        silent.listen(0, "127.0.0.1")
        await once(silent, "listening")
        closing.push(async () => await new Promise((resolve) => silent.close(resolve)))
        const { port } = silent.address() as AddressInfo
        const dial = () => ({ host: "127.0.0.1", port })
        const outgoing = openOutgoing({ dial, resolve: async () => [publicAddress], msMax: 200 })
        expect(await outgoing.post({ address, headers: {}, body, mayGo })).toBe("timeout")
    })

    test("refuses the connection, or closes it while it is asked", async () => {
        const its = await receiver()
        const dial = () => ({ host: "127.0.0.1", port: 1 })
        const nobody = openOutgoing({ ...its.ways, dial })
        expect(await nobody.post({ address, headers: {}, body, mayGo })).toBe("refused")
        its.answer = (request) => void request.socket.destroy()
        expect(await post(its)).toBe("refused")
    })

    test("has a name that is never resolved", async () => {
        const outgoing = openOutgoing({ resolve: () => new Promise(() => undefined), msMax: 100 })
        expect(await outgoing.post({ address, headers: {}, body, mayGo })).toBe("timeout")
    })

    test.each([
        ["another name", { certified: ["other.example"] }],
        ["a day that is over", { days: 0.5 }],
        ["nobody's trust", { trusted: certificateFor([host]).cert }],
    ])("has a certificate of %s", async (_, given) => {
        const its = await receiver([host], given)
        expect(await post(its)).toBe("refused")
        expect(its.received).toEqual([])
    })
})
