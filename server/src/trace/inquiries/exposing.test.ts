/** Who could have had something is told by what held at each moment, and not by what holds now. */
import { afterAll, beforeAll, expect, test } from "vitest"
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
import { hourMs, parseInstant } from "@tocsin/base/instant"
import { linkCases } from "../../share/cases/actions/link-cases.ts"
import { activatePolicy, addPolicy, requestActivation } from "../../share/entitlement/actions/manage-policies.ts"
import { threeTier } from "../../share/entitlement/packs/three-tier.ts"
import { freezeWave, endFreeze, listWaves } from "../../share/waves/actions.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { readExposure } from "./actions/read-exposure.ts"

const fell = parseInstant("2025-07-07T17:00:00Z")

let world: Program
let entry: TestPartner
let [first, bypass] = ["", ""]
beforeAll(async () => {
    world = await createProgram()
    entry = await newPartner(world, "entry")
    first = await newCase(world, "toolshell")
    bypass = await newCase(world, "bypass")
    const steps = await newArtifact(world, bypass, "repro", "toolshell/technical.md")
    const text = `${threeTier.text}
@id("joint") @title("Steps of the first case, and of what descends from it, go to all")
permit (principal, action == Action::"receive", resource)
when { resource.class == Class::"repro" && resource.cases.contains(Case::"${first}") };`
    const examples = `${threeTier.examples}\nentry | repro; bypass of ${first} | entry | full, open`
    const version = await world.acting(world.manager, (ctx) => addPolicy(ctx, { name: "joint", text, examples }))
    const approval = await world.acting(world.manager, (ctx) => requestActivation(ctx, version))
    await signAsApprover(world, approval)
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, version, approval))
    world.clock.now = fell
    await releaseWaveNow(world, bypass, "entry", [steps])
}, 120_000)
afterAll(() => world.database.close())

const entitledFrom = async () => {
    world.clock.now += 100 * hourMs
    const before = world.clock.now
    const { cases } = await world.acting(world.investigator, (ctx) =>
        readExposure(ctx, { case: bypass, class: "repro", before }),
    )
    const own = cases.find((thisCase) => thisCase.case === bypass)
    return own?.partners.find((exposed) => exposed.partner === entry.id)?.entitledFrom
}

test("access by a link begins with the link, and is shown after a suspension and a freeze", async () => {
    const wave = await world.acting(world.manager, async (ctx) => {
        return (await listWaves(ctx, bypass)).find(({ tier }) => tier === "entry") ?? fail()
    })
    expect(await entitledFrom()).toBeNull()
    await world.acting(world.manager, (ctx) => freezeWave(ctx, wave.id))
    world.clock.now += hourMs
    await world.acting(world.author, (ctx) => linkCases(ctx, bypass, first, "bypass_of"))
    world.clock.now += hourMs
    const thawed = world.clock.now
    await world.acting(world.manager, async (ctx) => {
        const [frozen = fail()] = (await listWaves(ctx, bypass)).filter((item) => item.id === wave.id)
        await endFreeze(ctx, frozen, world.manager.person)
    })
    world.clock.now += hourMs
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, entry.id, "suspended"))
    expect(await entitledFrom()).toBe(thawed)
})

function fail(): never {
    throw new Error("no such wave")
}
