/**
 * Previews and signatures include partners with open requirements, as meeting them opens content without another
 * person.
 */
import { afterEach, beforeEach, expect, test } from "vitest"
import { addAgreementAtOnce } from "../../../../test/support/actors.ts"
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
import { parseInstant } from "@tocsin/base/instant"
import { requestApproval } from "../../trust/approvals/actions/request-approval.ts"
import { acceptAgreement } from "../../trust/partners/agreements/actions/accept-agreement.ts"
import {
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    setDuties,
} from "../../trust/partners/actions/change-partner.ts"
import { dutyTable } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import type { FactChange } from "../../trust/partners/facts.ts"
import { answerInvitation, inviteToEmbargo } from "../cases/actions/answer-invitation.ts"
import { listWarnings } from "../delivery/actions/project-warnings.ts"
import { previewChange } from "./actions/preview-change.ts"
import { activatePolicy, previewPolicy, requestActivation } from "./actions/manage-policies.ts"
import type { Difference } from "./compare.ts"

let world: Program
let caseId: string
let summary: string
let high: TestPartner
let low: TestPartner

beforeEach(async () => {
    world = await createProgram()
    high = await newPartner(world, "validate")
    low = await newPartner(world, "entry")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary])
}, 120_000)
afterEach(() => world.database.close())

const asManager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const preview = (partner: TestPartner, change: FactChange) =>
    asManager((ctx) => previewChange(ctx, [partner.id], change))
const higherTier = { fact: "tier", value: "validate" } as const
const differencesOf = (differences: readonly Difference[]) =>
    differences.map(({ partners, artifacts, change, onceRequirementsMet: onceGiven }) => ({
        partners,
        artifacts,
        change,
        onceGiven,
    }))
const listPartnerWarnings = (partner: TestPartner) =>
    world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))

/** Adds a new version of the agreement, which no partner has accepted yet. */
async function addAgreementVersion(): Promise<void> {
    await asManager((ctx) => addAgreementAtOnce(ctx, "Keep it to yourselves, really. ".repeat(10), null))
    world.clock.now += 1000
}

async function accept(partner: TestPartner): Promise<void> {
    world.clock.now += 1000
    await world.acting(partner.lead, (ctx) => acceptAgreement(ctx, 2))
    world.clock.now += 1000
}

test("the preview of a tier shows what a partner has once it meets its requirements", async () => {
    const { differences: before } = await preview(low, higherTier)
    expect(before.map(({ onceRequirementsMet: onceGiven }) => onceGiven)).toEqual([false])
    await addAgreementVersion()
    const { differences } = await preview(low, higherTier)
    expect(differencesOf(differences)).toEqual([
        { partners: [low.id], artifacts: [summary], change: "earlier", onceGiven: true },
    ])
    expect(differences.map((difference) => difference.after)).toEqual(before.map((difference) => difference.after))

    const effects = await asManager((ctx) => computeChangeEffects(ctx, low.id, higherTier))
    const approval = await asManager((ctx) => requestApproval(ctx, effects ?? expect.fail()))
    await signAsApprover(world, approval)
    await asManager((ctx) => changeTier(ctx, low.id, "validate", { approval }))
    expect(await listPartnerWarnings(low)).toEqual([])
    await accept(low)
    expect(await listPartnerWarnings(low)).toHaveLength(1)
})

test("a partner that would gain once it meets its requirements is named in the signature", async () => {
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await asManager((ctx) => setDuties(ctx, high.id, rmsv))
    await asManager((ctx) => activatePolicy(ctx, 2))
    await addAgreementVersion()
    const { differences, effects } = await asManager((ctx) => previewPolicy(ctx, 1))
    expect(differencesOf(differences)).toEqual([
        { partners: [high.id], artifacts: [summary], change: "earlier", onceGiven: true },
    ])
    expect(effects).toMatchObject({ recipients: [high.id], artifacts: [{ artifact: summary, version: 1 }] })

    const approval = await asManager((ctx) => requestActivation(ctx, 1))
    await signAsApprover(world, approval)
    // Meeting the requirement meanwhile needs no new signature.
    await accept(high)
    await asManager((ctx) => activatePolicy(ctx, 1, approval))
    expect(await listPartnerWarnings(high)).toHaveLength(1)
})

test("an answer to an embargo is required for its case only, and shown so", async () => {
    const other = await newCase(world, "bypass")
    const rules = await newArtifact(world, other, "rules", "toolshell/guidance.md")
    await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, caseId, low.id))
    const { differences } = await preview(low, higherTier)
    const sooner = { partners: [low.id], change: "earlier" }
    expect(differencesOf(differences)).toEqual([
        { ...sooner, artifacts: [rules], onceGiven: false },
        { ...sooner, artifacts: [summary], onceGiven: true },
    ])
    await world.acting(low.lead, (ctx) => answerInvitation(ctx, caseId, true))
    expect((await preview(low, higherTier)).differences.map((difference) => difference.onceRequirementsMet)).toEqual([
        false,
        false,
    ])
})

test("a suspension shows what it takes from partners with open requirements, too, and others once", async () => {
    await addAgreementVersion()
    await accept(low)
    const lost = await preview(high, { fact: "status", value: "suspended" })
    expect(differencesOf(lost.differences)).toEqual([
        { partners: [high.id], artifacts: [summary], change: "narrower", onceGiven: true },
    ])
    const both = await asManager((ctx) => previewChange(ctx, [low.id, high.id], { fact: "status", value: "suspended" }))
    expect(differencesOf(both.differences)).toEqual([
        { partners: [low.id], artifacts: [summary], change: "narrower", onceGiven: false },
        { partners: [high.id], artifacts: [summary], change: "narrower", onceGiven: true },
    ])
    await asManager((ctx) => changePartnerStatus(ctx, high.id, "suspended"))
    expect((await preview(high, { fact: "status", value: "suspended" })).differences).toEqual([])
})

test("open requirements of one partner add no decisions for others", async () => {
    const questions = async () => {
        let requested = 0
        await asManager((ctx) => {
            const engine = ctx.services.policy
            const ask: typeof engine.decide = (...question) => {
                requested++
                return engine.decide(...question)
            }
            return previewPolicy({ ...ctx, services: { ...ctx.services, policy: { ...engine, decide: ask } } }, 2)
        })
        return requested
    }
    const before = await questions()
    await addAgreementVersion()
    await accept(low)
    expect(await questions()).toBe(before)
})
