/** Tests the token endpoint: machine clients with signed assertions, exchanges, and the ends of what they got. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type CryptoKey, type JWK, SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose"
import { type Portal, openPortal } from "../../../../../test/support/polled-pages.ts"
import { type Program, type TestPartner, createProgram, newPartner } from "../../../../../test/support/program.ts"
import { newId } from "../../../../../test/support/database.ts"
import type { Scope } from "../../../models/scopes.ts"
import { parseInstant } from "@tocsin/base/instant"
import { removePerson } from "../actions/manage-people.ts"
import { endCredentials, hashOf, issueCredential } from "../actions/sign-in.ts"
import { changeClientKeys, endCallerClient, registerClient } from "./actions/manage-clients.ts"
import { endCallerToken, issueToken } from "./actions/manage-tokens.ts"
import { assertionType, exchangeGrant } from "./token.ts"

const origin = "https://portal.example"
const endpoint = `${origin}/oauth/token`

let world: Program
let partner: TestPartner
let portal: Portal
let real = 0
let pair: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
let jwk: JWK
let client: string

beforeAll(async () => {
    world = await createProgram()
    real = world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    portal = await openPortal(world, { realNow: () => real })
    pair = await generateKeyPair("ES256", { extractable: true })
    jwk = await exportJWK(pair.publicKey)
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})
beforeEach(async () => {
    real += 3_600_000
    partner = await newPartner(world, "validate")
    client = await newClient(["poll", "fetch"])
})

const session = async () =>
    hashOf(await world.acting(partner.analyst, (ctx) => issueCredential(ctx, partner.analyst.person, "session")))
const keyOf = (key: JWK) => ({ kty: key.kty ?? "", crv: key.crv, x: key.x, y: key.y })

async function newClient(scopes: readonly Scope[], networks: readonly string[] = []): Promise<string> {
    const [by, input] = [await session(), { name: "SIEM", keys: [keyOf(jwk)], scopes, networks }]
    return await world.acting(partner.analyst, (ctx) => registerClient(ctx, by, input))
}

async function newToken(scopes: readonly Scope[], key: string | null = null): Promise<string> {
    const [by, input] = [await session(), { name: "tool", days: 30, scopes, networks: [], key, certificate: null }]
    return await world.acting(partner.analyst, (ctx) => issueToken(ctx, by, input))
}

interface AssertionOptions {
    readonly iss?: string
    readonly sub?: string
    readonly aud?: string
    readonly jti?: string
    /** Seconds from now. */
    readonly exp?: number
    readonly key?: CryptoKey
}

let ids = 0

const assertion = ({ iss = client, sub = client, aud = endpoint, jti, exp = 60, key }: AssertionOptions = {}) =>
    new SignJWT({ iss, sub, aud, jti: jti ?? `assertion ${++ids}` })
        .setExpirationTime(Math.floor(real / 1000) + exp)
        .setProtectedHeader({ alg: "ES256" })
        .sign(key ?? pair.privateKey)

async function ask(fields: Readonly<Record<string, string>> | string, headers: Readonly<Record<string, string>> = {}) {
    const payload = typeof fields === "string" ? fields : new URLSearchParams(fields).toString()
    const type = { "content-type": "application/x-www-form-urlencoded" }
    const url = "/oauth/token"
    return await portal.app.inject({ method: "POST", url, headers: { ...type, ...headers }, payload })
}

const grant = async (options: AssertionOptions = {}, fields = {}, headers = {}) =>
    await ask(
        {
            grant_type: "client_credentials",
            client_assertion_type: assertionType,
            client_assertion: await assertion(options),
            ...fields,
        },
        headers,
    )
const exchange = async (subject: string, scope: string, headers = {}) =>
    await ask(
        {
            grant_type: exchangeGrant,
            subject_token: subject,
            subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
            ...(scope !== "" && { scope }),
        },
        headers,
    )

const use = async (token: string, url = "/api/me", headers = {}) =>
    (await portal.app.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } })).statusCode

async function proof(method: string, url: string, token: string | null): Promise<string> {
    const ath = token === null ? {} : { ath: hashOf(token).toString("base64url") }
    return await new SignJWT({ htm: method, htu: url, jti: `proof ${++ids}`, ...ath })
        .setIssuedAt(Math.floor(real / 1000))
        .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
        .sign(pair.privateKey)
}

describe("a machine client", () => {
    test("gets a token of ten minutes with its scopes", async () => {
        const answer = await grant()
        expect(answer.statusCode).toBe(200)
        expect(answer.headers["cache-control"]).toBe("no-store")
        const { access_token: token, ...rest } = answer.json()
        expect(rest).toEqual({ token_type: "Bearer", expires_in: 600, scope: "poll fetch" })
        expect([await use(token), await use(token, "/api/roster")]).toEqual([200, 403])
        real += 600_000
        expect(await use(token)).toBe(401)
    })

    test.each(["Bearer", "bearer", "Basic"])("polls TAXII with its token in a header %s", async (scheme) => {
        const { access_token: token } = (await grant({}, { scope: "poll" })).json()
        const secret = scheme === "Basic" ? Buffer.from(`any:${token}`).toString("base64") : token
        const headers = { authorization: `${scheme} ${secret}`, accept: "application/taxii+json;version=2.1" }
        const paths = ["", "api/", "api/collections/", "api/collections/warnings/objects/?limit=7"]
        const answers = await Promise.all(paths.map((path) => portal.app.inject({ url: `/taxii2/${path}`, headers })))
        expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
        const sightings = "/taxii2/api/collections/sightings/objects/"
        const type = { "content-type": "application/taxii+json;version=2.1" }
        const post = { method: "POST", url: sightings, payload: '{"objects":[]}' } as const
        expect((await portal.app.inject({ ...post, headers: { ...headers, ...type } })).statusCode).toBe(403)
    })

    test("gets fewer scopes when it asks for them, and never more", async () => {
        expect((await grant({}, { scope: "poll" })).json()).toMatchObject({ scope: "poll" })
        for (const scope of ["manage", "poll manage", "poll everything", " "]) {
            const answer = await grant({}, { scope })
            expect([answer.statusCode, answer.json().error]).toEqual([400, "invalid_scope"])
        }
    })

    test("gets a bound token with a proof; the token is refused as a bearer token", async () => {
        const { access_token: token, token_type: type } = (
            await grant({}, {}, { dpop: await proof("POST", endpoint, null) })
        ).json()
        expect([type, await use(token)]).toEqual(["DPoP", 401])
        const headers = { authorization: `DPoP ${token}`, dpop: await proof("GET", `${origin}/api/me`, token) }
        expect(await use(token, "/api/me", headers)).toBe(200)
    })

    test("is refused with a bad or used proof", async () => {
        const used = await proof("POST", endpoint, null)
        expect((await grant({}, {}, { dpop: used })).statusCode).toBe(200)
        for (const dpop of [
            used,
            await proof("GET", endpoint, null),
            await proof("POST", `${origin}/api/me`, null),
            "x",
        ]) {
            expect((await grant({}, {}, { dpop })).json().error).toBe("invalid_dpop_proof")
        }
    })

    test.each<[string, AssertionOptions]>([
        ["another audience", { aud: "https://other.example/oauth/token" }],
        ["another subject", { sub: newId() }],
        ["an unknown client", { iss: newId(), sub: newId() }],
        ["no client", { iss: "anyone", sub: "anyone" }],
        ["more than five minutes", { exp: 301 }],
        ["the past", { exp: -31 }],
        ["an empty id", { jti: "" }],
    ])("is refused with an assertion for %s", async (_, options) => {
        const answer = await grant(options)
        expect([answer.statusCode, answer.json().error]).toEqual([400, "invalid_client"])
    })

    test("is refused with another key, a used assertion, and an unsigned one", async () => {
        const other = await generateKeyPair("ES256")
        expect((await grant({ key: other.privateKey })).json().error).toBe("invalid_client")
        expect((await grant({ jti: "same" })).statusCode).toBe(200)
        expect((await grant({ jti: "same" })).json().error).toBe("invalid_client")
        const [, body] = (await assertion()).split(".")
        const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${body}.`
        expect((await grant({}, { client_assertion: none })).json().error).toBe("invalid_client")
    })

    test("is refused from another network", async () => {
        client = await newClient(["poll"], ["192.0.2.0/24"])
        expect((await grant()).json().error).toBe("invalid_client")
    })

    test.each(["client", "keys", "person", "sign-in"])("loses its tokens at the end of its %s", async (end) => {
        const { access_token: token } = (await grant()).json()
        expect(await use(token)).toBe(200)
        const { analyst } = partner
        const by = await session()
        const newKey = await exportJWK((await generateKeyPair("ES256")).publicKey)
        await world.acting(end === "person" ? partner.lead : analyst, async (ctx) => {
            if (end === "client") await endCallerClient(ctx, client)
            if (end === "keys") await changeClientKeys(ctx, by, { id: client, keys: [keyOf(newKey)] })
            if (end === "person") await removePerson(ctx, analyst.person)
            if (end === "sign-in") await endCredentials(ctx, analyst.person)
        })
        expect(await use(token)).toBe(401)
        expect((await grant()).statusCode).toBe(400)
    })
})

describe("an exchange", () => {
    test("gives fewer scopes for ten minutes, and ends with the token", async () => {
        const subject = await newToken(["poll", "fetch"])
        const answer = await exchange(subject, "poll")
        expect(answer.json()).toMatchObject({ scope: "poll", expires_in: 600, token_type: "Bearer" })
        const token = answer.json().access_token
        expect([await use(token), await use(token, "/api/warnings")]).toEqual([200, 200])
        const id = hashOf(subject).toString("hex", 0, 8)
        await world.acting(partner.analyst, (ctx) => endCallerToken(ctx, id))
        expect(await use(token)).toBe(401)
    })

    test("adds no scopes, and its token cannot be exchanged again", async () => {
        const subject = await newToken(["poll"])
        for (const scope of ["manage", "poll fetch", ""]) {
            expect((await exchange(subject, scope)).json().error).toBe("invalid_scope")
        }
        const token = (await exchange(subject, "poll")).json().access_token
        expect((await exchange(token, "poll")).json().error).toBe("invalid_grant")
        expect((await exchange((await grant()).json().access_token, "poll")).json().error).toBe("invalid_grant")
    })

    test("of a bound token needs a proof of its key, and keeps the key", async () => {
        const subject = await newToken(["poll"], await calculateJwkThumbprint(jwk))
        expect((await exchange(subject, "poll")).json().error).toBe("invalid_grant")
        const answer = await exchange(subject, "poll", { dpop: await proof("POST", endpoint, null) })
        expect(answer.json()).toMatchObject({ token_type: "DPoP" })
        expect(await use(answer.json().access_token)).toBe(401)
    })

    test("is refused for sessions, ended tokens and random text", async () => {
        const secret = await world.acting(partner.analyst, (ctx) =>
            issueCredential(ctx, partner.analyst.person, "session"),
        )
        for (const subject of [secret, "x".repeat(43), ""]) {
            expect((await exchange(subject, "poll")).json().error).toBe("invalid_grant")
        }
    })
})

test("the endpoint reads forms only, with each field once", async () => {
    expect((await ask("grant_type=client_credentials&grant_type=x")).json().error).toBe("invalid_request")
    expect((await ask({ grant_type: "password", username: "x", password: "y" })).json().error).toBe(
        "unsupported_grant_type",
    )
    expect((await ask({})).json().error).toBe("invalid_request")
    const json = { method: "POST", url: "/oauth/token", payload: { grant_type: "client_credentials" } } as const
    expect((await portal.app.inject(json)).statusCode).toBe(415)
    const form = { "content-type": "application/x-www-form-urlencoded" }
    const elsewhere = { method: "POST", url: "/api/session", headers: form, payload: "secret=x" } as const
    expect((await portal.app.inject(elsewhere)).statusCode).toBe(415)
})

test("the metadata names the endpoint", async () => {
    const answer = await portal.app.inject("/.well-known/oauth-authorization-server")
    expect(answer.json()).toMatchObject({ issuer: origin, token_endpoint: endpoint })
})
