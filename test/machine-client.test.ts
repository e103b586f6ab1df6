/** Machines that sign in by key against the real portal: tokens bound to a key (DPoP), and machine clients (OAuth). */
import fs from "node:fs"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createDpopKey, listKeys } from "@tocsin/client/commands/keys"
import { login } from "@tocsin/client/commands/login"
import { pull } from "@tocsin/client/commands/pull"
import { connect, importSigningKey } from "@tocsin/client/connect"
import { type PublicJwk, createSigningKey } from "@tocsin/client/signing-key"
import { parseInstant } from "@tocsin/base/instant"
import { changeClientKeys, registerClient } from "../server/src/trust/identity/machines/actions/manage-clients.ts"
import { issueToken } from "../server/src/trust/identity/machines/actions/manage-tokens.ts"
import { hashOf, issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { type PartnerMachine, createPartnerMachine, modeOf } from "./support/partner.ts"
import { type Portal, openPortal } from "./support/polled-pages.ts"
import { type Program, type TestPartner, createProgram, newPartner } from "./support/program.ts"

const origin = "https://portal.example"

let setup: Program
let partner: TestPartner
let portal: Portal
let desk: PartnerMachine
let address: string
let real = 0
/** The requests of the machine, and answers that replace the next ones. */
const requests: {
    readonly path: string
    readonly authorization: string | null
    readonly proof: string | null
    readonly body: string
}[] = []
const faults: (() => Response)[] = []

beforeAll(async () => {
    setup = await createProgram()
    real = setup.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(setup, "validate")
    portal = await openPortal(setup, { realNow: () => real })
    await portal.app.listen({ host: "127.0.0.1", port: 0 })
    address = `http://127.0.0.1:${(portal.app.server.address() as AddressInfo).port}`
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await setup.database.close()
})
beforeEach(() => {
    real += 3_600_000
    const machine = createPartnerMachine()
    desk = { ...machine, world: { ...machine.world, fetch: throughProxy, now: () => real } }
    requests.splice(0)
    return () => desk.close()
})

/** Reaches the portal by its public name, as a proxy in front of it does. */
const throughProxy: typeof fetch = async (input, init) => {
    const { pathname: path, search } = new URL(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    const { body: sent } = init ?? {}
    const body = typeof sent === "string" || sent instanceof URLSearchParams ? sent.toString() : ""
    requests.push({ path, authorization: headers.get("authorization"), proof: headers.get("dpop"), body })
    return faults.shift()?.() ?? (await fetch(`${address}${path}${search}`, init))
}

const session = async () =>
    hashOf(await setup.acting(partner.analyst, (ctx) => issueCredential(ctx, partner.analyst.person, "session")))

/** Runs `tocsin keys dpop` and reads what it prints. */
async function newKey(): Promise<{ readonly jwk: PublicJwk; readonly thumbprint: string }> {
    expect(await createDpopKey(desk.at("key.json"), { json: true }, desk.world)).toBe(0)
    return JSON.parse(desk.take().results[0] ?? "")
}

async function newBoundToken(key: string): Promise<void> {
    const [by, limits] = [await session(), { scopes: ["poll", "fetch"] as const, networks: [], certificate: null }]
    const input = { name: "tool", days: 30, key, ...limits }
    const token = await setup.acting(partner.analyst, (ctx) => issueToken(ctx, by, input))
    fs.writeFileSync(desk.at("token"), token, { mode: 0o600 })
}

async function newClient(jwk: PublicJwk): Promise<string> {
    const by = await session()
    const input = { name: "SIEM", keys: [{ ...jwk }], scopes: ["poll", "fetch"] as const, networks: [] }
    return await setup.acting(partner.analyst, (ctx) => registerClient(ctx, by, input))
}

const failIfAsked = () => expect.fail("asked")
const loginWithClient = (client: string, more = {}) =>
    login({ url: origin, client, key: desk.at("key.json"), ...more }, desk.world, failIfAsked)

test("a key is a new file that only its owner reads; what is printed has no private part", async () => {
    const { jwk, thumbprint } = await newKey()
    expect([modeOf(desk.at("key.json")), Object.keys(jwk), thumbprint.length]).toEqual([
        "600",
        ["kty", "crv", "x", "y"],
        43,
    ])
    const before = fs.readFileSync(desk.at("key.json"), "utf8")
    expect(await createDpopKey(desk.at("key.json"), {}, desk.world)).toBe(1)
    expect(desk.take().messages.join()).toContain("files.already_exists")
    expect(fs.readFileSync(desk.at("key.json"), "utf8")).toBe(before)
    expect(await createDpopKey(desk.at("other.json"), {}, desk.world)).toBe(0)
    const { results, messages } = desk.take()
    const { d } = JSON.parse(fs.readFileSync(desk.at("other.json"), "utf8")) as { d: string }
    expect([...results, ...messages].join()).not.toContain(d)
})

test("a bound token works with its key, which the login remembers", async () => {
    const { thumbprint } = await newKey()
    await newBoundToken(thumbprint)
    const options = { url: origin, tokenFile: desk.at("token") }
    expect(await login(options, desk.world, failIfAsked)).toBe(1)
    expect(await login({ ...options, dpopKey: desk.at("key.json") }, desk.world, failIfAsked)).toBe(0)
    const saved = fs.readFileSync(desk.at(".config", "tocsin", "client.json"), "utf8")
    const { d } = JSON.parse(fs.readFileSync(desk.at("key.json"), "utf8")) as { d: string }
    expect([saved.includes(d), saved.includes(desk.at("key.json"))]).toEqual([false, true])
    for (const _ of ["once", "again"]) expect(await pull({ out: desk.at("out") }, desk.world)).toBe(0)
    expect(await listKeys(options, desk.world)).toBe(1)
    const env = { TOCSIN_DPOP_KEY: desk.at("key.json") }
    expect(await listKeys(options, { ...desk.world, env })).toBe(0)
    fs.renameSync(desk.at("key.json"), desk.at("elsewhere.json"))
    expect(await listKeys({}, desk.world)).toBe(2)
    expect(await listKeys({ dpopKey: desk.at("elsewhere.json") }, desk.world)).toBe(0)
})

test("a retry has a new proof", async () => {
    const { thumbprint } = await newKey()
    await newBoundToken(thumbprint)
    faults.push(() => new Response("", { status: 503 }))
    const options = { url: origin, tokenFile: desk.at("token"), dpopKey: desk.at("key.json") }
    expect(await listKeys(options, desk.world)).toBe(0)
    const proofs = requests.map(({ proof }) => proof)
    expect(requests[0]?.path).toBe(requests[1]?.path)
    expect(proofs.every((proof) => typeof proof === "string")).toBe(true)
    expect(new Set(proofs).size).toBe(proofs.length)
})

test.each([
    ["no JSON", "key", 1],
    ["a public key", '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', 1],
    ["a point outside the curve", '{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}', 1],
    ["nothing", null, 2],
])("a key file with %s is refused before a request", async (_, text, exit) => {
    if (text !== null) fs.writeFileSync(desk.at("key.json"), text, { mode: 0o600 })
    expect(await loginWithClient("5f3a")).toBe(exit)
    expect(requests).toEqual([])
})

test("a key file that others can read is refused", async () => {
    await newKey()
    fs.chmodSync(desk.at("key.json"), 0o640)
    expect(await loginWithClient("5f3a")).toBe(1)
    expect(desk.take().messages.join()).toContain("files.readable_by_others")
})

test("a machine client signs in, stores no secret, and gets a token when the last one ends", async () => {
    const client = await newClient((await newKey()).jwk)
    expect(await loginWithClient(client)).toBe(0)
    const saved = fs.readFileSync(desk.at(".config", "tocsin", "client.json"), "utf8")
    expect(JSON.parse(saved)).toEqual({ url: origin, client: { id: client, key: desk.at("key.json") } })
    for (const { authorization } of requests) {
        if (authorization !== null) expect(saved).not.toContain(authorization.slice("Bearer ".length))
    }
    expect(await pull({ out: desk.at("out") }, desk.world)).toBe(0)

    const [key, signal] = [await importSigningKey(JSON.parse(fs.readFileSync(desk.at("key.json"), "utf8"))), undefined]
    const settings = { url: origin, token: { id: client, key }, signal, fetch: throughProxy, now: () => real }
    const input = connect(settings)
    requests.splice(0)
    await Promise.all([input.listWarnings(), input.listRecalls(), input.loadAccount()])
    real += 9 * 60_000
    await input.listRecalls()
    expect(requests.filter(({ path }) => path === "/oauth/token")).toHaveLength(1)
    real += 60_000
    await Promise.all([input.listWarnings(), input.listRecalls()])
    expect(requests.filter(({ path }) => path === "/oauth/token")).toHaveLength(2)
})

test("a machine client with a key for tokens gets bound ones", async () => {
    const client = await newClient((await newKey()).jwk)
    expect(await loginWithClient(client, { dpopKey: desk.at("key.json") })).toBe(0)
    expect(await listKeys({}, desk.world)).toBe(0)
    const used = requests.filter(({ path }) => path !== "/oauth/token")
    expect(new Set(used.map(({ authorization }) => authorization?.split(" ")[0]))).toEqual(new Set(["DPoP"]))
})

test("a machine client fetches another token once where the portal ended one early", async () => {
    const { jwk } = await newKey()
    const client = await newClient(jwk)
    const key = await importSigningKey(JSON.parse(fs.readFileSync(desk.at("key.json"), "utf8")))
    const input = connect({ url: origin, token: { id: client, key }, fetch: throughProxy, now: () => real })
    await input.listRecalls()
    const by = await session()
    const changeKeys = (keys: readonly PublicJwk[]) =>
        setup.acting(partner.analyst, (ctx) =>
            changeClientKeys(ctx, by, { id: client, keys: keys.map((key) => ({ ...key })) }),
        )
    await changeKeys([jwk])
    requests.splice(0)
    await input.listRecalls()
    expect(requests.map(({ path }) => path)).toEqual(["/api/recalls", "/oauth/token", "/api/recalls"])
    const { d, ...other } = await createSigningKey()
    expect(d).toHaveLength(43)
    await changeKeys([other])
    await expect(input.listRecalls()).rejects.toMatchObject({ code: "oauth.invalid_client", status: 400 })
})

test("a machine client retries its token request after an outage, with a new assertion", async () => {
    const client = await newClient((await newKey()).jwk)
    faults.push(() => new Response("", { status: 502 }))
    expect(await loginWithClient(client)).toBe(0)
    expect(requests.map(({ path }) => path)).toEqual(["/oauth/token", "/oauth/token", "/api/me"])
    const [first, second] = requests.map(({ body }) => new URLSearchParams(body).get("client_assertion") ?? "")
    expect([first?.split(".").length, first === second]).toEqual([3, false])
})

test.each([
    ["no key", { client: "5f3a" }],
    ["no client", { key: "key.json" }],
    ["a token too", { client: "5f3a", key: "key.json", tokenFile: "token" }],
])("a login with %s is wrong usage", async (_, options) => {
    expect(await login({ url: origin, ...options }, desk.world, failIfAsked)).toBe(2)
})
