/**
 * A version of the agreement that is accepted before it applies: it takes nothing away, and what it gives is signed
 * for.
 */
import { afterEach, beforeEach, expect, test } from "vitest"
import { addAgreementAtOnce, recorded } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
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
import { previewAgreement } from "../entitlement/actions/find-expiries.ts"
import { listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"

let world: Program
let item: TestPartner
let other: TestPartner
let caseId: string
let summary: string

const falls = parseInstant("2025-06-24T17:00:00Z")

beforeEach(async () => {
    world = await program()
    item = await newPartner(world, "validate")
    other = await newPartner(world, "validate")
}, 120_000)
afterEach(() => world.database.close())

const decided = (id: string) => world.acting(world.manager, (ctx) => findEntitlement(ctx, id, summary))
const has = async ({ id }: TestPartner) => (await decided(id))?.version ?? null
const lacks = async ({ id }: TestPartner) => (await decided(id))?.decision.reasons.map(({ title }) => title)
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

async function arm(): Promise<void> {
    const { id } = await validateWave()
    await sign(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, id)))
}

/** A version to come, signed by two where it consents to more, which both leads accept at once. */
async function acceptedEarly(longestEmbargoDays: number, applies: Instant): Promise<void> {
    const { seen, version } = await world.acting(world.manager, (ctx) =>
        previewAgreement(ctx, applies, longestEmbargoDays),
    )
    const text = "Another text. ".repeat(10)
    const approval = await world.acting(world.manager, async (ctx) => {
        const effects = await computeAgreementEffects(ctx, text, null, [], longestEmbargoDays)
        return effects ? await requestApproval(ctx, effects) : undefined
    })
    if (approval !== undefined) await sign(world, approval)
    const besides = { longestEmbargoDays, applies, seen, approval }
    await world.acting(world.manager, (ctx) => addAgreement(ctx, text, null, [], besides))
    world.clock.now += 1
    for (const partner of [item, other]) await accept(partner, version)
}

test("shorter advance consent takes nothing of an earlier embargo; a later end needs an answer", async () => {
    await openCase()
    await arm()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    await acceptedEarly(10, falls + dayMs)
    expect(await has(other)).toBe(1)

    world.clock.now = falls + 2 * dayMs
    expect(await has(other)).toBe(1)
    await world.acting(other.lead, (ctx) => exitEmbargo(ctx, caseId))
    expect(await has(other)).toBeNull()

    await world.acting(world.author, (ctx) =>
        moveEmbargo(ctx, caseId, parseInstant("2025-07-09T17:00:00Z"), "The fix takes a day more."),
    )
    expect(await has(item)).toBeNull()
    const consents = await world.acting(world.author, (ctx) => listConsents(ctx, caseId))
    expect(consents.map(({ partner, state }) => [partner, state])).toEqual([
        [other.id, "declined"],
        [item.id, "invited"],
    ])
    await world.acting(item.lead, (ctx) => answerInvitation(ctx, caseId, true))
    expect(await has(item)).toBe(1)
})

test("one that consents to less covers no embargo that is agreed once it applies", async () => {
    await acceptedEarly(10, world.clock.now + hourMs)
    world.clock.now += 2 * hourMs
    await openCase()
    expect(await lacks(item)).toContain("The partner has not been asked to keep this embargo")
})

test("whoever lapses by it is not said to be without consent, and has all again by accepting it", async () => {
    await openCase()
    await arm()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Another text. ".repeat(10), null, [], 10))
    expect(await has(item)).toBeNull()
    expect(await lacks(item)).toContain("The partner's consent to this embargo has lapsed")
    world.clock.now += dayMs
    await accept(item, 2)
    expect(await has(item)).toBe(1)
})

test("longer advance consent that begins to apply voids the approval of a wave signed without it", async () => {
    await world.acting(world.manager, (ctx) => addAgreementAtOnce(ctx, "Short. ".repeat(20), null, [], 10))
    for (const partner of [item, other]) await accept(partner, 2)
    world.clock.now += 1
    await openCase()
    await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, caseId, item.id))
    await world.acting(item.lead, (ctx) => answerInvitation(ctx, caseId, true))
    const applies = world.clock.now + 12 * hourMs
    await acceptedEarly(365, applies)
    await checkTasksJob.run(world.services)
    await arm()
    const fallen = async () => (await recorded(world.database)).filter(({ kind }) => kind === "wave.approval_voided")

    world.clock.now = applies - 1
    await checkTasksJob.run(world.services)
    expect(await fallen()).toEqual([])
    world.clock.now = applies + hourMs
    await checkTasksJob.run(world.services)
    expect((await fallen()).map(({ body }) => [body["case"], body["code"]])).toEqual([
        [caseId, "release.effects_changed"],
    ])
    await arm()
    world.clock.now = falls
    await releaseWavesJob.run(world.services)
    expect([await has(item), await has(other)]).toEqual([1, 1])
})
