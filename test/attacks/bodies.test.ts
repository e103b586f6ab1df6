/** No body is read before the caller is known, and nothing is held while a caller sends a body slowly. */
import { once } from "node:events"
import net, { type AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { FastifyInstance } from "fastify"
import type { Db } from "../../server/src/platform/postgres/db.ts"
import type { Side } from "../../server/src/kernel/route.ts"
import { type Log, silentLog } from "../../server/src/platform/log/log.ts"
import { allRoutes } from "../../server/src/routes.ts"
import { makeServer } from "../../server/src/server.ts"
import { permissions } from "../../server/src/kernel/permissions.ts"
import { removePerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { createPartnerMember, createStaffMember, system } from "../support/actors.ts"
import { type Program, type TestPartner, newPartner, createProgram } from "../support/program.ts"

const bytesMax = 14 * 1024 * 1024
const strangersBytesMax = 1024
/** The limit of an application, which has more text. */
const formBytesMax = 24 * 1024
const usualBytesMax = 256 * 1024

let world: Program
let partner: TestPartner
const transactions = { begun: 0, ended: 0 }
/** Logged errors. */
const faults: string[] = []
const log: Log = { ...silentLog, error: (kind, facts) => void faults.push(`${kind} ${JSON.stringify(facts)}`) }
const apps: FastifyInstance[] = []
const ports: Record<Side, number> = { console: 0, portal: 0 }

beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    const db: Db = {
        transaction: async (work) => {
            transactions.begun++
            return await world.database.db.transaction(work).finally(() => transactions.ended++)
        },
        statement: (sql, values) => world.database.db.statement(sql, values),
        close: async () => undefined,
    }
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000 }
    for (const side of ["console", "portal"] as const) {
        const app = await makeServer({ services: { ...world.services, db, log }, side, ...settings })
        await app.listen({ host: "127.0.0.1", port: 0 })
        apps.push(app)
        ports[side] = (app.server.address() as AddressInfo).port
    }
})
afterAll(async () => {
    for (const app of apps) await app.close()
    await world.database.close()
})

const tokenOf = (person: string) => world.acting(system, (ctx) => issueCredential(ctx, person, "token"))

const typeOf = (request: string): string => {
    if (request.includes("/taxii2/")) return "application/taxii+json"
    return request.includes("/oauth/") ? "application/x-www-form-urlencoded" : "application/json"
}

/** Sends the head of a request and one byte of its body. */
async function begun(side: Side, request: string, token = "", length = bytesMax): Promise<net.Socket> {
    const socket = net.connect(ports[side], "127.0.0.1")
    const type = typeOf(request)
    const bearer = token === "" ? "" : `Authorization: Bearer ${token}\r\n`
    const value = `Host: x\r\nConnection: close\r\n${bearer}Content-Type: ${type}\r\nContent-Length: ${length}`
    socket.on("error", () => undefined).write(`${request} HTTP/1.1\r\n${value}\r\n\r\n{`)
    return socket
}

async function answered(socket: net.Socket): Promise<string> {
    const [first] = (await once(socket, "data")) as [Buffer]
    socket.destroy()
    const [, status, code] =
        /^HTTP\/1\.1 (\d+)[^]*"(?:error_code|code|error|status)":"([^"]*)"/.exec(first.toString("latin1")) ?? []
    return `${status} ${code}`
}

const strangers: readonly (readonly [string, Side, string, () => string, string])[] = [
    ["nobody", "console", "POST /api/evidence", () => "", "401 request.not_signed_in"],
    ["a token that nobody has", "console", "POST /api/evidence", () => "A".repeat(43), "401 request.not_signed_in"],
    ["a partner's token", "console", "POST /api/evidence", () => partner.lead.person, "401 request.not_signed_in"],
    ["who may not file", "console", "POST /api/evidence", () => world.manager.person, "403 request.not_allowed"],
    ["a partner that may not", "portal", "POST /api/keys", () => partner.analyst.person, "404 request.not_found"],
    ["nobody, at no address", "portal", "POST /api/nothing", () => "", "404 request.not_found"],
    ["nobody, by another method", "portal", "PATCH /api/keys", () => "", "405 request.bad_method"],
]
test.each(strangers)("%s is refused before the body arrives", async (_, side, request, person, refusal) => {
    const name = person()
    const token = name.length === 36 ? await tokenOf(name) : name
    expect(await answered(await begun(side, request, token))).toBe(refusal)
})

/** How each protocol names a body that is too large. */
function tooLargeAt(request: string): string {
    if (request.includes("/oauth/")) return "invalid_request"
    return request.includes("/scim/") ? "413" : "request.too_large"
}

const open = allRoutes.filter(({ method, permission: needs }) => method !== "GET" && permissions[needs]?.open)
test.each(open.map(({ side, method, path, bodyMax }) => [side, `${method} ${path}`, bodyMax] as const))(
    "the body that a stranger may send on the %s to %s is small",
    async (side, request, bodyMax = strangersBytesMax) => {
        expect(bodyMax).toBeLessThanOrEqual(formBytesMax)
        const sides = side === "both" ? (["console", "portal"] as const) : [side]
        for (const side of sides) {
            expect(await answered(await begun(side, request, "", bodyMax + 1))).toBe(`413 ${tooLargeAt(request)}`)
        }
    },
)

/** Staff with every role, and a partner's member with both roles: all of them have permission for every address. */
const taking = allRoutes.filter(({ method, body }) => method !== "GET" && body !== undefined)
const sized = taking.flatMap((route) => {
    const sides = route.side === "both" ? (["console", "portal"] as const) : [route.side]
    const usual = permissions[route.permission]?.open ? strangersBytesMax : usualBytesMax
    const path = route.path.replaceAll(/\{\w+\}/g, "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c00ff")
    return sides.map((side) => [`${route.method} ${path}`, side, route.bodyMax ?? usual] as const)
})
describe("a body that is too large", () => {
    const tokens: Record<Side, string> = { console: "", portal: "" }
    beforeAll(async () => {
        const somebody = await createStaffMember(world.acting, [
            "author",
            "manager",
            "investigator",
            "approver",
            "admin",
        ])
        tokens.console = await tokenOf(somebody.person)
        tokens.portal = await tokenOf((await createPartnerMember(world.acting, partner.id, ["lead", "analyst"])).person)
    })

    test.each(sized)(
        "is refused by %s of the %s: more than %i bytes, with a length and without",
        async (request, side, max) => {
            const token = tokens[side]
            expect(await answered(await begun(side, request, token, max + 1))).toMatch(/^413 /)
            expect(await answered(await chunked(side, request, token, max + 1))).toMatch(/^413 /)
        },
    )

    test("is sent to every address that takes a body", () => {
        expect(sized.length).toBeGreaterThan(100)
        expect(faults).toEqual([])
    })
})

/** Sends a request without the length of its body. */
async function chunked(side: Side, request: string, token: string, length: number): Promise<net.Socket> {
    const socket = net.connect(ports[side], "127.0.0.1")
    const type = request.includes("/taxii2/") ? "application/taxii+json" : "application/json"
    const value = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked`
    socket.on("error", () => undefined).write(`${request} HTTP/1.1\r\n${value}\r\n\r\n`)
    socket.write(`${length.toString(16)}\r\n"${"x".repeat(length - 1)}\r\n`)
    return socket
}

test("no transaction waits for a body, and a person who has left meanwhile is refused", async () => {
    const { person } = await createStaffMember(world.acting, ["investigator"])
    const token = await tokenOf(person)
    const before = transactions.begun
    const body = JSON.stringify({ kind: "leak", source: "s", observedAt: "2025-06-23T00:00:00Z", clock: "unknown" })
    const socket = await begun("console", "POST /api/evidence", token, body.length)
    const whole = text(socket)
    // Earlier requests may still be ending.
    while (transactions.begun === before || transactions.begun > transactions.ended) await pause(10)
    await world.acting(system, (ctx) => removePerson(ctx, person))
    socket.write(body.slice(1))
    expect(await whole).toMatch(/^HTTP\/1\.1 401 /)
})
