/** A wave that is looked at when it falls: it falls a moment later, under the same signature. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Program, newArtifact, newCase, newPartner, program, sign } from "../../../test/program.ts"
import { parseInstant } from "../../lib/instant.ts"
import { approval } from "../../trust/approvals/actions.ts"
import { lockWave, wavesOf } from "../waves/actions.ts"
import { releasing, requestRelease } from "./actions.ts"

let its: Program
beforeAll(async () => {
    its = await program()
})
afterAll(async () => await its.database.close())

test("whoever holds the wave for a moment does not take its signature from it", async () => {
    await newPartner(its, "validate")
    const of = await newCase(its, "toolshell")
    await newArtifact(its, of, "summary", "toolshell/summary.md")
    const waveNow = async () => await its.acting(its.manager, async (act) => (await wavesOf(act, of))[0])
    const wave = (await waveNow())?.id ?? ""
    const signed = await its.acting(its.manager, (act) => requestRelease(act, wave))
    await sign(its, signed)
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")

    await its.acting(its.manager, async (act) => {
        await lockWave(act, wave)
        await releasing.run(its.doors)
    })
    expect((await waveNow())?.approval).toBe(signed)
    expect((await its.acting(its.manager, (act) => approval(act, signed))).voidedAt).toBe(null)

    await releasing.run(its.doors)
    expect((await waveNow())?.releasedAt).toBe(its.clock.now)
})
