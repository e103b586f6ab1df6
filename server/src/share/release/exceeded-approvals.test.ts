/** One person's change would exceed an approval: more recipients, more readers of a partner, or a later application. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import {
    addPartner,
    changePartnerStatus,
    computeChangeEffects,
    setDuties,
} from "../../trust/partners/actions/change-partner.ts"
import {
    type NewMember,
    addMemberAsStaff,
    computeLinkEffects,
    computeMemberEffects,
    renewMemberLinkAsStaff,
} from "../../trust/partners/roster/actions/manage-roster.ts"
import { addKey, computeAcceptanceEffects } from "../../trust/partners/keys/actions/manage-keys.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { activatePolicy, addPolicy } from "../entitlement/actions/manage-policies.ts"
import { threeTierWithDuty } from "../entitlement/packs/three-tier.ts"
import { listWaves } from "../waves/actions.ts"
import type { WaveTier } from "../waves/wave.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"
import { runEmergencyRelease, closeCaseWithWaves, requestEmergencyRelease } from "./actions/emergency-release.ts"
import { linkCasesByTwo } from "./actions/link-cases.ts"
import { liftRecallByTwo } from "./actions/lift-recall.ts"

let world: Program
beforeEach(async () => {
    world = await createProgram()
})
afterEach(async () => await world.database.close())

async function handleEvents(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
}
const waveOf = async (subject: string, tier: WaveTier) =>
    (await world.acting(world.manager, (ctx) => listWaves(ctx, subject))).find((wave) => wave.tier === tier)?.id ?? ""
const versionFor = async ({ id }: { id: string }, artifact: string) =>
    await world.acting(world.manager, async (ctx) => (await findEntitlement(ctx, id, artifact))?.version ?? null)
const signedFor = async (id: string) => (await world.acting(world.approver, (ctx) => loadApproval(ctx, id))).effects

/** Two partners of one tier, of which one reports; steps that come to it by a link only; and one person who links. */
async function underOneLink() {
    const plain = await newPartner(world, "advance")
    const reports = await newPartner(world, "advance")
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await world.acting(world.manager, (ctx) => setDuties(ctx, reports.id, rmsv))
    const [first, bypass] = [await newCase(world, "toolshell"), await newCase(world, "bypass")]
    await newArtifact(world, bypass, "summary", "toolshell/summary.md")
    const steps = await newArtifact(world, bypass, "repro", "toolshell/technical.md")
    const text = `${threeTierWithDuty.text}
@id("joint") @title("Steps of the first case, and of what descends from it, go to the tier advance at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when { resource.class == Class::"repro" && principal.tier == Tier::"advance" &&
resource.cases.contains(Case::"${first}") };`
    const example = `advance with RMSV | repro; bypass of ${first} | publication | at publication, open`
    const examples = `${threeTierWithDuty.examples}\n${example}`
    const version = await world.acting(world.manager, (ctx) => addPolicy(ctx, { name: "joint", text, examples }))
    await world.acting(world.manager, (ctx) => activatePolicy(ctx, version))
    const links = () =>
        world.acting(world.author, (ctx) => linkCasesByTwo(ctx, { from: bypass, to: first, kind: "bypass_of" }))
    return { plain, reports, bypass, steps, links }
}

test("the recipients of a wave are signed for: a link adds none", async () => {
    const { reports, bypass, steps, links } = await underOneLink()
    const wave = await waveOf(bypass, "publication")
    const signed = await world.acting(world.manager, (ctx) => requestRelease(ctx, wave))
    await signAsApprover(world, signed)
    expect((await signedFor(signed)).recipientGroups).toHaveLength(2)
    expect((await links()).done).toBe(true)
    await handleEvents()
    world.clock.now = parseInstant("2025-07-08T17:00:00Z")
    await releaseWavesJob.run(world.services)
    expect(await versionFor(reports, steps)).toBeNull()
})

test("a terminated embargo adds no recipients", async () => {
    const { plain, reports, bypass, steps, links } = await underOneLink()
    const signed = await world.acting(world.manager, (ctx) => requestEmergencyRelease(ctx, bypass, "it is out"))
    await signAsApprover(world, signed)
    expect((await links()).done).toBe(true)
    const done = world.acting(world.manager, (ctx) => runEmergencyRelease(ctx, bypass, signed))
    expect(await awaitRefusalCode(done)).toBe("approval.effects_exceeded")
    expect([await versionFor(plain, steps), await versionFor(reports, steps)]).toEqual([null, null])
})

async function releaseAndPostpone() {
    const partner = await newPartner(world, "validate")
    const subject = await newCase(world, "toolshell")
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, subject, "validate", [summary])
    const putOff = () =>
        world.acting(world.author, (ctx) => moveEmbargo(ctx, subject, parseInstant("2025-07-20T17:00:00Z"), "late"))
    return { partner, of: subject, summary, putOff }
}

test("lifting a recall is signed for its readers, also while it waits", async () => {
    const { partner, summary, putOff } = await releaseAndPostpone()
    const recall = await world.acting(world.manager, (ctx) =>
        recallArtifact(ctx, summary, { version: 1, reason: "wrong" }),
    )
    await putOff()
    world.clock.now += 1
    const ending = await world.acting(world.author, (ctx) => liftRecallByTwo(ctx, recall, undefined))
    expect(await signedFor(ending.approval)).toMatchObject({
        recipients: [partner.id],
        artifacts: [{ artifact: summary, version: 1 }],
    })
})

test("a withdrawal that waits is notified to the partners warned", async () => {
    const { partner, of: subject, putOff } = await releaseAndPostpone()
    await putOff()
    world.clock.now += 1
    await world.acting(world.author, (ctx) => closeCaseWithWaves(ctx, subject, "not a flaw"))
    const notified = (await listEvents(world.database)).find(({ kind }) => kind === "case.withdrawal_announced")
    expect(notified?.body["recipients"]).toEqual([partner.id])
})

test.each([
    ["one person more", (id: string) => addByTwo(id, mallory)],
    [
        "a key that a lead adds",
        async (partner: string, person: string) => {
            const recipient = await identityToRecipient(await generateX25519Identity())
            const lead = { kind: "partner", partner, person, roles: ["lead"] } as const
            const { id: key } = await world.acting(lead, (ctx) => addKey(ctx, recipient))
            const acceptance = { partner, key, atOnce: false }
            const accepted = world.acting(world.manager, (ctx) => computeAcceptanceEffects(ctx, acceptance))
            expect(await awaitRefusalCode(accepted)).toBe("key.no_case_access")
        },
    ],
    [
        "a new link for a person",
        async (id: string, lead: string) => {
            const renewal = { partner: id, person: lead, isUrgent: true }
            const effects = await world.acting(world.manager, (ctx) => computeLinkEffects(ctx, renewal))
            const acting = await world.acting(world.manager, (ctx) => requestApproval(ctx, effects))
            await signAsApprover(world, acting)
            await world.acting(world.manager, (ctx) => renewMemberLinkAsStaff(ctx, renewal, acting))
        },
    ],
])("an admission covers its roster and keys: %s, and the approval is voided", async (_, change) => {
    const invited = { name: "New", mail: "p@new.example", tier: "validate", status: "invited" } as const
    const id = await world.acting(world.manager, (ctx) => addPartner(ctx, invited))
    const lead = await addByTwo(id, { ...mallory, name: "Lea" })
    const effects = await world.acting(world.manager, (ctx) =>
        computeChangeEffects(ctx, id, { fact: "status", value: "active" }),
    )
    const roster = [{ person: lead.person, roles: ["lead"], details: expect.any(String) }]
    expect(effects?.detail).toEqual({ roster, recipients: [] })
    const acting = await world.acting(world.manager, (ctx) => requestApproval(ctx, effects ?? noEffects()))
    await signAsApprover(world, acting)
    await change(id, lead.person)
    const done = world.acting(world.manager, (ctx) => changePartnerStatus(ctx, id, "active", { approval: acting }))
    expect(await awaitRefusalCode(done)).toMatch(/^approval\.(already_voided|effects_exceeded)$/)
})

/** Adds a partner's person by the operator. */
async function addByTwo(id: string, person: NewMember) {
    const effects = await world.acting(world.manager, (ctx) => computeMemberEffects(ctx, id, person))
    const acting = await world.acting(world.manager, (ctx) => requestApproval(ctx, effects))
    await signAsApprover(world, acting)
    return await world.acting(world.manager, (ctx) => addMemberAsStaff(ctx, id, person, acting))
}

const mallory = { name: "Mallory", mail: "mallory@new.example", roles: ["lead"] } as const

function noEffects(): never {
    throw new Error("nobody would have to sign")
}
