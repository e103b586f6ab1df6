/**
 * Compares every route with the access table, access-table.txt, which a person wrote: which staff roles, and which
 * people of a partner in which status. A route without a row fails. The console's rows are tested by requests, the
 * portal's by the function that decides them. partner-state.test.ts sends requests to the portal, and existence.test.ts
 * asks for objects of others.
 */
import fs from "node:fs"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { PartnerRole } from "../../server/src/kernel/actor.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { makeServer } from "../../server/src/server.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { operatorRoles, partnerRoles } from "../../server/src/trust/identity/person.ts"
import { addPartner } from "../../server/src/trust/partners/actions/change-partner.ts"
import { loadPartnerStatusReader } from "../../server/src/trust/partners/actions/load-facts.ts"
import { mayUse } from "../../server/src/trust/partners/actions/check-access.ts"
import { type PartnerStatus, partnerStatuses as statuses } from "../../server/src/trust/partners/partner.ts"
import { type Acting, actingOn, createStaffMember, system, testServices } from "../support/actors.ts"
import { type TestDatabase, createDatabase, newId } from "../support/database.ts"
import { bodies } from "./request-bodies.ts"

const clock = { now: Date.parse("2025-07-08T17:00:00Z") }

/** The statuses that each phrase of the table admits. */
const statusesOf: Readonly<Record<string, readonly PartnerStatus[]>> = {
    "with cases": ["active", "restricted"],
    "not locked out": ["applicant", "invited", "active", "restricted"],
    "in every status": statuses,
}

interface Row {
    readonly staff: readonly string[]
    readonly partner: readonly string[]
    readonly statuses: readonly PartnerStatus[]
}

/** `METHOD PATH: staff ROLES; partner ROLES, STATUSES`, or `METHOD PATH: everyone`. */
function readTable(text: string): ReadonlyMap<string, Row> {
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    return new Map(lines.map((line) => readRow(line)))
}

function readRow(line: string): [string, Row] {
    const [, name = "", rights = ""] = /^(\S+ \S+): (.*)$/.exec(line) ?? []
    if (rights === "everyone") {
        return [name, { staff: ["nobody", ...operatorRoles], partner: ["nobody", ...partnerRoles], statuses }]
    }
    const staff = /staff ([a-z ]+)/.exec(rights)?.[1]?.trim() ?? ""
    const [, roles = "", status = ""] = /partner ([a-z ]+), ([a-z ]+)/.exec(rights) ?? []
    return [
        name,
        {
            staff: staff === "" ? [] : staff.split(" "),
            partner: roles === "" ? [] : roles.split(" "),
            statuses: status === "" ? [] : (statusesOf[status] ?? []),
        },
    ]
}

const table = readTable(fs.readFileSync(new URL("access-table.txt", import.meta.url), "utf8"))
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`
const routesOf = (side: "console" | "portal") =>
    allRoutes.filter((route) => route.side === side || route.side === "both")
/** Ends the token that it is called with, so it comes last. */
const signOut = "DELETE /api/session"
const isLast = (route: { method: string; path: string }) => Number(nameOf(route) === signOut)
/** The stream of changes: its answer does not end. change-stream.test.ts tests it. */
const eventStream = "GET /api/events"

let database: TestDatabase
let acting: Acting
let app: FastifyInstance
/** A token for each role; none for nobody. */
const tokens = new Map<string, string>()
const partners = new Map<PartnerStatus, string>()

beforeAll(async () => {
    database = await createDatabase()
    const services = testServices(database, clock)
    acting = actingOn(services, clock)
    for (const role of operatorRoles) {
        const { person } = await createStaffMember(acting, [role])
        tokens.set(role, await acting(system, (ctx) => issueCredential(ctx, person, "token")))
    }
    for (const status of statuses) {
        const details = { name: status, mail: `${status}@partner.example`, tier: "entry", status } as const
        partners.set(status, await acting(system, (ctx) => addPartner(ctx, details)))
    }
    const options = { services, web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 }
    app = await makeServer({ ...options, side: "console" })
})
afterAll(async () => {
    await app.close()
    await database.close()
})

test("each route has a row, and each row a route", () => {
    const routes = new Set(allRoutes.map(nameOf))
    expect([...routes].filter((route) => !table.has(route))).toEqual([])
    expect([...table.keys()].filter((route) => !routes.has(route))).toEqual([])
})

describe("staff and strangers at the console", () => {
    const refusals = new Set(["request.not_allowed", "request.not_signed_in"])

    test.each(
        routesOf("console")
            .filter((route) => nameOf(route) !== eventStream)
            .toSorted((a, b) => isLast(a) - isLast(b))
            .map((route) => [nameOf(route), route] as const),
    )("%s", async (name, route) => {
        const allowed: string[] = []
        for (const role of ["nobody", ...operatorRoles]) {
            const token = tokens.get(role)
            const answer = await app.inject({
                method: route.method as "GET",
                url: route.path.replaceAll(/\{\w+\}/g, newId()),
                headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
                ...(route.body && { payload: bodies[name] ?? {} }),
            })
            const isRefused = answer.statusCode >= 400 && refusals.has(answer.json<{ code?: string }>().code ?? "")
            if (!isRefused) allowed.push(role)
        }
        expect(allowed.toSorted()).toEqual([...(table.get(name)?.staff ?? [])].toSorted())
    })
})

describe("people of a partner in each status", () => {
    test.each(routesOf("portal").map((route) => [nameOf(route), route] as const))("%s", async (name, route) => {
        const row = table.get(name)
        const isAllowed = async (status: PartnerStatus, roles: readonly PartnerRole[]) =>
            await acting(system, async (ctx) => {
                const partner = partners.get(status) ?? ""
                const actor = { kind: "partner", person: newId(), partner, roles } as const
                return await mayUse(ctx, actor, route.permission, (id) => loadPartnerStatusReader(ctx.tx, id))
            })
        for (const status of statuses) {
            for (const role of partnerRoles) {
                const expected = (row?.partner.includes(role) ?? false) && (row?.statuses.includes(status) ?? false)
                expect([status, role, await isAllowed(status, [role])]).toEqual([status, role, expected])
            }
        }
    })
})
