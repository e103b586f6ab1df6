/**
 * What is in progress when a partner is locked out: sessions, tokens, streams, downloads, wave releases and waiting
 * mail.
 */
import { once } from "node:events"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { promisify } from "node:util"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { openDb } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { Download, type Side } from "../../server/src/kernel/route.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { makeServer } from "../../server/src/server.ts"
import { artifactClasses } from "../../server/src/share/artifacts/artifact.ts"
import { fetchCopy } from "../../server/src/share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { sendNoticesJob } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { route } from "../../server/src/kernel/action-context.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { listEvents, system } from "../support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../support/program.ts"

let world: Program
let services: Services
let caseId: string
let summary: string
const apps: Partial<Record<Side, FastifyInstance>> = {}
const ports: Record<Side, number> = { console: 0, portal: 0 }
const sent: string[] = []

/** More than two sockets buffer, with the usual permission for a copy. */
const large = Buffer.alloc(64 * 1024 * 1024)
const largeCopy = route(
    { method: "GET", path: "/api/large", side: "portal", permission: "copy:read", summary: "A copy, but large" },
    async (ask) => {
        if (ask.actor.kind !== "partner") throw new Error("not a partner's person")
        const copy = await fetchCopy(ask, aliasFor(ask.services.keys, ask.actor.partner, "artifact", summary))
        return new Download(large, copy.name, copy.mayContinue, copy.headers)
    },
)

beforeAll(async () => {
    world = await createProgram()
    services = {
        ...world.services,
        db: openDb(world.database.url),
        log: silentLog,
        mail: { send: async ({ to }) => void sent.push(to) },
    }
    for (const side of ["console", "portal"] as const) {
        const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000, extraRoutes: [largeCopy] }
        const app = await makeServer({ services, side, ...settings })
        await app.listen({ host: "127.0.0.1", port: 0 })
        apps[side] = app
        ports[side] = (app.server.address() as AddressInfo).port
    }
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary])
})
afterAll(async () => {
    for (const app of Object.values(apps)) await app.close()
    await services.db.close()
    await world.database.close()
})

const secretOf = (person: string, kind: "token" | "session") =>
    world.acting(system, (ctx) => issueCredential(ctx, person, kind))

async function asked(side: Side, headers: Record<string, string>, path: string, body?: object) {
    const method = body ? "POST" : "GET"
    const answer = await apps[side]?.inject({ method, url: path, headers, ...(body && { payload: body }) })
    if (!answer) throw new Error("no such side")
    return answer
}

function portalServer() {
    if (!apps.portal) throw new Error("no such side")
    return apps.portal.server
}

async function suspend(partner: TestPartner): Promise<void> {
    const headers = { authorization: `Bearer ${await secretOf(world.manager.person, "token")}` }
    const body = { kind: "interim_suspension", partner: partner.id, reason: "it leaked" }
    const answer = await asked("console", headers, "/api/measures", body)
    expect(answer.statusCode).toBe(200)
}

/** Reads a real socket until it ends or is cut. */
async function opened(path: string, headers: Record<string, string>) {
    const request = http.get({ port: ports.portal, host: "127.0.0.1", path, headers, agent: false })
    request.on("error", () => undefined)
    const [answer] = (await once(request, "response")) as [http.IncomingMessage]
    return answer
}

/** No tickets, cursors or feeds exist; only streams and downloads stay open. */
test("B-01 after the answer to a suspension, no credential gets case content, and downloads stop", async () => {
    const partner = await newPartner(world, "validate")
    const session = { cookie: `tocsin-portal=${await secretOf(partner.analyst.person, "session")}` }
    const token = { authorization: `Bearer ${await secretOf(partner.lead.person, "token")}` }
    const name = aliasFor(services.keys, partner.id, "artifact", summary)
    const paths = ["/api/warnings", `/api/artifacts/${name}/copy`, "/api/consents"]
    for (const path of paths) expect((await asked("portal", session, path)).statusCode).toBe(200)
    const download = await opened("/api/large", token)
    let received = 0
    const broken = once(download, "error")
    const stream = await opened("/api/events", session)
    let message = ""
    stream.setEncoding("utf8").on("data", (text: string) => (message += text))

    await suspend(partner)
    const events = (await listEvents(world.database)).length
    for (const headers of [session, token]) {
        for (const path of paths) {
            expect((await asked("portal", headers, path)).json()).toMatchObject({ code: "request.not_found" })
        }
    }
    const fresh = { authorization: `Bearer ${await secretOf(partner.analyst.person, "token")}` }
    expect((await asked("portal", fresh, "/api/large")).statusCode).toBe(404)
    // The stream's connection stays, and the download's is closed: unsent bytes are never sent.
    const connections = promisify(portalServer().getConnections.bind(portalServer()))
    while ((await connections()) > 1) await pause(20)
    download.on("data", (piece: Buffer) => (received += piece.length))
    expect(await broken).toMatchObject([{ code: "ECONNRESET" }])
    expect(received).toBeLessThan(large.length)
    const since = (await listEvents(world.database)).slice(events)
    expect(since.map(({ kind }) => kind)).not.toContain("copy.delivered")
    // The stream signals that something changed, and never what.
    while (!message.includes("changed")) await pause(20)
    stream.destroy()
    expect(message.replaceAll(/event: (open|changed)\ndata: \{\}\n\n|: \n\n/g, "")).toBe("")
    expect((await asked("portal", session, "/api/me")).json()).toMatchObject({ partner: { status: "suspended" } })
})

test("B-07 a running download stops when its partner is removed from the case, and others continue", async () => {
    const [partner, other] = [await newPartner(world, "validate"), await newPartner(world, "validate")]
    const downloads: http.IncomingMessage[] = []
    for (const item of [partner, other]) {
        const token = { authorization: `Bearer ${await secretOf(item.analyst.person, "token")}` }
        downloads.push(await opened("/api/large", token))
    }
    const [stopped, goesOn] = downloads as [http.IncomingMessage, http.IncomingMessage]
    const broken = once(stopped, "error")
    const headers = { authorization: `Bearer ${await secretOf(world.manager.person, "token")}` }
    const withhold = [...artifactClasses]
    const on = { kind: "restrict", partner: partner.id, reason: "its own product", cases: [caseId], withhold }
    expect((await asked("console", headers, "/api/measures", on)).statusCode).toBe(200)
    const received = { stopped: 0, goesOn: 0 }
    goesOn.on("data", (piece: Buffer) => (received.goesOn += piece.length))
    const whole = once(goesOn, "end")
    stopped.on("data", (piece: Buffer) => (received.stopped += piece.length))
    expect(await broken).toMatchObject([{ code: "ECONNRESET" }])
    await whole
    expect(received.stopped).toBeLessThan(large.length)
    expect(received.goesOn).toBe(large.length)
})

test("B-06 a suspension either precedes a wave, which then reaches only others, or follows it", async () => {
    const partners = [await newPartner(world, "advance"), await newPartner(world, "advance")]
    const victims: TestPartner[] = []
    for (let n = 0; n < 6; n++) victims.push(await newPartner(world, "advance"))
    for (let n = 0; n < 6; n++) {
        const other = await newCase(world, "bypass")
        await newArtifact(world, other, "summary", "toolshell/summary.md")
        const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, other))).find(
            (wave) => wave.tier === "advance",
        )
        await signAsApprover(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, wave?.id ?? "")))
    }
    world.clock.now = parseInstant("2025-07-08T17:00:00Z") - 5 * dayMs
    const suspensions = (async () => {
        for (const victim of victims) await suspend(victim)
    })()
    const workers = [releaseWavesJob.run(services), releaseWavesJob.run(services)]
    await Promise.all([suspensions, ...workers])
    await releaseWavesJob.run(services)
    while (await handleNextEvent(services, eventHandlers));
    while (await sendNoticesJob.sendNext(services));
    const events = await listEvents(world.database)
    const waves = events.flatMap(({ kind, body }, at) =>
        kind === "wave.released" ? [{ at, recipients: body["recipients"] as string[] }] : [],
    )
    expect(waves).toHaveLength(6)
    for (const victim of victims) {
        const out = events.findIndex(
            ({ kind, body }) =>
                kind === "partner.status_changed" && body["partner"] === victim.id && body["status"] === "suspended",
        )
        for (const { at, recipients } of waves) {
            expect(recipients.includes(victim.id)).toBe(at < out)
        }
        const mailed = events.findLastIndex(({ kind, body }) => kind === "notice.sent" && body["partner"] === victim.id)
        expect(mailed).toBeLessThan(out)
    }
    for (const { recipients } of waves) {
        expect(recipients).toEqual(expect.arrayContaining(partners.map(({ id }) => id)))
    }
    // Two people per partner and wave: no other partner was skipped.
    expect(sent.length).toBeGreaterThanOrEqual(2 * 2 * waves.length)
})
