import { Check } from "typebox/value"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createPartnerMember,
    createStaffMember,
    testServices,
} from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import type { Input, Route } from "../../kernel/route.ts"
import { partnerRoutes } from "../../share/release/routes/change-partner.ts"
import { loadApproval } from "../approvals/actions/load-approvals.ts"
import { signApproval } from "../approvals/actions/request-approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { addAgreement } from "./agreements/actions/accept-agreement.ts"
import { addPartner } from "./actions/change-partner.ts"
import { consoleRoutes } from "./routes/partners.ts"
import { portalRoutes } from "./routes/portal.ts"

const clock = { now: Date.parse("2025-06-23T00:00:00Z") }
let database: TestDatabase
let acting: Acting
let olga: Actor & { person: string }
let omar: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    olga = await createStaffMember(acting, ["manager"])
    omar = await createStaffMember(acting, ["approver"])
})
afterAll(() => database.close())

type Asked = Partial<Record<"body" | "params", Record<string, unknown>>>

/** Calls a route as the server does: what it takes and what it answers must fit its schemas. */
async function call(actor: Actor, named: string, request: Asked = {}): Promise<Record<string, unknown>> {
    const routes: Route<ActionContext>[] = [...consoleRoutes, ...partnerRoutes, ...portalRoutes]
    const side = actor.kind === "partner" ? "portal" : "console"
    const found = routes.find(
        (route) => `${route.method} ${route.path}` === named && (route.side === side || route.side === "both"),
    )
    if (!found) throw new Error(`there is no route ${named} on the ${side}`)
    const input = { body: request.body ?? {}, params: request.params ?? {}, query: {}, credential: null }
    if (found.body) expect(Check(found.body, input.body)).toBe(true)
    if (found.params) expect(Check(found.params, input.params)).toBe(true)
    const answer = await acting(actor, (ctx) =>
        found.handler({ ...ctx, ...input } as ActionContext & Input<never, never, never>),
    )
    if (!found.answer || !Check(found.answer, answer)) throw new Error(`${named} answers ${JSON.stringify(answer)}`)
    return answer as Record<string, unknown>
}

async function sign(id: unknown): Promise<void> {
    const { effectsHash } = await acting(omar, (ctx) => loadApproval(ctx, String(id)))
    await acting(omar, (ctx) => signApproval(ctx, String(id), effectsHash))
}

test("a partner joins: invited by one, admitted by two, and reads its own page", async () => {
    const version = await acting(olga, (ctx) => addAgreement(ctx, "No offensive use.", 365))
    const details = { name: "Acme Security", mail: "psirt@acme.example", tier: "entry", status: "applicant" }
    const { id } = await call(olga, "POST /api/partners", { body: details })
    const params = { id }
    const move = (status: string, approval?: unknown) =>
        call(olga, "PUT /api/partners/{id}/status", {
            params,
            body: { status, ...(approval !== undefined && { approval }) },
        })
    expect(await move("invited")).toEqual({ done: true, approval: null })
    const lead = { name: "Lea", mail: "lea@acme.example", roles: ["lead"] }
    const request = await call(olga, "POST /api/partners/{id}/roster", { params, body: lead })
    expect(request).toEqual({ done: false, approval: expect.any(String) })
    await sign(request["approval"])
    const signed = { params, body: { ...lead, approval: request["approval"] } }
    const joined = await call(olga, "POST /api/partners/{id}/roster", signed)
    expect(joined).toEqual({ done: true, approval: request["approval"], person: expect.any(String) })
    const waiting = await move("active")
    expect(waiting).toMatchObject({ done: false, approval: expect.any(String) })
    expect(await move("active")).toEqual(waiting)
    expect(await awaitRefusalCode(move("active", waiting["approval"]))).toBe("approval.not_signed")
    await sign(waiting["approval"])
    expect(await move("active", waiting["approval"])).toEqual({ done: true, approval: waiting["approval"] })
    expect(await awaitRefusalCode(move("declined"))).toBe("partner.needs_measure")

    const lea: Actor = { kind: "partner", partner: String(id), person: String(joined["person"]), roles: ["lead"] }
    await call(lea, "POST /api/agreements/accept", { body: { version } })
    expect(await call(lea, "GET /api/me")).toMatchObject({
        person: { name: "Lea", roles: ["lead"] },
        partner: { id, name: "Acme Security", status: "active", agreement: "accepted", keys: [] },
    })
    expect(await call(olga, "GET /api/partners/{id}", { params })).toMatchObject({
        roster: [{ name: "Lea" }],
        history: [
            { fact: "tier", value: "entry", by: olga.person },
            { fact: "status", value: "applicant" },
            { fact: "status", value: "invited" },
            { fact: "status", value: "active", from: "2025-06-23T00:00:00Z" },
        ],
        acceptances: [{ version, endsAt: "2026-06-23T00:00:00Z" }],
    })
    const { partners } = await call(olga, "GET /api/partners")
    expect(partners).toMatchObject([{ id, name: "Acme Security", usableKeys: 0, restriction: null }])
})

describe("on the portal", () => {
    const details = { mail: "psirt@acme.example", tier: "entry", status: "suspended" } as const

    test("a partner reads its own data in every status, and never its restriction or another partner", async () => {
        const id = await acting(olga, (ctx) => addPartner(ctx, { ...details, name: "Globex" }))
        await acting(olga, (ctx) => addPartner(ctx, { ...details, name: "Unseen" }))
        const analyst = await createPartnerMember(acting, id, ["analyst"])
        const answers = [
            await call(analyst, "GET /api/me"),
            await call(analyst, "GET /api/keys"),
            await call(analyst, "GET /api/roster"),
            await call(analyst, "GET /api/agreements"),
        ]
        const text = JSON.stringify(answers)
        expect(text).toContain("Globex")
        expect(text).not.toMatch(/Unseen|Acme|restriction/)
    })

    test("leads write and all persons read; a test copy is for all persons, a confirmation copy for leads", () => {
        const saying = "/api/keys/{id}/test"
        const confirming = "/api/keys/{id}/confirm"
        expect(portalRoutes.filter(({ path }) => path === saying).map(({ permission }) => permission)).toEqual([
            "own:read",
            "own:report",
        ])
        const others = portalRoutes.filter(({ side, path }) => side === "portal" && path !== saying)
        const writing = ["own:lead", "own:extend"]
        for (const { method, path, permission } of others)
            expect(method === "GET" && path !== confirming ? ["own:read"] : writing).toContain(permission)
    })
})

test("no route accepts an unknown field", () => {
    const takes = [...consoleRoutes, ...portalRoutes].flatMap((route) => [route.body ?? [], route.params ?? []].flat())
    expect(takes.length).toBeGreaterThan(10)
    const shapes = takes.flatMap((schema) => ("anyOf" in schema ? (schema.anyOf as readonly object[]) : schema))
    for (const shape of shapes) expect(shape).toMatchObject({ additionalProperties: false })
})
