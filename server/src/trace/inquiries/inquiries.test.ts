import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { dayMs } from "@tocsin/base/instant"
import { newId } from "../../../../test/support/database.ts"
import { type Program, newCase, newPartner, obligation, createProgram } from "../../../../test/support/program.ts"
import {
    loadApproval,
    listPendingApprovals,
    listRecentApprovals,
} from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { voidApproval } from "../../trust/approvals/actions/void-approvals.ts"
import type { Actor } from "../../kernel/actor.ts"
import { removePerson } from "../../trust/identity/actions/manage-people.ts"
import { addLeak } from "../evidence/actions/add-evidence.ts"
import { proposeFinding, confirmFinding } from "./actions/propose-finding.ts"
import { addToInquiry, openInquiry, listMemberInquiries, readInquiry, weighHypothesis } from "./actions/open-inquiry.ts"
import { initialHypotheses, withAssessment, weightOf } from "./inquiry.ts"

let world: Program
let caseId: string
let evidence: string
let partner: string
let colleague: Actor & { person: string }
let outsider: Actor & { person: string }
let id: string

beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    partner = (await newPartner(world, "entry")).id
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    outsider = await createStaffMember(world.acting, ["investigator", "approver", "admin"])
    const words = { name: "paste.txt", source: "a site", note: "", clock: "unknown" as const }
    const leak = { ...words, case: null, content: Buffer.from("a text"), observedAt: world.clock.now }
    evidence = await world.acting(world.investigator, (ctx) => addLeak(ctx, leak))
})
afterAll(() => world.database.close())

const inquiry = { title: "Who knew of the header?", evidence: [] as string[], members: [] as string[] }
const open = (subject: object = {}, by: Actor = world.investigator) =>
    world.acting(by, (ctx) => openInquiry(ctx, { ...inquiry, case: caseId, ...subject }))

beforeEach(async () => {
    world.clock.now += 1000
    id = await open({ evidence: [evidence], members: [colleague.person] })
})

test("it opens with the rival explanations, none looked at, sealed at rest and in the record", async () => {
    const read = await world.acting(colleague, (ctx) => readInquiry(ctx, id))
    expect(read).toMatchObject({ title: inquiry.title, case: caseId, evidence: [evidence], findings: [] })
    expect(read.members.toSorted()).toEqual([world.investigator.person, colleague.person].toSorted())
    expect(read.hypotheses.map((hypothesis) => hypothesis.key)).toEqual([
        "finder",
        "independent",
        "patch",
        "insider",
        "compromise",
        "partner",
    ])
    expect(read.hypotheses.every((hypothesis) => hypothesis.for === "" && hypothesis.against === "")).toBe(true)
    const events = await world.database.db.transaction((tx) =>
        tx.query<{ kind: string; sealed: boolean }>(
            "select kind, confidential as sealed from events where kind like 'inquiry.%'",
        ),
    )
    expect(events.every((item) => item.sealed)).toBe(true)
    expect(events.map((item) => item.kind)).toEqual(["inquiry.opened", "inquiry.expanded", "inquiry.read"])
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ details_ciphertext: Buffer }>("select details_ciphertext from inquiries"),
    )
    expect(rows.some(({ details_ciphertext }) => details_ciphertext.includes("header"))).toBe(false)
})

describe("for whoever is no member it does not exist", () => {
    const answered = async (work: Promise<unknown>) => {
        try {
            await work
            return "done"
        } catch (error) {
            return JSON.stringify([String(error), error])
        }
    }

    test.each([
        ["read", (which: string, by: Actor) => world.acting(by, (ctx) => readInquiry(ctx, which))],
        [
            "weighed",
            (which: string, by: Actor) =>
                world.acting(by, (ctx) => weighHypothesis(ctx, which, "patch", { for: "a", against: "b" })),
        ],
        [
            "added to",
            (which: string, by: Actor) =>
                world.acting(by, (ctx) => addToInquiry(ctx, which, { members: [outsider.person], evidence: [] })),
        ],
        [
            "concluded",
            (which: string, by: Actor) =>
                world.acting(by, (ctx) =>
                    proposeFinding(ctx, which, { partner: null, conclusion: "a", confidence: "low", obligation: null }),
                ),
        ],
        ["confirmed", (which: string, by: Actor) => world.acting(by, (ctx) => confirmFinding(ctx, which, newId()))],
    ])("cannot be %s, word for word as an unknown one", async (_, work) => {
        const before = (await listEvents(world.database)).length
        const there = await answered(work(id, outsider))
        expect(there).toBe(await answered(work(newId(), outsider)))
        expect(there).toContain("inquiry.not_found")
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("and stands on no list", async () => {
        expect(await world.acting(outsider, listMemberInquiries)).toEqual([])
        expect((await world.acting(colleague, listMemberInquiries)).map((inquiry) => inquiry.id)).toContain(id)
        expect((await listEvents(world.database)).at(-1)).toMatchObject({ kind: "inquiry.listed" })
    })

    test("until a member lets it in", async () => {
        await world.acting(colleague, (ctx) => addToInquiry(ctx, id, { members: [outsider.person], evidence: [] }))
        expect(await world.acting(outsider, (ctx) => readInquiry(ctx, id))).toMatchObject({ id })
    })
})

describe("what is refused", () => {
    test.each([
        ["no title", () => ({ title: " " }), "inquiry.bad_title"],
        ["an unknown case", () => ({ case: newId() }), "case.not_found"],
        ["unknown evidence", () => ({ evidence: [newId()] }), "evidence.not_found"],
        ["a member who is nobody", () => ({ members: [newId()] }), "inquiry.bad_member"],
        ["a member who may not read it", () => ({ members: [world.author.person] }), "inquiry.bad_member"],
    ])("%s", async (_, wrong, code) => {
        const before = (await listEvents(world.database)).length
        expect(await awaitRefusalCode(open(wrong()))).toBe(code)
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("a partner's person, and one who has left, as members; a partner's person as the opener", async () => {
        const { lead } = await newPartner(world, "entry")
        expect(await awaitRefusalCode(open({ members: [lead.person] }))).toBe("inquiry.bad_member")
        expect(await awaitRefusalCode(open({}, lead))).toBe("inquiry.staff_only")
        const leaver = await createStaffMember(world.acting, ["investigator"])
        await world.acting(world.manager, (ctx) => removePerson(ctx, leaver.person))
        expect(await awaitRefusalCode(open({ members: [leaver.person] }))).toBe("inquiry.bad_member")
    })
})

test("what speaks for and against an explanation is written down by members, one at a time", async () => {
    const weigh = (key: string, words = { for: "Two days after.", against: "Before the patch." }) =>
        world.acting(colleague, (ctx) => weighHypothesis(ctx, id, key, words))
    await weigh("patch")
    await weigh("finder")
    const { hypotheses } = await world.acting(colleague, (ctx) => readInquiry(ctx, id))
    expect(hypotheses.filter((hypothesis) => hypothesis.for !== "").map((hypothesis) => hypothesis.key)).toEqual([
        "finder",
        "patch",
    ])
    expect(await awaitRefusalCode(weigh("aliens"))).toBe("inquiry.hypothesis_not_found")
    expect(await awaitRefusalCode(weigh("patch", { for: "a".repeat(20_001), against: "" }))).toBe("inquiry.too_long")
})

test("a weight is set beside the words, is a whole number, and stays where it is left out", async () => {
    const words = { for: "", against: "" }
    const weigh = (weight?: number) =>
        world.acting(colleague, (ctx) =>
            weighHypothesis(ctx, id, "insider", { ...words, ...(weight !== undefined && { weight }) }),
        )
    const weights = async () =>
        (await world.acting(colleague, (ctx) => readInquiry(ctx, id))).hypotheses.map((hypothesis) =>
            weightOf(hypothesis),
        )
    expect(await weights()).toEqual([10, 10, 10, 10, 10, 10])
    await weigh(0)
    await weigh()
    expect(await weights()).toEqual([10, 10, 10, 0, 10, 10])
    for (const wrong of [-1, 101, 1.5, Number.NaN])
        expect(await awaitRefusalCode(weigh(wrong))).toBe("inquiry.bad_weight")
})

test("to weigh one explanation leaves the others, and their order, as they were", () => {
    const key = fc.constantFrom(...initialHypotheses.map((hypothesis) => hypothesis.key))
    fc.assert(
        fc.property(key, fc.string(), fc.string(), (which, pro, contra) => {
            const after = withAssessment(initialHypotheses, which, { for: pro, against: contra }, "00")
            expect(after.map((hypothesis) => hypothesis.key)).toEqual(
                initialHypotheses.map((hypothesis) => hypothesis.key),
            )
            expect(after.filter((hypothesis) => hypothesis.key !== which)).toEqual(
                initialHypotheses.filter((hypothesis) => hypothesis.key !== which),
            )
        }),
    )
})

describe("a finding", () => {
    const input = { conclusion: "The copy leaked.", confidence: "moderate" as const, obligation: "2.2" }
    const breached = { agreement: 1, id: "2.2", text: obligation.text }
    const found = (subject: object = {}) =>
        world.acting(world.investigator, (ctx) => proposeFinding(ctx, id, { partner, ...input, ...subject }))
    const confirmed = (finding: string) => world.acting(world.investigator, (ctx) => confirmFinding(ctx, id, finding))

    test("takes a second member's signature over its content; the approval does not name its subject", async () => {
        const { finding, approval } = await found()
        expect(await awaitRefusalCode(confirmed(finding))).toBe("approval.not_signed")
        const shown = await world.acting(outsider, (ctx) => loadApproval(ctx, approval))
        expect(JSON.stringify(shown)).not.toContain(partner)
        expect(shown.effects.recipients).toEqual([])
        await world.acting(colleague, (ctx) => signApproval(ctx, approval, shown.effectsHash))
        world.clock.now += 1000
        await confirmed(finding)
        const { findings } = await world.acting(colleague, (ctx) => readInquiry(ctx, id))
        expect(findings).toMatchObject([
            { id: finding, partner, ...input, obligation: breached, confirmedAt: world.clock.now },
        ])
        expect(await awaitRefusalCode(confirmed(finding))).toBe("approval.already_applied")
    })

    test("is not there to be signed, turned down or seen by whoever is no member, on record either", async () => {
        const { approval } = await found()
        const { effectsHash } = await world.acting(colleague, (ctx) => loadApproval(ctx, approval))
        const sign = (which: string) => world.acting(outsider, (ctx) => signApproval(ctx, which, effectsHash))
        expect(await awaitRefusalCode(sign(approval))).toBe("approval.not_found")
        expect(await awaitRefusalCode(sign(newId()))).toBe("approval.not_found")
        const voided = world.acting(outsider, (ctx) => voidApproval(ctx, approval, "withdrawn"))
        expect(await awaitRefusalCode(voided)).toBe("approval.not_found")
        const seen = async (by: Actor) =>
            [...(await world.acting(by, listPendingApprovals)), ...(await world.acting(by, listRecentApprovals))].map(
                ({ id }) => id,
            )
        expect(await seen(outsider)).not.toContain(approval)
        expect(await seen(colleague)).toEqual(expect.arrayContaining([approval]))
        const events = await world.database.db.transaction((tx) =>
            tx.query<{ sealed: boolean }>("select confidential as sealed from events where body ->> 'approval' = $1", [
                approval,
            ]),
        )
        expect(events).toEqual([{ sealed: true }, { sealed: true }])
    })

    test("is not proposed where no other member could sign it", async () => {
        id = await open({ members: [(await createStaffMember(world.acting, ["investigator"])).person] })
        expect(await awaitRefusalCode(found())).toBe("inquiry.no_signer")
    })

    test("says whether it was signed, and that nobody did in time", async () => {
        const state = async () => (await world.acting(colleague, (ctx) => readInquiry(ctx, id))).findings[0]?.state
        await found()
        expect(await state()).toBe("requested")
        world.clock.now += dayMs
        expect(await state()).toBe("expired")
    })

    test.each([
        ["that says nothing", () => ({ conclusion: " " }), "inquiry.no_conclusion"],
        ["about an unknown partner", () => ({ partner: newId() }), "partner.not_found"],
        ["of an obligation that is nobody's", () => ({ partner: null }), "inquiry.bad_obligation"],
        ["of an obligation that it is not under", () => ({ obligation: "9.9" }), "inquiry.obligation_not_found"],
        ["without end", () => ({ conclusion: "a".repeat(20_001) }), "inquiry.too_long"],
    ])("%s is refused", async (_, wrong, code) => {
        expect(await awaitRefusalCode(found(wrong()))).toBe(code)
    })

    test("of another inquiry is not there", async () => {
        const { finding } = await found()
        const other = await open()
        const confirm = world.acting(world.investigator, (ctx) => confirmFinding(ctx, other, finding))
        expect(await awaitRefusalCode(confirm)).toBe("inquiry.finding_not_found")
    })
})
