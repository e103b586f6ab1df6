/** Tests tokens that are bound to a key: what a thief of the token, of a proof or of both can do. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type CryptoKey,
    type JWK,
    SignJWT,
    UnsecuredJWT,
    base64url,
    calculateJwkThumbprint,
    exportJWK,
    generateKeyPair,
} from "jose"
import { type Portal, openPortal } from "../../../../../test/support/polled-pages.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
} from "../../../../../test/support/program.ts"
import { scopes } from "../../../models/scopes.ts"
import { parseInstant } from "@tocsin/base/instant"
import { hashOf, issueCredential } from "../actions/sign-in.ts"
import { issueToken } from "./actions/manage-tokens.ts"

const origin = "https://portal.example"
const page = "/taxii2/api/collections/warnings/objects/?limit=3"

let world: Program
let partner: TestPartner
let portal: Portal
let real = 0
let pair: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
let jwk: JWK
let token: string

beforeAll(async () => {
    world = await createProgram()
    real = world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    partner = await newPartner(world, "validate")
    const subject = await newCase(world, "toolshell")
    await releaseWaveNow(world, subject, "validate", [
        await newArtifact(world, subject, "summary", "toolshell/summary.md"),
    ])
    portal = await openPortal(world, { realNow: () => real })
    pair = await generateKeyPair("ES256", { extractable: true })
    jwk = await exportJWK(pair.publicKey)
    token = await newToken(await calculateJwkThumbprint(jwk))
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

async function newToken(key: string | null): Promise<string> {
    const { person } = partner.analyst
    const session = hashOf(await world.acting(partner.analyst, (ctx) => issueCredential(ctx, person, "session")))
    const limits = { days: 30, scopes, networks: [], key, certificate: null }
    return await world.acting(partner.analyst, (ctx) => issueToken(ctx, session, { name: "tool", ...limits }))
}

interface ProofOptions {
    readonly htm?: string
    readonly htu?: string
    readonly ath?: string | null
    readonly jti?: string
    /** Seconds from now. */
    readonly age?: number
    readonly alg?: string
    readonly typ?: string
    readonly signer?: CryptoKey
    readonly header?: object
}

let proofs = 0
const athOf = (secret: string) => hashOf(secret).toString("base64url")

async function proof(path: string, options: ProofOptions = {}): Promise<string> {
    const { htm = "GET", htu = `${origin}${path.split("?")[0]}`, ath = athOf(token), age = 0 } = options
    const claims = { htm, htu, jti: options.jti ?? `proof ${++proofs}`, ...(ath !== null && { ath }) }
    return await new SignJWT(claims)
        .setIssuedAt(Math.floor(real / 1000) + age)
        .setProtectedHeader({ typ: options.typ ?? "dpop+jwt", alg: options.alg ?? "ES256", jwk, ...options.header })
        .sign(options.signer ?? pair.privateKey)
}

async function ask(path: string, dpop: string | null, { authorization = `DPoP ${token}` } = {}) {
    const headers = { authorization, ...(dpop !== null && { dpop }) }
    return await portal.app.inject({ url: path, headers })
}
const statusOf = async (...request: Parameters<typeof ask>) => (await ask(...request)).statusCode

describe("a bound token", () => {
    test("counts with a new proof for each request, also with a query", async () => {
        expect(await statusOf("/api/me", await proof("/api/me"))).toBe(200)
        expect(await statusOf("/api/warnings", await proof("/api/warnings"))).toBe(200)
        for (let n = 0; n < 3; n++) expect(await statusOf(page, await proof(page))).toBe(200)
    })

    test("is refused as a bearer token, as a password and without a proof", async () => {
        expect(await statusOf("/api/me", null, { authorization: `Bearer ${token}` })).toBe(401)
        expect(await statusOf("/api/me", await proof("/api/me"), { authorization: `Bearer ${token}` })).toBe(401)
        const basic = { authorization: `Basic ${Buffer.from(`any:${token}`).toString("base64")}` }
        expect(await statusOf(page, null, basic)).toBe(401)
        expect(await statusOf(page, await proof(page), basic)).toBe(401)
        expect(await statusOf("/api/me", null)).toBe(401)
    })

    test("is refused on the leased path, after the owner polled it there", async () => {
        for (let n = 0; n < 3; n++) expect(await statusOf(page, await proof(page))).toBe(200)
        expect(await statusOf(page, null, { authorization: `Bearer ${token}` })).toBe(401)
        expect(await statusOf(page, null)).toBe(401)
        expect(await statusOf(page, await proof(page, { age: -61 }))).toBe(401)
        const used = await proof(page)
        expect([await statusOf(page, used), await statusOf(page, used)]).toEqual([200, 401])
    })

    test("is refused with a proof of another key, also when it names the right key", async () => {
        const thief = await generateKeyPair("ES256", { extractable: true })
        const other = await exportJWK(thief.publicKey)
        const path = "/api/me"
        expect(await statusOf(path, await proof(path, { signer: thief.privateKey }))).toBe(401)
        expect(await statusOf(path, await proof(path, { signer: thief.privateKey, header: { jwk: other } }))).toBe(401)
    })

    test.each<[string, ProofOptions]>([
        ["another method", { htm: "POST" }],
        ["another path", { htu: `${origin}/api/warnings` }],
        ["another host", { htu: "https://console.example/api/me" }],
        ["another scheme", { htu: "http://portal.example/api/me" }],
        ["no address", { htu: "nowhere" }],
        ["no token", { ath: null }],
        ["another token", { ath: athOf("other") }],
        ["an instant 61 seconds ago", { age: -61 }],
        ["an instant in 61 seconds", { age: 61 }],
        ["another type", { typ: "JWT" }],
        ["an empty id", { jti: "" }],
        ["a long id", { jti: "x".repeat(257) }],
        ["a critical header", { header: { crit: ["exp"], exp: 1 } }],
    ])("is refused with a proof for %s", async (_, options) => {
        const answer = await ask("/api/me", await proof("/api/me", options).catch(() => "unsigned"))
        expect(answer.statusCode).toBe(401)
        expect(answer.headers["www-authenticate"]).toBe(
            'DPoP realm="tocsin", algs="ES256 EdDSA", error="invalid_dpop_proof"',
        )
        expect(answer.json()).toMatchObject({ code: "request.bad_proof" })
    })

    test.each([-59, 59])("counts with a clock that is %d seconds off", async (age) => {
        expect(await statusOf("/api/me", await proof("/api/me", { age }))).toBe(200)
    })

    test("counts once for each proof, also when two requests come at once", async () => {
        const used = await proof("/api/me")
        const statuses = await Promise.all(Array.from({ length: 5 }, () => statusOf("/api/me", used)))
        expect(statuses.toSorted()).toEqual([200, 401, 401, 401, 401])
        const again = await proof("/api/me", { jti: "same" })
        expect(await statusOf("/api/me", again)).toBe(200)
        expect(await statusOf("/api/me", await proof("/api/me", { jti: "same" }))).toBe(401)
    })

    test("is refused with an unsigned proof, a shared secret, and a private key in the header", async () => {
        const path = "/api/me"
        const claims = { htm: "GET", htu: `${origin}${path}`, jti: "none", ath: athOf(token) }
        const none = new UnsecuredJWT(claims).setIssuedAt(Math.floor(real / 1000)).encode()
        const [, body = ""] = none.split(".")
        const header = base64url.encode(JSON.stringify({ typ: "dpop+jwt", alg: "none", jwk }))
        for (const text of [none, `${header}.${body}.`, `${header}.${body}.AAAA`, "", "a.b.c", "x".repeat(5000)]) {
            expect(await statusOf(path, text)).toBe(401)
        }
        const secret = new TextEncoder().encode(JSON.stringify(jwk).padEnd(64, " "))
        const hmac = await new SignJWT(claims)
            .setIssuedAt(Math.floor(real / 1000))
            .setProtectedHeader({ typ: "dpop+jwt", alg: "HS256", jwk })
            .sign(secret)
        expect(await statusOf(path, hmac)).toBe(401)
        const whole = await exportJWK(pair.privateKey)
        expect(await statusOf(path, await proof(path, { header: { jwk: whole } }))).toBe(401)
        const rsa = await generateKeyPair("RS256", { extractable: true })
        const rsaJwk = await exportJWK(rsa.publicKey)
        expect(
            await statusOf(path, await proof(path, { alg: "RS256", signer: rsa.privateKey, header: { jwk: rsaJwk } })),
        ).toBe(401)
    })

    test("is refused with two proofs", async () => {
        const [one, other] = [await proof("/api/me"), await proof("/api/me")]
        const headers = { authorization: `DPoP ${token}`, dpop: [one, other] }
        expect((await portal.app.inject({ url: "/api/me", headers })).statusCode).toBe(401)
    })
})

test("an unbound token is refused with a proof", async () => {
    const plain = await newToken(null)
    const dpop = await proof("/api/me", { ath: athOf(plain) })
    expect(await statusOf("/api/me", null, { authorization: `Bearer ${plain}` })).toBe(200)
    expect(await statusOf("/api/me", dpop, { authorization: `DPoP ${plain}` })).toBe(401)
    expect(await statusOf("/api/me", dpop, { authorization: `Bearer ${plain}` })).toBe(401)
    expect(await statusOf("/api/me", null, { authorization: `DPoP ${plain}` })).toBe(401)
})

test("a token can be bound to an Ed25519 key", async () => {
    const ed = await generateKeyPair("EdDSA", { extractable: true })
    const edJwk = await exportJWK(ed.publicKey)
    const bound = await newToken(await calculateJwkThumbprint(edJwk))
    const options = { alg: "EdDSA", signer: ed.privateKey, header: { jwk: edJwk }, ath: athOf(bound) }
    const authorization = `DPoP ${bound}`
    expect(await statusOf("/api/me", await proof("/api/me", options), { authorization })).toBe(200)
})

test("no stranger stores a proof", async () => {
    const count = async () =>
        (
            await world.database.db.transaction((tx) =>
                tx.query<{ n: number }>("select count(*)::int as n from used_proofs"),
            )
        )[0]?.n
    const before = await count()
    for (let n = 0; n < 5; n++) {
        const thief = await generateKeyPair("ES256", { extractable: true })
        const header = { jwk: await exportJWK(thief.publicKey) }
        await ask("/api/me", await proof("/api/me", { signer: thief.privateKey, header }))
    }
    expect(await count()).toBe(before)
})
