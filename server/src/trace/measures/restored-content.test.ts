/** Two people sign the restoring of access together with each version that the partner can then read. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember } from "../../../../test/support/actors.ts"
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
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { loadPartnerStatus } from "../../trust/partners/actions/load-facts.ts"
import { proposeFinding, confirmFinding } from "../inquiries/actions/propose-finding.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import * as decisions from "./actions/decide-procedure.ts"
import {
    liftRestriction,
    reinstate,
    requestLift,
    requestRelaxation,
    requestReinstatement,
} from "./actions/restore-access.ts"
import { answerLetter, listLettersForPartner } from "./actions/send-letter.ts"
import { openProcedure } from "./actions/open-procedure.ts"
import { restrictPartner, suspendPartner } from "./actions/restrict-access.ts"

let world: Program
let partner: TestPartner
let caseId: string
let technical: string
let poc: string
beforeEach(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    caseId = await newCase(world, "toolshell")
    technical = await newArtifact(world, caseId, "technical", "toolshell/technical.md")
    poc = await newArtifact(world, caseId, "poc", "toolshell/poc.py")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [technical, poc])
}, 120_000)
afterEach(() => world.database.close())

const reason = "As it was found."
const manages = <T>(work: (ctx: ActionContext) => Promise<T>, by: Actor = world.manager) => world.acting(by, work)
const effectsOf = async (id: string) => (await manages((ctx) => loadApproval(ctx, id))).effects
const artifactsIn = async (id: string) => (await effectsOf(id)).artifacts.map(({ artifact }) => artifact)
const standing = () => manages((ctx) => loadPartnerStatus(ctx, partner.id))
const suspends = () => manages((ctx) => suspendPartner(ctx, { partner: partner.id, reason }), world.investigator)
const both = () => [technical, poc].toSorted()
/** Opens more content after the request, which no signer saw. */
const opensMore = async () => {
    world.clock.now += 1000
    await releaseWaveNow(world, caseId, "validate", [
        await newArtifact(world, caseId, "guidance", "toolshell/guidance.md"),
    ])
}

test("lists each version of a reinstatement, excludes their authors as signers, and is voided by more", async () => {
    await suspends()
    const request = () => manages((ctx) => requestReinstatement(ctx, partner.id))
    const id = await request()
    expect(await artifactsIn(id)).toEqual(both())
    expect((await effectsOf(id)).recipients).toEqual([partner.id])
    expect((await effectsOf(id)).authors).toEqual([world.author.person, world.investigator.person].toSorted())
    await signAsApprover(world, id)
    await opensMore()
    const back = (approval: string) => manages((ctx) => reinstate(ctx, { partner: partner.id, approval, reason }))
    expect(await awaitRefusalCode(back(id))).toBe("approval.effects_exceeded")
    expect(await standing()).toBe("suspended")

    const again = await request()
    expect(await artifactsIn(again)).toHaveLength(3)
    await signAsApprover(world, again)
    await back(again)
    expect(await standing()).toBe("active")
})

test("lists what a lifted or relaxed restriction restores", async () => {
    const restriction = { withhold: ["poc", "technical"], notBeforePublication: false, cases: null }
    await manages((ctx) => restrictPartner(ctx, { partner: partner.id, ...restriction, reason }))
    const less = { ...restriction, withhold: ["poc"] }
    const [lift, relax] = await manages(async (ctx) => [
        await requestLift(ctx, partner.id),
        await requestRelaxation(ctx, partner.id, less),
    ])
    expect(await artifactsIn(lift)).toEqual(both())
    expect(await artifactsIn(relax)).toEqual([technical])
    await signAsApprover(world, relax)
    await manages((ctx) => restrictPartner(ctx, { partner: partner.id, ...less, reason, approval: relax }))

    const rest = await manages((ctx) => requestLift(ctx, partner.id))
    expect(await artifactsIn(rest)).toEqual([poc])
    await signAsApprover(world, rest)
    world.clock.now += 1000
    await releaseWaveNow(world, caseId, "validate", [await newArtifact(world, caseId, "poc", "toolshell/summary.md")])
    const lifted = manages((ctx) => liftRestriction(ctx, { partner: partner.id, approval: rest, reason }))
    expect(await awaitRefusalCode(lifted)).toBe("approval.effects_exceeded")
})

test("lists what an appeal restores that ends a suspension", async () => {
    const colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    const inquiry = await manages(
        (ctx) => openInquiry(ctx, { case: caseId, title: "The paste", evidence: [], members: [colleague.person] }),
        world.investigator,
    )
    const input = { partner: partner.id, conclusion: "It was pasted.", confidence: "high", obligation: "2.2" } as const
    const signs = async (id: string, by: Actor) => {
        const { effectsHash } = await world.acting(by, (ctx) => loadApproval(ctx, id))
        await world.acting(by, (ctx) => signApproval(ctx, id, effectsHash))
    }
    const { finding, approval } = await manages((ctx) => proposeFinding(ctx, inquiry, input), world.investigator)
    await signs(approval, colleague)
    await manages((ctx) => confirmFinding(ctx, inquiry, finding), world.investigator)
    const id = await manages((ctx) => openProcedure(ctx, { inquiry, finding, reason }), world.investigator)
    const letter = async () => (await manages(listLettersForPartner, partner.lead))[0]?.id ?? ""
    const concern = await letter()
    await manages((ctx) => answerLetter(ctx, concern, "It was stolen."), partner.lead)
    world.clock.now += 1000
    const decision = { reason, returnFrom: world.clock.now + 30 * dayMs, terms: "An access log." }
    const sanction = await manages((ctx) => decisions.requestDecision(ctx, id, { outcome: "suspension", ...decision }))
    expect(await artifactsIn(sanction)).toEqual([])
    await signAsApprover(world, sanction)
    await manages((ctx) => decisions.applyDecision(ctx, id, sanction))
    const decided = await letter()
    await manages((ctx) => decisions.appealDecision(ctx, decided, "We had an intruder."), partner.lead)

    const second = await createStaffMember(world.acting, ["manager"])
    const third = await createStaffMember(world.acting, ["approver"])
    const none = { outcome: "none", reason, returnFrom: null, terms: null } as const
    const appeal = await manages((ctx) => decisions.requestAppealDecision(ctx, id, none), second)
    expect(await artifactsIn(appeal)).toEqual(both())
    await signs(appeal, third)
    await opensMore()
    const carry = manages((ctx) => decisions.applyAppealDecision(ctx, id, appeal), second)
    expect(await awaitRefusalCode(carry)).toBe("approval.effects_exceeded")
    expect(await standing()).toBe("suspended")
})
