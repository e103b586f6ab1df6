/**
 * What is in progress for a partner when it is locked out: unread answers are cut on every channel, not only downloads.
 */
import { once } from "node:events"
import http, { type ServerResponse } from "node:http"
import net, { type AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { artifactClasses } from "../../server/src/share/artifacts/artifact.ts"
import { addArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../../server/src/share/artifacts/actions/recall-artifact.ts"
import { openCase } from "../../server/src/share/cases/actions/open-case.ts"
import { agreeEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { commonId, aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { planWaves } from "../../server/src/share/waves/actions.ts"
import { restrictPartner, suspendPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { setAccessList } from "../../server/src/trust/partners/roster/actions/manage-access-lists.ts"
import { removePerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { system } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import { type Portal, openPortal, createToken } from "../support/polled-pages.ts"
import { type Program, type TestPartner, releaseWaveNow, newPartner, createProgram } from "../support/program.ts"

const textsOfIt = 700
/** The interval between two looks at running answers. */
const lookedAt = 600
/** The maximum that a stalled reader is sent: more than the system buffers. */
const unreadMax = 180_000

let world: Program
let portal: Portal
let caseId: string
let port = 0
/** Its longest text, and the CSAF document. */
let guidance = ""
let document = ""

beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-07-04T17:00:00Z")
    caseId = await largeCase()
    portal = await openPortal(world)
    await portal.app.listen({ host: "127.0.0.1", port: 0 })
    port = (portal.app.server.address() as AddressInfo).port
    const authorization = `Bearer ${await createToken(world, await newPartner(world, "validate"))}`
    const index = await whole("/csaf/partner/red/index.txt", authorization)
    const id = commonId(world.services.keys, "csaf-ids", [guidance])
    document =
        index
            .toString()
            .split("\n")
            .find((path) => path.includes(id)) ?? ""
}, 120_000)
afterAll(async () => {
    await portal.app.close()
    await world.database.close()
})

const short = { class: "summary", tlp: "RED", pap: "RED", content: "# More\n" } as const

/** Creates one of many texts, which appear in every list. */
async function largeCase(): Promise<string> {
    const { acting, author, clock } = world
    const id = await acting(author, async (ctx) => {
        const about = { cve: "CVE-2025-49704", cwe: "CWE-94", products: [], score: 8.8 }
        const vulnerabilities = [{ ...about, vector: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }]
        const opened = await openCase(ctx, { title: "A title ".repeat(20), vulnerabilities, finder: "f" })
        await agreeEmbargo(ctx, opened, clock.now + dayMs)
        await planWaves(ctx, opened)
        return opened
    })
    const texts: string[] = []
    for (let n = 0; n < textsOfIt; n++) {
        const labels = { tlp: "RED", pap: "RED" } as const
        const content = `# Text ${n}\n\n${"It is told at length. ".repeat(50)}\n`
        const input = { case: id, class: "summary", ...labels, name: `${"long-".repeat(18)}${n}.md`, content } as const
        texts.push(await acting(author, (ctx) => addArtifact(ctx, input)))
    }
    clock.now += 1000
    const value = "Sö ist es getan, für alle. ".repeat(7000)
    const long = {
        case: id,
        class: "guidance",
        tlp: "RED",
        pap: "RED",
        name: "guidance.md",
        content: value,
    } as const
    guidance = await acting(author, (ctx) => addArtifact(ctx, long))
    texts.push(guidance)
    await releaseWaveNow(world, id, "validate", texts)
    return id
}

const ways: readonly (readonly [string, (partner: TestPartner) => string])[] = [
    ["a TAXII page", () => "/taxii2/api/collections/warnings/objects/?limit=1000"],
    ["a TAXII page, asked for again", () => "/taxii2/api/collections/warnings/objects/?limit=1000&again"],
    ["a CSAF feed", () => "/csaf/partner/red/feed-red.json"],
    ["a CSAF document", () => `/csaf/partner/red/${document}`],
    ["a MISP event", ({ id }) => `/api/warnings/${aliasFor(world.services.keys, id, "warning", caseId)}/misp`],
    ["the list of warnings", () => "/api/warnings"],
    ["a copy", ({ id }) => `/api/artifacts/${aliasFor(world.services.keys, id, "artifact", guidance)}/copy`],
]

/** Tricks of a stalled reader that make it look active to the server. */
const tricks: readonly (readonly [string, (client: net.Socket) => unknown])[] = [
    ["sends one byte", (client) => client.write("G")],
    ["asks for something else", (client) => client.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")],
    ["ends its side", (client) => client.end()],
    ["ends its side behind a byte", (client) => client.end("G")],
    ["sends what is no request", (client) => client.write("\r\nno request\r\n\r\n")],
]

/** Reads a full answer over a separate connection, with `close` like single requests. */
async function whole(path: string, authorization: string): Promise<Buffer> {
    const request = http.get({ port, host: "127.0.0.1", path, headers: { authorization }, agent: false })
    const [answer] = (await once(request, "response")) as [http.IncomingMessage]
    expect([path, answer.statusCode]).toEqual([path, 200])
    return await buffer(answer)
}

/** Requests a path; the system has the whole answer, and the client reads none of it. */
async function unread(path: string, authorization: string, connection = "close") {
    const [connected, requests] = [once(portal.app.server, "connection"), once(portal.app.server, "request")]
    const client = net.connect({ host: "127.0.0.1", port })
    client.pause().on("error", () => undefined)
    client.write(
        `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nconnection: ${connection}\r\n\r\n`,
    )
    const [socket] = (await connected) as [net.Socket]
    const [, response] = (await requests) as [unknown, ServerResponse]
    if (!response.writableFinished) await once(response, "finish")
    return { client, gone: socket.destroyed ? Promise.resolve() : once(socket, "close") }
}

async function read(client: net.Socket): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    let count = 0
    client.on("data", (piece) => (count += piece.length)).once("close", () => resolve(count))
    client.resume()
    return await promise
}

type End = (partner: TestPartner) => Promise<unknown>
const ends: readonly (readonly [string, End])[] = [
    [
        "B-01 is suspended",
        ({ id }) => world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: id, reason: "it leaked" })),
    ],
    [
        "B-07 is taken out of the case",
        ({ id }) => {
            const subject = { withhold: [...artifactClasses], notBeforePublication: false, cases: [caseId] }
            const on = { ...subject, partner: id, reason: "its own product" }
            return world.acting(world.manager, (ctx) => restrictPartner(ctx, on))
        },
    ],
    [
        "A-15 leaves this reader outside the circle",
        ({ lead }) => world.acting(lead, (ctx) => setAccessList(ctx, caseId, [lead.person])),
    ],
]

describe.each(ends)("an answer requested before its partner %s, and unread until after", (__, end) => {
    test.each(ways)("is cut: %s", async (_, pathFor) => {
        const [partner, other] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
        const [value, item] = [
            `Bearer ${await createToken(world, partner)}`,
            `Bearer ${await createToken(world, other)}`,
        ]
        const isAgain = pathFor(partner).endsWith("&again")
        const path = (partner: TestPartner) => pathFor(partner).replace("&again", "")
        if (isAgain) for (const item of [1, 2]) expect((await whole(path(partner), value)).length).toBeGreaterThan(item)
        const length = (await whole(path(other), item)).length
        expect(length).toBeGreaterThan(unreadMax)
        const [cut, goesOn] = [await unread(path(partner), value), await unread(path(other), item)]
        await end(partner)
        // A change for everyone takes nothing from people with permission.
        await world.acting(world.author, (ctx) =>
            addArtifact(ctx, { ...short, case: caseId, name: `more-${newId()}.md` }),
        )
        await cut.gone
        expect(await read(cut.client)).toBeLessThan(length)
        // A partner that was not locked out gets everything.
        const total = read(goesOn.client)
        goesOn.client.end()
        expect(await total).toBeGreaterThan(length)
    })
})

describe.each(tricks)("an answer for a reader that %s, at its partner's suspension", (__, trick) => {
    test.each(ways.filter(([way]) => !way.endsWith("again")))("is cut: %s", async (_, pathFor) => {
        const partner = await newPartner(world, "validate")
        const authorization = `Bearer ${await createToken(world, partner)}`
        const length = (await whole(pathFor(partner), authorization)).length
        expect(length).toBeGreaterThan(unreadMax)
        const { client, gone } = await unread(pathFor(partner), authorization, "keep-alive")
        trick(client)
        await pause(lookedAt)
        await world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "it leaked" }))
        await gone
        expect(await read(client)).toBeLessThan(unreadMax)
    })
})

test("a request behind an unread answer is decided in order, and after the partner's suspension", async () => {
    const partner = await newPartner(world, "validate")
    const authorization = `Bearer ${await createToken(world, partner)}`
    const path = `/api/warnings/${aliasFor(world.services.keys, partner.id, "warning", caseId)}`
    const client = net.connect({ host: "127.0.0.1", port }).pause()
    client.on("error", () => undefined)
    const first = `GET /api/events HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`
    client.write(first + first.replace("/api/events", path))
    await once(portal.app.server, "request")
    await pause(lookedAt)
    await world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "it leaked" }))
    // The stream continues for readers of letters, until the credential ends.
    await world.acting(system, (ctx) => removePerson(ctx, partner.analyst.person))
    let text = ""
    client.on("data", (piece) => (text += piece.toString())).resume()
    while (!/^HTTP\/1.1 (?!200)/m.test(text) && !client.closed) await pause(50)
    client.destroy()
    expect(text).not.toContain("A title")
})

test("answers requested before a recall and unread until after it are cut, on each channel", async () => {
    const list = await Promise.all(
        ways.map(async ([way, pathFor]) => {
            const partner = await newPartner(world, "validate")
            const authorization = `Bearer ${await createToken(world, partner)}`
            const ofType = way.startsWith("a TAXII") ? "&match[type]=course-of-action" : ""
            return { way, authorization, path: pathFor(partner).replace("&again", "") + ofType }
        }),
    )
    const cut: { way: string; length: number; under: Awaited<ReturnType<typeof unread>> }[] = []
    for (const { way, authorization, path } of list) {
        const length = (await whole(path, authorization)).length
        expect([way, length > unreadMax]).toEqual([way, true])
        cut.push({ way, length, under: await unread(path, authorization) })
    }
    await world.acting(world.author, (ctx) => recallArtifact(ctx, guidance, { version: null, reason: "It was wrong." }))
    for (const { way, length, under } of cut) {
        await under.gone
        expect([way, (await read(under.client)) < length]).toEqual([way, true])
    }
})

test("no request caused a server error", () => {
    expect(portal.faults).toEqual([])
})
