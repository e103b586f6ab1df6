/** Changes to a due wave: it is released as signed and as the embargo is, or not at all. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { stateOf } from "../../server/src/trust/approvals/approval.ts"
import { loadApproval } from "../../server/src/trust/approvals/actions/load-approvals.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import { terminateEmbargo, moveEmbargo } from "../../server/src/share/cases/actions/negotiate-embargo.ts"
import { releaseWavesJob, requestRelease } from "../../server/src/share/release/actions/release-wave.ts"
import { freezeWave, moveWave, listWaves } from "../../server/src/share/waves/actions.ts"
import { awaitRefusalCode, listEvents } from "../support/actors.ts"
import {
    type Program,
    type TestPartner,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../support/program.ts"

const instant = parseInstant("2025-06-24T17:00:00Z")
const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
let partner: TestPartner
let caseId: string
let summary: string
let signed: string

/** A signed wave, at its instant. */
beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    signed = await ask()
    await signAsApprover(world, signed)
    world.clock.now = instant
}, 120_000)
afterEach(() => world.database.close())

const wave = async () => {
    const found = (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).find(
        ({ tier }) => tier === "validate",
    )
    if (!found) throw new Error("no such wave")
    return found
}
const ask = async () => {
    const { id } = await wave()
    return await world.acting(world.manager, (ctx) => requestRelease(ctx, id))
}
const releases = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "wave.released").length
const read = () => awaitRefusalCode(fetchCopyText(world, partner, summary))
const stateOfSigned = async () =>
    stateOf(await world.acting(world.manager, (ctx) => loadApproval(ctx, signed)), instant)

/** Waits until a statement in the database waits for a lock. */
async function isWaiting(): Promise<boolean> {
    const rows = await world.database.db.transaction((tx) =>
        tx.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
    )
    return rows.length > 0
}

/** Runs the worker while an action is done and not committed. */
async function lookDuring(work: (ctx: ActionContext) => Promise<void>): Promise<void> {
    let looking: Promise<unknown> = Promise.resolve()
    await world.acting(world.manager, async (ctx) => {
        await work(ctx)
        let isDone = false
        looking = releaseWavesJob.run(world.services).finally(() => (isDone = true))
        while (!isDone && !(await isWaiting()));
    })
    await looking
}

describe("an action that commits during the worker's look", () => {
    const acts: [string, (ctx: ActionContext) => Promise<void>, string][] = [
        ["a later embargo", (ctx) => moveEmbargo(ctx, caseId, publication + dayMs, "later"), "signed"],
        ["an earlier embargo", (ctx) => moveEmbargo(ctx, caseId, publication - hourMs, "sooner"), "voided"],
        ["a broken embargo", (ctx) => terminateEmbargo(ctx, caseId, "it leaked"), "voided"],
        ["a later wave", async (ctx) => moveWave(ctx, (await wave()).id, 13 * 24), "signed"],
        ["an earlier wave", async (ctx) => moveWave(ctx, (await wave()).id, 15 * 24), "voided"],
        ["a frozen wave", async (ctx) => freezeWave(ctx, (await wave()).id), "voided"],
    ]
    test.each(acts)("%s comes first: the wave is not released as before", async (_, work, state) => {
        await lookDuring(work)
        await releaseWavesJob.run(world.services)
        expect([await releases(), await read()]).toEqual([0, "request.not_found"])
        expect(await stateOfSigned()).toBe(state)
    })
})

test("three workers and a later embargo at the instant: one release before, or none", async () => {
    for (let round = 0; round < 3; round++) {
        const move = world.acting(world.author, (ctx) =>
            moveEmbargo(ctx, caseId, publication + (round + 1) * dayMs, "later"),
        )
        await Promise.all([...Array.from({ length: 3 }, () => releaseWavesJob.run(world.services)), move])
        await releaseWavesJob.run(world.services)
        const kinds = (await listEvents(world.database)).map(({ kind }) => kind)
        const [fell, moved] = [kinds.indexOf("wave.released"), kinds.indexOf("embargo.moved")]
        expect(await releases()).toBe((await wave()).releasedAt === null ? 0 : 1)
        if (fell >= 0) expect(round > 0 || fell < moved).toBe(true)
        // Released content with a later schedule is not delivered until then.
        expect(await read()).toBe("request.not_found")
        world.clock.now += dayMs
        expect(await read()).toBe(fell >= 0 ? "done" : "request.not_found")
    }
})
