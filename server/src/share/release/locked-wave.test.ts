/** A wave that is locked at its instant is released a moment later, under the same signature. */
import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Program,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { lockWave, listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"

let world: Program
beforeAll(async () => {
    world = await createProgram()
})
afterAll(async () => await world.database.close())

test("a lock on the wave does not void its signature", async () => {
    await newPartner(world, "validate")
    const subject = await newCase(world, "toolshell")
    await newArtifact(world, subject, "summary", "toolshell/summary.md")
    const waveNow = async () => await world.acting(world.manager, async (ctx) => (await listWaves(ctx, subject))[0])
    const wave = (await waveNow())?.id ?? ""
    const signed = await world.acting(world.manager, (ctx) => requestRelease(ctx, wave))
    await signAsApprover(world, signed)
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")

    await world.acting(world.manager, async (ctx) => {
        await lockWave(ctx, wave)
        await releaseWavesJob.run(world.services)
    })
    expect((await waveNow())?.approval).toBe(signed)
    expect((await world.acting(world.manager, (ctx) => loadApproval(ctx, signed))).voidedAt).toBe(null)

    await releaseWavesJob.run(world.services)
    expect((await waveNow())?.releasedAt).toBe(world.clock.now)
})
