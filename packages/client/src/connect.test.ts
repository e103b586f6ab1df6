import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Fault, TestPortal, problem } from "../../../test/support/doubles/portal.ts"
import { Refusal } from "@tocsin/base/refusal"
import { ApiRefusal, NoAnswer } from "./requests.ts"
import { type ConnectionSettings, connect } from "./connect.ts"

let portal: TestPortal
let pauses: number[]

beforeEach(async () => {
    pauses = []
    portal = await new TestPortal().listen()
})
afterEach(() => portal.close())

function client(settings: Partial<ConnectionSettings> = {}) {
    const sleep = async (ms: number) => {
        pauses.push(ms)
    }
    return connect({ url: portal.url, token: portal.token, sleep, chance: () => 0, ...settings })
}

const recipient = async () => await identityToRecipient(await generateX25519Identity())

/** The error of a rejected promise. */
async function failed(work: Promise<unknown>): Promise<unknown> {
    return await work.then(
        () => expect.fail("it did not fail"),
        (error: unknown) => error,
    )
}

describe("the client", () => {
    test("reads a partner's warnings, fetches a copy with its receipt, and acknowledges it", async () => {
        const input = client()
        const warning = portal.addWarning("ToolShell", "technical.md")
        const key = await input.addKey(await recipient())
        expect(await input.listWarnings()).toEqual([warning])
        expect(await input.loadWarning(warning.id)).toEqual(warning)
        const copy = await input.fetchCopy(warning.artifacts[0]!.id)
        expect(copy).toMatchObject({ name: "technical.md.age", receipt: portal.deliveries[0]?.id, version: 1 })
        expect(Buffer.from(copy.bytes).toString("latin1")).toMatch(/^age-encryption\.org\/v1\n-> X25519 /)
        expect(await input.fetchReceipt(copy.receipt)).toBe(portal.log.receipt(0))
        expect(await input.acknowledge(warning.id)).toEqual({ acknowledged: 1, receipts: [] })
        expect(await input.loadCheckpoint()).toMatchObject({ size: 1, verifierKey: portal.log.verifierKey })
        portal.log.add({})
        expect(await input.loadConsistencyProof(1, 2)).toEqual(portal.log.consistency(1, 2))
        expect((await input.loadAccount()).partner).toMatchObject({ name: "Acme", keys: [key] })
    })

    test("passes on a refusal with code, status and kind, without a retry", async () => {
        const error = await failed(client().loadWarning("5f3a"))
        expect(error).toBeInstanceOf(ApiRefusal)
        expect(error).toMatchObject({ status: 404, code: "request.not_found", kind: "missing" })
        expect(portal.requests).toEqual(["GET warnings"])
        expect(await failed(client({ token: "x".repeat(43) }).listWarnings())).toMatchObject({
            status: 401,
            kind: "forbidden",
        })
    })

    test("accepts an address with a path", async () => {
        await failed(client({ url: `${portal.url}/portal/` }).loadAccount())
        expect(portal.urls).toEqual(["/portal/api/me"])
    })

    test("escapes ids in addresses", async () => {
        await failed(client().loadWarning("../../api/me?x=1"))
        expect(portal.urls).toEqual(["/api/warnings/..%2F..%2Fapi%2Fme%3Fx%3D1"])
    })
})

describe("after an outage", () => {
    test.each<[string, Fault]>([
        ["the portal failed", problem(500, "request.failed")],
        ["a gateway has no upstream", { status: 502, headers: { "content-type": "text/html" }, body: "<h1>no" }],
        ["too many requests", problem(429, "request.too_many")],
        ["the connection breaks", "refused connection"],
        ["the answer is lost", "lost"],
        ["the answer is cut", "cut"],
    ])("retries: %s", async (_, fault) => {
        const warning = portal.addWarning("ToolShell")
        portal.faults.set("GET warnings", [fault, fault])
        expect(await client().listWarnings()).toEqual([warning])
        expect(portal.count("GET warnings")).toBe(3)
        expect(pauses).toEqual([250, 500])
    })

    test("waits longer each time, with jitter, and never beyond the limit", async () => {
        portal.faults.set("GET me", Array<Fault>(9).fill("refused connection"))
        await client({ chance: () => 0.5, limits: { attemptsMax: 10, delayMsMax: 5000 } }).loadAccount()
        expect(pauses).toEqual([375, 750, 1500, 3000, 3750, 3750, 3750, 3750, 3750])
    })

    test.each([
        ["7", 7000],
        ["999999", 60_000],
        ["tomorrow", 250],
    ])("waits as requested, within the limit: %s", async (after, ms) => {
        const busy = problem(429, "request.too_many")
        portal.faults.set("GET me", [{ ...busy, headers: { ...busy.headers, "retry-after": after } }])
        await client().loadAccount()
        expect(pauses).toEqual([ms])
    })

    test("gives up after five tries, and reports the cause", async () => {
        portal.faults.set("GET me", Array<Fault>(5).fill(problem(503, "request.failed", "later")))
        expect(await failed(client().loadAccount())).toMatchObject({
            status: 503,
            code: "request.failed",
            message: "later",
        })
        portal.faults.set("GET warnings", Array<Fault>(5).fill("refused connection"))
        expect(await failed(client().listWarnings())).toBeInstanceOf(NoAnswer)
        expect(portal.requests).toHaveLength(10)
    })

    test("does not add a key twice when the first answer is lost", async () => {
        portal.faults.set("POST keys", ["lost"])
        const key = await client().addKey(await recipient())
        expect(portal.keys).toEqual([key])
        expect(portal.count("POST keys")).toBe(2)
    })

    test("fetches a cut copy again: both fetches are recorded, one copy is returned", async () => {
        const { artifacts } = portal.addWarning("ToolShell", "technical.md")
        await client().addKey(await recipient())
        portal.faults.set("GET copy", ["cut"])
        const copy = await client().fetchCopy(artifacts[0]!.id)
        expect(portal.deliveries.map(({ id }) => id === copy.receipt)).toEqual([false, true])
    })

    test("limits the time of each try", async () => {
        const never: typeof fetch = (_input, init) => {
            const { promise, reject } = Promise.withResolvers<Response>()
            init?.signal?.addEventListener("abort", () => reject(new Error("too late")))
            return promise
        }
        const error = await failed(client({ fetch: never, limits: { timeoutMs: 5, attemptsMax: 2 } }).loadAccount())
        expect(error).toMatchObject({ message: expect.stringContaining("too late"), status: null })
        expect(pauses).toEqual([250])
    })

    test("ends at once when the caller aborts", async () => {
        const stop = new AbortController()
        portal.faults.set("GET me", ["refused connection"])
        const sleep = async () => stop.abort(new Error("enough"))
        expect(await failed(client({ signal: stop.signal, sleep }).loadAccount())).toMatchObject({ message: "enough" })
        expect(portal.requests).toEqual(["GET me"])
    })
})

describe("an invalid portal answer", () => {
    const fetched = { "tocsin-receipt": "r", "tocsin-version": "1" }
    test.each<[string, Fault]>([
        ["a page", { headers: { "content-type": "text/html" }, body: "<h1>welcome" }],
        ["a list", { body: [1] }],
        ["null", { body: "null" }],
        ["other fields", { body: { hello: 1 } }],
        ["invalid UTF-8", { body: Buffer.from('{"person":1,"partner":"\xff"}', "latin1") }],
        ["an answer that is too large", { body: Buffer.alloc(3000, " ") }],
        ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }],
        ["a problem without a code", { ...problem(403, ""), body: {} }],
        ["a problem with a strange code", problem(403, "\u001b[31m")],
    ])("is reported as such, without a retry: %s", async (_, fault) => {
        portal.faults.set("GET me", [fault])
        expect(await failed(client({ limits: { answerBytesMax: 2000 } }).loadAccount())).toBeInstanceOf(NoAnswer)
        expect(portal.requests).toEqual(["GET me"])
    })

    test.each<[string, Fault]>([
        ["not an age file", { headers: { ...fetched, "content-disposition": 'filename="a.age"' }, body: "hello" }],
        [
            "no receipt",
            {
                headers: { "tocsin-version": "1", "content-disposition": 'filename="a.age"' },
                body: "age-encryption.org/v1\n",
            },
        ],
        ["no name", { headers: fetched, body: "age-encryption.org/v1\n" }],
        [
            "no version",
            {
                headers: { "tocsin-receipt": "r", "content-disposition": 'filename="a.age"' },
                body: "age-encryption.org/v1\n",
            },
        ],
    ])("is reported for copies: %s", async (_, fault) => {
        portal.faults.set("GET copy", [fault])
        expect(await failed(client().fetchCopy("a"))).toBeInstanceOf(NoAnswer)
    })
})

test.each([
    ["https://portal.example", false, "fine"],
    ["http://localhost:8441", false, "fine"],
    ["http://acme.localhost", false, "fine"],
    ["http://127.0.0.1:8441", false, "fine"],
    ["http://[::1]:8441", false, "fine"],
    ["http://portal.example", false, "client.not_https"],
    ["http://127.0.0.1.portal.example", false, "client.not_https"],
    ["http://portal.example", true, "fine"],
    ["https://lea:secret@portal.example", true, "client.bad_address"],
    ["ftp://portal.example", true, "client.bad_address"],
    ["portal.example", true, "client.bad_address"],
    ["", true, "client.bad_address"],
])("the address %j, plain http allowed: %j: %s", (url, allowPlainHttp, expected) => {
    const code = () => {
        try {
            client({ url, allowPlainHttp })
            return "fine"
        } catch (error) {
            return error instanceof Refusal ? error.code : error
        }
    }
    expect(code()).toBe(expected)
})

test.each(["", "short", `${"t".repeat(43)}\r\nx: y`, "t".repeat(65)])("refuses an invalid token: %j", (token) => {
    expect(() => client({ token })).toThrow(expect.objectContaining({ code: "client.bad_token" }))
})
