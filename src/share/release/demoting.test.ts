/** Neither waves nor what a policy gives are nested: another tier, lower ones too, can open what nobody signed for. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf } from "../../../test/acting.ts"
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
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { changeTier } from "../../trust/partners/actions/changes.ts"
import { previewChange } from "../entitlement/actions/changes.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { activatePolicy, addPolicy, requestActivation } from "../entitlement/actions/policies.ts"
import { isNarrowing } from "../entitlement/compare.ts"
import { kubernetesPack } from "../entitlement/packs/kubernetes.ts"
import { freezeWave, wavesOf } from "../waves/actions.ts"

let its: Program
let caseId: string
let high: TestPartner
beforeEach(async () => {
    its = await program()
    high = await newPartner(its, "validate")
    await newPartner(its, "advance")
    caseId = await newCase(its, "toolshell")
}, 120_000)
afterEach(() => its.database.close())

const versionOf = (artifact: string) =>
    its.acting(its.manager, async (act) => (await entitlementTo(act, high.id, artifact))?.version ?? null)

/** What one person brings about by the lower tier, which would open this artifact at once. */
async function alone(artifact: string) {
    const before = await versionOf(artifact)
    const change = { fact: "tier", value: "advance" } as const
    const { differences, peopleNeeded } = await its.acting(its.manager, (act) => previewChange(act, [high.id], change))
    const opens = differences.filter((one) => !one.before.available && one.after.available)
    const code = await codeOf(its.acting(its.manager, (act) => changeTier(act, high.id, "advance")))
    const previewed = { opens: opens.flatMap((one) => one.artifacts), narrowing: isNarrowing(opens), peopleNeeded }
    return { before, ...previewed, code, after: await versionOf(artifact) }
}

const nothing = (artifact: string) => ({
    ...{ before: null, opens: [artifact], narrowing: false, peopleNeeded: 2 },
    ...{ code: "partner.needs_two_people", after: null },
})

test("what was written after the higher tier's wave had fallen", async () => {
    const summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [summary])
    its.clock.now += dayMs
    const technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
    its.clock.now = parseInstant("2025-07-03T17:00:00Z")
    await fall(its, caseId, "advance", [summary, technical])
    expect(await alone(technical)).toEqual(nothing(technical))
})

test("what the higher tier's frozen wave does not let out", async () => {
    const summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    await its.acting(its.manager, async (act) => {
        const wave = (await wavesOf(act, caseId)).find(({ tier }) => tier === "validate")
        await freezeWave(act, wave?.id ?? "")
    })
    its.clock.now = parseInstant("2025-07-03T17:00:00Z")
    await fall(its, caseId, "advance", [summary])
    expect(await alone(summary)).toEqual(nothing(summary))
})

test("what a pack gives to the lower tier alone", async () => {
    const patch = await newArtifact(its, caseId, "patch", "toolshell/summary.md")
    const [policy] = kubernetesPack.policies
    if (policy === undefined) throw new Error("the pack has no policy")
    const version = await its.acting(its.manager, (act) => addPolicy(act, policy))
    const approval = await its.acting(its.manager, (act) => requestActivation(act, version))
    await sign(its, approval)
    await its.acting(its.manager, (act) => activatePolicy(act, version, approval))
    its.clock.now = parseInstant("2025-07-03T17:00:00Z")
    await fall(its, caseId, "advance", [patch])
    expect(await alone(patch)).toEqual(nothing(patch))
})
