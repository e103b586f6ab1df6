/** Letters: sent with a measure or in a procedure, read by the partner in every standing, answered once by its lead. */
import { refuse } from "../../../lib/refusal.ts"
import { hide } from "../../../platform/http.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { casesHidden } from "../../../trust/partners/actions/circles.ts"
import { mustBeLead, mustBeMember } from "../../../trust/partners/actions/roster.ts"
import { artifactsOf, casesOf } from "../../../share/artifacts/actions.ts"
import { recordReads } from "../../../share/cases/actions/reads.ts"
import { idBehind, nameFor } from "../../../share/delivery/actions/names.ts"
import {
    type Letter,
    type LetterKind,
    type LetterText,
    mustBeLetter,
    mustBeSendable,
    mustBeWritten,
} from "../letter.ts"
import * as store from "../store/letters.ts"
import type { Fields } from "../template.ts"
import { addAnswer } from "./turns.ts"
import { draft, filledNow } from "./templates.ts"

export interface About {
    readonly partner: string
    readonly kind: LetterKind
    readonly measure: string | null
    readonly procedure?: string | null
}

/**
 * Sends what whoever decides has written, or else what the template says; what the partner holds is what it holds now.
 * Returns the letter's id.
 */
export async function tell(act: Act, about: About, text?: LetterText, fields: Fields = {}): Promise<string> {
    if (text === undefined) return await sendLetter(act, about, await draft(act, about.kind, about.partner, fields))
    mustBeLetter(text)
    return await sendLetter(act, about, await filledNow(act, text, about.partner, fields))
}

/** Returns the letter's id. */
async function sendLetter(act: Act, about: About, text: LetterText): Promise<string> {
    mustBeSendable(text)
    const id = act.doors.newId()
    const { partner, kind, measure, procedure = null } = about
    const words = JSON.stringify({ subject: text.subject, text: text.text, lists: text.lists })
    const box = await seal(act.tx, act.doors.keys, `partner:${partner}`, `letters.text:${id}`, words)
    await store.insertLetter(act.tx, { id, partner, kind, measure, procedure, text_ciphertext: box, sent_at: act.now })
    await record(act, { kind: "letter.sent", letter: id, of: kind, partner, measure, procedure })
    return id
}

/** The partner's own letters, newest first: those that whoever acts may see. */
export async function ownLetters(act: Act): Promise<Letter[]> {
    const { partner } = mustBeMember(act)
    const isHidden = await hidesLetter(act, partner)
    const letters = await presentAll(act, await store.lettersTo(act.tx, partner))
    return await noted(
        act,
        letters.filter((one) => !isHidden(one)),
    )
}

/** One of the partner's own; another's answers as one that does not exist. */
export async function ownLetter(act: Act, id: string): Promise<Letter> {
    const { partner } = mustBeMember(act)
    const letter = await present(act, (await store.letterTo(act.tx, partner, id)) ?? hide())
    if ((await hidesLetter(act, partner))(letter)) hide()
    await noted(act, [letter])
    return letter
}

/** Records that who acts reads which cases these letters name, by title and files; returns the letters. */
async function noted(act: Act, letters: readonly Letter[]): Promise<Letter[]> {
    const artifacts = letters.flatMap(({ partner, lists = [] }) =>
        lists.map((alias) => idBehind(act.doors.keys, partner, "artifact", alias)),
    )
    await recordReads(act, "facts", await casesOf(act, artifacts))
    return [...letters]
}

/** A letter that lists what is held names artifacts; it is not for whoever is outside the circle of one of them. */
async function hidesLetter(act: Act, partner: string): Promise<(letter: Letter) => boolean> {
    const names: string[] = []
    const name = (kind: "warning" | "artifact", id: string) => nameFor(act.doors.keys, partner, kind, id)
    for (const of of await casesHidden(act)) {
        names.push(name("warning", of), ...(await artifactsOf(act, of)).map((one) => name("artifact", one.id)))
    }
    // Letters of before list what is held by its ids, in their text.
    return ({ subject, text, answer, lists = [] }) =>
        names.some((one) => lists.includes(one) || [subject, text, answer ?? ""].some((words) => words.includes(one)))
}

/** The lead answers, once. What asks for an answer in a procedure is answered until two have decided. */
export async function answerLetter(act: Act, id: string, answer: string): Promise<void> {
    const { partner, person } = mustBeLead(act)
    mustBeWritten(answer)
    const letter = (await store.letterTo(act.tx, partner, id)) ?? hide()
    if (letter.procedure !== null && letter.kind !== "concern") {
        refuse(
            "conflict",
            "letter.not_answerable",
            "this letter tells what was decided: it can be appealed, not answered",
        )
    }
    if (letter.answered_at !== null) answeredAlready()
    if (letter.procedure !== null) await addAnswer(act, letter.procedure, person)
    const box = await seal(act.tx, act.doors.keys, `partner:${partner}`, `letters.answer:${id}`, answer)
    if (!(await store.setAnswer(act.tx, id, { box, by: person, at: act.now }))) answeredAlready()
    await record(act, { kind: "letter.answered", letter: id, partner })
}

function answeredAlready(): never {
    refuse("conflict", "letter.already_answered", "this letter is answered already")
}

/** Somebody of the operator has read the answer, and it waits for nobody any more. Once more changes nothing. */
export async function noteAnswer(act: Act, id: string): Promise<void> {
    if (act.actor.kind !== "operator") refuse("forbidden", "letter.staff_only", "answers are read by the operator")
    const row = (await store.letter(act.tx, id)) ?? refuse("missing", "letter.not_found", "no such letter")
    if (row.answered_at === null) refuse("conflict", "letter.not_answered", "this letter is not answered yet")
    if (row.read_at !== null) return
    await store.setNoted(act.tx, id, act.actor.person, act.now)
    await record(act, { kind: "letter.answer_read", letter: id, partner: row.partner })
}

/** Answered outside of any procedure, and nobody has noted it; the texts stay sealed. */
export async function unreadAnswers(
    act: Act,
): Promise<Pick<store.LetterRow, "id" | "partner" | "measure" | "answered_at">[]> {
    return (await store.unnoted(act.tx)).map(({ id, partner, measure, answered_at }) => ({
        ...{ id, partner, measure, answered_at },
    }))
}

/** About one measure, with the partner's answers; for the operator. */
export async function lettersAbout(act: Act, measure: string): Promise<Letter[]> {
    return await noted(act, await presentAll(act, await store.lettersAbout(act.tx, measure)))
}

/** In one procedure, oldest first; for the operator. */
export async function lettersOf(act: Act, procedure: string): Promise<Letter[]> {
    return await noted(act, await presentAll(act, await store.lettersOf(act.tx, procedure)))
}

async function presentAll(act: Act, rows: readonly store.LetterRow[]): Promise<Letter[]> {
    const letters: Letter[] = []
    for (const row of rows) letters.push(await present(act, row))
    return letters
}

async function present(act: Act, row: store.LetterRow): Promise<Letter> {
    const { id, partner, kind, measure, procedure } = row
    const open = (place: string, box: Buffer) => unseal(act.tx, act.doors.keys, `partner:${partner}`, place, box)
    const words = JSON.parse(await open(`letters.text:${id}`, row.text_ciphertext)) as LetterText
    const answer = row.answer_ciphertext && (await open(`letters.answer:${id}`, row.answer_ciphertext))
    const dates = { sentAt: row.sent_at, answeredAt: row.answered_at, notedAt: row.read_at }
    return { ...words, id, partner, kind, measure, procedure, answer, ...dates }
}
