import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    newArtifact,
    newCase,
    newPartner,
    obligation,
} from "../../../../test/support/program.ts"
import { releaseWaveNow, fetchCopyText, createProgram } from "../../../../test/support/program.ts"
import { dayMs, parseInstant, instantInWords } from "@tocsin/base/instant"
import { loadApproval, decryptApprovalText } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { loadPartnerStatus } from "../../trust/partners/actions/load-facts.ts"
import { proposeFinding, confirmFinding } from "../inquiries/actions/propose-finding.ts"
import { openInquiry } from "../inquiries/actions/open-inquiry.ts"
import * as decisions from "./actions/decide-procedure.ts"
import type { NewDecision } from "./actions/decide-procedure.ts"
import { reinstate, requestReinstatement } from "./actions/restore-access.ts"
import { listMeasures } from "./actions/record-measure.ts"
import { answerLetter, listLettersForPartner } from "./actions/send-letter.ts"
import { loadProcedureForPartner } from "./actions/load-procedure-for-partner.ts"
import { extendAnswerTime, openProcedure, listProcedures, loadProcedure } from "./actions/open-procedure.ts"
import {
    applyReview,
    listSuspensionsToReview,
    requestReview,
    listPeopleBarredFromReviews,
} from "./actions/review-measure.ts"
import { suspendPartner } from "./actions/restrict-access.ts"
import type { Outcome } from "./procedure.ts"

type Somebody = Actor & { readonly person: string }

let world: Program
let inquiry: string
let poc: string
let technical: string
let partner: TestPartner
let [second, third, fourth]: Somebody[] = []
const reason = "What its lead wrote does not change what was found."

beforeAll(async () => {
    world = await createProgram()
    const colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    second = await createStaffMember(world.acting, ["manager"])
    third = await createStaffMember(world.acting, ["approver"])
    fourth = await createStaffMember(world.acting, ["approver"], third)
    const subject = await newCase(world, "toolshell")
    poc = await newArtifact(world, subject, "poc", "toolshell/poc.py")
    technical = await newArtifact(world, subject, "technical", "toolshell/technical.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, subject, "validate", [poc, technical])
    const open = { case: subject, title: "The paste", evidence: [], members: [colleague.person] }
    inquiry = await world.acting(world.investigator, (ctx) => openInquiry(ctx, open))
    sign = async (approval, by = world.approver) => {
        const { effectsHash } = await world.acting(by, (ctx) => loadApproval(ctx, approval))
        return await awaitRefusalCode(world.acting(by, (ctx) => signApproval(ctx, approval, effectsHash)))
    }
    breach = async (subject = partner, named: string | null = "2.2") => {
        const input = {
            partner: subject.id,
            conclusion: "Its copy was pasted.",
            confidence: "high",
            obligation: named,
        } as const
        const { finding, approval } = await world.acting(world.investigator, (ctx) =>
            proposeFinding(ctx, inquiry, input),
        )
        if ((await sign(approval, colleague)) !== "done") throw new Error("the finding was not signed")
        await world.acting(world.investigator, (ctx) => confirmFinding(ctx, inquiry, finding))
        return finding
    }
}, 120_000)
afterAll(() => world.database.close())
let sign: (approval: string, by?: Actor) => Promise<string>
let breach: (partner?: TestPartner, named?: string | null) => Promise<string>
beforeEach(async () => {
    world.clock.now += 1000
    partner = await newPartner(world, "validate")
})

const by = <T>(person: Actor | undefined, work: (ctx: ActionContext) => Promise<T>) =>
    world.acting(person ?? world.manager, work)
const fetched = (file: string) => new RegExp(String.raw`${file}, version 1, fetched \d+ \w+ 2025 \d\d:\d\d UTC`)
const standing = () => by(world.manager, (ctx) => loadPartnerStatus(ctx, partner.id))
const opened = async () => {
    const finding = await breach()
    return await by(world.investigator, (ctx) => openProcedure(ctx, { inquiry, finding, reason }))
}
const letters = () => by(partner.lead, listLettersForPartner)
const newest = async () => (await letters())[0] ?? expect.fail("there is no letter")
const answers = async (text = "It was stolen from us.") => {
    const asks = (await letters()).find(({ kind }) => kind === "statement_of_concern")
    return await awaitRefusalCode(by(partner.lead, (ctx) => answerLetter(ctx, String(asks?.id), text)))
}
const appeals = async () => {
    const letter = await newest()
    return await awaitRefusalCode(
        by(partner.lead, (ctx) => decisions.appealDecision(ctx, letter.id, "We had an intruder.")),
    )
}
const decision = (outcome: Outcome, newDecision: Partial<NewDecision> = {}): NewDecision => ({
    outcome,
    reason,
    returnFrom: outcome === "suspension" ? world.clock.now + 30 * dayMs : null,
    terms: outcome === "suspension" ? "Its lab has an access log." : null,
    ...newDecision,
})
const ask = (id: string, newDecision: NewDecision, actor: Actor = world.manager) =>
    by(actor, (ctx) => decisions.requestDecision(ctx, id, newDecision))
const carry = (id: string, approval: string) => by(world.manager, (ctx) => decisions.applyDecision(ctx, id, approval))
async function decided(id: string, outcome: Outcome): Promise<string | null> {
    world.clock.now += 1000
    const approval = await ask(id, decision(outcome))
    expect(await sign(approval)).toBe("done")
    return await carry(id, approval)
}
const askAgain = (id: string, newDecision: NewDecision, person = second) =>
    by(person, (ctx) => decisions.requestAppealDecision(ctx, id, newDecision))
async function decidedAgain(id: string, newDecision: NewDecision): Promise<string | null> {
    const approval = await askAgain(id, newDecision)
    expect(await sign(approval, third)).toBe("done")
    return await by(second, (ctx) => decisions.applyAppealDecision(ctx, id, approval))
}
const phase = async (id: string) => (await by(world.manager, (ctx) => loadProcedure(ctx, id))).phase

describe("a procedure", () => {
    test("opens with a letter that names the obligation as the partner accepted it", async () => {
        const id = await opened()
        const letter = await newest()
        expect(letter).toMatchObject({ kind: "statement_of_concern", procedure: id, measure: null })
        expect(letter.text).toContain(`2.2: ${obligation.text} (agreement, version 1)`)
        expect(letter.text).not.toContain("pasted")
        expect(letter.text).not.toMatch(/\[[a-z_ ]+\]/)
        expect(await by(partner.lead, (ctx) => loadProcedureForPartner(ctx, letter))).toMatchObject({
            obligation: { agreement: 1, id: "2.2" },
            mayAnswer: true,
            mayAppeal: false,
            answerBy: world.clock.now + 14 * dayMs,
        })
        expect((await listEvents(world.database)).slice(-2)).toMatchObject([
            { kind: "procedure.opened", body: { procedure: id, partner: partner.id } },
            { kind: "letter.sent", body: { letterKind: "statement_of_concern", procedure: id } },
        ])
        expect(await standing()).toBe("active")
    })

    test("needs a confirmed finding of a breach, once, and a member to open it", async () => {
        const finding = await breach()
        const open = (subject: object, actor: Actor = world.investigator) =>
            awaitRefusalCode(by(actor, (ctx) => openProcedure(ctx, { inquiry, finding, reason, ...subject })))
        expect(await open({}, world.manager)).toBe("inquiry.not_found")
        expect(await open({ finding: newId() })).toBe("inquiry.finding_not_found")
        expect(await open({ finding: await breach(partner, null) })).toBe("inquiry.no_breach")
        expect(await open({ answerDays: 6 })).toBe("procedure.bad_term")
        expect(await open({ reason: " " })).toBe("measure.bad_reason")
        expect(await open({})).toBe("done")
        expect(await open({})).toBe("procedure.already_opened")
        const input = { partner: partner.id, conclusion: "a", confidence: "low", obligation: "2.2" } as const
        const unsigned = await by(world.investigator, (ctx) => proposeFinding(ctx, inquiry, input))
        expect(await open({ finding: unsigned.finding })).toBe("inquiry.not_confirmed")
    })

    test("is decided by two people, after the answer or the deadline", async () => {
        const id = await opened()
        expect(await awaitRefusalCode(ask(id, decision("reprimand")))).toBe("procedure.answer_awaited")
        await by(world.manager, (ctx) =>
            extendAnswerTime(ctx, id, { answerBy: world.clock.now + 20 * dayMs, reason: "It asked for it." }),
        )
        expect(await newest()).toMatchObject({ kind: "extension" })
        const letter = { subject: "As you asked", text: "Until [answer_by], then." }
        const to = world.clock.now + 21 * dayMs
        await by(world.manager, (ctx) => extendAnswerTime(ctx, id, { answerBy: to, reason: "Again.", letter }))
        expect(await newest()).toMatchObject({ subject: "As you asked", text: `Until ${instantInWords(to)}, then.` })
        world.clock.now += 19 * dayMs
        expect(await awaitRefusalCode(ask(id, decision("reprimand")))).toBe("procedure.answer_awaited")
        expect(await answers()).toBe("done")
        expect(await answers()).toBe("letter.already_answered")
        const approval = await ask(id, decision("reprimand"))
        expect(await awaitRefusalCode(carry(id, approval))).toBe("approval.not_signed")
        expect(await sign(approval, world.manager)).toBe("approval.own_request")
        expect(await sign(approval)).toBe("done")
        const measure = await carry(id, approval)
        expect(await awaitRefusalCode(carry(id, approval))).toBe("approval.already_applied")
        expect(await by(world.manager, (ctx) => listMeasures(ctx, partner.id))).toMatchObject([
            { id: measure, kind: "reprimand", procedure: id, approval, reason },
        ])
        expect(await phase(id)).toBe("open_to_appeal")
        expect(await standing()).toBe("active")
    })

    test("applies exactly the signed texts, and no other procedure's", async () => {
        const id = await opened()
        await answers()
        const letter = { subject: "A reprimand", text: "Until [appeal_by] you may appeal. [answer_by]" }
        const approval = await ask(id, decision("reprimand", { letter }))
        const request = await by(world.approver, (ctx) => loadApproval(ctx, approval))
        expect(await by(world.approver, (ctx) => decryptApprovalText(ctx, request))).toMatchObject({ reason, letter })
        expect(JSON.stringify(request.effects)).not.toContain("lead wrote")
        await sign(approval)
        partner = await newPartner(world, "entry")
        const other = await opened()
        await answers()
        expect(await awaitRefusalCode(carry(other, approval))).toBe("approval.effects_exceeded")
        const again = by(world.manager, (ctx) => decisions.applyAppealDecision(ctx, id, approval))
        expect(await awaitRefusalCode(again)).toBe("measure.approval_mismatch")
        await carry(id, approval)
        const { letters: sent } = await by(world.manager, (ctx) => loadProcedure(ctx, id))
        expect(sent.at(-1)?.text).toMatch(/^Until \d+ \w+ 2025 \d\d:\d\d UTC you may appeal\. \[answer_by\]$/)
    })

    test("leads to a suspension whose letter lists holdings, and ends by two people on the announced day", async () => {
        expect(await fetchCopyText(world, partner, poc)).toContain("def ")
        const id = await opened()
        world.clock.now += 14 * dayMs
        await decided(id, "suspension")
        expect(await standing()).toBe("suspended")
        const letter = await newest()
        expect(letter.text).toMatch(fetched("poc.py"))
        for (const text of ["we cannot call it back", "Its lab has an access log."]) expect(letter.text).toContain(text)
        expect(letter.text).not.toMatch(/\[[a-z_ ]+\]/)
        expect(await by(partner.lead, (ctx) => loadProcedureForPartner(ctx, letter))).toMatchObject({
            mayAppeal: true,
            terms: "Its lab has an access log.",
            mayAnswer: false,
        })
        const back = () => by(world.manager, (ctx) => requestReinstatement(ctx, partner.id))
        expect(await awaitRefusalCode(back())).toBe("procedure.return_too_early")
        world.clock.now += 30 * dayMs
        const approval = await back()
        await sign(approval)
        await by(world.manager, (ctx) => reinstate(ctx, { partner: partner.id, approval, reason }))
        expect(await standing()).toBe("active")
        const { history, sanction } = await by(world.manager, (ctx) => loadProcedure(ctx, id))
        expect(history.at(-1)?.entry).toMatchObject({
            kind: "reinstated",
            by: [world.manager.person, world.approver.person],
        })
        expect(sanction).toEqual({ outcome: "none", returnFrom: null })
    })

    test("lists fetches up to sending in its letter, and shows signers the place for them", async () => {
        await fetchCopyText(world, partner, poc)
        const id = await opened()
        await answers()
        const approval = await ask(id, decision("suspension"))
        const request = await by(world.approver, (ctx) => loadApproval(ctx, approval))
        expect(await by(world.approver, (ctx) => decryptApprovalText(ctx, request))).toMatchObject({
            letter: { text: expect.stringMatching(/from \[from\],[^]*\[held\]/) },
        })
        await sign(approval)
        await fetchCopyText(world, partner, technical)
        await carry(id, approval)
        const { text } = await newest()
        expect(text).toMatch(fetched("poc.py"))
        expect(text).toMatch(fetched("technical.md"))
    })

    test("says when a partner fetched nothing, and omits days and terms that do not exist", async () => {
        const id = await opened()
        await answers()
        expect(await awaitRefusalCode(ask(id, decision("suspension", { returnFrom: null })))).toBe(
            "procedure.bad_return",
        )
        expect(await awaitRefusalCode(ask(id, decision("suspension", { terms: " " })))).toBe("letter.bad_text")
        expect(await awaitRefusalCode(ask(id, decision("reprimand", { appealDays: 3 })))).toBe("procedure.bad_term")
        await decided(id, "termination")
        expect((await newest()).text).toContain("You hold nothing that was fetched from us and is not public.")
        expect(await standing()).toBe("terminated")
    })
})

describe("an appeal", () => {
    test("is made once by the lead, and decided by two people unrelated to the first deciders", async () => {
        const id = await opened()
        await answers()
        const letter = await newest()
        expect(await awaitRefusalCode(by(partner.lead, (ctx) => decisions.appealDecision(ctx, letter.id, "No.")))).toBe(
            "letter.not_appealable",
        )
        await decided(id, "termination")
        const notified = await newest()
        const appeal = (actor: Actor, text = "We had an intruder.") =>
            awaitRefusalCode(by(actor, (ctx) => decisions.appealDecision(ctx, notified.id, text)))
        const other = await newPartner(world, "entry")
        expect(await appeal(partner.analyst)).toBe("partner.leads_only")
        expect(await appeal(other.lead)).toBe("request.not_found")
        expect(await appeal(partner.lead, " ")).toBe("letter.bad_text")
        expect(await awaitRefusalCode(askAgain(id, decision("none")))).toBe("procedure.wrong_status")
        expect(await appeal(partner.lead)).toBe("done")
        expect(await appeal(partner.lead)).toBe("procedure.already_appealed")
        for (const actor of [world.manager, world.approver]) {
            expect(await awaitRefusalCode(askAgain(id, decision("none"), actor as Somebody))).toBe(
                "procedure.decided_before",
            )
        }
        const approval = await askAgain(id, decision("none"))
        expect(await sign(approval, world.approver)).toBe("approval.author_cannot_sign")
        expect(await sign(approval, third)).toBe("done")
        expect(await by(second, (ctx) => decisions.applyAppealDecision(ctx, id, approval))).toBe(null)
        expect(await standing()).toBe("active")
        expect(await phase(id)).toBe("closed")
        expect(await newest()).toMatchObject({ kind: "decision_lifted" })
        expect((await by(world.manager, (ctx) => listMeasures(ctx, partner.id)))[0]).toMatchObject({
            kind: "termination",
            endedAt: world.clock.now,
        })
    })

    test("cannot be decided by an account related to an earlier decider", async () => {
        const id = await opened()
        await answers()
        const approval = await ask(id, decision("reprimand"))
        expect(await sign(approval, third)).toBe("done")
        await carry(id, approval)
        await appeals()
        const again = await askAgain(id, decision("none"))
        expect(await sign(again, fourth)).toBe("approval.author_cannot_sign")
        expect(await awaitRefusalCode(askAgain(id, decision("none"), fourth))).toBe("procedure.decided_before")
    })

    test.each<[Outcome, Outcome, string, string]>([
        ["termination", "suspension", "suspended", "decision_relaxed"],
        ["termination", "reprimand", "active", "decision_relaxed"],
        ["suspension", "none", "active", "decision_lifted"],
        ["termination", "termination", "terminated", "decision_upheld"],
    ])("against a %s leads to a %s", async (before, after, expected, kind) => {
        const id = await opened()
        await answers()
        const measure = await decided(id, before)
        world.clock.now += dayMs
        expect(await appeals()).toBe("done")
        await decidedAgain(id, decision(after))
        expect(await standing()).toBe(expected)
        const open = (await by(world.manager, (ctx) => listMeasures(ctx, partner.id))).filter(
            (measure) => measure.endedAt === null,
        )
        expect(open.map((measure) => measure.kind)).toEqual(after === "none" ? [] : [after])
        expect(open.some(({ id: item }) => item === measure)).toBe(before === after)
        expect(await newest()).toMatchObject({ kind })
        expect((await newest()).text).not.toMatch(/\[[a-z_ ]+\]/)
    })
})

describe("the review of an interim suspension", () => {
    const review = (id: string, outcome: object, actor: Actor = world.manager) =>
        by(actor, (ctx) => requestReview(ctx, id, { reason, outcome: outcome as never }))
    const suspended = async () => {
        const id = await by(world.investigator, (ctx) => suspendPartner(ctx, { partner: partner.id, reason }))
        return String(id)
    }
    const kept = async (id: string, approval: string) => {
        expect(await sign(approval)).toBe("done")
        await by(world.manager, (ctx) => applyReview(ctx, id, approval))
    }
    const waiting = async () => (await by(world.manager, listSuspensionsToReview)).map(({ id }) => id)

    test("extends it to a new date by two people, neither of whom decided it", async () => {
        const id = await suspended()
        const to = { reviewBy: world.clock.now + 20 * dayMs, procedure: null }
        expect(await waiting()).toContain(id)
        expect(await awaitRefusalCode(review(id, to, world.investigator))).toBe("measure.own_review")
        expect(await awaitRefusalCode(review(id, { ...to, reviewBy: world.clock.now }))).toBe("measure.bad_review_date")
        expect(await awaitRefusalCode(review(id, { ...to, reviewBy: world.clock.now + 93 * dayMs }))).toBe(
            "measure.bad_review_date",
        )
        await kept(id, await review(id, to))
        expect((await by(world.manager, (ctx) => listMeasures(ctx, partner.id)))[0]).toMatchObject({
            reviewBy: to.reviewBy,
        })
        expect(await newest()).toMatchObject({ kind: "suspension_extended" })
        expect(await standing()).toBe("suspended")
    })

    test("refuses accounts related to its taker, and the person who added the taker", async () => {
        const added = await createStaffMember(world.acting, ["manager", "approver"], world.investigator)
        const id = await suspended()
        const to = { reviewBy: world.clock.now + 20 * dayMs, procedure: null }
        expect(await awaitRefusalCode(review(id, to, added))).toBe("measure.own_review")
        const approval = await review(id, to)
        expect(await sign(approval, added)).toBe("approval.author_cannot_sign")
        const addedSince = await createStaffMember(world.acting, ["approver"], world.investigator)
        expect(await sign(approval, addedSince)).toBe("done")
        expect(await awaitRefusalCode(by(world.manager, (ctx) => applyReview(ctx, id, approval)))).toBe(
            "measure.own_review",
        )
        const [measure] = await by(world.manager, (ctx) => listMeasures(ctx, partner.id))
        const [barred] = await by(world.manager, (ctx) =>
            listPeopleBarredFromReviews(ctx, [measure ?? expect.fail("it was not kept")]),
        )
        expect(barred).toEqual(expect.arrayContaining([world.investigator.person, added.person, addedSince.person]))

        partner = await newPartner(world, "entry")
        const byAdded = await by(added, (ctx) => suspendPartner(ctx, { partner: partner.id, reason }))
        expect(await awaitRefusalCode(review(String(byAdded), to, world.investigator))).toBe("measure.own_review")
    })

    test("sends a letter that lists fetches up to sending", async () => {
        await fetchCopyText(world, partner, poc)
        const id = await suspended()
        const approval = await review(id, { reviewBy: world.clock.now + 20 * dayMs, procedure: null })
        const request = await by(world.approver, (ctx) => loadApproval(ctx, approval))
        expect(await by(world.approver, (ctx) => decryptApprovalText(ctx, request))).toMatchObject({
            letter: { text: expect.stringContaining("[held]") },
        })
        await kept(id, approval)
        expect((await newest()).text).toMatch(fetched("poc.py"))
    })

    test("leaves the suspension in place without a decision, and stays a task", async () => {
        const id = await suspended()
        world.clock.now += 100 * dayMs
        expect(await standing()).toBe("suspended")
        expect(await waiting()).toContain(id)
    })

    test.each<[Outcome, string]>([
        ["none", "active"],
        ["reprimand", "active"],
        ["suspension", "suspended"],
        ["termination", "terminated"],
    ])("lets it wait for a procedure: with %s the partner is %s", async (outcome, expected) => {
        const id = await suspended()
        const procedure = await opened()
        expect(await awaitRefusalCode(review(id, { reviewBy: null, procedure: newId() }))).toBe("procedure.not_found")
        await kept(id, await review(id, { reviewBy: null, procedure }))
        expect(await waiting()).not.toContain(id)
        await answers()
        await decided(procedure, outcome)
        expect(await standing()).toBe(expected)
        const measures = await by(world.manager, (ctx) => listMeasures(ctx, partner.id))
        expect(measures.find((measure) => measure.id === id)?.endedAt).toBe(world.clock.now)
    })

    test("leaves it open after a procedure that it does not wait for", async () => {
        const id = await suspended()
        const procedure = await opened()
        await answers()
        await decided(procedure, "none")
        expect(await standing()).toBe("suspended")
        expect(await waiting()).toContain(id)
        expect(await awaitRefusalCode(review(id, { reviewBy: null, procedure }))).toBe("measure.procedure_not_found")
    })
})

test("lists the phase and grounds of each procedure, encrypted at rest", async () => {
    const id = await opened()
    const [first] = await by(world.manager, (ctx) => listProcedures(ctx, partner.id))
    expect(first).toMatchObject({ id, phase: "answer_awaited", grounds: { conclusion: "Its copy was pasted." } })
    const boxes = await world.database.db.transaction((tx) =>
        tx.query<{ box: Buffer }>("select grounds_ciphertext as box from procedures"),
    )
    expect(boxes.some(({ box }) => box.includes("pasted"))).toBe(false)
})
