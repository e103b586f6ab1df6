/** What two people give back is signed with each version that the partner comes to read by it. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { codeOf, operator } from "../../../test/acting.ts"
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
import { approval as approvalOf, signApproval } from "../../trust/approvals/actions.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { standingOf } from "../../trust/partners/actions/facts.ts"
import { conclude, confirmFinding } from "../inquiries/actions/findings.ts"
import { openInquiry } from "../inquiries/actions/inquiries.ts"
import * as decisions from "./actions/decisions.ts"
import { liftRestriction, reinstate, requestLift, requestLoosening, requestReinstatement } from "./actions/giving.ts"
import { answerLetter, ownLetters } from "./actions/letters.ts"
import { openProcedure } from "./actions/procedures.ts"
import { restrictPartner, suspend } from "./actions/taking.ts"

let its: Program
let partner: TestPartner
let caseId: string
let technical: string
let poc: string
beforeEach(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
    caseId = await newCase(its, "toolshell")
    technical = await newArtifact(its, caseId, "technical", "toolshell/technical.md")
    poc = await newArtifact(its, caseId, "poc", "toolshell/poc.py")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [technical, poc])
}, 120_000)
afterEach(() => its.database.close())

const reason = "As it was found."
const manages = <T>(work: (act: Act) => Promise<T>, by: Actor = its.manager) => its.acting(by, work)
const effectsOf = async (id: string) => (await manages((act) => approvalOf(act, id))).effects
const artifactsIn = async (id: string) => (await effectsOf(id)).artifacts.map(({ artifact }) => artifact)
const standing = () => manages((act) => standingOf(act, partner.id))
const suspends = () => manages((act) => suspend(act, { partner: partner.id, reason }), its.investigator)
const both = () => [technical, poc].toSorted()
/** What a wave opens after the request, which no signer saw. */
const opensMore = async () => {
    its.clock.now += 1000
    await fall(its, caseId, "validate", [await newArtifact(its, caseId, "guidance", "toolshell/guidance.md")])
}

test("a reinstatement lists each version, bars their author, and no longer holds once there is more", async () => {
    await suspends()
    const request = () => manages((act) => requestReinstatement(act, partner.id))
    const id = await request()
    expect(await artifactsIn(id)).toEqual(both())
    expect((await effectsOf(id)).recipients).toEqual([partner.id])
    expect((await effectsOf(id)).authors).toEqual([its.author.person, its.investigator.person].toSorted())
    await sign(its, id)
    await opensMore()
    const back = (approval: string) => manages((act) => reinstate(act, { partner: partner.id, approval, reason }))
    expect(await codeOf(back(id))).toBe("approval.effects_exceeded")
    expect(await standing()).toBe("suspended")

    const again = await request()
    expect(await artifactsIn(again)).toHaveLength(3)
    await sign(its, again)
    await back(again)
    expect(await standing()).toBe("active")
})

test("a lifted restriction and a relaxed one list what they give back", async () => {
    const restriction = { withhold: ["poc", "technical"], notBeforePublication: false, cases: null }
    await manages((act) => restrictPartner(act, { partner: partner.id, ...restriction, reason }))
    const less = { ...restriction, withhold: ["poc"] }
    const [lift, relax] = await manages(async (act) => [
        await requestLift(act, partner.id),
        await requestLoosening(act, partner.id, less),
    ])
    expect(await artifactsIn(lift)).toEqual(both())
    expect(await artifactsIn(relax)).toEqual([technical])
    await sign(its, relax)
    await manages((act) => restrictPartner(act, { partner: partner.id, ...less, reason, approval: relax }))

    const rest = await manages((act) => requestLift(act, partner.id))
    expect(await artifactsIn(rest)).toEqual([poc])
    await sign(its, rest)
    its.clock.now += 1000
    await fall(its, caseId, "validate", [await newArtifact(its, caseId, "poc", "toolshell/summary.md")])
    const lifted = manages((act) => liftRestriction(act, { partner: partner.id, approval: rest, reason }))
    expect(await codeOf(lifted)).toBe("approval.effects_exceeded")
})

test("an appeal that ends a suspension lists what it gives back", async () => {
    const colleague = await operator(its.acting, ["investigator", "approver"])
    const inquiry = await manages(
        (act) => openInquiry(act, { case: caseId, title: "The paste", evidence: [], members: [colleague.person] }),
        its.investigator,
    )
    const said = { partner: partner.id, conclusion: "It was pasted.", confidence: "high", obligation: "2.2" } as const
    const signs = async (id: string, by: Actor) => {
        const { effectsHash } = await its.acting(by, (act) => approvalOf(act, id))
        await its.acting(by, (act) => signApproval(act, id, effectsHash))
    }
    const { finding, approval } = await manages((act) => conclude(act, inquiry, said), its.investigator)
    await signs(approval, colleague)
    await manages((act) => confirmFinding(act, inquiry, finding), its.investigator)
    const id = await manages((act) => openProcedure(act, { inquiry, finding, reason }), its.investigator)
    const letter = async () => (await manages(ownLetters, partner.lead))[0]?.id ?? ""
    const concern = await letter()
    await manages((act) => answerLetter(act, concern, "It was stolen."), partner.lead)
    its.clock.now += 1000
    const decision = { reason, returnFrom: its.clock.now + 30 * dayMs, terms: "An access log." }
    const sanction = await manages((act) => decisions.requestDecision(act, id, { outcome: "suspension", ...decision }))
    expect(await artifactsIn(sanction)).toEqual([])
    await sign(its, sanction)
    await manages((act) => decisions.carryOutDecision(act, id, sanction))
    const decided = await letter()
    await manages((act) => decisions.appealLetter(act, decided, "We had an intruder."), partner.lead)

    const second = await operator(its.acting, ["manager"])
    const third = await operator(its.acting, ["approver"])
    const none = { outcome: "none", reason, returnFrom: null, terms: null } as const
    const appeal = await manages((act) => decisions.requestAppealDecision(act, id, none), second)
    expect(await artifactsIn(appeal)).toEqual(both())
    await signs(appeal, third)
    await opensMore()
    const carry = manages((act) => decisions.carryOutAppealDecision(act, id, appeal), second)
    expect(await codeOf(carry)).toBe("approval.effects_exceeded")
    expect(await standing()).toBe("suspended")
})
