/** Who is kept out of an inquiry, how it closes, and how it opens again. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, operator, recorded } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import { type Program, newCase, newPartner, program } from "../../../test/program.ts"
import { approval as approvalOf, recentApprovals, signApproval, voidOrphaned } from "../../trust/approvals/actions.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { endPerson } from "../../trust/identity/actions.ts"
import { everythingWaiting } from "../waiting/actions/gathering.ts"
import { closeInquiry, reopenInquiry } from "./actions/closing.ts"
import { conclude, confirmFinding } from "./actions/findings.ts"
import { addToInquiry, openInquiry, ownInquiries, readInquiry, weighHypothesis } from "./actions/inquiries.ts"
import { keepOut } from "./actions/keeping-out.ts"

type Staff = Actor & { person: string }
const system: Actor = { kind: "system", step: "test" }

let its: Program
let caseId: string
let colleague: Staff
let signer: Staff
let insider: Staff
let id: string

beforeAll(async () => {
    its = await program()
    caseId = await newCase(its, "toolshell")
    colleague = await operator(its.acting, ["investigator", "approver"])
    signer = await operator(its.acting, ["approver"])
    insider = await operator(its.acting, ["investigator", "approver", "admin"])
})
afterAll(() => its.database.close())

const open = (what: object = {}) =>
    its.acting(its.investigator, (act) =>
        openInquiry(act, {
            ...{ case: caseId, title: "Who knew?", evidence: [], members: [colleague.person, signer.person] },
            ...what,
        }),
    )
beforeEach(async () => {
    its.clock.now += 1000
    id = await open()
})

const out = (person: string, by: Actor = its.investigator, reason = "It is its own report.") =>
    its.acting(by, (act) => keepOut(act, id, person, reason))
const letIn = (person: string, by: Actor = its.investigator) =>
    its.acting(by, (act) => addToInquiry(act, id, { members: [person], evidence: [] }))
const read = (by: Actor) => its.acting(by, (act) => readInquiry(act, id))
const proposed = (by: Actor = its.investigator) =>
    its.acting(by, (act) =>
        conclude(act, id, { partner: null, conclusion: "From the patch.", confidence: "low", obligation: null }),
    )

describe("whoever has a stake is kept out", () => {
    test.each<[string, () => Staff]>([
        ["says so itself", () => colleague],
        ["or another member does", () => its.investigator],
    ])("%s: from then on the inquiry is to it as none, and it is not let in again", async (_, by) => {
        await out(colleague.person, by())
        expect(await codeOf(read(colleague))).toBe("inquiry.not_found")
        expect((await its.acting(colleague, ownInquiries)).map((one) => one.id)).not.toContain(id)
        expect(await codeOf(letIn(colleague.person))).toBe("inquiry.excluded")
        const { members, excluded } = await read(its.investigator)
        expect(members).not.toContain(colleague.person)
        const said = { wasMember: true, reason: "It is its own report.", by: by().person }
        expect(excluded).toMatchObject([{ person: colleague.person, ...said }])
    })

    test("D-02: it signs nothing of it, and what it signed carries nothing", async () => {
        const signed = await proposed()
        const waits = await proposed()
        const { effectsHash } = await its.acting(colleague, (act) => approvalOf(act, signed.approval))
        await its.acting(colleague, (act) => signApproval(act, signed.approval, effectsHash))
        await out(colleague.person)
        const other = await its.acting(its.investigator, (act) => approvalOf(act, waits.approval))
        expect(other.voidedAt).toBe(its.clock.now)
        const sign = its.acting(colleague, (act) => signApproval(act, waits.approval, other.effectsHash))
        expect(await codeOf(sign)).toBe("approval.not_found")
        const confirm = its.acting(its.investigator, (act) => confirmFinding(act, id, signed.finding))
        expect(await codeOf(confirm)).toBe("approval.already_voided")
        const { approval } = await proposed()
        const anew = await its.acting(signer, (act) => approvalOf(act, approval))
        expect(anew.effects.onlyFor).not.toContain(colleague.person)
    })

    test("D-02: it is told no more of what was asked, signed or carried out in it, and those who stay are", async () => {
        const done = await proposed()
        const { effectsHash } = await its.acting(colleague, (act) => approvalOf(act, done.approval))
        await its.acting(colleague, (act) => signApproval(act, done.approval, effectsHash))
        await its.acting(its.investigator, (act) => confirmFinding(act, id, done.finding))
        const waits = await proposed()
        const both = expect.arrayContaining([done.approval, waits.approval])
        const toldTo = async (who: Actor) => (await its.acting(who, recentApprovals)).map((one) => one.id)
        expect(await toldTo(colleague)).toEqual(both)
        await out(colleague.person)
        const told = await toldTo(colleague)
        expect(told).not.toContain(done.approval)
        expect(told).not.toContain(waits.approval)
        expect(await toldTo(signer)).toEqual(both)
    })

    test("D-02: nor does anything wait for it that fell because whoever asked has left", async () => {
        const leaver = await operator(its.acting, ["investigator"])
        await letIn(leaver.person)
        const { approval } = await proposed(leaver)
        await its.acting(insider, (act) => endPerson(act, leaver.person))
        await its.acting(system, voidOrphaned)
        const waitsFor = async () =>
            (await its.acting(system, everythingWaiting)).find(({ about }) => about === approval)?.onlyFor
        expect(await waitsFor()).toEqual(expect.arrayContaining([colleague.person, signer.person]))
        await out(colleague.person)
        expect(await waitsFor()).toContain(signer.person)
        expect(await waitsFor()).not.toContain(colleague.person)
    })

    test("before it is ever a member, from the opening on", async () => {
        id = await open({ excluded: [{ person: insider.person, reason: "It wrote the advisory." }] })
        expect(await codeOf(letIn(insider.person, colleague))).toBe("inquiry.excluded")
        const { excluded } = await read(colleague)
        expect(excluded).toMatchObject([{ person: insider.person, wasMember: false }])
        const both = { members: [insider.person], excluded: [{ person: insider.person, reason: "It wrote it." }] }
        expect(await codeOf(open(both))).toBe("inquiry.excluded")
    })

    test("once: a second time changes nothing; all of it sealed, and no reason in the record", async () => {
        await out(signer.person)
        await out(signer.person, colleague, "Another reason.")
        const events = await its.database.db.transaction((tx) =>
            tx.query<{ sealed: boolean; body: object }>(
                "select confidential as sealed, body from events where kind = 'inquiry.person_excluded' and body ->> 'inquiry' = $1",
                [id],
            ),
        )
        expect(events).toMatchObject([{ sealed: true, body: { person: signer.person, wasMember: true } }])
        expect(JSON.stringify(events)).not.toContain("report")
    })

    test("not the last who can work on it, no partner's person, nobody, and not without a reason", async () => {
        await out(colleague.person)
        expect(await codeOf(out(its.investigator.person))).toBe("inquiry.last_investigator")
        const { lead } = await newPartner(its, "entry")
        expect(await codeOf(out(lead.person))).toBe("inquiry.bad_person")
        expect(await codeOf(out(newId()))).toBe("inquiry.bad_person")
        expect(await codeOf(out(insider.person, its.investigator, " "))).toBe("inquiry.no_reason")
        expect(await codeOf(out(insider.person, insider))).toBe("inquiry.not_found")
    })
})

describe("a closed inquiry", () => {
    const close = (by: Actor = its.investigator) =>
        its.acting(by, (act) => closeInquiry(act, id, "undecided", "What there is does not tell."))
    const reopen = (reason: string, by: Actor = colleague) => its.acting(by, (act) => reopenInquiry(act, id, reason))

    test.each<[string, () => Promise<unknown>]>([
        ["is not added to", () => letIn(insider.person)],
        [
            "is not weighed",
            () => its.acting(colleague, (act) => weighHypothesis(act, id, "patch", { for: "a", against: "b" })),
        ],
        ["gets no finding", proposed],
        ["confirms none", () => its.acting(colleague, (act) => confirmFinding(act, id, newId()))],
        ["is not closed again", () => close()],
    ])("%s", async (_, change) => {
        await close()
        const before = (await recorded(its.database)).length
        expect(await codeOf(change())).toBe("inquiry.closed")
        expect(await recorded(its.database)).toHaveLength(before)
    })

    test("is read, with its outcome; keeps people out; and is opened again with a reason", async () => {
        await close()
        await out(signer.person)
        expect(await read(colleague)).toMatchObject({ course: "closed", turns: [{ outcome: "undecided" }] })
        expect(await codeOf(reopen(" "))).toBe("inquiry.no_reason")
        expect(await codeOf(reopen("Another paste.", insider))).toBe("inquiry.not_found")
        await reopen("Another paste.")
        expect(await codeOf(reopen("Once more."))).toBe("inquiry.still_open")
        expect(await read(colleague)).toMatchObject({
            course: "open",
            turns: [{ kind: "closed" }, { kind: "reopened", outcome: null, reason: "Another paste." }],
        })
    })

    test("leaves nothing behind that waits for a signature", async () => {
        const { approval } = await proposed()
        await close()
        expect((await its.acting(colleague, (act) => approvalOf(act, approval))).voidedAt).toBe(its.clock.now)
    })
})
