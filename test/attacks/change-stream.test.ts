/** The stream of changes reveals nothing about other partners, and nothing after a permission ended. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { openDb } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { handleNextEvent } from "../../server/src/kernel/worker.ts"
import { reviseArtifact } from "../../server/src/share/artifacts/actions/add-artifact.ts"
import { moveEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { listWaves } from "../../server/src/share/waves/actions.ts"
import { restrictPartner, suspendPartner } from "../../server/src/trace/measures/actions/restrict-access.ts"
import { removePerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { type Portal, openPortal } from "../support/polled-pages.ts"
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
import { streamOf } from "./read-stream.ts"

let world: Program
let services: Services
let portal: Portal
let partner: TestPartner
let third: TestPartner

beforeAll(async () => {
    world = await createProgram()
    services = { ...world.services, db: openDb(world.database.url), log: silentLog }
    portal = await openPortal(world, { db: services.db })
    await portal.app.listen({ host: "127.0.0.1", port: 0 })
    partner = await newPartner(world, "validate")
    third = await newPartner(world, "entry")
})
afterAll(async () => {
    await portal.app.close()
    await services.db.close()
    await world.database.close()
})

const secretOf = ({ person }: { readonly person: string }, kind: "token" | "session") =>
    world.acting(system, (ctx) => issueCredential(ctx, person, kind))

const bearer = async (analyst: TestPartner["analyst"]) => ({
    authorization: `Bearer ${await secretOf(analyst, "token")}`,
})

/** A case from its opening to its release, and changes of its recipients; reads each stream after each step. */
async function happens(look: () => Promise<void>): Promise<void> {
    world.clock.now = parseInstant("2025-06-24T12:00:00Z")
    const id = await newCase(world, "toolshell")
    const summary = await newArtifact(world, id, "summary", "toolshell/summary.md")
    await look()
    const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, id))).find(
        ({ tier }) => tier === "validate",
    )
    await signAsApprover(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, wave?.id ?? "")))
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWavesJob.run(services)
    while (await handleNextEvent(services, eventHandlers));
    await look()
    await world.acting(world.author, (ctx) => reviseArtifact(ctx, summary, "# Said anew"))
    await world.acting(world.author, (ctx) => moveEmbargo(ctx, id, parseInstant("2025-07-10T17:00:00Z"), "not yet"))
    await world.acting(world.manager, (ctx) => {
        const restriction = {
            withhold: ["repro"],
            notBeforePublication: false,
            cases: null,
            reason: "A risk.",
        } as const
        return restrictPartner(ctx, { ...restriction, partner: partner.id })
    })
    await look()
    await world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "it leaked" }))
    while (await handleNextEvent(services, eventHandlers));
    await look()
}

test("F-07 a partner without the case gets one heartbeat per look and nothing else, whatever happens", async () => {
    const [streamed, otherStreamed] = [
        await streamOf(portal.app, await bearer(partner.lead)),
        await streamOf(portal.app, await bearer(third.lead)),
    ]
    const changed = () => streamed.frames.filter((frame) => frame.startsWith("event: changed")).length
    const toldAfter: number[] = []
    await happens(async () => {
        const [here, there] = [streamed.frames.length, otherStreamed.frames.length]
        await streamed.past(here + 2)
        await otherStreamed.past(there + 2)
        toldAfter.push(changed())
    })
    streamed.close()
    otherStreamed.close()
    expect((await listEvents(world.database)).map(({ kind }) => kind)).toContain("wave.released")
    // A look between two commits of one change signals it twice.
    expect(toldAfter[0]).toBe(0)
    expect(toldAfter.slice(1).map((count, n) => count > (toldAfter[n] ?? 0))).toEqual([true, true, true])
    expect(otherStreamed.frames[0]).toBe("event: open\ndata: {}")
    expect(otherStreamed.frames.slice(1).filter((frame) => frame !== ": ")).toEqual([])
    expect(otherStreamed.frames.length).toBeGreaterThan(8)
}, 60_000)

const ends: readonly (readonly [string, (partner: TestPartner, secret: string) => Promise<unknown>])[] = [
    [
        "its session is ended",
        (_, secret) => {
            const headers = { cookie: `tocsin-portal=${secret}` }
            return portal.app.inject({ method: "DELETE", url: "/api/session", headers })
        },
    ],
    ["its person has left", ({ analyst }) => world.acting(system, (ctx) => removePerson(ctx, analyst.person))],
]

test.concurrent.each(ends)(
    "F-07 a stream ends once %s, and no other one does",
    async (_, end) => {
        const partner = await newPartner(world, "entry")
        const secret = await secretOf(partner.analyst, "session")
        const cookie = `tocsin-portal=${secret}`
        const [itsOwn, other] = [
            await streamOf(portal.app, { cookie }),
            await streamOf(portal.app, await bearer(third.analyst)),
        ]
        await itsOwn.past(2)
        await end(partner, secret)
        await itsOwn.ended
        const then = itsOwn.frames.length
        await other.past(other.frames.length + 2)
        other.close()
        expect(itsOwn.frames).toHaveLength(then)
        expect([...itsOwn.frames.slice(1), ...other.frames.slice(1)].filter((frame) => frame !== ": ")).toEqual([])
    },
    60_000,
)

test.concurrent("F-07 the stream of a suspended partner signals that once, and no case after that", async () => {
    const partner = await newPartner(world, "validate")
    const stream = await streamOf(portal.app, await bearer(partner.analyst))
    await stream.past(2)
    await world.acting(world.manager, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "it leaked" }))
    await stream.past(stream.frames.length + 2)
    const before = stream.frames.length
    const id = await newCase(world, "bypass")
    await releaseWaveNow(world, id, "validate", [await newArtifact(world, id, "summary", "bypass/summary.md")])
    await stream.past(before + 2)
    stream.close()
    expect(stream.frames.slice(0, before).filter((frame) => frame.startsWith("event: changed"))).toHaveLength(1)
    expect(stream.frames.slice(before).filter((frame) => frame !== ": ")).toEqual([])
}, 60_000)

test("no request caused a server error", () => {
    expect(portal.faults).toEqual([])
})
