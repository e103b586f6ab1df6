/** Tests tokens that are bound to a client certificate: only a trusted proxy may name it. */
import { X509Certificate, hash } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { generate } from "selfsigned"
import { type Program, createProgram, newPartner } from "../../../../../test/support/program.ts"
import { makeServer } from "../../../server.ts"
import { hashOf, issueCredential } from "../actions/sign-in.ts"
import { issueToken } from "./actions/manage-tokens.ts"

const proxy = "192.0.2.10"

let world: Program
let token: string
let pem: string
let other: string

beforeAll(async () => {
    world = await createProgram()
    const { analyst } = await newPartner(world, "validate")
    const newCertificate = async () => (await generate([{ name: "commonName", value: "siem" }])).cert
    ;[pem, other] = [await newCertificate(), await newCertificate()]
    const session = hashOf(await world.acting(analyst, (ctx) => issueCredential(ctx, analyst.person, "session")))
    const certificate = hash("sha256", new X509Certificate(pem).raw, "base64url")
    const limits = { days: 30, scopes: ["poll"] as const, networks: ["198.51.100.0/24"], key: null, certificate }
    token = await world.acting(analyst, (ctx) => issueToken(ctx, session, { name: "siem", ...limits }))
}, 120_000)
afterAll(() => world.database.close())

async function statusOf(headers: object, from = proxy, trustedProxies: readonly string[] = [proxy]): Promise<number> {
    const options = { side: "portal", web: null, secureCookies: false, requestsPerMinuteMax: 1000 } as const
    const clientCertificateHeader = trustedProxies.length === 0 ? "" : "Client-Cert"
    const app = await makeServer({ ...options, services: world.services, trustedProxies, clientCertificateHeader })
    const sent = { authorization: `Bearer ${token}`, "x-forwarded-for": "198.51.100.7", ...headers }
    const { statusCode } = await app.inject({ url: "/api/me", headers: sent, remoteAddress: from })
    await app.close()
    return statusCode
}

const bytesOf = (text: string) => `:${new X509Certificate(text).raw.toString("base64")}:`

test("the token counts with its certificate, in both forms", async () => {
    expect(await statusOf({ "client-cert": bytesOf(pem) })).toBe(200)
    expect(await statusOf({ "client-cert": encodeURIComponent(pem) })).toBe(200)
})

test("the token is refused without a certificate, with another one, and with an invalid one", async () => {
    for (const header of [{}, { "client-cert": bytesOf(other) }, { "client-cert": "" }, { "client-cert": ":AAAA:" }]) {
        expect(await statusOf(header)).toBe(401)
    }
    expect(await statusOf({ "x-client-cert": bytesOf(pem) })).toBe(401)
})

test("the token is refused where no trusted proxy names the certificate", async () => {
    expect(await statusOf({ "client-cert": bytesOf(pem) }, "198.51.100.7")).toBe(401)
    expect(await statusOf({ "client-cert": bytesOf(pem) }, "198.51.100.7", [])).toBe(401)
})

test("the networks count behind the proxy", async () => {
    expect(await statusOf({ "client-cert": bytesOf(pem), "x-forwarded-for": "203.0.113.1" })).toBe(401)
})
