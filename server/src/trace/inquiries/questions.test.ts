/** A partner is asked one thing, sees one thing, and says one thing; members read it, and nobody else learns of it. */
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { awaitRefusalCode, createStaffMember, listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    type TestPartner,
    newCase,
    newPartner,
    createProgram,
    signAsApprover,
} from "../../../../test/support/program.ts"
import { dayMs } from "@tocsin/base/instant"
import type { Actor } from "../../kernel/actor.ts"
import { changePartnerStatus } from "../../trust/partners/actions/change-partner.ts"
import { listTasksOfActor } from "../tasks/actions/list-tasks-of-actor.ts"
import { closeInquiry } from "./actions/close-inquiry.ts"
import { proposeFinding, confirmFinding } from "./actions/propose-finding.ts"
import { openInquiry, readInquiry } from "./actions/open-inquiry.ts"
import {
    answerQuestion,
    askQuestion,
    expireQuestionsJob,
    markQuestionRead,
    listQuestionsForPartner,
} from "./actions/ask-question.ts"
import { type QuestionRequest, stateOf } from "./question.ts"

let world: Program
let caseId: string
let partner: TestPartner
let other: TestPartner
let colleague: Actor & { person: string }
let outsider: Actor & { person: string }
let id: string

beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    partner = await newPartner(world, "entry")
    other = await newPartner(world, "entry")
    colleague = await createStaffMember(world.acting, ["investigator", "approver"])
    outsider = await createStaffMember(world.acting, ["investigator", "approver", "admin"])
})
afterAll(() => world.database.close())

beforeEach(async () => {
    world.clock.now += dayMs
    const input = { case: caseId, title: "The paste", evidence: [], members: [colleague.person] }
    id = await world.acting(world.investigator, (ctx) => openInquiry(ctx, input))
})

const run = (request: Partial<QuestionRequest> = {}): Promise<string> => {
    const usual = { kind: "question" as const, partner: partner.id, finding: null, text: "Who had it?" }
    const answerBy = world.clock.now + 7 * dayMs
    return world.acting(world.investigator, (ctx) => askQuestion(ctx, id, { ...usual, answerBy, ...request }))
}
const answered = (question: string, by: Actor = partner.lead, deleted: boolean | null = null) =>
    world.acting(by, (ctx) => answerQuestion(ctx, question, { text: "Two of us.", deleted }))
const seenBy = (by: Actor) => world.acting(by, listQuestionsForPartner)
const read = async () => await world.acting(colleague, (ctx) => readInquiry(ctx, id))
const waitingFor = async (by: Actor) =>
    (await world.acting(by, listTasksOfActor)).filter(({ kind }) => kind === "question").map(({ about }) => about)
const lapse = async () => {
    while (await expireQuestionsJob.run(world.services)) {}
}

test("its lead reads the question and its deadline, answers once, and members read the statement", async () => {
    const question = await run()
    const [seen] = await seenBy(partner.lead)
    expect(seen).toMatchObject({ id: question, text: "Who had it?", answer: null })
    await answered(question)
    expect(await awaitRefusalCode(answered(question))).toBe("question.already_answered")
    expect((await read()).questions).toMatchObject([
        { id: question, answer: { text: "Two of us.", by: partner.lead.person, at: world.clock.now } },
    ])
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ text_ciphertext: Buffer; answer_ciphertext: Buffer }>(
            "select text_ciphertext, answer_ciphertext from inquiry_questions",
        ),
    )
    expect(
        rows.some((row) => row.text_ciphertext.includes("Who had it") || row.answer_ciphertext?.includes("Two of")),
    ).toBe(false)
})

describe("to everybody else it is not there", () => {
    test("A-14: to another partner, word for word as one that nobody asked; to an analyst of the same", async () => {
        const question = await run()
        const before = (await listEvents(world.database)).length
        expect((await seenBy(other.lead)).map((question) => question.id)).not.toContain(question)
        const refused = async (which: string) => {
            try {
                return String(await answered(which, other.lead))
            } catch (error) {
                return JSON.stringify([String(error), error])
            }
        }
        expect(await refused(question)).toBe(await refused(newId()))
        expect(await awaitRefusalCode(world.acting(partner.analyst, listQuestionsForPartner))).not.toBe("done")
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("records confidential events only; the answer is a task of members until one has read it", async () => {
        const question = await run()
        const about = `${id} ${question}`
        expect(await waitingFor(colleague)).not.toContain(about)
        await answered(question)
        expect(await waitingFor(colleague)).toContain(about)
        expect(await waitingFor(world.investigator)).toContain(about)
        expect(await waitingFor(outsider)).toEqual([])
        const note = () => world.acting(colleague, (ctx) => markQuestionRead(ctx, id, question))
        await note()
        await note()
        expect(await waitingFor(world.investigator)).not.toContain(about)
        const events = await world.database.db.transaction((tx) =>
            tx.query<{ kind: string; sealed: boolean }>(
                "select kind, confidential as sealed from events where body ->> 'question' = $1 order by seq",
                [question],
            ),
        )
        expect(events).toEqual(
            ["question.asked", "question.answered", "question.read"].map((kind) => ({ kind, sealed: true })),
        )
    })

    test("B-03: it is read and answered by the leads of a partner that is suspended", async () => {
        const third = await newPartner(world, "entry")
        const question = await run({ partner: third.id })
        await world.acting(world.manager, (ctx) => changePartnerStatus(ctx, third.id, "suspended"))
        expect((await seenBy(third.lead)).map((question) => question.id)).toEqual([question])
        expect(await awaitRefusalCode(answered(question, third.lead))).toBe("done")
    })
})

test("a deadline that passes is recorded once, waits for members, and nothing is answered after it", async () => {
    const question = await run({ answerBy: world.clock.now + dayMs })
    const events = async () =>
        (await listEvents(world.database)).filter(
            (item) => item.kind === "question.expired" && item.body["question"] === question,
        )
    await lapse()
    expect(await events()).toHaveLength(0)
    world.clock.now += dayMs
    expect(await awaitRefusalCode(answered(question))).toBe("question.expired")
    await lapse()
    await lapse()
    expect(await events()).toHaveLength(1)
    expect(await waitingFor(colleague)).toContain(`${id} ${question}`)
})

test("it has lapsed at its deadline, and not a moment before; what is answered never lapses", () => {
    fc.assert(
        fc.property(fc.nat(), fc.nat(), fc.boolean(), (answerBy, now, isAnswered) => {
            const state = stateOf({ answer: isAnswered ? "said" : null, answerBy }, now)
            expect(state).toBe(isAnswered ? "answered" : now < answerBy ? "open" : "expired")
        }),
    )
})

describe("what is refused", () => {
    test.each<[string, () => Partial<QuestionRequest>, string]>([
        ["nothing asked", () => ({ text: " " }), "question.bad_text"],
        ["too soon a deadline", () => ({ answerBy: world.clock.now + dayMs - 1 }), "question.bad_deadline"],
        ["too late a deadline", () => ({ answerBy: world.clock.now + 91 * dayMs }), "question.bad_deadline"],
        ["nobody's partner", () => ({ partner: newId() }), "partner.not_found"],
        ["the gist of nothing", () => ({ kind: "finding" }), "question.bad_finding"],
        ["a finding that is not there", () => ({ kind: "finding", finding: newId() }), "question.finding_mismatch"],
    ])("%s", async (_, wrong, code) => {
        const before = (await listEvents(world.database)).length
        expect(await awaitRefusalCode(run(wrong()))).toBe(code)
        expect(await listEvents(world.database)).toHaveLength(before)
    })

    test("by whoever is no member; in a closed inquiry; noting what still waits, or is not there", async () => {
        const question = await run()
        const by = world.acting(outsider, (ctx) => markQuestionRead(ctx, id, question))
        expect(await awaitRefusalCode(by)).toBe("inquiry.not_found")
        const note = (which: string) => world.acting(colleague, (ctx) => markQuestionRead(ctx, id, which))
        expect(await awaitRefusalCode(note(question))).toBe("question.still_open")
        expect(await awaitRefusalCode(note(newId()))).toBe("question.not_found")
        await world.acting(world.investigator, (ctx) => closeInquiry(ctx, id, "undecided", "Nothing more comes."))
        expect(await awaitRefusalCode(run())).toBe("inquiry.closed")
        expect(await awaitRefusalCode(answered(question))).toBe("done")
    })
})

describe("an attestation of deletion", () => {
    test("says whether, stands among those of the inquiry, and no other question has one", async () => {
        const question = await run({ kind: "deletion", text: "Are the copies deleted?" })
        expect(await awaitRefusalCode(answered(question))).toBe("question.bad_attestation")
        await answered(question, partner.lead, true)
        expect((await read()).attestations).toEqual([
            { partner: partner.id, kind: "question", at: world.clock.now, about: question, affirmed: true },
        ])
        expect(await awaitRefusalCode(answered(await run(), partner.lead, true))).toBe("question.bad_attestation")
    })
})

describe("the gist of a finding is told to its partner before it is confirmed", () => {
    const proposed = async () => {
        const input = { partner: partner.id, conclusion: "It leaked.", confidence: "low" as const, obligation: null }
        const { finding, approval } = await world.acting(world.investigator, (ctx) => proposeFinding(ctx, id, input))
        await signAsApprover(world, approval, colleague)
        return finding
    }
    const confirm = (finding: string, reason: string | null = null) =>
        world.acting(world.investigator, (ctx) => confirmFinding(ctx, id, finding, reason))

    test("its answer is waited for, and stands beside the finding", async () => {
        const finding = await proposed()
        const question = await run({ kind: "finding", finding, text: "We think that it was your copy." })
        expect(await awaitRefusalCode(confirm(finding))).toBe("inquiry.answer_awaited")
        await answered(question)
        expect(await awaitRefusalCode(confirm(finding))).toBe("done")
        const { findings, questions } = await read()
        expect(findings).toMatchObject([{ id: finding, confirmedWithoutAnswer: null, confirmedAt: world.clock.now }])
        expect(questions).toMatchObject([{ finding, answer: { text: "Two of us." } }])
        expect(await awaitRefusalCode(run({ kind: "finding", finding }))).toBe("question.finding_mismatch")
    })

    test("or it is not, with a reason that is kept; nor after its deadline", async () => {
        const first = await proposed()
        await run({ kind: "finding", finding: first })
        expect(await awaitRefusalCode(confirm(first, " "))).toBe("inquiry.no_reason")
        await confirm(first, "Copies go on leaking.")
        expect((await read()).findings).toMatchObject([{ confirmedWithoutAnswer: { reason: "Copies go on leaking." } }])
        const second = await proposed()
        await run({ kind: "finding", finding: second, answerBy: world.clock.now + dayMs })
        world.clock.now += dayMs
        expect(await awaitRefusalCode(confirm(second, "Copies go on leaking."))).toBe("done")
        expect((await read()).findings).toMatchObject([{}, { id: second, confirmedWithoutAnswer: null }])
    })

    test("only to the partner that it concerns", async () => {
        const finding = await proposed()
        expect(await awaitRefusalCode(run({ kind: "finding", finding, partner: other.id }))).toBe(
            "question.finding_mismatch",
        )
    })
})
