/** A partner can have several measures at once. Each stays until it is ended, and the strictest sets the status. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { loadPartnerStatus } from "../../trust/partners/actions/load-facts.ts"
import { proposeFinding, confirmFinding } from "../inquiries/actions/propose-finding.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import * as decisions from "./actions/decide-procedure.ts"
import { reinstate, requestReinstatement } from "./actions/restore-access.ts"
import { listMeasures } from "./actions/record-measure.ts"
import { answerLetter, listLettersForPartner } from "./actions/send-letter.ts"
import { openProcedure, loadProcedure } from "./actions/open-procedure.ts"
import { applyReview, listSuspensionsToReview, requestReview } from "./actions/review-measure.ts"
import { suspendPartner } from "./actions/restrict-access.ts"
import type { Outcome } from "./procedure.ts"

let world: Program
let inquiry: string
let partner: TestPartner
let second: Actor
let third: Actor
let colleague: Actor & { readonly person: string }
const reason = "It was found so."

beforeAll(async () => {
    world = await createProgram()
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    second = await createStaffMember(world.acting, ["manager"])
    third = await createStaffMember(world.acting, ["approver"])
    const subject = await newCase(world, "toolshell")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    const open = { case: subject, title: "The paste", evidence: [], members: [colleague.person] }
    inquiry = await world.acting(world.investigator, (ctx) => openInquiry(ctx, open))
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now += 1000
    partner = await newPartner(world, "validate")
})

const by = <T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>) => world.acting(actor, work)
const standing = () => by(world.manager, (ctx) => loadPartnerStatus(ctx, partner.id))
const open = async () => {
    const measures = await by(world.manager, (ctx) => listMeasures(ctx, partner.id))
    return measures.filter(({ kind, endedAt }) => kind !== "reinstatement" && endedAt === null).map(({ kind }) => kind)
}
const newestLetter = async () => (await by(partner.lead, listLettersForPartner))[0]
const lastTurn = async (id: string) =>
    (await by(world.manager, (ctx) => loadProcedure(ctx, id))).history.at(-1)?.entry.kind

async function opened(): Promise<string> {
    const input = { partner: partner.id, conclusion: "Pasted.", confidence: "high", obligation: "2.2" } as const
    const { finding, approval } = await by(world.investigator, (ctx) => proposeFinding(ctx, inquiry, input))
    await signAsApprover(world, approval, colleague)
    await by(world.investigator, (ctx) => confirmFinding(ctx, inquiry, finding))
    const id = await by(world.investigator, (ctx) => openProcedure(ctx, { inquiry, finding, reason }))
    const letter = await newestLetter()
    await by(partner.lead, (ctx) => answerLetter(ctx, String(letter?.id), "It was not us."))
    return id
}

const run = (outcome: Outcome, days: number) => ({
    outcome,
    reason,
    returnFrom: outcome === "suspension" ? world.clock.now + days * dayMs : null,
    terms: outcome === "suspension" ? "It keeps a log." : null,
})

async function decided(id: string, outcome: Outcome, days = 30): Promise<void> {
    world.clock.now += 1000
    const approval = await by(world.manager, (ctx) => decisions.requestDecision(ctx, id, run(outcome, days)))
    await signAsApprover(world, approval)
    await by(world.manager, (ctx) => decisions.applyDecision(ctx, id, approval))
}

async function appealed(id: string, outcome: Outcome, days = 0): Promise<void> {
    world.clock.now += dayMs
    const letter = (await by(partner.lead, listLettersForPartner)).find(
        (letter) => letter.procedure === id && letter.kind !== "statement_of_concern",
    )
    await by(partner.lead, (ctx) => decisions.appealDecision(ctx, String(letter?.id), "We had an intruder."))
    const approval = await by(second, (ctx) => decisions.requestAppealDecision(ctx, id, run(outcome, days)))
    await signAsApprover(world, approval, third)
    await by(second, (ctx) => decisions.applyAppealDecision(ctx, id, approval))
}

const interim = () =>
    by(world.investigator, (ctx) => suspendPartner(ctx, { partner: partner.id, reason: "Another matter." }))
type From = "interim_suspension" | "suspension"
const asks = (from?: From) => by(world.manager, (ctx) => requestReinstatement(ctx, partner.id, from))
const carries = (approval: string, from?: From) =>
    by(world.manager, (ctx) => reinstate(ctx, { partner: partner.id, approval, reason, from }))
async function ends(from?: From): Promise<void> {
    const approval = await asks(from)
    await signAsApprover(world, approval)
    await carries(approval, from)
}

describe("two suspensions", () => {
    test("end on the day of the longer one, in both procedures", async () => {
        const [long, short] = [await opened(), await opened()]
        await decided(long, "suspension", 300)
        await decided(short, "suspension", 30)
        world.clock.now += 40 * dayMs
        expect(await awaitRefusalCode(asks())).toBe("procedure.return_too_early")
        world.clock.now += 260 * dayMs
        await ends()
        expect(await standing()).toBe("active")
        expect([await lastTurn(long), await lastTurn(short)]).toEqual(["reinstated", "reinstated"])
        expect(await open()).toEqual([])
    })

    test("do not end by an approval that was signed for one", async () => {
        const [first, other] = [await opened(), await opened()]
        await decided(first, "suspension", 1)
        world.clock.now += dayMs
        const approval = await asks()
        await signAsApprover(world, approval)
        await decided(other, "suspension", 1)
        expect(await awaitRefusalCode(carries(approval))).toBe("procedure.return_too_early")
        world.clock.now += dayMs
        expect(await awaitRefusalCode(carries(approval))).toBe("approval.already_voided")
        expect(await standing()).toBe("suspended")
    })

    test("can each be appealed", async () => {
        const [first, other] = [await opened(), await opened()]
        await decided(first, "suspension", 300)
        await decided(other, "suspension", 300)
        await appealed(first, "none")
        expect(await standing()).toBe("suspended")
        expect(await open()).toEqual(["suspension"])
        await appealed(other, "reprimand")
        expect(await standing()).toBe("active")
        expect(await open()).toEqual(["reprimand"])
    })
})

describe("a termination that is lifted on appeal", () => {
    test.each<[string, Outcome[]]>([
        ["came before it", ["suspension", "termination"]],
        ["came after it", ["termination", "suspension"]],
    ])("leaves the suspension of another procedure that %s", async (_, outcomes) => {
        const procedures = [await opened(), await opened()]
        for (const [n, id] of procedures.entries()) await decided(id, outcomes[n] ?? "none", 300)
        expect(await standing()).toBe("terminated")
        await appealed(procedures[outcomes.indexOf("termination")] ?? "", "none")
        expect(await standing()).toBe("suspended")
        expect(await open()).toEqual(["suspension"])
    })

    test("leaves an interim suspension of another matter, which still needs its review", async () => {
        const id = await opened()
        const measure = await interim()
        await decided(id, "termination")
        expect(await standing()).toBe("terminated")
        await appealed(id, "none")
        expect(await standing()).toBe("suspended")
        expect((await by(world.manager, listSuspensionsToReview)).map((interim) => interim.id)).toContain(measure)
    })
})

describe("an interim suspension during a decision", () => {
    test("continues where it does not wait for that decision, and ends by two people", async () => {
        const id = await opened()
        const measure = await interim()
        await decided(id, "termination")
        expect(await interim()).toBe(measure)
        await ends("interim_suspension")
        expect(await standing()).toBe("terminated")
        expect(await open()).toEqual(["termination"])
        expect(await newestLetter()).toMatchObject({ kind: "suspension_ended" })
    })

    test("ends with the procedure that it waits for, and with no other", async () => {
        const [waited, other] = [await opened(), await opened()]
        const measure = await interim()
        const outcome = { reviewBy: null, procedure: waited }
        const review = await by(world.manager, (ctx) => requestReview(ctx, measure, { reason, outcome }))
        await signAsApprover(world, review)
        await by(world.manager, (ctx) => applyReview(ctx, measure, review))
        await decided(other, "suspension")
        expect(await open()).toEqual(["suspension", "interim_suspension"])
        await decided(waited, "none")
        expect(await open()).toEqual(["suspension"])
        expect(await standing()).toBe("suspended")
    })

    test("is kept, notified and reviewed although the partner is already suspended", async () => {
        await decided(await opened(), "suspension", 30)
        const before = (await listEvents(world.database)).length
        const measure = await interim()
        expect((await listEvents(world.database)).slice(before)).toMatchObject([
            { kind: "measure.taken", body: { measure, measureKind: "interim_suspension" } },
            { kind: "letter.sent", body: { letterKind: "interim_suspension", measure } },
        ])
        expect((await by(world.manager, listSuspensionsToReview)).map((interim) => interim.id)).toContain(measure)
        expect(await interim()).toBe(measure)
        expect(await listEvents(world.database)).toHaveLength(before + 2)
    })

    test("voids an approval for an earlier return", async () => {
        await decided(await opened(), "suspension", 1)
        world.clock.now += dayMs
        const approval = await asks()
        await signAsApprover(world, approval)
        await interim()
        expect(await awaitRefusalCode(carries(approval))).toBe("measure.ambiguous")
        expect(await awaitRefusalCode(carries(approval, "suspension"))).toBe("approval.already_voided")
        expect(await standing()).toBe("suspended")
    })

    test("continues after the return from the suspension, until two people end it", async () => {
        const id = await opened()
        await decided(id, "suspension", 30)
        world.clock.now += 29 * dayMs
        await interim()
        expect(await awaitRefusalCode(asks())).toBe("measure.ambiguous")
        expect(await awaitRefusalCode(asks("suspension"))).toBe("procedure.return_too_early")
        world.clock.now += dayMs
        await ends("suspension")
        expect(await standing()).toBe("suspended")
        expect(await lastTurn(id)).toBe("reinstated")
        expect(await newestLetter()).toMatchObject({ kind: "suspension_ended" })
        expect(await awaitRefusalCode(asks("suspension"))).toBe("measure.not_suspended")
        await ends()
        expect(await standing()).toBe("active")
        expect(await newestLetter()).toMatchObject({ kind: "reinstatement" })
    })

    test("ends alone before the day of return, and two separate approvals do not combine", async () => {
        await decided(await opened(), "suspension", 1)
        world.clock.now += dayMs
        await interim()
        const [item, other] = [await asks("interim_suspension"), await asks("suspension")]
        await signAsApprover(world, item)
        await signAsApprover(world, other)
        await carries(item, "interim_suspension")
        expect(await standing()).toBe("suspended")
        expect(await awaitRefusalCode(carries(other, "suspension"))).toBe("approval.already_voided")
        expect(await open()).toEqual(["suspension"])
    })
})
