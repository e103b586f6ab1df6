/** A handler or release that dies half-way leaves nothing behind, and is retried until it is done once. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { jobs } from "../../server/src/background-jobs.ts"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { Services } from "../../server/src/kernel/services.ts"
import { type EventHandlers, handleNextEvent } from "../../server/src/kernel/worker.ts"
import { createNotices } from "../../server/src/share/delivery/notices/actions/create-notices.ts"
import { releaseWavesJob } from "../../server/src/share/release/actions/release-wave.ts"
import { listEvents } from "../support/actors.ts"
import { signedInAs } from "../support/signed-in.ts"
import {
    type Demonstration,
    type SeededMaster,
    copyDemonstration,
    listPendingEvents,
    seedMaster,
} from "../support/demonstration.ts"
import { dyingAfterCommit, dyingBefore, stateOf } from "./dying-database.ts"

const validate = parseInstant("2025-06-24T17:00:00Z")

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(async () => await master.close())
beforeEach(async () => {
    world = await copyDemonstration(master)
    return async () => await world.close()
})

/** The wave is released without its follow-up; earlier events are complete. */
async function waveFalls(): Promise<void> {
    await world.work()
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    await releaseWavesJob.run(world.services)
}
const due = () =>
    world.services.db.transaction((tx) => tx.query("update pending_events set due_at = clock_timestamp()"))

test("a failing handler leaves nothing behind, stays pending, and is retried", async () => {
    await waveFalls()
    let runs = 0
    const failing: EventHandlers = {
        ...eventHandlers,
        "wave.released": [
            async (tx, event, now, services) => {
                runs += 1
                const {
                    case: caseId,
                    wave,
                    recipients,
                } = event.body as { case: string; wave: string; recipients: string[] }
                const ctx = { tx, now, services, actor: { kind: "system", component: "notify" } } as const
                await createNotices(ctx, { case: caseId, wave }, recipients)
                throw new Error("planted")
            },
        ],
    }
    const before = await stateOf(world.services.db, ["pending_events"])
    expect(await handleNextEvent(world.services, failing)).toBe(true)
    expect(await stateOf(world.services.db, ["pending_events"])).toEqual(before)
    expect(await listPendingEvents(world)).toEqual([{ kind: "wave.released", attempts: 1 }])
    expect(world.faults).toEqual([expect.stringContaining("planted")])
    expect(await handleNextEvent(world.services, failing)).toBe(false)
    expect(runs).toBe(1)
    await due()
    await world.work()
    expect(await listPendingEvents(world)).toEqual([])
    expect(world.mails).toHaveLength(6)
})

test("a handler whose connection dies before any of its statements leaves nothing, and completes later", async () => {
    await waveFalls()
    const before = await stateOf(world.services.db, ["pending_events"])
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(world.services.db, statement)
        const services: Services = { ...world.services, db }
        await handleNextEvent(services, eventHandlers).catch(() => false)
        died = db.died()
        if (died) expect(await stateOf(world.services.db, ["pending_events"]), `statement ${statement}`).toEqual(before)
        await due()
    }
    expect(statement).toBeGreaterThan(10)
    expect(await listPendingEvents(world)).toEqual([])
    await world.work()
    expect(world.mails).toHaveLength(6)
})

test("a handler whose connection dies after its commit is not repeated", async () => {
    await waveFalls()
    const services = { ...world.services, db: dyingAfterCommit(world.services.db, 1) }
    await handleNextEvent(services, eventHandlers)
    await due()
    await world.work()
    expect(world.mails).toHaveLength(6)
})

test("C-07 a release that dies before any of its statements releases nothing, and completes later", async () => {
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    const before = await stateOf(world.services.db)
    const [halcyon, signer] = [signedInAs(world, "halcyon"), signedInAs(world, "kofi")]
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(world.services.db, statement)
        await releaseWavesJob.run({ ...world.services, db }).catch(() => false)
        died = db.died()
        if (!died) break
        expect(await stateOf(world.services.db), `statement ${statement}`).toEqual(before)
    }
    expect(statement).toBeGreaterThan(20)
    expect((await halcyon.get("/api/warnings")).warnings[0].artifacts).toHaveLength(11)
    const kinds = (await listEvents(world.database)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === "wave.released")).toHaveLength(1)
    expect(
        (await signer.get("/api/approvals")).recent.filter((item: { appliedAt: unknown }) => item.appliedAt),
    ).toHaveLength(1)
})

test("waves that were due without a worker are released later, once, in order", async () => {
    await world.services.db.transaction((tx) =>
        tx.query("update demo_clock set now_at = $1", [new Date(parseInstant("2025-07-08T17:10:00Z"))]),
    )
    for (const job of jobs) {
        while (await job.run(world.services));
        await job.finish?.(world.services)
    }
    await releaseWavesJob.run(world.services)
    const fell = (await listEvents(world.database)).filter(({ kind }) => kind === "wave.released")
    expect(fell.map(({ body }) => body["tier"])).toEqual(["validate", "advance", "entry", "publication"])
})
