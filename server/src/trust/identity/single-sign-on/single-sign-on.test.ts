/** Tests single sign-on with a real OpenID provider, with providers that imitate it, and from other browsers. */
import { SignJWT, UnsecuredJWT } from "jose"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    createStaffMember,
    createPartnerMember,
    listEvents,
    system,
} from "../../../../../test/support/actors.ts"
import { type TestProvider, openTestProvider } from "../../../../../test/support/doubles/identity-provider.ts"
import { SignOnVisitor } from "../../../../../test/support/doubles/sign-on-visitor.ts"
import { type Program, createProgram, newPartner } from "../../../../../test/support/program.ts"
import type { Actor, OperatorRole } from "../../../kernel/actor.ts"
import type { Side } from "../../../kernel/route.ts"
import type { Services } from "../../../kernel/services.ts"
import { type ProviderSettings, openIdentityProvider } from "../../../platform/single-sign-on/identity-provider.ts"
import { silentLog } from "../../../platform/log/log.ts"
import { makeServer } from "../../../server.ts"
import { endAllSignIns } from "../actions/end-sign-ins.ts"
import { findPerson } from "../actions/load-people.ts"
import { addPerson, removePerson } from "../actions/manage-people.ts"
import { issueCredential } from "../actions/sign-in.ts"

type Member = Actor & { person: string }

const secret = "s".repeat(40)
const real = { now: Date.now() }
const reasons: unknown[] = []

let world: Program
let services: Services
let acting: Acting
let staffSso: TestProvider
let partnerSso: TestProvider
/** Another provider, which the operator did not name. */
let evil: TestProvider
const apps = new Map<Side, FastifyInstance>()
let partner: string
let n = 0

const clientOf = (client: string, redirect: string) => ({
    client_id: client,
    client_secret: secret,
    redirect_uris: [redirect],
    backchannel_logout_uri: `${new URL(redirect).origin}/api/sso/${client}/logout`,
    backchannel_logout_session_required: true,
})

const settingsOf = (id: string, { issuer }: TestProvider, more: Partial<ProviderSettings>): ProviderSettings => ({
    ...{ id, name: id, issuer, clientId: id, clientSecret: secret, for: "staff", roles: null, scope: "openid" },
    ...more,
})

/** Providers without memory: each test sees the present state of the discovery document. */
function useProviders(more: Partial<ProviderSettings> = {}): void {
    const roles = { authors: ["author"], managers: ["manager"], constructor: ["admin"] } as const
    Object.assign(services, {
        identityProviders: [
            openIdentityProvider(settingsOf("staff-sso", staffSso, more)),
            openIdentityProvider(settingsOf("grouped-sso", evil, { roles, scope: "openid groups" })),
            openIdentityProvider(settingsOf("partner-sso", partnerSso, { for: { domains: ["Partner.example"] } })),
        ],
    })
}

beforeAll(async () => {
    world = await createProgram()
    const onLogout = async (address: string, payload: string) => {
        const headers = { "content-type": "application/x-www-form-urlencoded" }
        const { host, pathname: url } = new URL(address)
        const side = host.startsWith("console") ? "console" : "portal"
        const answer = await apps.get(side)?.inject({ method: "POST", url, headers, payload })
        return answer?.statusCode ?? 404
    }
    const atConsole = (id: string) => clientOf(id, `https://console.example/sso/${id}`)
    staffSso = await openTestProvider({ clients: [atConsole("staff-sso")], onLogout })
    evil = await openTestProvider({ clients: [atConsole("staff-sso"), atConsole("grouped-sso")], onLogout })
    const portalClient = clientOf("partner-sso", "https://portal.example/sso/partner-sso")
    partnerSso = await openTestProvider({ clients: [portalClient], onLogout })
    const warn = (event: string, fields?: { code?: unknown }) => {
        if (event === "a single sign-on was refused") reasons.push(fields?.code)
    }
    services = { ...world.services, realNow: () => real.now, log: { ...silentLog, warn }, signsWithPasskeys: true }
    acting = actingOn(services, world.clock)
    for (const side of ["console", "portal"] as const) {
        const settings = { web: null, secureCookies: true, requestsPerMinuteMax: 100_000 }
        apps.set(side, await makeServer({ services, side, ...settings }))
    }
    partner = (await newPartner(world, "entry")).id
})
afterAll(async () => {
    for (const app of apps.values()) await app.close()
    for (const provider of [staffSso, partnerSso, evil]) await provider.close()
    await world.database.close()
})
beforeEach(() => {
    real.now = Date.now()
    for (const provider of [staffSso, partnerSso, evil]) {
        Object.assign(provider, { isDown: false, onDiscovery: (d: object) => d, onToken: (token: string) => token })
    }
    useProviders()
    reasons.length = 0
})

const visit = (side: Side): SignOnVisitor => {
    const app = apps.get(side)
    if (app === undefined) throw new Error("no app")
    return new SignOnVisitor(side, app)
}

async function signedInByLink(member: Member): Promise<SignOnVisitor> {
    const visitor = visit(member.kind === "partner" ? "portal" : "console")
    const link = await acting(system, (ctx) => issueCredential(ctx, member.person, "link"))
    await visitor.ask("POST", "/api/session", { secret: link })
    return visitor
}

/** Connects an account to a member, in a session by a link. */
async function connect(member: Member, id: string, provider: TestProvider, sub = `sub-${n++}`): Promise<SignOnVisitor> {
    provider.account = { sub }
    const visitor = await signedInByLink(member)
    const query = await visitor.begin(id, "/api/connected-identities")
    const { code } = await visitor.finish(id, query)
    if (code !== "done") throw new Error(code)
    return visitor
}

const staff = (...roles: OperatorRole[]) => createStaffMember(acting, roles)
const me = async (visitor: SignOnVisitor) => await visitor.ask("GET", "/api/me")

describe("single sign-on", () => {
    test("signs staff in, once their account is connected, and the log says how", async () => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        const visitor = visit("console")
        expect(await visitor.signIn("staff-sso")).toEqual({ code: "done", returnTo: "/cases?a=1" })
        expect((await me(visitor)).roles).toEqual(["author"])
        const events = (await listEvents(world.database)).slice(-10)
        expect(events).toContainEqual({
            kind: "identity.connected",
            body: expect.objectContaining({ person: olga.person, provider: "staff-sso", by: olga.person }),
        })
        expect(events.at(-1)).toMatchObject({
            kind: "credential.issued",
            body: { person: olga.person, credentialKind: "session", provider: "staff-sso" },
        })
    })

    test("ends the session that the browser had, as a link does", async () => {
        const olga = await staff("author")
        const visitor = await connect(olga, "staff-sso", staffSso)
        const earlier = visit("console")
        const keepSession = () => {
            earlier.cookies.clear()
            for (const [name, value] of visitor.cookies) earlier.cookies.set(name, value)
        }
        keepSession()
        expect((await me(earlier)).code).toBe("done")
        expect((await visitor.signIn("staff-sso")).code).toBe("done")
        expect((await me(earlier)).code).toBe("request.not_signed_in")
        keepSession()
        const secret = await acting(system, (ctx) => issueCredential(ctx, olga.person, "link"))
        expect((await visitor.ask("POST", "/api/session", { secret })).code).toBe("done")
        expect((await me(earlier)).code).toBe("request.not_signed_in")
        expect((await me(visitor)).code).toBe("done")
    })

    test("a link of another person replaces a session only where its person agrees", async () => {
        const [first, second] = [await staff("author"), await staff("approver")]
        const visitor = await signedInByLink(first)
        const secret = await acting(system, (ctx) => issueCredential(ctx, second.person, "link"))
        const refused = await visitor.ask("POST", "/api/session", { secret })
        expect(refused.code).toBe("identity.other_person_signed_in")
        expect((await me(visitor)).roles).toEqual(["author"])
        expect((await visitor.ask("POST", "/api/session", { secret, replacesSession: true })).code).toBe("done")
        expect((await me(visitor)).roles).toEqual(["approver"])
    })

    test("signs a partner's person in, at the portal only", async () => {
        const ann = await createPartnerMember(acting, partner, ["analyst"])
        await connect(ann, "partner-sso", partnerSso)
        const visitor = visit("portal")
        expect((await visitor.signIn("partner-sso")).code).toBe("done")
        expect((await me(visitor)).code).toBe("done")
        const atConsole = visit("console")
        const start = { provider: "partner-sso", returnTo: "/" }
        expect((await atConsole.ask("POST", "/api/session/sso/start", start)).code).toBe("identity.sso_refused")
        atConsole.cookies.set("__Host-tocsin-console-sign-on", visitor.cookies.get("__Host-tocsin-portal") ?? "")
        expect((await atConsole.finish("partner-sso", "?code=a")).code).toBe("identity.sso_refused")
    })

    test("lists the program's providers at the console; the portal lists only the one that is named", async () => {
        const listed = async (side: Side, query: string) =>
            (await apps.get(side)?.inject({ url: `/api/session/sso${query}` }))?.json<{ providers: { id: string }[] }>()
        const partnerProvider = { id: "partner-sso", name: "partner-sso" }
        expect((await listed("console", ""))?.providers.map(({ id }) => id)).toEqual(["staff-sso", "grouped-sso"])
        expect(await listed("portal", "?provider=partner-sso")).toEqual({ providers: [partnerProvider] })
        for (const query of ["", "?provider=", "?provider=partner", "?provider=unknown-sso", "?provider=staff-sso"]) {
            expect(await listed("portal", query)).toEqual({ providers: [] })
        }
    })

    test.each(["console", "portal"] as const)("answers the same for an unknown provider at the %s", async (side) => {
        const known = side === "console" ? "staff-sso" : "partner-sso"
        const visitor = visit(side)
        const headers = { "content-type": "application/x-www-form-urlencoded" }
        const logout = async (id: string) => {
            const request = { method: "POST", url: `/api/sso/${id}/logout`, headers, payload: "logout_token=a.b.c" }
            const answer = await apps.get(side)?.inject(request as never)
            return { status: answer?.statusCode, body: answer?.json<object>() }
        }
        expect(await visitor.finish("unknown-sso", "?code=a")).toEqual(await visitor.finish(known, "?code=a"))
        expect(await logout("unknown-sso")).toEqual(await logout(known))
        const start = { provider: "unknown-sso", returnTo: "/" }
        expect((await visitor.ask("POST", "/api/session/sso/start", start)).code).toBe("identity.sso_refused")
    })

    test("answers a signed-in person the same for an unknown provider and for that of others", async () => {
        const mail = "ann@elsewhere.example"
        const person = await acting(system, (ctx) =>
            addPerson(ctx, { partner, name: "Ann", mail, roles: ["analyst"] as const }),
        )
        const visitor = await signedInByLink({ kind: "partner", partner, person, roles: ["analyst"] })
        const begin = (provider: string) =>
            visitor.ask("POST", "/api/connected-identities", { provider, returnTo: "/" })
        expect((await begin("unknown-sso")).code).toBe("identity.not_for_you")
        expect(await begin("unknown-sso")).toEqual(await begin("partner-sso"))
    })

    test("is refused after the `id` of the provider was changed", async () => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        await world.database.db.transaction((tx) =>
            tx.query("update connected_identities set provider = 'earlier' where person_id = $1", [olga.person]),
        )
        expect((await visit("console").signIn("staff-sso")).code).toBe("identity.sso_refused")
        expect(reasons.at(-1)).toBe("other_id")
    })

    test("works after the provider has changed its key", async () => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        expect((await visit("console").signIn("staff-sso")).code).toBe("done")
        await staffSso.rotateKey()
        expect((await visit("console").signIn("staff-sso")).code).toBe("done")
    })

    test("keeps no subject, and no token", async () => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso, "a-subject-to-find")
        const [row] = await world.database.db.transaction((tx) =>
            tx.query<{ text: string }>(
                `select string_agg(text, '') as text from (select i::text as text from connected_identities i
                 union all select c::text from credentials c union all select body::text from events) rows`,
            ),
        )
        expect(row?.text).not.toContain("a-subject-to-find")
        expect(row?.text).not.toContain(Buffer.from("a-subject-to-find").toString("hex"))
    })
})

describe("single sign-on is refused", () => {
    /** Finishes a sign-on, and returns its refusal with the reason in the log. */
    const refusal = async (visitor: SignOnVisitor, provider: string, query: string) => {
        const { code } = await visitor.finish(provider, query)
        return `${code}: ${String(reasons.at(-1))}, ${(await me(visitor)).code}`
    }
    const refusedAs = (reason: string) => `identity.sso_refused: ${reason}, request.not_signed_in`
    const refused = /^identity\.sso_refused: \w+, request\.not_signed_in$/

    test("for an unknown account with the verified address of a person", async () => {
        const olga = await staff("author")
        const person = await acting(system, (ctx) => findPerson(ctx, olga.person))
        for (const isVerified of [true, false]) {
            staffSso.account = { sub: `new-${isVerified}`, email: person?.mail ?? "", email_verified: isVerified }
            const visitor = visit("console")
            expect(await refusal(visitor, "staff-sso", await visitor.begin("staff-sso"))).toBe(
                refusedAs("unknown_account"),
            )
        }
    })

    test("in another browser, with the query of this one", async () => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        const visitor = visit("console")
        const query = await visitor.begin("staff-sso")
        expect(await refusal(visit("console"), "staff-sso", query)).toBe(refusedAs("not_begun_here"))
        const other = visit("console")
        await other.begin("staff-sso")
        expect(await refusal(other, "staff-sso", query)).toMatch(refused)
        expect((await visitor.finish("staff-sso", query)).code).toBe("done")
    })

    test("a second time, with the same cookie and code", async () => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        const visitor = visit("console")
        const query = await visitor.begin("staff-sso")
        const cookie = [...visitor.cookies]
        expect((await visitor.finish("staff-sso", query)).code).toBe("done")
        expect([...visitor.cookies.keys()]).toEqual(["__Host-tocsin-console"])
        const again = visit("console")
        for (const [name, value] of cookie) again.cookies.set(name, value)
        expect(await refusal(again, "staff-sso", query)).toMatch(refused)
        const another = visit("console")
        for (const [name, value] of cookie) another.cookies.set(name, value)
        const other = new URLSearchParams(await visit("console").begin("staff-sso"))
        other.set("state", new URLSearchParams(query).get("state") ?? "")
        expect(await refusal(another, "staff-sso", `?${other}`)).toMatch(refused)
    })

    test("after ten minutes, and with a cookie that was changed", async () => {
        const visitor = visit("console")
        const query = await visitor.begin("staff-sso")
        const [[name = "", value = ""] = []] = visitor.cookies
        visitor.cookies.set(name, `${value.slice(0, -4)}AAAA`)
        expect(await refusal(visitor, "staff-sso", query)).toBe(refusedAs("not_begun_here"))
        visitor.cookies.set(name, value)
        real.now += 10 * 60_000
        expect(await refusal(visitor, "staff-sso", query)).toBe(refusedAs("not_begun_here"))
    })

    test("for another state, the answer of another provider, and an error", async () => {
        const visitor = visit("console")
        const query = new URLSearchParams(await visitor.begin("staff-sso"))
        expect(query.get("iss")).toBe(staffSso.issuer)
        const changed = (name: string, value: string | null) => {
            const copy = new URLSearchParams(query)
            if (value === null) copy.delete(name)
            else copy.set(name, value)
            return `?${copy}`
        }
        for (const each of [
            changed("state", "A".repeat(43)),
            changed("state", null),
            changed("iss", evil.issuer),
            changed("iss", null),
            changed("code", null),
            `${changed("state", query.get("state"))}&state=other`,
            changed("error", "access_denied"),
            "",
        ])
            expect(await refusal(visitor, "staff-sso", each)).toMatch(refused)
        const other = visit("console")
        await other.begin("staff-sso")
        expect(await refusal(other, "grouped-sso", `?${query}`)).toBe(refusedAs("not_begun_here"))
    })

    test.each<[string, (token: string, claims: object, of: () => TestProvider) => string | Promise<string>]>([
        ["another audience", (_, claims, of) => of().sign({ ...claims, aud: "another" })],
        ["two audiences and another party", (_, c, of) => of().sign({ ...c, aud: ["staff-sso", "b"], azp: "b" })],
        ["another issuer", (_, claims, of) => of().sign({ ...claims, iss: evil.issuer })],
        ["another nonce", (_, claims, of) => of().sign({ ...claims, nonce: "another" })],
        ["no nonce", (_, claims, of) => of().sign({ ...claims, nonce: undefined })],
        ["an end that is past", (_, claims, of) => of().sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 60 })],
        ["no subject", (_, claims, of) => of().sign({ ...claims, sub: "" })],
        ["the signature of another provider", (_, claims) => evil.sign(claims as never)],
        ["no signature", (_, claims) => new UnsecuredJWT(claims as never).encode()],
        [
            "the client's secret as key",
            (_, claims) => new SignJWT(claims as never).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(secret)),
        ],
        ["a changed body", (token) => token.replace(/\.[^.]+\./, (part) => `${part.slice(0, -3)}AA.`)],
        ["no token at all", () => ""],
    ])("for a token with %s", async (_, change) => {
        const olga = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        staffSso.onDiscovery = (document) => ({
            ...document,
            id_token_signing_alg_values_supported: ["none", "HS256", "RS256"],
        })
        staffSso.onToken = (token, claims) => change(token, claims, () => staffSso)
        useProviders({ scope: "openid email" })
        const visitor = visit("console")
        expect(await refusal(visitor, "staff-sso", await visitor.begin("staff-sso"))).toMatch(refused)
        staffSso.onToken = (token) => token
        expect((await visit("console").signIn("staff-sso")).code).toBe("done")
    })

    test("for a person who left, and for one with a renewed link", async () => {
        for (const end of [removePerson, endAllSignIns]) {
            const olga = await staff("author")
            await connect(olga, "staff-sso", staffSso)
            const visitor = visit("console")
            expect((await visitor.signIn("staff-sso")).code).toBe("done")
            await acting<unknown>(system, (ctx) => end(ctx, olga.person))
            expect((await me(visitor)).code).toBe("request.not_signed_in")
            const again = visit("console")
            expect(await refusal(again, "staff-sso", await again.begin("staff-sso"))).toBe(refusedAs("unknown_account"))
        }
    })

    test.each(["//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "/\t/evil.example", "cases", ""])(
        "with the return address %j",
        async (returnTo) => {
            const start = { provider: "staff-sso", returnTo }
            const visitor = visit("console")
            expect((await visitor.ask("POST", "/api/session/sso/start", start)).code).toBe("request.invalid")
        },
    )
})

describe("a provider's document", () => {
    const startCode = async () =>
        (await visit("console").ask("POST", "/api/session/sso/start", { provider: "staff-sso", returnTo: "/" })).code

    test.each<[string, (document: Record<string, unknown>) => object]>([
        ["of another issuer", (document) => ({ ...document, issuer: evil.issuer })],
        ["with a slash more", (document) => ({ ...document, issuer: `${staffSso.issuer}/` })],
        ["with only weak signatures", (d) => ({ ...d, id_token_signing_alg_values_supported: ["none", "HS256"] })],
        ["with a script as address", (d) => ({ ...d, authorization_endpoint: "javascript:alert(1)//localhost" })],
        ["with an address without https", (d) => ({ ...d, token_endpoint: "http://sso.example/token" })],
        ["without keys", ({ jwks_uri: _, ...document }) => document],
    ])("%s is not used", async (_, change) => {
        staffSso.onDiscovery = change
        useProviders()
        expect(await startCode()).toBe("identity.sso_unavailable")
    })

    test("with a token address inside is never called", async () => {
        staffSso.onDiscovery = (document) => ({ ...document, token_endpoint: "https://169.254.169.254/token" })
        useProviders()
        const visitor = visit("console")
        const query = await visitor.begin("staff-sso")
        expect((await visitor.finish("staff-sso", query)).code).toBe("identity.sso_unavailable")
    })

    test("is asked for once, and a failure is kept for some seconds", async () => {
        const documents = () => staffSso.requested.filter((path) => path.includes("openid-configuration")).length
        const before = documents()
        await startCode()
        await startCode()
        expect(documents()).toBe(before + 1)
        staffSso.isDown = true
        useProviders()
        expect([await startCode(), await startCode()]).toEqual(Array(2).fill("identity.sso_unavailable"))
        expect(documents()).toBe(before + 2)
    })

    test("of a provider that is down refuses its own sign-ins only", async () => {
        const olga = await staff("author")
        const grouped = await staff("author")
        await connect(olga, "staff-sso", staffSso)
        await connect(grouped, "grouped-sso", evil)
        const visitor = visit("console")
        const query = await visitor.begin("staff-sso")
        staffSso.isDown = true
        expect((await visitor.finish("staff-sso", query)).code).toBe("identity.sso_unavailable")
        evil.account = { ...evil.account, groups: ["authors"] }
        expect((await visit("console").signIn("grouped-sso")).code).toBe("done")
        expect((await me(await signedInByLink(olga))).code).toBe("done")
    })
})

describe("groups", () => {
    const token = { name: "tool", scopes: ["poll"] }

    const signInWith = async (groups: unknown) => {
        evil.account = { ...evil.account, groups }
        const visitor = visit("console")
        const { code } = await visitor.signIn("grouped-sso")
        return { visitor, code }
    }

    test("narrow the roles of a session, and add none", async () => {
        await connect(await staff("author", "approver"), "grouped-sso", evil)
        const { visitor } = await signInWith(["authors", "managers", "approvers"])
        expect((await me(visitor)).roles).toEqual(["author"])
        expect((await visitor.ask("GET", "/api/partners")).code).toBe("done")
        expect((await visitor.ask("POST", "/api/approvals/signature-options", {})).code).toBe("request.not_allowed")
        const passkey = await visitor.ask("POST", "/api/passkeys/registration-options", {})
        expect(passkey.code).toBe("identity.session_limited")
    })

    test("do not stop a session with fewer roles from ending sessions", async () => {
        await connect(await staff("author", "approver"), "grouped-sso", evil)
        const { visitor } = await signInWith(["authors"])
        const { visitor: other } = await signInWith(["authors"])
        expect((await visitor.ask("DELETE", "/api/sessions")).code).toBe("done")
        expect((await other.ask("GET", "/api/me")).code).toBe("request.not_signed_in")
        expect((await visitor.ask("GET", "/api/me")).code).toBe("done")
    })

    test.each([
        ["no group", []],
        ["no list", "authors"],
        ["a group without a role", ["managers"]],
        ["a name of the language", ["constructor", "__proto__", "toString"]],
        ["an object", [{ name: "authors" }]],
        ["nothing", undefined],
    ])("refuse a person with %s", async (_, groups) => {
        await connect(await staff("author"), "grouped-sso", evil)
        expect((await signInWith(groups)).code).toBe("identity.sso_refused")
        expect(reasons.at(-1)).toBe("no_role")
    })

    test("do not limit a session of a provider without a map", async () => {
        await connect(await staff("author", "approver"), "staff-sso", staffSso)
        const visitor = visit("console")
        await visitor.signIn("staff-sso")
        expect((await me(visitor)).roles).toEqual(["author", "approver"])
    })

    test("neither add a first passkey nor make a link or a token", async () => {
        await connect(await staff("author"), "staff-sso", staffSso)
        const visitor = visit("console")
        await visitor.signIn("staff-sso")
        for (const path of ["/api/passkeys/registration-options", "/api/sign-in-links"]) {
            expect((await visitor.ask("POST", path, {})).code).toBe("identity.own_session_needed")
        }
        expect((await visitor.ask("POST", "/api/tokens", token)).code).toBe("identity.confirmation_needed")
    })
})
