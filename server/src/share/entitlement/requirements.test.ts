/**
 * Whoever owes something is in what is previewed and signed: by its own act alone it has that, as soon as it gives it.
 */
import { afterEach, beforeEach, expect, test } from "vitest"
import { addAgreementAtOnce } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    fall,
    newArtifact,
    newCase,
    newPartner,
    program,
    sign,
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
import { listWarnings } from "../delivery/actions/projection.ts"
import { previewChange } from "./actions/list-changes.ts"
import { activatePolicy, previewPolicy, requestActivation } from "./actions/manage-policies.ts"
import type { Difference } from "./compare.ts"

let world: Program
let caseId: string
let summary: string
let high: TestPartner
let low: TestPartner

beforeEach(async () => {
    world = await program()
    high = await newPartner(world, "validate")
    low = await newPartner(world, "entry")
    caseId = await newCase(world, "toolshell")
    summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(world, caseId, "validate", [summary])
}, 120_000)
afterEach(() => world.database.close())

const asManager = <T>(work: Parameters<typeof world.acting<T>>[1]) => world.acting(world.manager, work)
const preview = (partner: TestPartner, change: FactChange) =>
    asManager((ctx) => previewChange(ctx, [partner.id], change))
const toHigher = { fact: "tier", value: "validate" } as const
const shown = (differences: readonly Difference[]) =>
    differences.map(({ partners, artifacts, change, onceRequirementsMet: onceGiven }) => ({
        partners,
        artifacts,
        change,
        onceGiven,
    }))
const warned = (partner: TestPartner) => world.acting(partner.analyst, (ctx) => listWarnings(ctx, partner.id))

/** A new version of the agreement, which nobody has accepted yet. */
async function lapse(): Promise<void> {
    await asManager((ctx) => addAgreementAtOnce(ctx, "Keep it to yourselves, really. ".repeat(10), null))
    world.clock.now += 1000
}

async function accept(partner: TestPartner): Promise<void> {
    world.clock.now += 1000
    await world.acting(partner.lead, (ctx) => acceptAgreement(ctx, 2))
    world.clock.now += 1000
}

test("the preview of a tier shows what a partner has by it as soon as it gives what it owes", async () => {
    const { differences: before } = await preview(low, toHigher)
    expect(before.map(({ onceRequirementsMet: onceGiven }) => onceGiven)).toEqual([false])
    await lapse()
    const { differences } = await preview(low, toHigher)
    expect(shown(differences)).toEqual([
        { partners: [low.id], artifacts: [summary], change: "earlier", onceGiven: true },
    ])
    expect(differences.map((difference) => difference.after)).toEqual(before.map((difference) => difference.after))

    const effects = await asManager((ctx) => computeChangeEffects(ctx, low.id, toHigher))
    const approval = await asManager((ctx) => requestApproval(ctx, effects ?? expect.fail()))
    await sign(world, approval)
    await asManager((ctx) => changeTier(ctx, low.id, "validate", { approval }))
    expect(await warned(low)).toEqual([])
    await accept(low)
    expect(await warned(low)).toHaveLength(1)
})

test("whoever gains by a policy, once it has given what it owes, is named in what two sign", async () => {
    const rmsv = dutyTable.filter(({ regime }) => regime === "RMSV")
    await asManager((ctx) => setDuties(ctx, high.id, rmsv))
    await asManager((ctx) => activatePolicy(ctx, 2))
    await lapse()
    const { differences, effects } = await asManager((ctx) => previewPolicy(ctx, 1))
    expect(shown(differences)).toEqual([
        { partners: [high.id], artifacts: [summary], change: "earlier", onceGiven: true },
    ])
    expect(effects).toMatchObject({ recipients: [high.id], artifacts: [{ artifact: summary, version: 1 }] })

    const approval = await asManager((ctx) => requestActivation(ctx, 1))
    await sign(world, approval)
    // That it gives it meanwhile is no reason to sign anew.
    await accept(high)
    await asManager((ctx) => activatePolicy(ctx, 1, approval))
    expect(await warned(high)).toHaveLength(1)
})

test("an answer to an embargo is owed for its case alone, and shown as that", async () => {
    const other = await newCase(world, "bypass")
    const rules = await newArtifact(world, other, "rules", "toolshell/guidance.md")
    await world.acting(world.author, (ctx) => inviteToEmbargo(ctx, caseId, low.id))
    const { differences } = await preview(low, toHigher)
    const sooner = { partners: [low.id], change: "earlier" }
    expect(shown(differences)).toEqual([
        { ...sooner, artifacts: [rules], onceGiven: false },
        { ...sooner, artifacts: [summary], onceGiven: true },
    ])
    await world.acting(low.lead, (ctx) => answerInvitation(ctx, caseId, true))
    expect((await preview(low, toHigher)).differences.map((difference) => difference.onceRequirementsMet)).toEqual([
        false,
        false,
    ])
})

test("what a suspension takes is shown of whoever owes something, too; who owes nothing is shown once", async () => {
    await lapse()
    await accept(low)
    const lost = await preview(high, { fact: "status", value: "suspended" })
    expect(shown(lost.differences)).toEqual([
        { partners: [high.id], artifacts: [summary], change: "narrower", onceGiven: true },
    ])
    const both = await asManager((ctx) => previewChange(ctx, [low.id, high.id], { fact: "status", value: "suspended" }))
    expect(shown(both.differences)).toEqual([
        { partners: [low.id], artifacts: [summary], change: "narrower", onceGiven: false },
        { partners: [high.id], artifacts: [summary], change: "narrower", onceGiven: true },
    ])
    await asManager((ctx) => changePartnerStatus(ctx, high.id, "suspended"))
    expect((await preview(high, { fact: "status", value: "suspended" })).differences).toEqual([])
})

test("whoever owes nothing is decided about no more often because somebody else does", async () => {
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
    await lapse()
    await accept(low)
    expect(await questions()).toBe(before)
})
