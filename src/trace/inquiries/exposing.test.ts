/** Who could have had something is told by what held at each moment, and not by what holds now. */
import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
} from "../../../test/program.ts"
import { hourMs, parseInstant } from "../../lib/instant.ts"
import { linkCases } from "../../share/cases/actions.ts"
import { activatePolicy, addPolicy, requestActivation } from "../../share/entitlement/actions/policies.ts"
import { threeTier } from "../../share/entitlement/packs/three-tier.ts"
import { freezeWave, thawWave, wavesOf } from "../../share/waves/actions.ts"
import { changeStanding } from "../../trust/partners/actions/changes.ts"
import { exposure } from "./actions/exposure.ts"

const fell = parseInstant("2025-07-07T17:00:00Z")

let its: Program
let entry: TestPartner
let [first, bypass] = ["", ""]
beforeAll(async () => {
    its = await program()
    entry = await newPartner(its, "entry")
    first = await newCase(its, "toolshell")
    bypass = await newCase(its, "bypass")
    const steps = await newArtifact(its, bypass, "repro", "toolshell/technical.md")
    const text = `${threeTier.text}
@id("joint") @title("Steps of the first case, and of what descends from it, go to all")
permit (principal, action == Action::"receive", resource)
when { resource.class == Class::"repro" && resource.cases.contains(Case::"${first}") };`
    const examples = `${threeTier.examples}\nentry | repro; bypass of ${first} | entry | full, open`
    const version = await its.acting(its.manager, (act) => addPolicy(act, { name: "joint", text, examples }))
    const approval = await its.acting(its.manager, (act) => requestActivation(act, version))
    await sign(its, approval)
    await its.acting(its.manager, (act) => activatePolicy(act, version, approval))
    its.clock.now = fell
    await fall(its, bypass, "entry", [steps])
}, 120_000)
afterAll(() => its.database.close())

const entitledFrom = async () => {
    its.clock.now += 100 * hourMs
    const before = its.clock.now
    const { cases } = await its.acting(its.investigator, (act) =>
        exposure(act, { case: bypass, class: "repro", before }),
    )
    const own = cases.find((one) => one.case === bypass)
    return own?.partners.find((one) => one.partner === entry.id)?.entitledFrom
}

test("what a link gives begins with the link, and is told though a suspension ended it, and a freeze lay between", async () => {
    const wave = await its.acting(its.manager, async (act) => {
        return (await wavesOf(act, bypass)).find(({ tier }) => tier === "entry") ?? fail()
    })
    expect(await entitledFrom()).toBeNull()
    await its.acting(its.manager, (act) => freezeWave(act, wave.id))
    its.clock.now += hourMs
    await its.acting(its.author, (act) => linkCases(act, bypass, first, "bypass of"))
    its.clock.now += hourMs
    const thawed = its.clock.now
    await its.acting(its.manager, async (act) => {
        const [frozen = fail()] = (await wavesOf(act, bypass)).filter((one) => one.id === wave.id)
        await thawWave(act, frozen, its.manager.person)
    })
    its.clock.now += hourMs
    await its.acting(its.manager, (act) => changeStanding(act, entry.id, "suspended"))
    expect(await entitledFrom()).toBe(thawed)
})

function fail(): never {
    throw new Error("no such wave")
}
