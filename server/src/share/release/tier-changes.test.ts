/** A tier raise is signed with what it opens, of every case. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { changeTierByTwo } from "./actions/change-partner.ts"

let world: Program
let low: TestPartner
beforeEach(async () => {
    world = await createProgram()
    await newPartner(world, "validate")
    low = await newPartner(world, "entry")
}, 120_000)
afterEach(() => world.database.close())

const change = (signed?: string) =>
    world.acting(world.manager, (ctx) => changeTierByTwo(ctx, low.id, "validate", signed))
const effectsOf = async (id: string) => (await world.acting(world.manager, (ctx) => loadApproval(ctx, id))).effects
const versionOf = (artifact: string) =>
    world.acting(world.manager, async (ctx) => (await findEntitlement(ctx, low.id, artifact))?.version ?? null)

test("a signer sees each version of each case that it opens, including a proof of concept", async () => {
    const cases = [await newCase(world, "toolshell"), await newCase(world, "bypass")]
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const opened: string[] = []
    for (const id of cases) {
        const artifacts = [
            await newArtifact(world, id, "technical", "toolshell/technical.md"),
            await newArtifact(world, id, "poc", "toolshell/summary.md"),
        ]
        await releaseWaveNow(world, id, "validate", artifacts)
        opened.push(...artifacts)
    }
    const { done, approval } = await change()
    expect(done).toBe(false)
    const effects = await effectsOf(String(approval))
    expect(effects).toMatchObject({ action: "partner.change_tier", recipients: [low.id], detail: { tier: "validate" } })
    expect(effects.artifacts.map((artifactVersion) => artifactVersion.artifact)).toEqual(opened.toSorted())
    expect(effects.authors).toEqual([world.author.person])

    await signAsApprover(world, String(approval))
    expect(await versionOf(opened[0] ?? "")).toBeNull()
    expect(await change(String(approval))).toEqual({ done: true, approval })
    expect(await versionOf(opened[0] ?? "")).toBe(1)
})

test("an action that opens more than was signed is refused", async () => {
    const id = await newCase(world, "toolshell")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const { approval } = await change()
    expect((await effectsOf(String(approval))).artifacts).toEqual([])
    await signAsApprover(world, String(approval))
    await releaseWaveNow(world, id, "validate", [await newArtifact(world, id, "technical", "toolshell/technical.md")])
    expect(await awaitRefusalCode(change(String(approval)))).toBe("approval.effects_exceeded")
})
