/** An advisory that was refused at its instant waits for whoever may correct the case; on a real database. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { operator } from "../../../test/acting.ts"
import { type Program, newCase, program } from "../../../test/program.ts"
import { flow } from "../../flow.ts"
import { parseInstant } from "../../lib/instant.ts"
import type { Doors } from "../../platform/doors.ts"
import { retryFailed, runNext } from "../../platform/worker.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { endEmbargo } from "../../share/cases/actions/embargo.ts"
import { waitingForMe } from "./actions/waiting.ts"

let its: Program
let badly: Doors
beforeAll(async () => {
    its = await program()
    const log = { ...console, error: () => undefined }
    badly = { ...its.doors, log, publishing: { ...its.doors.publishing, name: " " } }
}, 120_000)
afterAll(() => its.database.close())

const seenBy = async (actor: Actor, doors = badly) =>
    (await its.doors.db.transaction((tx) => waitingForMe({ tx, now: its.clock.now, doors, actor }))).filter(
        ({ kind }) => kind === "publication",
    )
const work = async (doors: Doors) => {
    while (await runNext(doors, flow));
}

test("from when it was tried until it is published, with the fault, and for nobody who cannot correct it", async () => {
    const auditor = await operator(its.acting, ["auditor"])
    const of = await newCase(its, "toolshell")
    await work(badly)
    its.clock.now = parseInstant("2025-07-08T17:00:00Z")
    await its.acting(its.author, (act) => endEmbargo(act, of))
    expect(await seenBy(its.author)).toEqual([])
    await work(badly)
    const since = its.clock.now
    expect(await seenBy(its.author)).toMatchObject([
        {
            about: of,
            case: of,
            partner: null,
            since,
            until: null,
            why: expect.stringMatching(/^schema \/document\/publisher\/name: /),
        },
    ])
    expect(await seenBy(its.approver)).toEqual([])
    expect(await seenBy(auditor)).toEqual([])
    expect(await seenBy(its.author, its.doors)).toMatchObject([{ why: expect.stringContaining("tried again") }])
    await retryFailed(its.doors)
    await work(its.doors)
    expect(await seenBy(its.author)).toEqual([])
})

test("and costs one statement where nothing was refused", async () => {
    const asked: string[] = []
    await its.doors.db.transaction(async (tx) => {
        const watched = {
            ...tx,
            query: (...its_: Parameters<typeof tx.query>) => (asked.push(its_[0]), tx.query(...its_)),
        }
        await waitingForMe({ tx: watched as typeof tx, now: its.clock.now, doors: its.doors, actor: its.author })
    })
    expect(asked.filter((sql) => sql.includes("pending_events"))).toHaveLength(1)
    expect(asked.filter((sql) => sql.includes("advisor"))).toEqual([])
})
