/** An agreement version accepted before it applies takes nothing away, and its gains need a signature. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { addAgreementAtOnce, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import { checkTasksJob } from "../../trace/tasks/actions/notify-staff.ts"
import {
    acceptAgreement,
    addAgreement,
    computeAgreementEffects,
} from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { answerInvitation, listConsents, exitEmbargo, inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { previewAgreement } from "../entitlement/actions/preview-requirements.ts"
import { listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"

let world: Program
let item: TestPartner
let other: TestPartner
let caseId: string
let summary: string

const falls = parseInstant("2025-06-24T17:00:00Z")

beforeEach(async () => {
    world = await createProgram()
    item = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
}, 120_000)
afterEach(() => world.database.close())

const decided = (id: string) => world.acting(world.manager, (ctx) => findEntitlement(ctx, id, summary))
const versionFor = async ({ id }: TestPartner) => (await decided(id))?.version ?? null
const reasonsFor = async ({ id }: TestPartner) => (await decided(id))?.decision.reasons.map(({ title }) => title)
const accept = (partner: TestPartner, version: number) =>
    world.acting(partner.lead, (ctx) => acceptAgreement(ctx, version))

async function openCase(): Promise<void> {
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
}

async function validateWave() {
    const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))).find(
        ({ tier }) => tier === "validate",
    )
    if (!wave) throw new Error("no such wave")
    return wave
}

async function approveWave(): Promise<void> {
    const { id } = await validateWave()
    await signAsApprover(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, id)))
}

/** Adds a future agreement version, signed by two when it consents to more, and both leads accept it. */
async function acceptEarly(longestEmbargoDays: number, applies: Instant): Promise<void> {
    const { seen, version } = await world.acting(world.manager, (ctx) =>
        previewAgreement(ctx, applies, longestEmbargoDays),
    )
    const text = "Another text. ".repeat(10)
    const approval = await world.acting(world.manager, async (ctx) => {
        const effects = await computeAgreementEffects(ctx, text, null, [], longestEmbargoDays)
        return effects ? await requestApproval(ctx, effects) : undefined
    })
    if (approval !== undefined) await signAsApprover(world, approval)
    const besides = { longestEmbargoDays, applies, seen, approval }
    await world.acting(world.manager, (ctx) => addAgreement(ctx, text, null, [], besides))
    world.clock.now += 1
    for (const partner of [item, other]) await accept(partner, version)
}

test("shorter advance consent keeps an earlier embargo; a later end needs an answer", async () => {
    await openCase()
    await approveWave()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    await acceptEarly(10, falls + dayMs)
    expect(await versionFor(other)).toBe(1)

    world.clock.now = falls + 2 * dayMs
    expect(await versionFor(other)).toBe(1)
    await world.acting(other.lead, (ctx) => exitEmbargo(ctx, caseId))
    expect(await versionFor(other)).toBeNull()

    await world.acting(world.author, (ctx) =>
        moveEmbargo(ctx, caseId, parseInstant("2025-07-09T17:00:00Z"), "The fix takes a day more."),
    )
    expect(await versionFor(item)).toBeNull()
    const consents = await world.acting(world.author, (ctx) => listConsents(ctx, caseId))
    expect(consents.map(({ partner, state }) => [partner, state])).toEqual([
        [other.id, "declined"],
        [item.id, "invited"],
    ])
    await world.acting(item.lead, (ctx) => answerInvitation(ctx, caseId, true))
    expect(await versionFor(item)).toBe(1)
})

test("an agreement with shorter consent covers no embargo agreed once it applies", async () => {
    await acceptEarly(10, world.clock.now + hourMs)
    world.clock.now += 2 * hourMs
    await openCase()
    expect(await reasonsFor(item)).toContain("The partner is not invited to this embargo")
})

test("a partner that lapses is not shown as without consent, and regains all by accepting", async () => {
    await openCase()
    await approveWave()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Another text. ".repeat(10), null, [], 10))
    expect(await versionFor(item)).toBeNull()
    expect(await reasonsFor(item)).toContain("The partner's consent to this embargo has expired")
    world.clock.now += dayMs
    await accept(item, 2)
    expect(await versionFor(item)).toBe(1)
})

test("longer advance consent that begins to apply voids the approval of a wave signed without it", async () => {
    await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Short. ".repeat(20), null, [], 10))
    for (const partner of [item, other]) await accept(partner, 2)
    world.clock.now += 1
    await openCase()
    await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, caseId, item.id))
    await world.acting(item.lead, (ctx) => answerInvitation(ctx, caseId, true))
    const applies = world.clock.now + 12 * hourMs
    await acceptEarly(365, applies)
    await checkTasksJob.run(world.services)
    await approveWave()
    const listVoided = async () =>
        (await listEvents(world.database)).filter(({ kind }) => kind === "wave.approval_voided")

    world.clock.now = applies - 1
    await checkTasksJob.run(world.services)
    expect(await listVoided()).toEqual([])
    world.clock.now = applies + hourMs
    await checkTasksJob.run(world.services)
    expect((await listVoided()).map(({ body }) => [body["case"], body["code"]])).toEqual([
        [caseId, "release.effects_changed"],
    ])
    await approveWave()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    expect([await versionFor(item), await versionFor(other)]).toEqual([1, 1])
})
