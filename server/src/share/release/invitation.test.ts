/** A yes opens only content signed for the partner, and a yes voids no signed wave. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, createPartnerMember, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { handleNextEvent } from "../../kernel/worker.ts"
import { requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import {
    acceptAgreement,
    addAgreement,
    computeAgreementEffects,
    previewExpiry,
} from "../../trust/partners/agreements/actions/accept-agreement.ts"
import { addPartner, changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { answerInvitation, listConsents, exitEmbargo } from "../cases/actions/answer-invitation.ts"
import { moveEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { previewChange } from "../entitlement/actions/preview-change.ts"
import { findEntitlement } from "../entitlement/actions/decide-access.ts"
import { freezeWave, listWaves } from "../waves/actions.ts"
import { releaseWavesJob, requestRelease } from "./actions/release-wave.ts"
import { type InvitationTerms, type InvitationTarget, invitePartners } from "./actions/invite-partners.ts"

let world: Program
let caseId: string
let summary: string
let first: TestPartner
let second: TestPartner

beforeEach(async () => {
    world = await createProgram()
    first = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
})
afterEach(async () => await world.database.close())

const wave = async () => {
    const waves = await world.acting(world.manager, (ctx) => listWaves(ctx, caseId))
    return waves.find((wave) => wave.tier === "validate")?.id ?? ""
}

async function approveWave(): Promise<void> {
    const id = await wave()
    await signAsApprover(world, await world.acting(world.manager, (ctx) => requestRelease(ctx, id)))
}

/** The recipients of the release, or null when the wave was not released. */
async function releaseWave(): Promise<unknown> {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWavesJob.run(world.services)
    return (
        (await listEvents(world.database)).findLast(({ kind }) => kind === "wave.released")?.body["recipients"] ?? null
    )
}

const versionFor = async ({ id }: { id: string }) =>
    await world.acting(world.manager, async (ctx) => (await findEntitlement(ctx, id, summary))?.version ?? null)
/** Handles all recorded events. */
async function handleEvents(): Promise<void> {
    while (await handleNextEvent(world.services, eventHandlers));
}
async function ask(whom: InvitationTarget, terms: InvitationTerms = {}) {
    const done = await world.acting(world.author, (ctx) => invitePartners(ctx, caseId, whom, terms))
    await handleEvents()
    return done
}
async function answer({ lead }: Pick<TestPartner, "lead">, yes: boolean): Promise<void> {
    await world.acting(lead, (ctx) => answerInvitation(ctx, caseId, yes))
    await handleEvents()
}
const bothPartners = () => [first.id, second.id].toSorted()
const listVoided = async () =>
    (await listEvents(world.database)).filter(({ kind }) => kind === "wave.approval_voided").length

/** Let in by two, and has accepted nothing yet. */
async function newcomer() {
    const details = { name: "New", mail: "psirt@new.example", tier: "validate", status: "active" } as const
    const id = await world.acting(world.manager, (ctx) => addPartner(ctx, details))
    return { id, lead: await createPartnerMember(world.acting, id, ["lead"]) }
}

test("a signature includes partners without an answer, so that a late yes opens the signed content", async () => {
    await ask({ tier: "validate" })
    await answer(first, true)
    await approveWave()
    expect(await releaseWave()).toEqual(bothPartners())
    expect([await versionFor(first), await versionFor(second)]).toEqual([1, null])
    world.clock.now += dayMs
    await answer(second, true)
    expect((await fetchCopyText(world, second, summary)).length).toBeGreaterThan(0)
})

test("an invitation voids a signature without the partner, and no answer voids one", async () => {
    await world.acting(second.lead, (ctx) => exitEmbargo(ctx, caseId))
    await approveWave()
    await ask({ partner: first.id })
    expect(await listVoided()).toBe(0)
    await ask({ partner: second.id })
    expect(await listVoided()).toBe(1)
    await approveWave()
    world.clock.now += 1
    await answer(first, true)
    await answer(second, false)
    expect(await releaseWave()).toEqual([first.id])
    expect([await listVoided(), await versionFor(first), await versionFor(second)]).toEqual([1, 1, null])
})

test("a partner that left before is invited by two once the wave was released without it", async () => {
    await world.acting(second.lead, (ctx) => exitEmbargo(ctx, caseId))
    await approveWave()
    expect(await releaseWave()).toEqual([first.id])
    const inviting = await ask({ partner: second.id })
    expect(inviting).toMatchObject({ done: false, invited: 0 })
    expect(await awaitRefusalCode(answer(second, true))).toBe("consent.not_open")
    const approval = inviting.approval ?? ""
    expect(await awaitRefusalCode(ask({ partner: second.id }, { approval }))).toBe("approval.not_signed")
    await signAsApprover(world, approval)
    expect(await awaitRefusalCode(ask({ partner: first.id }, { approval }))).toBe("done")
    expect(await ask({ partner: second.id }, { approval })).toEqual({ done: true, invited: 1, approval })
    await answer(second, true)
    expect(await versionFor(second)).toBe(1)
    await world.acting(second.lead, (ctx) => exitEmbargo(ctx, caseId))
    expect(await awaitRefusalCode(ask({ partner: second.id }, { approval }))).toBe("approval.already_applied")
})

test.each(["frozen", "put off"] as const)(
    "a partner that left is not invited by one person while the wave is %s",
    async (state) => {
        await world.acting(second.lead, (ctx) => exitEmbargo(ctx, caseId))
        await approveWave()
        await releaseWave()
        const waveId = await wave()
        const end = parseInstant("2025-07-15T17:00:00Z")
        await world.acting(world.author, async (ctx) => {
            if (state === "frozen") await freezeWave(ctx, waveId)
            else await moveEmbargo(ctx, caseId, end, "more time")
        })
        expect(await versionFor(second)).toBeNull()
        expect(await ask({ partner: second.id })).toMatchObject({ done: false })
    },
)

test("one person invites a partner that is signed for, before the release and after it", async () => {
    await approveWave()
    expect(await releaseWave()).toEqual(bothPartners())
    expect(await ask({ tier: "validate" }, { withinMs: 3 * dayMs })).toEqual({ done: true, invited: 2, approval: null })
    expect(await awaitRefusalCode(ask({ partner: first.id }))).toBe("consent.already_invited")
    expect(await ask({ tier: "validate" })).toEqual({ done: true, invited: 0, approval: null })
    world.clock.now += 3 * dayMs
    const states = (await world.acting(world.author, (ctx) => listConsents(ctx, caseId))).map(
        (onesConsent) => onesConsent.state,
    )
    expect(states).toEqual(["declined", "declined"])
    expect(await ask({ partner: first.id })).toMatchObject({ done: false })
})

test("a partner without an accepted agreement is signed for, and its acceptance opens the content", async () => {
    const late = await newcomer()
    await approveWave()
    expect(await releaseWave()).toEqual([...bothPartners(), late.id].toSorted())
    expect(await versionFor(late)).toBeNull()
    await world.acting(late.lead, (ctx) => acceptAgreement(ctx, 1))
    expect(await versionFor(late)).toBe(1)
})

test("an agreement with longer consent takes two people, one with shorter consent takes one", async () => {
    const add = (days: number, approval?: string) =>
        world.acting(world.manager, async (ctx) => {
            const { seen } = await previewExpiry(ctx, "at_once", days)
            const besides = { longestEmbargoDays: days, applies: "at_once", seen, approval } as const
            return await addAgreement(ctx, longer, null, [], besides)
        })
    const longer = "Keep it longer. ".repeat(10)
    expect(await awaitRefusalCode(add(10))).toBe("done")
    expect(await awaitRefusalCode(add(11))).toBe("partner.needs_two_people")
    const id = await world.acting(world.manager, async (ctx) => {
        const effects = await computeAgreementEffects(ctx, longer, null, [], 90)
        return effects ? await requestApproval(ctx, effects) : ""
    })
    expect(await awaitRefusalCode(add(90, id))).toBe("approval.not_signed")
    await signAsApprover(world, id)
    expect(await awaitRefusalCode(add(91, id))).toBe("approval.effects_exceeded")
    expect(await awaitRefusalCode(add(90, id))).toBe("done")
})

test("a signer of an admission sees what the partner has by accepting the agreement", async () => {
    const late = await newcomer()
    await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, late.id, "suspended"))
    await approveWave()
    await releaseWave()
    world.clock.now += 1
    const change = { fact: "status", value: "active" } as const
    const { differences } = await world.acting(world.manager, (ctx) => previewChange(ctx, [late.id], change))
    expect(differences.map((difference) => [difference.change, difference.after.available])).toEqual([["wider", true]])
})

test("a partner that accepts the agreement before the instant voids no wave", async () => {
    const late = await newcomer()
    await approveWave()
    world.clock.now += 1
    await world.acting(late.lead, (ctx) => acceptAgreement(ctx, 1))
    await handleEvents()
    expect(await releaseWave()).toEqual([...bothPartners(), late.id].toSorted())
    expect([await versionFor(first), await versionFor(late)]).toEqual([1, 1])
})
