/**
 * Questions to partners. A member asks; the partner's leads read the question alone, in every standing, and one of them
 * answers once, or the deadline lapses. In the record all of it is sealed.
 */
import { refuse } from "../../../lib/refusal.ts"
import { hide } from "../../../platform/http.ts"
import type { Chore } from "../../../platform/worker.ts"
import { unreachedBy } from "../../../share/delivery/actions/returning.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import { mustBeLead } from "../../../trust/partners/actions/roster.ts"
import {
    type Asked,
    type HeardQuestion,
    type Question,
    type Statement,
    mustBeQuestion,
    mustBeStatement,
    mustWait,
    questionsMax,
    stateOf,
} from "../question.ts"
import * as inquiries from "../store.ts"
import * as store from "../store/questions.ts"
import { memberOf, memberOfOpen, mustBeOperator } from "./membership.ts"
import { keepWords, openWords } from "./words.ts"

/** Returns the question's id. */
export async function ask(act: Act, inquiry: string, asked: Asked): Promise<string> {
    await memberOfOpen(act, inquiry)
    mustBeQuestion(asked, act.now)
    const { kind, partner, finding, answerBy } = asked
    await partnerFactsOf(act, partner, act.now)
    if (finding !== null) await mustBeProposedAbout(act, inquiry, finding, partner)
    if ((await store.questionsOf(act.tx, inquiry)).length >= questionsMax) {
        refuse("conflict", "question.too_many", `\`${questionsMax}\` questions are the most that an inquiry asks`)
    }
    const id = act.doors.newId()
    const { box, words } = await keepWords(act, inquiry, placeOf(id), { text: asked.text })
    await store.insertQuestion(act.tx, {
        ...{ id, inquiry, partner, kind, finding, text_ciphertext: box },
        ...{ asked_by: mustBeOperator(act), asked_at: act.now, answer_due_at: answerBy },
    })
    const event = { question: id, inquiry, partner, asks: kind, finding, answerBy, words }
    await record(act, { kind: "question.asked", ...event }, true)
    return id
}

async function mustBeProposedAbout(act: Act, inquiry: string, finding: string, partner: string): Promise<void> {
    const its = (await inquiries.findings(act.tx, inquiry)).find((one) => one.id === finding)
    if (its?.partner === partner && its.confirmed_at === null) return
    refuse(
        "conflict",
        "question.finding_mismatch",
        "no finding that is proposed, and not confirmed, concerns this partner",
    )
}

/** What this partner was asked, newest first: for its leads. */
export async function ownQuestions(act: Act): Promise<Question[]> {
    const { partner } = mustBeLead(act)
    return await presentAll(act, await store.questionsTo(act.tx, partner))
}

/** A lead's one statement, in time. */
export async function answerQuestion(act: Act, id: string, { text, deleted }: Statement): Promise<void> {
    const { partner, person } = mustBeLead(act)
    const row = (await store.lockQuestionTo(act.tx, partner, id)) ?? hide()
    mustBeStatement({ text, deleted }, row.kind)
    mustWait({ answer: row.answer_ciphertext, answerBy: row.answer_due_at }, act.now)
    const { inquiry } = row
    const { box, words } = await keepWords(act, inquiry, answerPlaceOf(id), { deleted, text })
    await store.setAnswer(act.tx, id, { box, by: person, at: act.now })
    await record(act, { kind: "question.answered", question: id, inquiry, partner, words }, true)
}

/** A member has read the answer, or seen that there is none: it waits for nobody any more. Once more changes nothing. */
export async function noteQuestion(act: Act, inquiry: string, id: string): Promise<void> {
    await memberOf(act, inquiry)
    const row = (await store.questionsOf(act.tx, inquiry)).find((one) => one.id === id)
    if (!row) refuse("missing", "question.not_found", "no such question")
    if (stateOf({ answer: row.answer_ciphertext, answerBy: row.answer_due_at }, act.now) === "open") {
        refuse("conflict", "question.still_open", "this question still waits for its answer")
    }
    if (row.read_at !== null) return
    await store.setNoted(act.tx, id, mustBeOperator(act), act.now)
    await record(act, { kind: "question.read", question: id, inquiry }, true)
}

/** For actions that have let the member in; oldest first. */
export async function questionsOf(act: Act, inquiry: string): Promise<HeardQuestion[]> {
    const all: HeardQuestion[] = []
    for (const one of await presentAll(act, await store.questionsOf(act.tx, inquiry))) {
        all.push({ ...one, unreached: await unreachedBy(act, one.id) })
    }
    return all
}

export interface UnnotedQuestion {
    readonly id: string
    readonly inquiry: string
    readonly partner: string
    readonly since: number
    /** To whom alone it is told. */
    readonly members: readonly string[]
}

/** Answered, or not in time, and seen by no member. */
export async function unnotedQuestions(act: Act): Promise<UnnotedQuestion[]> {
    const rows = await store.unnoted(act.tx, act.now)
    if (rows.length === 0) return []
    const members = await inquiries.membersAmong(
        act.tx,
        rows.map(({ inquiry }) => inquiry),
    )
    return rows.map(({ id, inquiry, partner, answered_at: at, answer_due_at: by }) => ({
        ...{ id, inquiry, partner, since: at ?? by },
        members: members.get(inquiry) ?? [],
    }))
}

/** That a deadline has passed without an answer, once. */
export const lapsing: Chore = {
    name: "lapsing",
    isUnhurried: true,
    run: (doors) =>
        doors.db.transaction(async (tx) => {
            const now = await doors.clock.now(tx)
            const row = await store.takeLapsed(tx, now)
            if (row === undefined) return false
            const act: Act = { tx, now, doors, actor: { kind: "system", step: "lapsing" } }
            const { id, inquiry, partner } = row
            await record(act, { kind: "question.expired", question: id, inquiry, partner }, true)
            return true
        }),
}

async function presentAll(act: Act, rows: readonly store.QuestionRow[]): Promise<Question[]> {
    const all: Question[] = []
    for (const row of rows) all.push(await present(act, row))
    return all
}

async function present(act: Act, row: store.QuestionRow): Promise<Question> {
    const { id, inquiry, partner, kind, finding, answer_due_at: answerBy } = row
    const words = await openWords<{ readonly text: string }>(act, inquiry, placeOf(id), row.text_ciphertext)
    const asked = { askedBy: row.asked_by, askedAt: row.asked_at, notedAt: row.read_at }
    const its = { ...words, id, partner, kind, finding, answerBy, ...asked }
    const { answer_ciphertext: box, answered_by: by, answered_at: at } = row
    if (box === null || by === null || at === null) return { ...its, answer: null }
    return { ...its, answer: { ...(await openWords<Statement>(act, inquiry, answerPlaceOf(id), box)), by, at } }
}

const placeOf = (id: string): string => `inquiry_questions.words:${id}`
const answerPlaceOf = (id: string): string => `inquiry_questions.answer:${id}`
