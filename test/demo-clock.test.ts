/** People move the demonstration's clock: the move is recorded, and the clock guard ignores it. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { makeClockJob } from "../server/src/demo/move-clock.ts"
import { listEvents } from "./support/actors.ts"
import { signedInAs } from "./support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
    world = await copyDemonstration(master)
})
afterAll(async () => {
    await world.close()
    await master.close()
})

test("a move by two weeks is an action of a person, not a clock jump", async () => {
    await world.work()
    const ingrid = signedInAs(world, "ingrid")
    const to = "2025-07-04T00:00:00Z"
    let isMoved = false
    const moving = ingrid.post("/api/demo/clock", { to }).finally(() => (isMoved = true))
    while (!isMoved) await makeClockJob(world.seeded).run(world.services)
    expect((await moving).now).toBe(to)
    await world.work()
    expect(await ingrid.get("/api/clock")).toMatchObject({ state: "trusted" })
    const events = await listEvents(world.database)
    expect(events.filter(({ kind }) => kind.startsWith("clock."))).toEqual([
        { kind: "clock.moved", body: { to: Date.parse(to), by: ingrid.id } },
    ])
    expect(events.filter(({ kind }) => kind === "wave.released")).toHaveLength(2)
})
