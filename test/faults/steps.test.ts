/** A step, or a release, that dies half way leaves nothing behind, and is tried again until it is done, once. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { chores, flow } from "../../src/flow.ts"
import { parseInstant } from "../../src/lib/instant.ts"
import type { Doors } from "../../src/platform/doors.ts"
import { type Flow, runNext } from "../../src/platform/worker.ts"
import { makeNotices } from "../../src/share/delivery/actions/notices.ts"
import { releasing } from "../../src/share/release/actions.ts"
import { recorded } from "../acting.ts"
import { asking } from "../asking.ts"
import { type Demonstration, type Master, demonstrationFrom, owed, seedMaster } from "../demonstration.ts"
import { dyingAfterCommit, dyingBefore, stateOf } from "./dying.ts"

const validate = parseInstant("2025-06-24T17:00:00Z")

let master: Master
let its: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(async () => await master.close())
beforeEach(async () => {
    its = await demonstrationFrom(master)
    return async () => await its.close()
})

/** The wave falls, and nothing that follows from it has been done; what followed from earlier events has. */
async function waveFalls(): Promise<void> {
    await its.work()
    await its.doors.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    await releasing.run(its.doors)
}
const due = () => its.doors.db.transaction((tx) => tx.query("update pending_events set due_at = clock_timestamp()"))

test("a step that fails leaves nothing behind, is owed on, and is tried again", async () => {
    await waveFalls()
    let runs = 0
    const failing: Flow = {
        ...flow,
        "wave.released": async (tx, event, now, doors) => {
            runs += 1
            const { case: of, wave, recipients } = event.body as { case: string; wave: string; recipients: string[] }
            const act = { tx, now, doors, actor: { kind: "system", step: "notify" } } as const
            await makeNotices(act, { case: of, wave }, recipients)
            throw new Error("planted")
        },
    }
    const before = await stateOf(its.doors.db, ["pending_events"])
    expect(await runNext(its.doors, failing)).toBe(true)
    expect(await stateOf(its.doors.db, ["pending_events"])).toEqual(before)
    expect(await owed(its)).toEqual([{ kind: "wave.released", tries: 1 }])
    expect(its.faults).toEqual([expect.stringContaining("planted")])
    expect(await runNext(its.doors, failing)).toBe(false)
    expect(runs).toBe(1)
    await due()
    await its.work()
    expect(await owed(its)).toEqual([])
    expect(its.mails).toHaveLength(6)
})

test("a step whose connection dies, before any of its statements, leaves nothing and is done whole later", async () => {
    await waveFalls()
    const before = await stateOf(its.doors.db, ["pending_events"])
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(its.doors.db, statement)
        const doors: Doors = { ...its.doors, db }
        await runNext(doors, flow).catch(() => false)
        died = db.died()
        if (died) expect(await stateOf(its.doors.db, ["pending_events"]), `statement ${statement}`).toEqual(before)
        await due()
    }
    expect(statement).toBeGreaterThan(10)
    expect(await owed(its)).toEqual([])
    await its.work()
    expect(its.mails).toHaveLength(6)
})

test("a step whose connection dies after its commit is not done twice", async () => {
    await waveFalls()
    const doors = { ...its.doors, db: dyingAfterCommit(its.doors.db, 1) }
    await runNext(doors, flow)
    await due()
    await its.work()
    expect(its.mails).toHaveLength(6)
})

test("C-07 a release that dies, before any of its statements, has released nothing, and falls whole later", async () => {
    await its.doors.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(validate)]))
    const before = await stateOf(its.doors.db)
    const [halcyon, signer] = [asking(its, "halcyon"), asking(its, "kofi")]
    let statement = 0
    for (let died = true; died;) {
        statement += 1
        const db = dyingBefore(its.doors.db, statement)
        await releasing.run({ ...its.doors, db }).catch(() => false)
        died = db.died()
        if (!died) break
        expect(await stateOf(its.doors.db), `statement ${statement}`).toEqual(before)
    }
    expect(statement).toBeGreaterThan(20)
    expect((await halcyon.get("/api/warnings")).warnings[0].artifacts).toHaveLength(11)
    const kinds = (await recorded(its.database)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === "wave.released")).toHaveLength(1)
    expect((await signer.get("/api/approvals")).recent.filter((one: { usedAt: unknown }) => one.usedAt)).toHaveLength(1)
})

test("what falls while nobody worked falls later, once, in its order", async () => {
    await its.doors.db.transaction((tx) =>
        tx.query("update demo_clock set now_at = $1", [new Date(parseInstant("2025-07-08T17:10:00Z"))]),
    )
    for (const chore of chores) {
        while (await chore.run(its.doors));
        await chore.settle?.(its.doors)
    }
    await releasing.run(its.doors)
    const fell = (await recorded(its.database)).filter(({ kind }) => kind === "wave.released")
    expect(fell.map(({ body }) => body["tier"])).toEqual(["validate", "advance", "entry", "publication"])
})
