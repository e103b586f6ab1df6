/** An admission and relaxed reporting duties are signed with what they open, of every case. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, createPartnerMember } from "../../../../test/support/actors.ts"
import {
    type Program,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { addPartner } from "../../trust/partners/actions/change-partner.ts"
import { loadPartnerFacts } from "../../trust/partners/actions/load-facts.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { activatePolicy, addPolicy } from "../entitlement/actions/manage-policies.ts"
import { threeTierWithDuty } from "../entitlement/packs/three-tier.ts"
import { changeStatusByTwo, setDutiesByTwo } from "./actions/change-partner.ts"

let world: Program
let opened: string[]
beforeEach(async () => {
    world = await createProgram()
    await newPartner(world, "validate")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    opened = []
    for (const which of ["toolshell", "bypass"] as const) {
        const id = await newCase(world, which)
        const artifacts = [
            await newArtifact(world, id, "technical", "toolshell/technical.md"),
            await newArtifact(world, id, "poc", "toolshell/poc.py"),
        ]
        await releaseWaveNow(world, id, "validate", artifacts)
        opened.push(...artifacts)
    }
}, 120_000)
afterEach(() => world.database.close())

const artifactsIn = async (id: string | null) =>
    (await world.acting(world.manager, (ctx) => loadApproval(ctx, String(id)))).effects.artifacts.map(
        (artifactVersion) => artifactVersion.artifact,
    )
const opensMore = async () => {
    world.clock.now += 1000
    const id = await newCase(world, "bypass")
    await releaseWaveNow(world, id, "validate", [await newArtifact(world, id, "poc", "toolshell/summary.md")])
}

test("an admission lists each version that the applicant will read, and covers no later one", async () => {
    const details = { name: "Northlight", mail: "psirt@northlight.example", tier: "validate" } as const
    const id = await world.acting(world.manager, (ctx) => addPartner(ctx, { ...details, status: "invited" }))
    await createPartnerMember(world.acting, id, ["lead"])
    const admit = (signed?: string) =>
        world.acting(world.manager, (ctx) => changeStatusByTwo(ctx, id, "active", signed))
    const { done, approval } = await admit()
    expect(done).toBe(false)
    expect(await artifactsIn(approval)).toEqual(opened.toSorted())
    await signAsApprover(world, String(approval))
    await opensMore()
    expect(await awaitRefusalCode(admit(String(approval)))).toBe("approval.effects_exceeded")

    const again = (await admit()).approval
    expect(await artifactsIn(again)).toHaveLength(opened.length + 1)
    await signAsApprover(world, String(again))
    expect(await admit(String(again))).toEqual({ done: true, approval: again })
    expect((await world.acting(world.manager, (ctx) => loadPartnerFacts(ctx, id, ctx.now))).status).toBe("active")
})

test("one person adds duties, and two who relax them see what the partner then reads", async () => {
    await world.acting(world.manager, async (ctx) => activatePolicy(ctx, await addPolicy(ctx, threeTierWithDuty)))
    const { id } = await newPartner(world, "validate")
    const set = (duties: typeof dutyTable, signed?: string) =>
        world.acting(world.manager, (ctx) => setDutiesByTwo(ctx, id, duties, signed))
    expect(await set(dutyTable)).toEqual({ done: true, approval: null })
    const { done, approval } = await set([])
    expect(done).toBe(false)
    const gained = await artifactsIn(approval)
    expect(gained.length).toBeGreaterThan(0)
    expect(opened).toEqual(expect.arrayContaining(gained))
    await signAsApprover(world, String(approval))
    await opensMore()
    expect(await awaitRefusalCode(set([], String(approval)))).toBe("approval.effects_exceeded")
})
