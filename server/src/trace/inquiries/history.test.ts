/** Who is kept out of an inquiry, how it closes, and how it opens again. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import { type Program, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { loadApproval, listRecentApprovals } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { voidOrphaned } from "../../trust/approvals/actions/void-approvals.ts"
import type { Actor } from "../../kernel/actor.ts"
import { removePerson } from "../../trust/identity/actions/manage-people.ts"
import { listOpenTasks } from "../tasks/actions/list-tasks.ts"
import { closeInquiry, reopenInquiry } from "./actions/close-inquiry.ts"
import { proposeFinding, confirmFinding } from "./actions/propose-finding.ts"
import { addToInquiry, openInquiry, listMemberInquiries, readInquiry, weighHypothesis } from "./actions/open-inquiry.ts"
import { excludePerson } from "./actions/exclude-person.ts"

type Staff = Actor & { person: string }
const system: Actor = { kind: "system", component: "test" }

let world: Program
let caseId: string
let colleague: Staff
let signer: Staff
let insider: Staff
let id: string

beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    signer = await createStaffMember(world.acting, ["approver"])
    insider = await createStaffMember(world.acting, ["investigator", "approver", "admin"])
})
afterAll(() => world.database.close())

const open = (subject: object = {}) =>
    world.acting(world.investigator, (ctx) =>
        openInquiry(ctx, {
            case: caseId,
            title: "Who knew?",
            evidence: [],
            members: [colleague.person, signer.person],
            ...subject,
        }),
    )
beforeEach(async () => {
    world.clock.now += 1000
    id = await open()
})

const out = (person: string, by: Actor = world.investigator, reason = "It is its own report.") =>
    world.acting(by, (ctx) => excludePerson(ctx, id, person, reason))
const letIn = (person: string, by: Actor = world.investigator) =>
    world.acting(by, (ctx) => addToInquiry(ctx, id, { members: [person], evidence: [] }))
const read = (by: Actor) => world.acting(by, (ctx) => readInquiry(ctx, id))
const proposed = (by: Actor = world.investigator) =>
    world.acting(by, (ctx) =>
        proposeFinding(ctx, id, { partner: null, conclusion: "From the patch.", confidence: "low", obligation: null }),
    )

describe("whoever has a stake is kept out", () => {
    test.each<[string, () => Staff]>([
        ["says so itself", () => colleague],
        ["or another member does", () => world.investigator],
    ])("%s: from then on the inquiry is to it as none, and it is not let in again", async (_, by) => {
        await out(colleague.person, by())
        expect(await awaitRefusalCode(read(colleague))).toBe("inquiry.not_found")
        expect((await world.acting(colleague, listMemberInquiries)).map((inquiry) => inquiry.id)).not.toContain(id)
        expect(await awaitRefusalCode(letIn(colleague.person))).toBe("inquiry.excluded")
        const { members, excluded } = await read(world.investigator)
        expect(members).not.toContain(colleague.person)
        const input = { wasMember: true, reason: "It is its own report.", by: by().person }
        expect(excluded).toMatchObject([{ person: colleague.person, ...input }])
    })

    test("D-02: it signs nothing of it, and what it signed carries nothing", async () => {
        const signed = await proposed()
        const waits = await proposed()
        const { effectsHash } = await world.acting(colleague, (ctx) => loadApproval(ctx, signed.approval))
        await world.acting(colleague, (ctx) => signApproval(ctx, signed.approval, effectsHash))
        await out(colleague.person)
        const other = await world.acting(world.investigator, (ctx) => loadApproval(ctx, waits.approval))
        expect(other.voidedAt).toBe(world.clock.now)
        const sign = world.acting(colleague, (ctx) => signApproval(ctx, waits.approval, other.effectsHash))
        expect(await awaitRefusalCode(sign)).toBe("approval.not_found")
        const confirm = world.acting(world.investigator, (ctx) => confirmFinding(ctx, id, signed.finding))
        expect(await awaitRefusalCode(confirm)).toBe("approval.already_voided")
        const { approval } = await proposed()
        const anew = await world.acting(signer, (ctx) => loadApproval(ctx, approval))
        expect(anew.effects.onlyFor).not.toContain(colleague.person)
    })

    test("D-02: it gets no further notices of requests and signatures; the remaining members do", async () => {
        const done = await proposed()
        const { effectsHash } = await world.acting(colleague, (ctx) => loadApproval(ctx, done.approval))
        await world.acting(colleague, (ctx) => signApproval(ctx, done.approval, effectsHash))
        await world.acting(world.investigator, (ctx) => confirmFinding(ctx, id, done.finding))
        const waits = await proposed()
        const both = expect.arrayContaining([done.approval, waits.approval])
        const toldTo = async (actor: Actor) =>
            (await world.acting(actor, listRecentApprovals)).map((approval) => approval.id)
        expect(await toldTo(colleague)).toEqual(both)
        await out(colleague.person)
        const notified = await toldTo(colleague)
        expect(notified).not.toContain(done.approval)
        expect(notified).not.toContain(waits.approval)
        expect(await toldTo(signer)).toEqual(both)
    })

    test("D-02: nor does anything wait for it that fell because whoever asked has left", async () => {
        const leaver = await createStaffMember(world.acting, ["investigator"])
        await letIn(leaver.person)
        const { approval } = await proposed(leaver)
        await world.acting(insider, (ctx) => removePerson(ctx, leaver.person))
        await world.acting(system, voidOrphaned)
        const waitsFor = async () =>
            (await world.acting(system, listOpenTasks)).find(({ about }) => about === approval)?.onlyFor
        expect(await waitsFor()).toEqual(expect.arrayContaining([colleague.person, signer.person]))
        await out(colleague.person)
        expect(await waitsFor()).toContain(signer.person)
        expect(await waitsFor()).not.toContain(colleague.person)
    })

    test("before it is ever a member, from the opening on", async () => {
        id = await open({ excluded: [{ person: insider.person, reason: "It wrote the advisory." }] })
        expect(await awaitRefusalCode(letIn(insider.person, colleague))).toBe("inquiry.excluded")
        const { excluded } = await read(colleague)
        expect(excluded).toMatchObject([{ person: insider.person, wasMember: false }])
        const both = { members: [insider.person], excluded: [{ person: insider.person, reason: "It wrote it." }] }
        expect(await awaitRefusalCode(open(both))).toBe("inquiry.excluded")
    })

    test("once: a second time changes nothing; all of it sealed, and no reason in the record", async () => {
        await out(signer.person)
        await out(signer.person, colleague, "Another reason.")
        const events = await world.database.db.transaction((tx) =>
            tx.query<{ sealed: boolean; body: object }>(
                `select confidential as sealed, body from events where kind = 'inquiry.person_excluded' and body ->>
                    'inquiry' = $1`,
                [id],
            ),
        )
        expect(events).toMatchObject([{ sealed: true, body: { person: signer.person, wasMember: true } }])
        expect(JSON.stringify(events)).not.toContain("report")
    })

    test("not the last who can work on it, no partner's person, nobody, and not without a reason", async () => {
        await out(colleague.person)
        expect(await awaitRefusalCode(out(world.investigator.person))).toBe("inquiry.last_investigator")
        const { lead } = await newPartner(world, "entry")
        expect(await awaitRefusalCode(out(lead.person))).toBe("inquiry.bad_person")
        expect(await awaitRefusalCode(out(newId()))).toBe("inquiry.bad_person")
        expect(await awaitRefusalCode(out(insider.person, world.investigator, " "))).toBe("inquiry.no_reason")
        expect(await awaitRefusalCode(out(insider.person, insider))).toBe("inquiry.not_found")
    })
})

describe("a closed inquiry", () => {
    const close = (by: Actor = world.investigator) =>
        world.acting(by, (ctx) => closeInquiry(ctx, id, "undecided", "What there is does not tell."))
    const reopen = (reason: string, by: Actor = colleague) => world.acting(by, (ctx) => reopenInquiry(ctx, id, reason))

    test.each<[string, () => Promise<unknown>]>([
        ["is not added to", () => letIn(insider.person)],
        [
            "is not weighed",
            () => world.acting(colleague, (ctx) => weighHypothesis(ctx, id, "patch", { for: "a", against: "b" })),
        ],
        ["gets no finding", proposed],
        ["confirms none", () => world.acting(colleague, (ctx) => confirmFinding(ctx, id, newId()))],
        ["is not closed again", () => close()],
    ])("%s", async (_, change) => {
        await close()
        const before = (await listEvents(world.database)).length
        expect(await awaitRefusalCode(change())).toBe("inquiry.closed")
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("is read, with its outcome; keeps people out; and is opened again with a reason", async () => {
        await close()
        await out(signer.person)
        expect(await read(colleague)).toMatchObject({ status: "closed", history: [{ outcome: "undecided" }] })
        expect(await awaitRefusalCode(reopen(" "))).toBe("inquiry.no_reason")
        expect(await awaitRefusalCode(reopen("Another paste.", insider))).toBe("inquiry.not_found")
        await reopen("Another paste.")
        expect(await awaitRefusalCode(reopen("Once more."))).toBe("inquiry.still_open")
        expect(await read(colleague)).toMatchObject({
            status: "open",
            history: [{ kind: "closed" }, { kind: "reopened", outcome: null, reason: "Another paste." }],
        })
    })

    test("leaves nothing behind that waits for a signature", async () => {
        const { approval } = await proposed()
        await close()
        expect((await world.acting(colleague, (ctx) => loadApproval(ctx, approval))).voidedAt).toBe(world.clock.now)
    })
})
