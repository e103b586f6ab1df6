/** Waves and policies are not nested: any other tier, even a lower one, can open unsigned content. */
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
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { changeTier } from "../../trust/partners/actions/change-partner.ts"
import { previewChange } from "../entitlement/actions/preview-change.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { activatePolicy, addPolicy, requestActivation } from "../entitlement/actions/manage-policies.ts"
import { isNarrowing } from "../entitlement/compare.ts"
import { kubernetesPack } from "../entitlement/packs/kubernetes.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"

let world: Program
let caseId: string
let high: TestPartner
beforeEach(async () => {
    world = await createProgram()
    high = await newPartner(world, "validate")
    await newPartner(world, "advance")
    caseId = await newCase(world, "toolshell")
}, 120_000)
afterEach(() => world.database.close())

const versionOf = (artifact: string) =>
    world.acting(world.manager, async (ctx) => (await findEntitlement(ctx, high.id, artifact))?.version ?? null)

/** The effects of one person setting the lower tier, which would open this artifact at once. */
async function changeTierAlone(artifact: string) {
    const before = await versionOf(artifact)
    const change = { fact: "tier", value: "advance" } as const
    const { differences, peopleNeeded } = await world.acting(world.manager, (ctx) =>
        previewChange(ctx, [high.id], change),
    )
    const opens = differences.filter((difference) => !difference.before.available && difference.after.available)
    const code = await awaitRefusalCode(world.acting(world.manager, (ctx) => changeTier(ctx, high.id, "advance")))
    const previewed = {
        opens: opens.flatMap((difference) => difference.artifacts),
        narrowing: isNarrowing(opens),
        peopleNeeded,
    }
    return { before, ...previewed, code, after: await versionOf(artifact) }
}

const needsTwoPeople = (artifact: string) => ({
    before: null,
    opens: [artifact],
    narrowing: false,
    peopleNeeded: 2,
    code: "partner.needs_two_people",
    after: null,
})

test("a version written after the wave of the higher tier was released", async () => {
    const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary])
    world.clock.now += dayMs
    const technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    world.clock.now = parseInstant("2025-07-03T17:00:00Z")
    await releaseWaveNow(world, caseId, "advance", [summary, technical])
    expect(await changeTierAlone(technical)).toEqual(needsTwoPeople(technical))
})

test("a version that a frozen wave of the higher tier holds back", async () => {
    const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    await world.acting(world.manager, async (ctx) => {
        const wave = (await listWaves(ctx, caseId)).find(({ tier }) => tier === "validate")
        await freezeWave(ctx, wave?.id ?? "")
    })
    world.clock.now = parseInstant("2025-07-03T17:00:00Z")
    await releaseWaveNow(world, caseId, "advance", [summary])
    expect(await changeTierAlone(summary)).toEqual(needsTwoPeople(summary))
})

test("an artifact that a pack gives to the lower tier only", async () => {
    const patch = await newArtifact(world, caseId, "patch", "toolshell/summary.md")
    const [policy] = kubernetesPack.policies
    if (policy === undefined) throw new Error("the pack has no policy")
    const version = await world.acting(world.manager, (ctx) => addPolicy(ctx, policy))
    const approval = await world.acting(world.manager, (ctx) => requestActivation(ctx, version))
    await signAsApprover(world, approval)
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, version, approval))
    world.clock.now = parseInstant("2025-07-03T17:00:00Z")
    await releaseWaveNow(world, caseId, "advance", [patch])
    expect(await changeTierAlone(patch)).toEqual(needsTwoPeople(patch))
})
