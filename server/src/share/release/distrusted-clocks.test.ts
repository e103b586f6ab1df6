/** While clocks are distrusted nothing opens: no wave is unfrozen and no recall is lifted. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { ActionContext } from "../../kernel/action-context.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { liftRecallByTwo } from "./actions/lift-recall.ts"
import { unfreezeWave } from "./actions/unfreeze-wave.ts"

let world: Program
let partner: TestPartner
let summary: string
let guidance: string
let wave: string

beforeAll(async () => {
    world = await createProgram()
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    Object.assign(world.services, { log: { warn: () => undefined, error: () => undefined } })
    partner = await newPartner(world, "validate")
    const caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    guidance = await newArtifact(world, caseId, "guidance", "toolshell/guidance.md")
    await releaseWaveNow(world, caseId, "validate", [summary, guidance])
    wave = (await asManager((ctx) => listWaves(ctx, caseId)))[0]?.id ?? ""
}, 120_000)
afterAll(() => world.database.close())

const asManager = <T>(work: (ctx: ActionContext) => Promise<T>) => world.acting(world.manager, work)

/** Runs the work with two clocks that are ten seconds apart. */
async function withClocksApart(work: () => Promise<void>): Promise<void> {
    const { clockSources: sources } = world.services
    const read: typeof sources.read = async (tx) => {
        const reading = await sources.read(tx)
        return { ...reading, hasTwoClocks: true, application: reading.application + 10_000 }
    }
    Object.assign(world.services, { clockSources: { read } })
    await work()
    Object.assign(world.services, { clockSources: sources })
}

test("a recall is lifted and a wave unfrozen under the same signature once clocks are trusted", async () => {
    const recall = await asManager((ctx) => recallArtifact(ctx, guidance, { version: null, reason: "wrong" }))
    const ends = (signed?: string) => asManager((ctx) => liftRecallByTwo(ctx, recall, signed))
    const { approval: toEnd } = await ends()
    await asManager((ctx) => freezeWave(ctx, wave))
    const unfreeze = (signed?: string) => asManager((ctx) => unfreezeWave(ctx, wave, signed))
    const { approval: toThaw } = await unfreeze()
    for (const item of [toEnd, toThaw]) await signAsApprover(world, item)
    await withClocksApart(async () => {
        expect(await awaitRefusalCode(ends(toEnd))).toBe("release.clocks_distrusted")
        expect(await awaitRefusalCode(unfreeze(toThaw))).toBe("release.clocks_distrusted")
    })
    expect((await listEvents(world.database)).map(({ kind }) => kind)).not.toContain("wave.unfrozen")
    expect(await awaitRefusalCode(fetchCopyText(world, partner, summary))).toBe("request.not_found")
    // A refused transaction stores nothing: the clock guard checks separately, and asks two people after a real doubt.
    expect(await unfreeze(toThaw)).toEqual({ done: true, approval: toThaw })
    expect(await awaitRefusalCode(fetchCopyText(world, partner, guidance))).toBe("request.not_found")
    expect(await ends(toEnd)).toEqual({ done: true, approval: toEnd })
    for (const item of [summary, guidance])
        expect(await awaitRefusalCode(fetchCopyText(world, partner, item))).toBe("done")
})
