/** One person makes wider what two have signed, or what nobody has: who gets what of it, who reads for a partner, what is put off. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import { type Program, fall, newArtifact, newCase, newPartner, program, sign } from "../../../test/program.ts"
import { flow } from "../../flow.ts"
import { parseInstant } from "../../lib/instant.ts"
import { runNext } from "../../platform/worker.ts"
import { approval, requestApproval } from "../../trust/approvals/actions.ts"
import { addPartner, changeStanding, effectsToSign, setDuties } from "../../trust/partners/actions/changes.ts"
import {
    type NewMember,
    addMemberTo,
    linkEffectsToSign,
    memberEffectsToSign,
    renewLinkFor,
} from "../../trust/partners/actions/roster.ts"
import { dutyTable } from "../../trust/partners/duty.ts"
import { recallArtifact } from "../artifacts/actions/recalls.ts"
import { moveEmbargo } from "../cases/actions/embargo.ts"
import { entitlementTo } from "../entitlement/actions/entitlements.ts"
import { activatePolicy, addPolicy } from "../entitlement/actions/policies.ts"
import { threeTierWithDuty } from "../entitlement/packs/three-tier.ts"
import { wavesOf } from "../waves/actions.ts"
import type { WaveTier } from "../waves/wave.ts"
import { releasing, requestRelease } from "./actions.ts"
import { breakAndRelease, closeForGood, requestBreaking } from "./actions/breaking.ts"
import { link } from "./actions/linking.ts"
import { makeAvailable } from "./actions/recalling.ts"

let its: Program
beforeEach(async () => {
    its = await program()
})
afterEach(async () => await its.database.close())

async function settle(): Promise<void> {
    while (await runNext(its.doors, flow));
}
const waveOf = async (of: string, tier: WaveTier) =>
    (await its.acting(its.manager, (act) => wavesOf(act, of))).find((one) => one.tier === tier)?.id ?? ""
const reads = async ({ id }: { id: string }, artifact: string) =>
    await its.acting(its.manager, async (act) => (await entitlementTo(act, id, artifact))?.version ?? null)
const signedFor = async (id: string) => (await its.acting(its.approver, (act) => approval(act, id))).effects

/** Two partners of one tier, of which one reports; steps that come to it by a link only; and one person who links. */
async function underOneLink() {
    const plain = await newPartner(its, "advance")
    const reports = await newPartner(its, "advance")
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await its.acting(its.manager, (act) => setDuties(act, reports.id, rmsv))
    const [first, bypass] = [await newCase(its, "toolshell"), await newCase(its, "bypass")]
    await newArtifact(its, bypass, "summary", "toolshell/summary.md")
    const steps = await newArtifact(its, bypass, "repro", "toolshell/technical.md")
    const text = `${threeTierWithDuty.text}
@id("joint") @title("Steps of the first case, and of what descends from it, go to the tier advance at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when { resource.class == Class::"repro" && principal.tier == Tier::"advance" && resource.cases.contains(Case::"${first}") };`
    const example = `advance with RMSV | repro; bypass of ${first} | publication | at publication, open`
    const examples = `${threeTierWithDuty.examples}\n${example}`
    const version = await its.acting(its.manager, (act) => addPolicy(act, { name: "joint", text, examples }))
    await its.acting(its.manager, (act) => activatePolicy(act, version))
    const links = () => its.acting(its.author, (act) => link(act, { from: bypass, to: first, kind: "bypass of" }))
    return { plain, reports, bypass, steps, links }
}

test("who gets what by a wave is signed for: a link gives nobody more by it", async () => {
    const { reports, bypass, steps, links } = await underOneLink()
    const wave = await waveOf(bypass, "publication")
    const signed = await its.acting(its.manager, (act) => requestRelease(act, wave))
    await sign(its, signed)
    expect((await signedFor(signed)).openings).toHaveLength(2)
    expect((await links()).done).toBe(true)
    await settle()
    its.clock.now = parseInstant("2025-07-08T17:00:00Z")
    await releasing.run(its.doors)
    expect(await reads(reports, steps)).toBeNull()
})

test("nor by a broken embargo", async () => {
    const { plain, reports, bypass, steps, links } = await underOneLink()
    const signed = await its.acting(its.manager, (act) => requestBreaking(act, bypass, "it is out"))
    await sign(its, signed)
    expect((await links()).done).toBe(true)
    const done = its.acting(its.manager, (act) => breakAndRelease(act, bypass, signed))
    expect(await codeOf(done)).toBe("approval.effects_exceeded")
    expect([await reads(plain, steps), await reads(reports, steps)]).toEqual([null, null])
})

async function fallenAndPutOff() {
    const partner = await newPartner(its, "validate")
    const of = await newCase(its, "toolshell")
    const summary = await newArtifact(its, of, "summary", "toolshell/summary.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, of, "validate", [summary])
    const putOff = () =>
        its.acting(its.author, (act) => moveEmbargo(act, of, parseInstant("2025-07-20T17:00:00Z"), "late"))
    return { partner, of, summary, putOff }
}

test("the end of a recall is signed for whom it opens, also while it is put off", async () => {
    const { partner, summary, putOff } = await fallenAndPutOff()
    const recall = await its.acting(its.manager, (act) => recallArtifact(act, summary, { version: 1, reason: "wrong" }))
    await putOff()
    its.clock.now += 1
    const asked = await its.acting(its.author, (act) => makeAvailable(act, recall, undefined))
    expect(await signedFor(asked.approval)).toMatchObject({
        recipients: [partner.id],
        artifacts: [{ artifact: summary, version: 1 }],
    })
})

test("a case that is withdrawn while it is put off is told to whom it had warned", async () => {
    const { partner, of, putOff } = await fallenAndPutOff()
    await putOff()
    its.clock.now += 1
    await its.acting(its.author, (act) => closeForGood(act, of, "not a flaw"))
    const told = (await recorded(its.database)).find(({ kind }) => kind === "case.withdrawal_announced")
    expect(told?.body["recipients"]).toEqual([partner.id])
})

test.each([
    ["a person more", (id: string) => addByTwo(id, mallory)],
    [
        "a new link of a person",
        async (id: string, lead: string) => {
            const effects = await its.acting(its.manager, (act) => linkEffectsToSign(act, id, lead))
            const asked = await its.acting(its.manager, (act) => requestApproval(act, effects))
            await sign(its, asked)
            await its.acting(its.manager, (act) => renewLinkFor(act, id, lead, asked))
        },
    ],
])("who is admitted is admitted with its roster: %s, and the signature falls", async (_, change) => {
    const invited = { name: "New", mail: "p@new.example", tier: "validate", standing: "invited" } as const
    const id = await its.acting(its.manager, (act) => addPartner(act, invited))
    const lead = await addByTwo(id, { ...mallory, name: "Lea" })
    const effects = await its.acting(its.manager, (act) =>
        effectsToSign(act, id, { fact: "standing", value: "active" }),
    )
    expect(effects?.detail).toEqual({ roster: [{ person: lead.person, roles: ["lead"], details: expect.any(String) }] })
    const asked = await its.acting(its.manager, (act) => requestApproval(act, effects ?? noEffects()))
    await sign(its, asked)
    await change(id, lead.person)
    const done = its.acting(its.manager, (act) => changeStanding(act, id, "active", { approval: asked }))
    expect(await codeOf(done)).toMatch(/^approval\.(already_voided|effects_exceeded)$/)
})

/** As the operator adds a person of a partner. */
async function addByTwo(id: string, person: NewMember) {
    const effects = await its.acting(its.manager, (act) => memberEffectsToSign(act, id, person))
    const asked = await its.acting(its.manager, (act) => requestApproval(act, effects))
    await sign(its, asked)
    return await its.acting(its.manager, (act) => addMemberTo(act, id, person, asked))
}

const mallory = { name: "Mallory", mail: "mallory@new.example", roles: ["lead"] } as const

function noEffects(): never {
    throw new Error("nobody would have to sign")
}
