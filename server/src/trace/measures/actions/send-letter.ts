/** Sends letters with a measure or in a procedure. Partners read them in every status, and a lead answers each once. */
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../kernel/route.ts"
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listCasesHidden } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { assertLead, assertMember } from "../../../trust/partners/roster/actions/manage-roster.ts"
import { artifactsOf, casesOf } from "../../../share/artifacts/actions.ts"
import { recordReads } from "../../../share/cases/actions/record-reads.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/aliases.ts"
import {
    type Letter,
    type LetterKind,
    type LetterText,
    validateLetter,
    assertSendable,
    assertWritten,
} from "../letter.ts"
import * as store from "../store/letters.ts"
import type { Fields } from "../template.ts"
import { addAnswer } from "./record-entry.ts"
import { draft, filledNow } from "./set-template.ts"

export interface About {
    readonly partner: string
    readonly kind: LetterKind
    readonly measure: string | null
    readonly procedure?: string | null
}

/** Sends the decider's text, or else the template's, with what the partner holds now. Returns the letter's id. */
export async function tell(ctx: ActionContext, about: About, text?: LetterText, fields: Fields = {}): Promise<string> {
    if (text === undefined) return await sendLetter(ctx, about, await draft(ctx, about.kind, about.partner, fields))
    validateLetter(text)
    return await sendLetter(ctx, about, await filledNow(ctx, text, about.partner, fields))
}

/** Stores the letter and returns its id. */
async function sendLetter(ctx: ActionContext, about: About, text: LetterText): Promise<string> {
    assertSendable(text)
    const id = ctx.services.newId()
    const { partner, kind, measure, procedure = null } = about
    const value = JSON.stringify({ subject: text.subject, text: text.text, lists: text.lists })
    const box = await seal(ctx.tx, ctx.services.keys, `partner:${partner}`, `letters.text:${id}`, value)
    await store.insertLetter(ctx.tx, { id, partner, kind, measure, procedure, text_ciphertext: box, sent_at: ctx.now })
    await record(ctx, { kind: "letter.sent", letter: id, of: kind, partner, measure, procedure })
    return id
}

/** Lists the partner's letters that the actor may see, newest first. */
export async function ownLetters(ctx: ActionContext): Promise<Letter[]> {
    const { partner } = assertMember(ctx)
    const isHidden = await hidesLetter(ctx, partner)
    const letters = await presentAll(ctx, await store.listLettersTo(ctx.tx, partner))
    return await noted(
        ctx,
        letters.filter((letter) => !isHidden(letter)),
    )
}

/** Loads one of the partner's letters. Another partner's letter does not exist for it. */
export async function ownLetter(ctx: ActionContext, id: string): Promise<Letter> {
    const { partner } = assertMember(ctx)
    const letter = await present(ctx, (await store.findLetterTo(ctx.tx, partner, id)) ?? hide())
    if ((await hidesLetter(ctx, partner))(letter)) hide()
    await noted(ctx, [letter])
    return letter
}

/** Records which cases these letters name, by title and files, and returns the letters. */
async function noted(ctx: ActionContext, letters: readonly Letter[]): Promise<Letter[]> {
    const artifacts = letters.flatMap(({ partner, lists = [] }) =>
        lists.map((alias) => idOfAlias(ctx.services.keys, partner, "artifact", alias)),
    )
    await recordReads(ctx, "facts", await casesOf(ctx, artifacts))
    return [...letters]
}

/** Hides letters with lists of artifacts from people outside an access list of any of them. */
async function hidesLetter(ctx: ActionContext, partner: string): Promise<(letter: Letter) => boolean> {
    const names: string[] = []
    const name = (kind: "warning" | "artifact", id: string) => aliasFor(ctx.services.keys, partner, kind, id)
    for (const subject of await listCasesHidden(ctx)) {
        names.push(
            name("warning", subject),
            ...(await artifactsOf(ctx, subject)).map((artifact) => name("artifact", artifact.id)),
        )
    }
    // Early letters list artifacts by id, in their text.
    return ({ subject, text, answer, lists = [] }) =>
        names.some((item) => lists.includes(item) || [subject, text, answer ?? ""].some((text) => text.includes(item)))
}

/** Records a lead's answer, once. A statement of concern can be answered until two people have decided. */
export async function answerLetter(ctx: ActionContext, id: string, answer: string): Promise<void> {
    const { partner, person } = assertLead(ctx)
    assertWritten(answer)
    const letter = (await store.findLetterTo(ctx.tx, partner, id)) ?? hide()
    if (letter.procedure !== null && letter.kind !== "statement_of_concern") {
        refuse("conflict", "letter.not_answerable", "this letter reports a decision: appeal it instead of answering")
    }
    if (letter.answered_at !== null) answeredAlready()
    if (letter.procedure !== null) await addAnswer(ctx, letter.procedure, person)
    const box = await seal(ctx.tx, ctx.services.keys, `partner:${partner}`, `letters.answer:${id}`, answer)
    if (!(await store.setAnswer(ctx.tx, id, { box, by: person, at: ctx.now }))) answeredAlready()
    await record(ctx, { kind: "letter.answered", letter: id, partner })
}

function answeredAlready(): never {
    refuse("conflict", "letter.already_answered", "this letter was already answered")
}

/** Marks an answer as read, which completes the task. Repeating it changes nothing. */
export async function noteAnswer(ctx: ActionContext, id: string): Promise<void> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "letter.staff_only", "only staff can mark answers as read")
    const row = (await store.findLetter(ctx.tx, id)) ?? refuse("missing", "letter.not_found", "no such letter")
    if (row.answered_at === null) refuse("conflict", "letter.not_answered", "this letter has no answer yet")
    if (row.read_at !== null) return
    await store.setNoted(ctx.tx, id, ctx.actor.person, ctx.now)
    await record(ctx, { kind: "letter.answer_read", letter: id, partner: row.partner })
}

/** Lists unread answers outside procedures, without decrypting them. */
export async function unreadAnswers(
    ctx: ActionContext,
): Promise<Pick<store.LetterRow, "id" | "partner" | "measure" | "answered_at">[]> {
    return (await store.unnoted(ctx.tx)).map(({ id, partner, measure, answered_at }) => ({
        id,
        partner,
        measure,
        answered_at,
    }))
}

/** Lists the letters about one measure with their answers, for staff. */
export async function lettersAbout(ctx: ActionContext, measure: string): Promise<Letter[]> {
    return await noted(ctx, await presentAll(ctx, await store.listLettersAbout(ctx.tx, measure)))
}

/** Lists the letters in one procedure, oldest first, for staff. */
export async function lettersOf(ctx: ActionContext, procedure: string): Promise<Letter[]> {
    return await noted(ctx, await presentAll(ctx, await store.listLetters(ctx.tx, procedure)))
}

async function presentAll(ctx: ActionContext, rows: readonly store.LetterRow[]): Promise<Letter[]> {
    const letters: Letter[] = []
    for (const row of rows) letters.push(await present(ctx, row))
    return letters
}

async function present(ctx: ActionContext, row: store.LetterRow): Promise<Letter> {
    const { id, partner, kind, measure, procedure } = row
    const open = (place: string, box: Buffer) => unseal(ctx.tx, ctx.services.keys, `partner:${partner}`, place, box)
    const words = JSON.parse(await open(`letters.text:${id}`, row.text_ciphertext)) as LetterText
    const answer = row.answer_ciphertext && (await open(`letters.answer:${id}`, row.answer_ciphertext))
    const dates = { sentAt: row.sent_at, answeredAt: row.answered_at, notedAt: row.read_at }
    return { ...words, id, partner, kind, measure, procedure, answer, ...dates }
}
