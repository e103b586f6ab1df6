/** Letters: sent with a measure, read by the partner in every standing, answered once by its lead. */
import { refuse } from "../../../lib/refusal.ts"
import { hide } from "../../../platform/http.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { mustBeLead, mustBeMember } from "../../../trust/partners/actions/roster.ts"
import { type Letter, type LetterText, mustBeLetter, mustBeWritten } from "../letter.ts"
import * as store from "../store.ts"

/** Returns the letter's id. */
export async function sendLetter(
    act: Act,
    to: { readonly partner: string; readonly measure: string },
    text: LetterText,
): Promise<string> {
    mustBeLetter(text)
    const id = act.doors.newId()
    const words = JSON.stringify({ subject: text.subject, text: text.text })
    const box = await seal(act.tx, act.doors.keys, `partner:${to.partner}`, `letters.text:${id}`, words)
    await store.insertLetter(act.tx, { id, ...to, text_box: box, sent_at: act.now })
    await record(act, { kind: "letter.sent", letter: id, ...to })
    return id
}

/** The partner's own letters, newest first. */
export async function ownLetters(act: Act): Promise<Letter[]> {
    const { partner } = mustBeMember(act)
    return await presentAll(act, await store.lettersTo(act.tx, partner))
}

/** One of the partner's own; another's answers as one that does not exist. */
export async function ownLetter(act: Act, id: string): Promise<Letter> {
    const { partner } = mustBeMember(act)
    return await present(act, (await store.letterTo(act.tx, partner, id)) ?? hide())
}

/** The lead answers, once. */
export async function answerLetter(act: Act, id: string, answer: string): Promise<void> {
    const { partner, person } = mustBeLead(act)
    mustBeWritten(answer)
    if (!(await store.letterTo(act.tx, partner, id))) hide()
    const box = await seal(act.tx, act.doors.keys, `partner:${partner}`, `letters.answer:${id}`, answer)
    if (!(await store.setAnswer(act.tx, id, { box, by: person, at: act.now }))) {
        refuse("conflict", "letter.answered_already", "this letter is answered already")
    }
    await record(act, { kind: "letter.answered", letter: id, partner })
}

/** About one measure, with the partner's answers; for the operator. */
export async function lettersAbout(act: Act, measure: string): Promise<Letter[]> {
    return await presentAll(act, await store.lettersAbout(act.tx, measure))
}

async function presentAll(act: Act, rows: readonly store.LetterRow[]): Promise<Letter[]> {
    const letters: Letter[] = []
    for (const row of rows) letters.push(await present(act, row))
    return letters
}

async function present(act: Act, row: store.LetterRow): Promise<Letter> {
    const { id, partner, measure } = row
    const open = (place: string, box: Buffer) => unseal(act.tx, act.doors.keys, `partner:${partner}`, place, box)
    const words = JSON.parse(await open(`letters.text:${id}`, row.text_box)) as LetterText
    const answer = row.answer_box && (await open(`letters.answer:${id}`, row.answer_box))
    return { ...words, id, partner, measure, sentAt: row.sent_at, answer, answeredAt: row.answered_at }
}
