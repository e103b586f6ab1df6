/** A case link takes one person only when no partner reads more through it. */
import { afterAll, beforeAll, expect, test } from "vitest"
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
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { parseInstant } from "@tocsin/base/instant"
import type { LinkKind } from "../cases/case.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { activatePolicy, addPolicy, requestActivation } from "../entitlement/actions/manage-policies.ts"
import { threeTier } from "../entitlement/packs/three-tier.ts"
import { linkCasesByTwo } from "./actions/link-cases.ts"

let world: Program
let entry: TestPartner
let [first, bypass, variant, repro] = ["", "", "", ""]
beforeAll(async () => {
    world = await createProgram()
    entry = await newPartner(world, "entry")
    await newPartner(world, "advance")
    first = await newCase(world, "toolshell")
    bypass = await newCase(world, "bypass")
    variant = await newCase(world, "bypass")
    repro = await newArtifact(world, variant, "repro", "toolshell/technical.md")
    const text = `${threeTier.text}
@id("joint") @title("Steps of the first case, and of what descends from it, go to all")
permit (principal, action == Action::"receive", resource)
when { resource.class == Class::"repro" && resource.cases.contains(Case::"${first}") };`
    const examples = `${threeTier.examples}\nentry | repro; bypass of ${first} | entry | full, open`
    const version = await world.acting(world.manager, (ctx) => addPolicy(ctx, { name: "joint", text, examples }))
    const approval = await world.acting(world.manager, (ctx) => requestActivation(ctx, version))
    await signAsApprover(world, approval)
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, version, approval))
    world.clock.now = parseInstant("2025-07-07T17:00:00Z")
    await releaseWaveNow(world, variant, "entry", [repro])
}, 120_000)
afterAll(() => world.database.close())

const linked = (from: string, to: string, kind: LinkKind, approval?: string) =>
    world.acting(world.author, (ctx) => linkCasesByTwo(ctx, { from, to, kind }, approval))
const versionForPartner = () =>
    world.acting(world.manager, async (ctx) => (await findEntitlement(ctx, entry.id, repro))?.version ?? null)

test("one person links cases when no partner reads more", async () => {
    expect(await linked(variant, bypass, "variant_of")).toEqual({ done: true, approval: null })
    expect(await versionForPartner()).toBeNull()
})

test("a link that opens released content, also of a descendant case, takes two people", async () => {
    const linking = await linked(bypass, first, "bypass_of")
    expect(linking).toEqual({ done: false, approval: expect.any(String) as string })
    expect(await versionForPartner()).toBeNull()
    const unsigned = linked(bypass, first, "bypass_of", linking.approval ?? "")
    expect(await awaitRefusalCode(unsigned)).toBe("approval.not_signed")
    await signAsApprover(world, linking.approval ?? "")
    const other = linked(bypass, first, "variant_of", linking.approval ?? "")
    expect(await awaitRefusalCode(other)).toBe("approval.effects_exceeded")
    expect(await versionForPartner()).toBeNull()
    expect(await linked(bypass, first, "bypass_of", linking.approval ?? "")).toEqual({
        done: true,
        approval: linking.approval,
    })
    expect(await versionForPartner()).toBe(1)
})

test("a link that returns postponed released content takes two people", async () => {
    const other = await newCase(world, "bypass")
    const steps = await newArtifact(world, other, "repro", "toolshell/technical.md")
    await releaseWaveNow(world, other, "entry", [steps])
    const move = (to: string) =>
        world.acting(world.author, (ctx) => moveEmbargo(ctx, other, parseInstant(to), "the patch is late"))
    await move("2025-07-20T17:00:00Z")
    world.clock.now += 1
    const linking = await linked(other, first, "variant_of")
    expect(linking.done).toBe(false)
    const { effects } = await world.acting(world.approver, (ctx) => loadApproval(ctx, linking.approval ?? ""))
    expect(effects).toMatchObject({ recipients: [entry.id], artifacts: [{ artifact: steps, version: 1 }] })
})

test("an invalid link is refused before a request", async () => {
    expect(await awaitRefusalCode(linked(first, variant, "bypass_of"))).toBe("case.link_loop")
    expect(await awaitRefusalCode(linked(first, entry.id, "bypass_of"))).toBe("case.not_found")
})
