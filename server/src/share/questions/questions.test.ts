/** Questions on a real database: what is stored, and which partner reads what. */
import { parseInstant } from "@tocsin/base/instant"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode, createPartnerMember, listEvents } from "../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
} from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { handleNextEvent } from "../../kernel/worker.ts"
import { setAccessList } from "../../trust/partners/roster/actions/manage-access-lists.ts"
import { partnerOf } from "../delivery/actions/project-warnings.ts"
import { aliasFor } from "../delivery/actions/resolve-alias.ts"
import { askOperator, listQuestionsForPartner } from "./actions/ask-operator.ts"
import { answerQuestion, listQuestionsOfCase, listUnansweredQuestions } from "./actions/answer-question.ts"

let world: Program
let partner: TestPartner
let second: TestPartner
let subject: string

beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
    second = await newPartner(world, "validate")
}, 120_000)
afterAll(() => world.database.close())
beforeEach(async () => {
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    subject = await newCase(world, "toolshell")
    const summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, subject, "validate", [summary])
}, 120_000)

const ask = (text = "Is zqword affected?", actor = partner.analyst) =>
    world.acting(actor, (ctx) => askOperator(ctx, subject, text))
/** What an actor reads of the case of this test. */
const read = (actor = partner.analyst) =>
    world.acting(actor, async (ctx) => {
        const warning = aliasFor(ctx.services.keys, partnerOf(ctx).partner, "warning", subject)
        return (await listQuestionsForPartner(ctx)).filter((question) => question.warning === warning)
    })
const answer = (id: string, text: string, question: string | null = null) =>
    world.acting(world.author, (ctx) =>
        answerQuestion(ctx, { case: subject, id }, { text, question }, question === null ? "partner" : "recipients"),
    )

test("a question and its answer are read by the asking partner and by staff only", async () => {
    const id = await ask()
    expect(await read(second.lead)).toEqual([])
    expect(await world.acting(world.author, (ctx) => listUnansweredQuestions(ctx))).toMatchObject([
        { id, case: subject },
    ])
    await answer(id, "Yes.")
    expect(await read()).toMatchObject([
        { id, isOwn: true, person: partner.analyst.person, answer: "Yes.", toAll: false },
    ])
    expect(await read(second.lead)).toEqual([])
    const ofCase = await world.acting(world.author, (ctx) => listQuestionsOfCase(ctx, subject))
    expect(ofCase).toMatchObject([{ partner: partner.id, answer: { text: "Yes.", audience: "partner" } }])
    expect(await world.acting(world.author, (ctx) => listUnansweredQuestions(ctx))).toEqual([])
    expect(await awaitRefusalCode(answer(id, "No."))).toBe("warning_question.already_answered")
})

test("a notice announces an answer to the asking partner alone, or to every partner that reads it", async () => {
    const countNotices = async () => {
        while (await handleNextEvent(world.services, eventHandlers));
        const rows = await world.services.db.transaction((tx) =>
            tx.query<{ partner: string }>("select partner_id as partner from notices where case_id = $1", [subject]),
        )
        return [partner, second].map(({ id }) => rows.filter((row) => row.partner === id).length) as [number, number]
    }
    const before = await countNotices()
    await answer(await ask(), "Yes.")
    const afterOwn = await countNotices()
    expect(afterOwn[0]).toBeGreaterThan(before[0])
    expect(afterOwn[1]).toBe(before[1])
    await answer(await ask("And zqother?"), "No.", "Is another product affected?")
    const afterShared = await countNotices()
    expect(afterShared[0]).toBeGreaterThan(afterOwn[0])
    expect(afterShared[1]).toBeGreaterThan(afterOwn[1])
})

test("A-13 an answer to all recipients shows neither who asked, nor when, nor in which words", async () => {
    const id = await ask("We at zqword run 2016. Is it affected?")
    await answer(id, "It is.", "Is 2016 affected?")
    expect(await read(second.lead)).toEqual([
        {
            id,
            warning: expect.any(String) as unknown,
            isOwn: false,
            person: null,
            text: "Is 2016 affected?",
            askedAt: null,
            answer: "It is.",
            answeredAt: world.clock.now,
            toAll: true,
        },
    ])
    expect(await read()).toMatchObject([{ isOwn: true, text: "We at zqword run 2016. Is it affected?", toAll: true }])
})

test("A-13 the place of an answer to all does not tell when the question was asked", async () => {
    const foreign = await ask()
    world.clock.now += 3_600_000
    await ask("Our own question.", second.lead)
    world.clock.now += 3_600_000
    await answer(foreign, "Yes.", "Is it affected?")
    expect((await read(second.lead)).map(({ isOwn }) => isOwn)).toEqual([false, true])
    expect((await read()).map(({ isOwn }) => isOwn)).toEqual([true])
})

test("A-15 people outside the access list read neither the question nor an answer to all", async () => {
    const outsider = await createPartnerMember(world.acting, partner.id, ["analyst"])
    await world.acting(partner.lead, (ctx) =>
        setAccessList(ctx, subject, [partner.lead.person, partner.analyst.person]),
    )
    const id = await ask()
    await answer(id, "Yes.", "Is it affected?")
    expect(await read(outsider)).toEqual([])
    expect(await read()).toHaveLength(1)
})

test("K-11 texts appear in no table in clear, nor in the audit log", async () => {
    await answer(await ask(), "zqword is.", "Is zqword affected?")
    const [dump] = await world.database.db.transaction((tx) =>
        tx.query<{ all: string }>("select string_agg(q::text, '') as all from warning_questions q"),
    )
    expect(dump?.all).not.toContain("zqword")
    expect(dump?.all).not.toContain(Buffer.from("zqword").toString("hex"))
    const events = (await listEvents(world.database)).filter(({ kind }) => kind.startsWith("warning_question."))
    expect(JSON.stringify(events)).not.toContain("zqword")
})

test.each([
    ["an empty text", "", null, "warning_question.bad_text"],
    ["an empty question for all", "Yes.", " ", "warning_question.bad_text"],
])("%s is refused", async (_, text, question, code) => {
    expect(await awaitRefusalCode(answer(await ask(), text, question))).toBe(code)
})
