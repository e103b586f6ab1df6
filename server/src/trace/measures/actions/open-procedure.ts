/** Opens and reads procedures. A member of the inquiry opens one with a letter that names the obligation. */
import { type Instant, instantInWords } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { loadKeys, encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Breach, loadConfirmedBreach } from "../../inquiries/actions/propose-finding.ts"
import type { Letter, LetterText } from "../letter.ts"
import {
    type DecidedOutcome,
    type Phase,
    type ProcedureHistory,
    type ProcedureEntry,
    answerByOf,
    answerDays,
    extend,
    openHistory,
} from "../procedure.ts"
import { decidersOf, phaseOf, sanctionOf, decisionDueSince } from "../procedure.ts"
import * as store from "../store/procedures.ts"
import { type Fields } from "../template.ts"
import { assertMayDecide } from "./record-measure.ts"
import { listLettersOfProcedure, notifyByLetter } from "./send-letter.ts"
import { draftEditableLetter } from "./set-template.ts"
import { type EntryTexts, appendEntry, lockProcedure, refuseUnknownProcedure, decryptTexts } from "./record-entry.ts"

/** The finding behind a procedure. It leaves the inquiry, for the people who decide. */
export type Grounds = Omit<Breach, "partner">

export interface NewProcedure {
    readonly inquiry: string
    readonly finding: string
    readonly reason: string
    readonly answerDays?: number | undefined
    readonly letter?: LetterText | undefined
}

/**
 * Opens a procedure, sends the letter and starts the time to answer. Each finding has one procedure. Returns its id.
 * Refuses `procedure.already_opened`.
 */
export async function openProcedure(ctx: ActionContext, newProcedure: NewProcedure): Promise<string> {
    const person = assertMayDecide(ctx, newProcedure.reason)
    const { partner, ...grounds } = await loadConfirmedBreach(ctx, newProcedure.inquiry, newProcedure.finding)
    if (await store.findProcedureOfFinding(ctx.tx, newProcedure.finding)) {
        refuse("conflict", "procedure.already_opened", "this finding already has a procedure")
    }
    const id = ctx.services.newId()
    const history = openHistory(person, newProcedure.answerDays ?? answerDays.usual, ctx.now)
    await store.insertProcedure(ctx.tx, {
        id,
        partner,
        finding: newProcedure.finding,
        grounds_ciphertext: await encryptText(
            ctx.tx,
            ctx.services.keys,
            `partner:${partner}`,
            placeOf(id),
            JSON.stringify(grounds),
        ),
    })
    await appendEntry(ctx, { id, partner }, history, { texts: { reason: newProcedure.reason } })
    const answerBy = answerByOf(history)
    await record(ctx, { kind: "procedure.opened", procedure: id, partner, answerBy })
    const fields = { ...obligationField(grounds), answer_by: instantInWords(answerBy) }
    await notifyByLetter(
        ctx,
        { partner, kind: "statement_of_concern", measure: null, procedure: id },
        newProcedure.letter,
        fields,
    )
    return id
}

/** Drafts the statement of concern that opens a procedure. */
export async function draftConcern(
    ctx: ActionContext,
    newProcedure: Pick<NewProcedure, "inquiry" | "finding" | "answerDays">,
): Promise<LetterText> {
    const { partner, ...grounds } = await loadConfirmedBreach(ctx, newProcedure.inquiry, newProcedure.finding)
    const answerBy = answerByOf(openHistory("", newProcedure.answerDays ?? answerDays.usual, ctx.now))
    return await draftEditableLetter(ctx, "statement_of_concern", partner, {
        ...obligationField(grounds),
        answer_by: instantInWords(answerBy),
    })
}

/** Returns the fields that letters of the procedure can name. */
export function obligationField({ obligation: { agreement, id, text } }: Grounds): Fields {
    return { obligation: `${id}: ${text} (agreement, version ${agreement})` }
}

export interface AnswerExtension {
    readonly answerBy: Instant
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/** Extends the time to answer and notifies the partner. One person can do this. */
export async function extendAnswerTime(
    ctx: ActionContext,
    id: string,
    { answerBy, reason, letter }: AnswerExtension,
): Promise<void> {
    const person = assertMayDecide(ctx, reason)
    const procedure = await lockProcedure(ctx, id)
    await appendEntry(ctx, procedure, extend(procedure.history, person, answerBy, ctx.now), { texts: { reason } })
    await record(ctx, { kind: "procedure.extended", procedure: id, partner: procedure.partner, answerBy })
    const fields = { ...obligationField(await loadGrounds(ctx, id)), answer_by: instantInWords(answerBy) }
    await notifyByLetter(
        ctx,
        { partner: procedure.partner, kind: "extension", measure: null, procedure: id },
        letter,
        fields,
    )
}

/** Drafts the letter that extends the time to answer. */
export async function draftAnswerExtension(ctx: ActionContext, id: string, answerBy: Instant): Promise<LetterText> {
    const { partner } = await lockProcedure(ctx, id)
    const fields = { ...obligationField(await loadGrounds(ctx, id)), answer_by: instantInWords(answerBy) }
    return await draftEditableLetter(ctx, "extension", partner, fields)
}

export interface EntryWithTexts {
    readonly entry: ProcedureEntry
    readonly approval: string | null
    readonly texts: EntryTexts | null
}

export interface ProcedureState {
    readonly id: string
    readonly partner: string
    readonly phase: Phase
    readonly answerBy: Instant
    readonly appealBy: Instant | null
    /** The current sanction; null while there is no decision. */
    readonly sanction: DecidedOutcome | null
    /** The instant since which a decision is due; null where none is. */
    readonly decisionDueSince: Instant | null
    /** The finding in the inquiry's text. */
    readonly grounds: Grounds
}

export interface ProcedureDetails extends ProcedureState {
    readonly history: readonly EntryWithTexts[]
    readonly letters: readonly Letter[]
}

/** Lists the procedures of one partner (null: all), newest first. */
export async function listProcedures(ctx: ActionContext, partner: string | null): Promise<ProcedureState[]> {
    const rows = await store.listProcedures(ctx.tx, partner)
    const historyOf = await loadHistories(ctx, rows)
    await loadKeys(
        ctx.tx,
        rows.map((row) => `partner:${row.partner}`),
    )
    const states: ProcedureState[] = []
    for (const row of rows) states.push(await loadState(ctx, row, historyOf(row.id)))
    return states
}

export interface UndecidedProcedure extends Pick<ProcedureState, "id" | "partner" | "phase"> {
    readonly since: Instant
    /** The people who have decided so far. */
    readonly deciders: readonly string[]
}

/** Lists procedures with a decision due, without decrypting their texts. */
export async function listUndecidedProcedures(ctx: ActionContext): Promise<UndecidedProcedure[]> {
    const rows = await store.listProcedures(ctx.tx, null)
    const historyOf = await loadHistories(ctx, rows)
    return rows.flatMap(({ id, partner }) => {
        const history = historyOf(id)
        const since = decisionDueSince(history, ctx.now)
        return since === null
            ? []
            : [{ id, partner, phase: phaseOf(history, ctx.now), since, deciders: decidersOf(history) }]
    })
}

/** Returns the findings of all procedures that are not closed, without decrypting their texts. */
export async function listOpenFindings(ctx: ActionContext): Promise<string[]> {
    const rows = await store.listProcedures(ctx.tx, null)
    const historyOf = await loadHistories(ctx, rows)
    return rows.filter(({ id }) => phaseOf(historyOf(id), ctx.now) !== "closed").map(({ finding }) => finding)
}

async function loadHistories(
    ctx: ActionContext,
    rows: readonly store.ProcedureRow[],
): Promise<(id: string) => ProcedureHistory> {
    const entries = await store.listEntries(
        ctx.tx,
        rows.map(({ id }) => id),
    )
    const grouped = Map.groupBy(entries, ({ procedure }) => procedure)
    return (id) => (grouped.get(id) ?? []).map(({ entry }) => entry)
}

/** Loads one procedure with its history and letters. Refuses `procedure.not_found`. */
export async function loadProcedure(ctx: ActionContext, id: string): Promise<ProcedureDetails> {
    const row = (await store.findProcedure(ctx.tx, id)) ?? refuseUnknownProcedure()
    const rows = await store.listEntries(ctx.tx, [id])
    const texts = await decryptTexts(ctx, row.partner, rows)
    const history = rows.map(({ entry, approval }, n) => ({ entry, approval, texts: texts[n] ?? null }))
    const state = await loadState(
        ctx,
        row,
        history.map(({ entry }) => entry),
    )
    return { ...state, history, letters: await listLettersOfProcedure(ctx, id) }
}

async function loadState(
    ctx: ActionContext,
    row: store.ProcedureRow,
    history: ProcedureHistory,
): Promise<ProcedureState> {
    const { id, partner } = row
    const decided = history.find((entry) => entry.kind === "decided")
    return {
        id,
        partner,
        phase: phaseOf(history, ctx.now),
        answerBy: answerByOf(history),
        appealBy: decided?.appealBy ?? null,
        sanction: sanctionOf(history),
        decisionDueSince: decisionDueSince(history, ctx.now),
        grounds: await decryptGrounds(ctx, row),
    }
}

/** Loads the grounds of a procedure. */
export async function loadGrounds(ctx: ActionContext, id: string): Promise<Grounds> {
    return await decryptGrounds(ctx, (await store.findProcedure(ctx.tx, id)) ?? refuseUnknownProcedure())
}

async function decryptGrounds(
    ctx: ActionContext,
    { id, partner, grounds_ciphertext: ciphertext }: store.ProcedureRow,
): Promise<Grounds> {
    return JSON.parse(
        await decryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(id), ciphertext),
    ) as Grounds
}

const placeOf = (id: string): string => `procedures.grounds:${id}`
