/** Sends letters with a measure or in a procedure. Partners read them in every status, and a lead answers each once. */
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../kernel/route.ts"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listHiddenCases } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { assertLead, assertMember } from "../../../trust/partners/roster/actions/manage-roster.ts"
import { listArtifacts, listCasesOfArtifacts } from "../../../share/artifacts/actions/load-artifacts.ts"
import { recordReads } from "../../../share/cases/actions/record-reads.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/resolve-alias.ts"
import {
    type Letter,
    type LetterKind,
    type LetterText,
    validateLetter,
    validateFilledLetter,
    validateText,
} from "../letter.ts"
import * as store from "../store/letters.ts"
import type { Fields } from "../template.ts"
import { addAnswer } from "./record-entry.ts"
import { draftLetter, fillCurrentValues } from "./set-template.ts"

export interface NewLetter {
    readonly partner: string
    readonly kind: LetterKind
    readonly measure: string | null
    readonly procedure?: string | null
}

/**
 * Sends the decider's text, or else the template's, with the files that the partner holds now. Returns the letter's id.
 */
export async function notifyByLetter(
    ctx: ActionContext,
    letter: NewLetter,
    text?: LetterText,
    fields: Fields = {},
): Promise<string> {
    if (text === undefined)
        return await storeLetter(ctx, letter, await draftLetter(ctx, letter.kind, letter.partner, fields))
    validateLetter(text)
    return await storeLetter(ctx, letter, await fillCurrentValues(ctx, text, letter.partner, fields))
}

/** Stores the letter and returns its id. */
async function storeLetter(ctx: ActionContext, letter: NewLetter, text: LetterText): Promise<string> {
    validateFilledLetter(text)
    const id = ctx.services.newId()
    const { partner, kind, measure, procedure = null } = letter
    const value = JSON.stringify({ subject: text.subject, text: text.text, artifactAliases: text.artifactAliases })
    const ciphertext = await encryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, `letters.text:${id}`, value)
    await store.insertLetter(ctx.tx, {
        id,
        partner,
        kind,
        measure,
        procedure,
        text_ciphertext: ciphertext,
        sent_at: ctx.now,
    })
    await record(ctx, { kind: "letter.sent", letter: id, letterKind: kind, partner, measure, procedure })
    return id
}

/** Lists the partner's letters that the actor may see, newest first. */
export async function listLettersForPartner(ctx: ActionContext): Promise<Letter[]> {
    const { partner } = assertMember(ctx)
    const isHidden = await loadHiddenLetterFilter(ctx, partner)
    const letters = await decryptLetters(ctx, await store.listLettersOfPartner(ctx.tx, partner))
    return await recordLetterReads(
        ctx,
        letters.filter((letter) => !isHidden(letter)),
    )
}

/** Loads one of the partner's letters. Another partner's letter does not exist for it. */
export async function loadLetterForPartner(ctx: ActionContext, id: string): Promise<Letter> {
    const { partner } = assertMember(ctx)
    const letter = await decryptLetter(ctx, (await store.findLetterOfPartner(ctx.tx, partner, id)) ?? hide())
    if ((await loadHiddenLetterFilter(ctx, partner))(letter)) hide()
    await recordLetterReads(ctx, [letter])
    return letter
}

/** Records which cases these letters name, by title and files, and returns the letters. */
async function recordLetterReads(ctx: ActionContext, letters: readonly Letter[]): Promise<Letter[]> {
    const artifacts = letters.flatMap(({ partner, artifactAliases: lists = [] }) =>
        lists.map((alias) => idOfAlias(ctx.services.keys, partner, "artifact", alias)),
    )
    await recordReads(ctx, "facts", await listCasesOfArtifacts(ctx, artifacts))
    return [...letters]
}

/** Hides letters with lists of artifacts from people outside an access list of any of them. */
async function loadHiddenLetterFilter(ctx: ActionContext, partner: string): Promise<(letter: Letter) => boolean> {
    const hiddenAliases: string[] = []
    const alias = (kind: "warning" | "artifact", id: string) => aliasFor(ctx.services.keys, partner, kind, id)
    for (const caseId of await listHiddenCases(ctx)) {
        hiddenAliases.push(
            alias("warning", caseId),
            ...(await listArtifacts(ctx, caseId)).map((artifact) => alias("artifact", artifact.id)),
        )
    }
    // Early letters list artifacts by id, in their text.
    return ({ subject: caseId, text, answer, artifactAliases: lists = [] }) =>
        hiddenAliases.some(
            (item) => lists.includes(item) || [caseId, text, answer ?? ""].some((text) => text.includes(item)),
        )
}

/** Records a lead's answer, once. A statement of concern can be answered until two people have decided. */
export async function answerLetter(ctx: ActionContext, id: string, answer: string): Promise<void> {
    const { partner, person } = assertLead(ctx)
    validateText(answer)
    const letter = (await store.findLetterOfPartner(ctx.tx, partner, id)) ?? hide()
    if (letter.procedure !== null && letter.kind !== "statement_of_concern") {
        refuse("conflict", "letter.not_answerable", "this letter reports a decision: appeal it instead of answering")
    }
    if (letter.answered_at !== null) refuseAlreadyAnswered()
    if (letter.procedure !== null) await addAnswer(ctx, letter.procedure, person)
    const ciphertext = await encryptText(
        ctx.tx,
        ctx.services.keys,
        `partner:${partner}`,
        `letters.answer:${id}`,
        answer,
    )
    if (!(await store.setAnswer(ctx.tx, id, { ciphertext, by: person, at: ctx.now }))) refuseAlreadyAnswered()
    await record(ctx, { kind: "letter.answered", letter: id, partner })
}

function refuseAlreadyAnswered(): never {
    refuse("conflict", "letter.already_answered", "this letter was already answered")
}

/** Marks an answer as read, which completes the task. Repeating it changes nothing. */
export async function markAnswerRead(ctx: ActionContext, id: string): Promise<void> {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "letter.staff_only", "only staff can mark answers as read")
    const row = (await store.findLetter(ctx.tx, id)) ?? refuse("missing", "letter.not_found", "no such letter")
    if (row.answered_at === null) refuse("conflict", "letter.not_answered", "this letter has no answer yet")
    if (row.read_at !== null) return
    await store.setRead(ctx.tx, id, ctx.actor.person, ctx.now)
    await record(ctx, { kind: "letter.answer_read", letter: id, partner: row.partner })
}

/** Lists unread answers outside procedures, without decrypting them. */
export async function listUnreadAnswers(
    ctx: ActionContext,
): Promise<Pick<store.LetterRow, "id" | "partner" | "measure" | "answered_at">[]> {
    return (await store.listUnreadAnswers(ctx.tx)).map(({ id, partner, measure, answered_at }) => ({
        id,
        partner,
        measure,
        answered_at,
    }))
}

/** Lists the letters about one measure with their answers, for staff. */
export async function listLettersOfMeasure(ctx: ActionContext, measure: string): Promise<Letter[]> {
    return await recordLetterReads(ctx, await decryptLetters(ctx, await store.listLettersOfMeasure(ctx.tx, measure)))
}

/** Lists the letters in one procedure, oldest first, for staff. */
export async function listLettersOfProcedure(ctx: ActionContext, procedure: string): Promise<Letter[]> {
    return await recordLetterReads(
        ctx,
        await decryptLetters(ctx, await store.listLettersOfProcedure(ctx.tx, procedure)),
    )
}

async function decryptLetters(ctx: ActionContext, rows: readonly store.LetterRow[]): Promise<Letter[]> {
    const letters: Letter[] = []
    for (const row of rows) letters.push(await decryptLetter(ctx, row))
    return letters
}

async function decryptLetter(ctx: ActionContext, row: store.LetterRow): Promise<Letter> {
    const { id, partner, kind, measure, procedure } = row
    const decrypt = (place: string, ciphertext: Buffer) =>
        decryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, place, ciphertext)
    const text = JSON.parse(await decrypt(`letters.text:${id}`, row.text_ciphertext)) as LetterText
    const answer = row.answer_ciphertext && (await decrypt(`letters.answer:${id}`, row.answer_ciphertext))
    const dates = { sentAt: row.sent_at, answeredAt: row.answered_at, readAt: row.read_at }
    return { ...text, id, partner, kind, measure, procedure, answer, ...dates }
}
