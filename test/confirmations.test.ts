/** Tests every route that needs a session whose person has signed in or confirmed lately: exports, new keys. */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hashOf, issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { confirmedMs } from "../server/src/trust/identity/sessions/session.ts"
import { addPartner } from "../server/src/trust/partners/actions/change-partner.ts"
import type { Actor } from "../server/src/kernel/actor.ts"
import { allRoutes } from "../server/src/routes.ts"
import { makeServer } from "../server/src/server.ts"
import {
    type Acting,
    actingOn,
    createPartnerMember,
    createStaffMember,
    system,
    testServices,
} from "./support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "./support/database.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }
const real = { now: Date.parse("2026-01-01T00:00:00Z") }
const sides = ["console", "portal"] as const
type Side = (typeof sides)[number]

let database: TestDatabase
let acting: Acting
const people = {} as Record<Side, Actor & { person: string }>
const apps = {} as Record<Side, FastifyInstance>
let demonstration: FastifyInstance

beforeAll(async () => {
    database = await createDatabase()
    const services = { ...testServices(database, clock), realNow: () => real.now, signsWithPasskeys: true }
    acting = actingOn(services, clock)
    const details = { name: "P", mail: "p@partner.example", tier: "entry", status: "active" } as const
    const partner = await acting(system, (ctx) => addPartner(ctx, details))
    people.portal = await createPartnerMember(acting, partner, ["lead"])
    people.console = await createStaffMember(acting, ["admin", "manager", "investigator", "auditor"])
    const common = { web: null, secureCookies: false, requestsPerMinuteMax: 10_000 }
    for (const side of sides) apps[side] = await makeServer({ ...common, services, side })
    demonstration = await makeServer({
        ...common,
        services: { ...services, signsWithPasskeys: false },
        side: "console",
    })
})
afterAll(async () => {
    for (const app of [...Object.values(apps), demonstration]) await app.close()
    await database.close()
})

const confirmedRoutes = allRoutes.filter(({ needsConfirmation }) => needsConfirmation)
const cases = confirmedRoutes.flatMap(({ method, path, side }) =>
    sides
        .filter((routeSide) => side === "both" || side === routeSide)
        .map((routeSide) => [method, path, routeSide] as const),
)

test("exports, new keys, tokens and secrets, new people and their sign-in need a confirmation", () => {
    expect(confirmedRoutes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
        "GET /api/audit-log/export",
        "POST /api/attributions/{id}/disclose-keys",
        "POST /api/inquiries/{id}/export-report",
        "POST /api/keys",
        "POST /api/keys/{id}/confirm",
        "POST /api/machine-clients",
        "POST /api/mail-keys",
        "POST /api/partners/{id}/keys/{key}/accept",
        "POST /api/roster",
        "POST /api/roster/{id}/sign-in-links",
        "POST /api/staff",
        "POST /api/staff/{id}/recovery",
        "POST /api/tokens",
        "POST /api/tokens/{id}/rotation",
        "POST /api/webhooks",
        "POST /api/webhooks/{id}/rotate-secret",
        "PUT /api/machine-clients/{id}/keys",
        "PUT /api/recognition-words",
    ])
})

const isRefused = async (app: FastifyInstance, [method, path]: readonly [string, string], headers: object) => {
    const answer = await app.inject({
        method: method as "GET",
        url: path.replaceAll(/\{\w+\}/g, newId()),
        headers: { ...headers, "sec-fetch-site": "same-origin" },
        ...(method !== "GET" && { payload: bodies[path] ?? {} }),
    })
    return answer.json<{ code?: string }>().code === "identity.confirmation_needed"
}

/** Bodies that their schemas accept. */
const bodies: Readonly<Record<string, object>> = {
    "/api/tokens": { name: "SIEM" },
    "/api/keys": { recipient: "age1" },
    "/api/mail-keys": { key: "-----" },
    "/api/webhooks": { address: "https://partner.example/hook" },
}

describe.each(cases)("%s %s at the %s", (method, path, side) => {
    test("needs a session that was confirmed lately, or a token", async () => {
        const issue = (kind: "session" | "token") =>
            acting(system, (ctx) => issueCredential(ctx, people[side].person, kind))
        const [secret, token] = [await issue("session"), await issue("token")]
        const session = { cookie: `tocsin-${side}=${secret}` }
        const at = [method, path] as const
        expect(await isRefused(apps[side], at, session)).toBe(false)
        real.now += confirmedMs + 1
        expect(await isRefused(apps[side], at, session)).toBe(true)
        expect(await isRefused(apps[side], at, { authorization: `Bearer ${token}` })).toBe(false)
        if (side === "console") expect(await isRefused(demonstration, at, session)).toBe(false)
        await database.db.transaction((tx) =>
            tx.query("update credentials set confirmed_at = $2 where hash = $1", [hashOf(secret), new Date(real.now)]),
        )
        expect(await isRefused(apps[side], at, session)).toBe(false)
    })
})
