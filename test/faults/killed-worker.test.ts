/**
 * A worker that the kernel kills during a release: all of its work is there, or none. Here the process dies at some
 * statements; in dying-handlers.test.ts its connection dies at each of them.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { listEvents } from "../support/actors.ts"
import { signedInAs } from "../support/signed-in.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "../support/demonstration.ts"
import { stateOf } from "./dying-database.ts"

const program = fileURLToPath(new URL("release-once.ts", import.meta.url))

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(() => master.close())

/** The first wave is due, and no worker has looked. */
beforeEach(async () => {
    world = await copyDemonstration(master)
    const now = new Date(parseInstant("2025-06-24T17:00:00Z"))
    await world.services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [now]))
    return () => world.close()
})

/** The signal that ended the process; null: it exited. */
async function ends(when: string): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, [program, world.database.url, when], { stdio: "inherit" })
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null]
    expect([code, signal]).toContainEqual(signal === null ? 0 : "SIGKILL")
    return signal
}

const recipients = async () =>
    (await listEvents(world.database)).flatMap(({ kind, body }) =>
        kind === "wave.released" ? [(body["recipients"] as string[]).length] : [],
    )
const warnings = async (key: string) => (await signedInAs(world, key).get("/api/warnings")).warnings.length

test("C-07 kill -9 during a release: nothing is released or read until a worker completes", async () => {
    const before = await stateOf(world.services.db)
    let statement = 1
    while ((await ends(String(statement))) === "SIGKILL") {
        expect(await stateOf(world.services.db), `statement ${statement}`).toEqual(before)
        expect(await warnings("halcyon")).toBe(0)
        statement += 16
    }
    expect(statement).toBeGreaterThan(20)
    expect(await recipients()).toEqual([3])
    expect(await Promise.all(["halcyon", "fernwood", "saltmarsh", "sundial"].map(warnings))).toEqual([1, 1, 1, 0])
    await world.work()
    expect(world.mails.filter(({ to }) => !to.endsWith("@northlight.example"))).toHaveLength(6)
}, 180_000)

test("C-07 kill -9 right after the commit: it is released once, and each recipient gets one notice", async () => {
    expect(await ends("committed")).toBe("SIGKILL")
    expect(await recipients()).toEqual([3])
    expect(await warnings("fernwood")).toBe(1)
    expect(await ends("never")).toBe(null)
    await world.work()
    expect(await recipients()).toEqual([3])
    expect(world.mails.filter(({ to }) => !to.endsWith("@northlight.example"))).toHaveLength(6)
}, 180_000)
