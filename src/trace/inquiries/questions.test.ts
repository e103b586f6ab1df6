/** A partner is asked one thing, sees one thing, and says one thing; members read it, and nobody else learns of it. */
import fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { codeOf, operator, recorded } from "../../../test/acting.ts"
import { newId } from "../../../test/database.ts"
import { type Program, type TestPartner, newCase, newPartner, program, sign } from "../../../test/program.ts"
import { dayMs } from "../../lib/instant.ts"
import type { Actor } from "../../trust/audit/actor.ts"
import { changeStanding } from "../../trust/partners/actions/changes.ts"
import { waitingForMe } from "../waiting/actions/waiting.ts"
import { closeInquiry } from "./actions/closing.ts"
import { conclude, confirmFinding } from "./actions/findings.ts"
import { openInquiry, readInquiry } from "./actions/inquiries.ts"
import { answerQuestion, ask, lapsing, noteQuestion, ownQuestions } from "./actions/questions.ts"
import { type Asked, stateOf } from "./question.ts"

let its: Program
let caseId: string
let partner: TestPartner
let other: TestPartner
let colleague: Actor & { person: string }
let outsider: Actor & { person: string }
let id: string

beforeAll(async () => {
    its = await program()
    caseId = await newCase(its, "toolshell")
    partner = await newPartner(its, "entry")
    other = await newPartner(its, "entry")
    colleague = await operator(its.acting, ["investigator", "approver"])
    outsider = await operator(its.acting, ["investigator", "approver", "admin"])
})
afterAll(() => its.database.close())

beforeEach(async () => {
    its.clock.now += dayMs
    const input = { case: caseId, title: "The paste", evidence: [], members: [colleague.person] }
    id = await its.acting(its.investigator, (act) => openInquiry(act, input))
})

const asked = (what: Partial<Asked> = {}): Promise<string> => {
    const usual = { kind: "question" as const, partner: partner.id, finding: null, text: "Who had it?" }
    const answerBy = its.clock.now + 7 * dayMs
    return its.acting(its.investigator, (act) => ask(act, id, { ...usual, answerBy, ...what }))
}
const answered = (question: string, by: Actor = partner.lead, deleted: boolean | null = null) =>
    its.acting(by, (act) => answerQuestion(act, question, { text: "Two of us.", deleted }))
const seenBy = (by: Actor) => its.acting(by, ownQuestions)
const read = async () => await its.acting(colleague, (act) => readInquiry(act, id))
const waitingFor = async (by: Actor) =>
    (await its.acting(by, waitingForMe)).filter(({ kind }) => kind === "question").map(({ about }) => about)
const lapse = async () => {
    while (await lapsing.run(its.doors)) {}
}

test("its lead reads the question and its deadline, answers once, and members read the statement", async () => {
    const question = await asked()
    const [seen] = await seenBy(partner.lead)
    expect(seen).toMatchObject({ id: question, text: "Who had it?", answer: null })
    await answered(question)
    expect(await codeOf(answered(question))).toBe("question.already_answered")
    expect((await read()).questions).toMatchObject([
        { id: question, answer: { text: "Two of us.", by: partner.lead.person, at: its.clock.now } },
    ])
    const rows = await its.database.db.transaction((tx) =>
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
        const question = await asked()
        const before = (await recorded(its.database)).length
        expect((await seenBy(other.lead)).map((one) => one.id)).not.toContain(question)
        const refused = async (which: string) => {
            try {
                return String(await answered(which, other.lead))
            } catch (error) {
                return JSON.stringify([String(error), error])
            }
        }
        expect(await refused(question)).toBe(await refused(newId()))
        expect(await codeOf(its.acting(partner.analyst, ownQuestions))).not.toBe("done")
        expect(await recorded(its.database)).toHaveLength(before)
    })

    test("all that is recorded of it is sealed; the answer waits for members alone, until one has read it", async () => {
        const question = await asked()
        const about = `${id} ${question}`
        expect(await waitingFor(colleague)).not.toContain(about)
        await answered(question)
        expect(await waitingFor(colleague)).toContain(about)
        expect(await waitingFor(its.investigator)).toContain(about)
        expect(await waitingFor(outsider)).toEqual([])
        const note = () => its.acting(colleague, (act) => noteQuestion(act, id, question))
        await note()
        await note()
        expect(await waitingFor(its.investigator)).not.toContain(about)
        const events = await its.database.db.transaction((tx) =>
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
        const third = await newPartner(its, "entry")
        const question = await asked({ partner: third.id })
        await its.acting(its.manager, (act) => changeStanding(act, third.id, "suspended"))
        expect((await seenBy(third.lead)).map((one) => one.id)).toEqual([question])
        expect(await codeOf(answered(question, third.lead))).toBe("done")
    })
})

test("a deadline that passes is recorded once, waits for members, and nothing is answered after it", async () => {
    const question = await asked({ answerBy: its.clock.now + dayMs })
    const events = async () =>
        (await recorded(its.database)).filter(
            (one) => one.kind === "question.expired" && one.body["question"] === question,
        )
    await lapse()
    expect(await events()).toHaveLength(0)
    its.clock.now += dayMs
    expect(await codeOf(answered(question))).toBe("question.expired")
    await lapse()
    await lapse()
    expect(await events()).toHaveLength(1)
    expect(await waitingFor(colleague)).toContain(`${id} ${question}`)
})

test("it has lapsed at its deadline, and not a moment before; what is answered never lapses", () => {
    fc.assert(
        fc.property(fc.nat(), fc.nat(), fc.boolean(), (answerBy, now, isAnswered) => {
            const state = stateOf({ answer: isAnswered ? "said" : null, answerBy }, now)
            expect(state).toBe(isAnswered ? "answered" : now < answerBy ? "open" : "lapsed")
        }),
    )
})

describe("what is refused", () => {
    test.each<[string, () => Partial<Asked>, string]>([
        ["nothing asked", () => ({ text: " " }), "question.bad_text"],
        ["too soon a deadline", () => ({ answerBy: its.clock.now + dayMs - 1 }), "question.bad_deadline"],
        ["too late a deadline", () => ({ answerBy: its.clock.now + 91 * dayMs }), "question.bad_deadline"],
        ["nobody's partner", () => ({ partner: newId() }), "partner.not_found"],
        ["the gist of nothing", () => ({ kind: "finding" }), "question.bad_finding"],
        ["a finding that is not there", () => ({ kind: "finding", finding: newId() }), "question.finding_mismatch"],
    ])("%s", async (_, wrong, code) => {
        const before = (await recorded(its.database)).length
        expect(await codeOf(asked(wrong()))).toBe(code)
        expect(await recorded(its.database)).toHaveLength(before)
    })

    test("by whoever is no member; in a closed inquiry; noting what still waits, or is not there", async () => {
        const question = await asked()
        const by = its.acting(outsider, (act) => noteQuestion(act, id, question))
        expect(await codeOf(by)).toBe("inquiry.not_found")
        const note = (which: string) => its.acting(colleague, (act) => noteQuestion(act, id, which))
        expect(await codeOf(note(question))).toBe("question.still_open")
        expect(await codeOf(note(newId()))).toBe("question.not_found")
        await its.acting(its.investigator, (act) => closeInquiry(act, id, "undecided", "Nothing more comes."))
        expect(await codeOf(asked())).toBe("inquiry.closed")
        expect(await codeOf(answered(question))).toBe("done")
    })
})

describe("an attestation of deletion", () => {
    test("says whether, stands among those of the inquiry, and no other question has one", async () => {
        const question = await asked({ kind: "deletion", text: "Are the copies deleted?" })
        expect(await codeOf(answered(question))).toBe("question.bad_attestation")
        await answered(question, partner.lead, true)
        expect((await read()).attestations).toEqual([
            { partner: partner.id, of: "question", at: its.clock.now, about: question, affirmed: true },
        ])
        expect(await codeOf(answered(await asked(), partner.lead, true))).toBe("question.bad_attestation")
    })
})

describe("the gist of a finding is told to its partner before it is confirmed", () => {
    const proposed = async () => {
        const said = { partner: partner.id, conclusion: "It leaked.", confidence: "low" as const, obligation: null }
        const { finding, approval } = await its.acting(its.investigator, (act) => conclude(act, id, said))
        await sign(its, approval, colleague)
        return finding
    }
    const confirm = (finding: string, reason: string | null = null) =>
        its.acting(its.investigator, (act) => confirmFinding(act, id, finding, reason))

    test("its answer is waited for, and stands beside the finding", async () => {
        const finding = await proposed()
        const question = await asked({ kind: "finding", finding, text: "We think that it was your copy." })
        expect(await codeOf(confirm(finding))).toBe("inquiry.answer_awaited")
        await answered(question)
        expect(await codeOf(confirm(finding))).toBe("done")
        const { findings, questions } = await read()
        expect(findings).toMatchObject([{ id: finding, unheard: null, confirmedAt: its.clock.now }])
        expect(questions).toMatchObject([{ finding, answer: { text: "Two of us." } }])
        expect(await codeOf(asked({ kind: "finding", finding }))).toBe("question.finding_mismatch")
    })

    test("or it is not, with a reason that is kept; nor after its deadline", async () => {
        const first = await proposed()
        await asked({ kind: "finding", finding: first })
        expect(await codeOf(confirm(first, " "))).toBe("inquiry.no_reason")
        await confirm(first, "Copies go on leaking.")
        expect((await read()).findings).toMatchObject([{ unheard: { reason: "Copies go on leaking." } }])
        const second = await proposed()
        await asked({ kind: "finding", finding: second, answerBy: its.clock.now + dayMs })
        its.clock.now += dayMs
        expect(await codeOf(confirm(second, "Copies go on leaking."))).toBe("done")
        expect((await read()).findings).toMatchObject([{}, { id: second, unheard: null }])
    })

    test("only to the partner that it concerns", async () => {
        const finding = await proposed()
        expect(await codeOf(asked({ kind: "finding", finding, partner: other.id }))).toBe("question.finding_mismatch")
    })
})
