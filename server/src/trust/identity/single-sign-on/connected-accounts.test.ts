/** Tests connected accounts and the provider's logout, with a real OpenID provider. */
import { SignJWT, UnsecuredJWT } from "jose"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    createPartnerMember,
    createStaffMember,
    listEvents,
    system,
} from "../../../../../test/support/actors.ts"
import { Authenticator } from "../../../../../test/support/authenticator.ts"
import { type TestProvider, openTestProvider } from "../../../../../test/support/doubles/identity-provider.ts"
import { type Program, createProgram, newPartner } from "../../../../../test/support/program.ts"
import { SignOnVisitor } from "../../../../../test/support/doubles/sign-on-visitor.ts"
import type { Actor } from "../../../kernel/actor.ts"
import type { Side } from "../../../kernel/route.ts"
import { silentLog } from "../../../platform/log/log.ts"
import { openIdentityProvider } from "../../../platform/single-sign-on/identity-provider.ts"
import { makeServer } from "../../../server.ts"
import { addPerson } from "../actions/manage-people.ts"
import { issueCredential } from "../actions/sign-in.ts"
import { addPasskey, registrationOptions } from "../passkeys/actions/manage-passkeys.ts"
import { callerOptions } from "../passkeys/actions/use-passkey.ts"
import { hashOf } from "../actions/sign-in.ts"
import { endIdentityAfterRestore } from "./actions/end-identities.ts"

type Member = Actor & { person: string }

const secret = "s".repeat(40)
const client = "partner-sso"
const event = { "http://schemas.openid.net/event/backchannel-logout": {} }

let world: Program
let acting: Acting
let sso: TestProvider
let app: FastifyInstance
let console_: FastifyInstance
let partner: string
let ann: Member
let n = 0

beforeAll(async () => {
    world = await createProgram()
    const origin = "https://portal.example"
    const registered = {
        client_id: client,
        client_secret: secret,
        redirect_uris: [`${origin}/sso/${client}`],
        backchannel_logout_uri: `${origin}/api/sso/${client}/logout`,
        backchannel_logout_session_required: true,
    }
    sso = await openTestProvider({
        clients: [registered],
        onLogout: async (_, body) => (await postLogout(body)).statusCode,
    })
    const settings = { id: client, name: "Partner SSO", issuer: sso.issuer, clientId: client, clientSecret: secret }
    const provider = { ...settings, for: { domains: ["partner.example"] }, roles: null, scope: "openid" }
    const services = {
        ...world.services,
        realNow: () => Date.now(),
        log: silentLog,
        signsWithPasskeys: true,
        identityProviders: [openIdentityProvider(provider)],
    }
    acting = actingOn(services, world.clock)
    const options = { services, web: null, secureCookies: true, requestsPerMinuteMax: 100_000 }
    app = await makeServer({ ...options, side: "portal" })
    console_ = await makeServer({ ...options, side: "console" })
    partner = (await newPartner(world, "entry")).id
})
afterAll(async () => {
    await app.close()
    await console_.close()
    await sso.close()
    await world.database.close()
})
beforeEach(async () => {
    ann = await createPartnerMember(acting, partner, ["analyst"])
    sso.account = { sub: `sub-${n++}` }
})

const visit = (side: Side = "portal") => new SignOnVisitor(side, side === "portal" ? app : console_)
const postLogout = (payload: string) =>
    app.inject({
        method: "POST",
        url: `/api/sso/${client}/logout`,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        payload,
    })
const logOut = async (token: string) => {
    const answer = await postLogout(new URLSearchParams({ logout_token: token, other: "ignored" }).toString())
    return answer.json<{ code?: string }>().code ?? "done"
}
const start = "/api/connected-identities"

async function signedInByLink(member: Member): Promise<SignOnVisitor> {
    const visitor = visit(member.kind === "partner" ? "portal" : "console")
    const link = await acting(system, (ctx) => issueCredential(ctx, member.person, "link"))
    await visitor.ask("POST", "/api/session", { secret: link })
    return visitor
}

async function connect(member: Member): Promise<SignOnVisitor> {
    const visitor = await signedInByLink(member)
    const { code } = await visitor.finish(client, await visitor.begin(client, start))
    if (code !== "done") throw new Error(code)
    return visitor
}

async function signedIn(): Promise<SignOnVisitor> {
    const visitor = visit()
    const { code } = await visitor.signIn(client)
    if (code !== "done") throw new Error(code)
    return visitor
}

const isSignedIn = async (visitor: SignOnVisitor) => (await visitor.ask("GET", "/api/me")).code === "done"
const body = { provider: client, returnTo: "/" }

describe("connecting an account", () => {
    test("needs an address in the provider's domains", async () => {
        const mails = [
            "a@sub.partner.example",
            "a@partner.example.evil.example",
            "a@evil.example",
            "partner.example@x.example",
        ]
        for (const mail of mails) {
            const details = { partner, name: "Somebody", mail, roles: ["analyst"] as const }
            const person = await acting(system, (ctx) => addPerson(ctx, details))
            const visitor = await signedInByLink({ kind: "partner", partner, person, roles: ["analyst"] })
            expect((await visitor.ask("GET", start)).providers).toEqual([])
            expect((await visitor.ask("POST", start, body)).code).toBe("identity.not_for_you")
        }
        const details = { partner, name: "Somebody", mail: "B@PARTNER.example", roles: ["analyst"] as const }
        const person = await acting(system, (ctx) => addPerson(ctx, details))
        const visitor = await connect({ kind: "partner", partner, person, roles: ["analyst"] })
        const [known] = (await visitor.ask("GET", start)).providers ?? []
        expect(known).toMatchObject({ id: client, name: "Partner SSO", connectedAt: expect.any(String) })
    })

    test("is for its side only, and needs a session by a link or a passkey", async () => {
        const olga = await createStaffMember(acting, ["author"])
        expect((await (await signedInByLink(olga)).ask("POST", start, body)).code).toBe("identity.not_for_you")
        const token = await acting(system, (ctx) => issueCredential(ctx, ann.person, "token"))
        const headers = { authorization: `Bearer ${token}` }
        const answer = await app.inject({ method: "POST", url: start, headers, payload: body })
        expect(answer.json()).toMatchObject({ code: "identity.own_session_needed" })
        await connect(ann)
        expect((await (await signedIn()).ask("POST", start, body)).code).toBe("identity.own_session_needed")
    })

    test("needs a passkey of a person that has one", async () => {
        const visitor = await signedInByLink(ann)
        const session = hashOf(visitor.cookies.get("__Host-tocsin-portal") ?? "")
        const authenticator = new Authenticator()
        const at = { origin: "https://portal.example", rpId: "portal.example" }
        const { challenge } = await acting(ann, (ctx) => registrationOptions(ctx, session))
        const registration = authenticator.create(challenge, at)
        await acting(ann, (ctx) => addPasskey(ctx, session, { name: "Laptop", registration }))
        expect((await visitor.ask("POST", start, body)).code).toBe("passkey.confirmation_needed")
        const subject = { purpose: "change_passkeys", person: ann.person } as const
        const { challenge: confirmed } = await acting(ann, (ctx) => callerOptions(ctx, subject))
        const assertion = authenticator.get(confirmed, at)
        const query = await visitor.begin(client, start, { assertion })
        expect((await visitor.ask("POST", start, { ...body, assertion })).code).toBe("passkey.bad_assertion")
        expect((await visitor.finish(client, query)).code).toBe("done")
    })

    test("ends in the session that began it", async () => {
        const visitor = await signedInByLink(ann)
        const query = await visitor.begin(client, start)
        const pending = visitor.cookies.get("__Host-tocsin-portal-sign-on") ?? ""
        const another = await signedInByLink(ann)
        const other = await signedInByLink(await createPartnerMember(acting, partner, ["lead"]))
        for (const thief of [another, other, visit()]) {
            thief.cookies.set("__Host-tocsin-portal-sign-on", pending)
            const { query: fresh } = await visitorWithoutCookie()
            expect((await thief.finish(client, fresh)).code).toBe("identity.sso_refused")
        }
        expect((await visitor.finish(client, query)).code).toBe("done")

        /** A code for the same person at the provider, with this state. */
        async function visitorWithoutCookie() {
            const code = new URLSearchParams(await visit().begin(client))
            code.set("state", new URLSearchParams(query).get("state") ?? "")
            return { query: `?${code}` }
        }
    })

    test("connects one account to one person, and one person to one account", async () => {
        await connect(ann)
        const bob = await signedInByLink(await createPartnerMember(acting, partner, ["lead"]))
        expect((await bob.finish(client, await bob.begin(client, start))).code).toBe("identity.sso_refused")
        sso.account = { sub: `sub-${n++}` }
        expect((await (await signedInByLink(ann)).ask("POST", start, body)).code).toBe("identity.connected_already")
    })

    test("does not sign in, and a sign-in does not connect", async () => {
        const visitor = await signedInByLink(ann)
        const query = await visitor.begin(client, start)
        visitor.cookies.delete("__Host-tocsin-portal")
        expect((await visitor.finish(client, query)).code).toBe("identity.sso_refused")
        expect([...visitor.cookies.keys()]).not.toContain("__Host-tocsin-portal")
        const other = await signedInByLink(ann)
        expect((await other.finish(client, await other.begin(client))).code).toBe("identity.sso_refused")
        expect((await other.ask("GET", start)).providers?.[0]?.connectedAt).toBe(null)
    })
})

describe("disconnecting an account", () => {
    test("ends the sessions through it, and it can be connected again", async () => {
        const byLink = await connect(ann)
        const bySso = await signedIn()
        expect((await byLink.ask("DELETE", `${start}/${client}`)).code).toBe("done")
        expect([await isSignedIn(byLink), await isSignedIn(bySso)]).toEqual([true, false])
        expect((await visit().signIn(client)).code).toBe("identity.sso_refused")
        expect((await byLink.ask("DELETE", `${start}/${client}`)).code).toBe("identity.not_connected")
        expect((await byLink.finish(client, await byLink.begin(client, start))).code).toBe("done")
        await signedIn()
        const kinds = (await listEvents(world.database)).map(({ kind }) => kind)
        expect(kinds).toContain("identity.disconnected")
    })

    test("is in the high-water file, and is applied again after a restore", async () => {
        const byLink = await connect(ann)
        const bySso = await signedIn()
        const [row] = await world.database.db.transaction((tx) =>
            tx.query<{ id: string }>("select id from connected_identities where person_id = $1", [ann.person]),
        )
        const id = row?.id ?? ""
        expect(await acting(system, (ctx) => endIdentityAfterRestore(ctx, id))).toBe(true)
        expect(await acting(system, (ctx) => endIdentityAfterRestore(ctx, id))).toBe(false)
        expect([await isSignedIn(byLink), await isSignedIn(bySso)]).toEqual([true, false])
        const noted = await world.database.db.transaction((tx) =>
            tx.query("select kind from access_changes where subject = $1", [id]),
        )
        expect(noted).toEqual([{ kind: "credential" }])
    })
})

describe("a provider's logout", () => {
    const now = () => Math.floor(Date.now() / 1000)
    const claimsFor = (more: object = {}) => ({
        iss: sso.issuer,
        aud: client,
        iat: now(),
        exp: now() + 60,
        jti: `jti-${n++}`,
        sub: sso.account.sub,
        events: event,
        ...more,
    })

    test("by the provider itself ends one of its sessions", async () => {
        await connect(ann)
        const sids: string[] = []
        sso.onToken = (token, { sid }) => {
            sids.push(String(sid))
            return token
        }
        const [one, other] = [await signedIn(), await signedIn()]
        await sso.logOut(client, sso.account.sub, sids[0] ?? "")
        expect([await isSignedIn(one), await isSignedIn(other)]).toEqual([false, true])
        expect((await listEvents(world.database)).at(-1)).toMatchObject({
            kind: "credential.ended",
            body: { person: ann.person, credentialKind: "session", provider: client },
        })
    })

    test("of an account ends all sessions through it, and no other", async () => {
        const byLink = await connect(ann)
        const sessions = [await signedIn(), await signedIn()]
        expect(await logOut(await sso.sign(claimsFor()))).toBe("done")
        for (const session of sessions) expect(await isSignedIn(session)).toBe(false)
        expect(await isSignedIn(byLink)).toBe(true)
        expect(await logOut(await sso.sign(claimsFor({ sub: "unknown", sid: "unknown" })))).toBe("done")
    })

    test("counts once", async () => {
        await connect(ann)
        const token = await sso.sign(claimsFor())
        expect(await logOut(token)).toBe("done")
        const session = await signedIn()
        expect(await logOut(token)).toBe("identity.sso_refused")
        expect(await isSignedIn(session)).toBe(true)
    })

    test.each<[string, () => string | Promise<string>]>([
        ["a nonce", () => sso.sign(claimsFor({ nonce: "a" }))],
        ["another audience", () => sso.sign(claimsFor({ aud: "another" }))],
        ["another issuer", () => sso.sign(claimsFor({ iss: "https://evil.example" }))],
        ["no event", () => sso.sign(claimsFor({ events: {} }))],
        ["no events", () => sso.sign(claimsFor({ events: undefined }))],
        ["a text of events", () => sso.sign(claimsFor({ events: "logout" }))],
        ["no id", () => sso.sign(claimsFor({ jti: undefined }))],
        ["no subject and no session", () => sso.sign(claimsFor({ sub: undefined }))],
        ["an old date", () => sso.sign(claimsFor({ iat: now() - 600 }))],
        ["an end that is past", () => sso.sign(claimsFor({ exp: now() - 60 }))],
        ["no signature", () => new UnsecuredJWT(claimsFor()).encode()],
        [
            "the client's secret as key",
            () => new SignJWT(claimsFor()).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(secret)),
        ],
        ["nothing that is one", () => "a.b.c"],
    ])("is refused with %s", async (_, token) => {
        await connect(ann)
        const session = await signedIn()
        expect(await logOut(await token())).toBe("identity.sso_refused")
        expect(await isSignedIn(session)).toBe(true)
    })

    test("is refused on the other side, as JSON elsewhere, and without a token", async () => {
        const headers = { "content-type": "application/x-www-form-urlencoded" }
        const payload = new URLSearchParams({ logout_token: await sso.sign(claimsFor()) }).toString()
        const url = `/api/sso/${client}/logout`
        const atConsole = await console_.inject({ method: "POST", url, headers, payload })
        expect(atConsole.json()).toMatchObject({ code: "identity.sso_refused" })
        const elsewhere = await app.inject({ method: "POST", url: "/api/session", headers, payload: "secret=a" })
        expect(elsewhere.json()).toMatchObject({ code: "request.bad_type" })
        expect((await postLogout("")).json()).toMatchObject({ code: "request.invalid" })
    })

    test("of a session ends a sign-on that is under way, and no later one", async () => {
        await connect(ann)
        sso.onToken = async (token, { sid }) => {
            await sso.logOut(client, sso.account.sub, String(sid))
            return token
        }
        const visitor = visit()
        expect((await visitor.signIn(client)).code).toBe("identity.sso_refused")
        expect(await isSignedIn(visitor)).toBe(false)
        sso.onToken = (token) => token
        expect(await isSignedIn(await signedIn())).toBe(true)
    })

    test("of an account ends a sign-on that is under way, and no later one", async () => {
        await connect(ann)
        const visitor = visit()
        const query = await visitor.begin(client)
        expect(await logOut(await sso.sign(claimsFor()))).toBe("done")
        expect((await visitor.finish(client, query)).code).toBe("identity.sso_refused")
        expect(await isSignedIn(await signedIn())).toBe(true)
    })

    test("with a new key of a provider that is down ends no session", async () => {
        await connect(ann)
        const session = await signedIn()
        sso.isDown = true
        const token = await sso.sign(claimsFor(), { kid: "a-new-key" })
        expect(await logOut(token)).toMatch(/^identity\.sso_(unavailable|refused)$/)
        sso.isDown = false
        expect(await isSignedIn(session)).toBe(true)
    })
})
