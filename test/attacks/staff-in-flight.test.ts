/**
 * What is in progress for a staff member when a permission ends: the stream ends, and unread answers are cut. People
 * with permission are not disturbed.
 */
import { once } from "node:events"
import http from "node:http"
import net, { type AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hourMs } from "@tocsin/base/instant"
import { TextAnswer } from "../../server/src/kernel/route.ts"
import { makeServer } from "../../server/src/server.ts"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { record, route } from "../../server/src/kernel/action-context.ts"
import { sequenceEvents } from "../../server/src/trust/audit-log/actions/sequence-leaves.ts"
import type { OperatorRole } from "../../server/src/kernel/actor.ts"
import { removePerson, setRoles } from "../../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import type { CredentialKind } from "../../server/src/trust/identity/person.ts"
import { createStaffMember, system } from "../support/actors.ts"
import { type Program, newCase, createProgram } from "../support/program.ts"
import { streamOf } from "./read-stream.ts"

/** The maximum that a stalled reader is sent: more than the system buffers. */
const unreadMax = 180_000
const roles: OperatorRole[] = ["author", "manager"]
const table = route(
    { method: "GET", path: "/api/table", side: "console", permission: "statistics:read", summary: "A large table" },
    async () => new TextAnswer("a,b\n".repeat(100_000), "text/csv"),
)

let world: Program
let console_: FastifyInstance
let artifact = ""
let port = 0
const real = { now: 0 }
const faults: string[] = []

beforeAll(async () => {
    world = await createProgram()
    real.now = world.clock.now
    const id = await newCase(world, "toolshell")
    const input = { case: id, class: "summary", tlp: "RED", pap: "RED", name: "long.md" } as const
    artifact = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { ...input, content: "Sö ist es getan, für alle. ".repeat(7000) }),
    )
    await world.acting(system, async (ctx) => {
        for (let n = 0; n < 1500; n++) await record(ctx, { kind: "audit_log.exported", size: n })
    })
    await sequenceEvents(world.services)
    const log = { debug: () => 0, info: () => 0, warn: () => 0, error: (_: string, facts: object) => note(facts) }
    const note = (facts: object) => void faults.push(JSON.stringify(facts))
    const services = { ...world.services, log, realNow: () => real.now } as unknown as Program["services"]
    const options = { side: "console", web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 } as const
    console_ = await makeServer({ ...options, services, extraRoutes: [table] })
    await console_.listen({ host: "127.0.0.1", port: 0 })
    port = (console_.server.address() as AddressInfo).port
}, 120_000)
afterAll(async () => {
    await console_.close()
    await world.database.close()
})

interface Staff {
    readonly person: string
    readonly headers: Record<string, string>
}

/** A staff member with a new sign-in. */
async function staff(kind: CredentialKind): Promise<Staff> {
    const { person } = await createStaffMember(world.acting, roles)
    const secret = await world.acting(system, (ctx) =>
        issueCredential({ ...ctx, services: { ...ctx.services, realNow: () => real.now } }, person, kind),
    )
    const headers = kind === "token" ? { authorization: `Bearer ${secret}` } : { cookie: `tocsin-console=${secret}` }
    return { person, headers }
}

/** Ways to lose a permission. Each removes everything, except the last, which removes what it names. */
const ends: readonly (readonly [string, (staff: Staff) => Promise<unknown>])[] = [
    ["whose session is ended", ({ headers }) => console_.inject({ method: "DELETE", url: "/api/session", headers })],
    ["who has left", ({ person }) => world.acting(system, (ctx) => removePerson(ctx, person))],
    ["whose session has lapsed", async () => void (real.now += 13 * hourMs)],
]

describe("F-07 the console's stream", () => {
    test.each(ends)(
        "ends for a staff member %s, and for no other person",
        async (_, end) => {
            const [person, other] = [await staff("session"), await staff("token")]
            const [itsOwn, others] = [await streamOf(console_, person.headers), await streamOf(console_, other.headers)]
            expect([itsOwn.status, others.status]).toEqual([200, 200])
            await itsOwn.past(2)
            await end(person)
            await itsOwn.ended
            const then = itsOwn.frames.length
            // From here, only the other person sees events.
            await world.acting(system, (ctx) => record(ctx, { kind: "audit_log.exported", size: 0 }))
            const describe = () => others.frames.filter((frame) => frame.startsWith("event: changed")).length
            const before = describe()
            await others.past(others.frames.length + 2)
            others.close()
            expect(describe()).toBeGreaterThan(before)
            expect(itsOwn.frames).toHaveLength(then)
        },
        60_000,
    )
})

const ways: readonly (readonly [string, path: () => string, left: OperatorRole])[] = [
    ["JSON", () => `/api/artifacts/${artifact}/master`, "manager"],
    ["a table", () => "/api/table", "author"],
    ["the record", () => "/api/audit-log/export", "author"],
]

async function whole(path: string, headers: Record<string, string>): Promise<Buffer> {
    const request = http.get({ port, host: "127.0.0.1", path, headers, agent: false })
    const [answer] = (await once(request, "response")) as [http.IncomingMessage]
    expect([path, answer.statusCode]).toEqual([path, 200])
    return await buffer(answer)
}

/** Requests a path and stops reading after the first bytes. */
async function unread(path: string, headers: Record<string, string>) {
    const connected = once(console_.server, "connection")
    const client = net.connect({ host: "127.0.0.1", port })
    client.pause().on("error", () => undefined)
    const lines = Object.entries({ host: "x", ...headers, connection: "close" }).map(
        ([name, its_]) => `${name}: ${its_}`,
    )
    client.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
    const [socket] = (await connected) as [net.Socket]
    await once(client, "readable")
    const gone = new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.once("close", () => resolve())))
    return { client, gone }
}

/** Reads until more than this has arrived, or the connection is closed. */
async function read(client: net.Socket, upTo: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    let count = 0
    client
        .once("close", () => resolve(count))
        .on("data", (piece) => {
            count += piece.length
            if (count > upTo) resolve(count)
        })
    client.resume()
    return await promise.finally(() => client.destroy())
}

describe.each(ways)("B-01 the unread answer for a staff member, %s,", (_, path, left) => {
    const taken: (typeof ends)[number] = [
        "whose role is taken",
        ({ person }) => world.acting(system, (ctx) => setRoles(ctx, person, [left])),
    ]
    test.each([...ends, taken])(
        "is cut for a staff member %s, and for no other person",
        async (__, end) => {
            const [person, other] = [await staff("session"), await staff("token")]
            const length = (await whole(path(), other.headers)).length
            expect(length).toBeGreaterThan(unreadMax)
            const [cut, goesOn] = [await unread(path(), person.headers), await unread(path(), other.headers)]
            await end(person)
            await cut.gone
            expect(await read(cut.client, length)).toBeLessThan(length)
            expect(await read(goesOn.client, length)).toBeGreaterThan(length)
        },
        20_000,
    )
})

test("no request caused a server error", () => {
    expect(faults).toEqual([])
})
