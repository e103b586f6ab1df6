/** Opens and reads procedures. A member of the inquiry opens one with a letter that names the obligation. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { holdKeys, seal, unseal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type Breach, confirmedBreach } from "../../inquiries/actions/propose-finding.ts"
import type { Letter, LetterText } from "../letter.ts"
import {
    type Decided,
    type Phase,
    type Procedure,
    type Turn,
    answerByOf,
    answerDays,
    extend,
    open,
} from "../procedure.ts"
import { decidersOf, phaseOf, sanctionOf, waitsSince } from "../procedure.ts"
import * as store from "../store/procedures.ts"
import { type Fields, dated } from "../template.ts"
import { assertDecided } from "./record-measure.ts"
import { lettersOf, tell } from "./send-letter.ts"
import { draftToSend } from "./set-template.ts"
import { type TurnWords, addTurn, lockedProcedure, unknownProcedure, wordsOfTurns } from "./record-entry.ts"

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
    const person = assertDecided(ctx, newProcedure.reason)
    const { partner, ...grounds } = await confirmedBreach(ctx, newProcedure.inquiry, newProcedure.finding)
    if (await store.ofFinding(ctx.tx, newProcedure.finding)) {
        refuse("conflict", "procedure.already_opened", "this finding already has a procedure")
    }
    const id = ctx.services.newId()
    const turns = open(person, newProcedure.answerDays ?? answerDays.usual, ctx.now)
    await store.insertProcedure(ctx.tx, {
        id,
        partner,
        finding: newProcedure.finding,
        grounds_ciphertext: await seal(
            ctx.tx,
            ctx.services.keys,
            `partner:${partner}`,
            placeOf(id),
            JSON.stringify(grounds),
        ),
    })
    await addTurn(ctx, { id, partner }, turns, { words: { reason: newProcedure.reason } })
    const answerBy = answerByOf(turns)
    await record(ctx, { kind: "procedure.opened", procedure: id, partner, answerBy })
    const fields = { ...namedIn(grounds), answer_by: dated(answerBy) }
    await tell(
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
    const { partner, ...grounds } = await confirmedBreach(ctx, newProcedure.inquiry, newProcedure.finding)
    const answerBy = answerByOf(open("", newProcedure.answerDays ?? answerDays.usual, ctx.now))
    return await draftToSend(ctx, "statement_of_concern", partner, { ...namedIn(grounds), answer_by: dated(answerBy) })
}

/** Returns the fields that letters of the procedure can name. */
export function namedIn({ obligation: { agreement, id, text } }: Grounds): Fields {
    return { obligation: `${id}: ${text} (agreement, version ${agreement})` }
}

export interface MoreTime {
    readonly answerBy: Instant
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/** Extends the time to answer and notifies the partner. One person can do this. */
export async function giveMoreTime(
    ctx: ActionContext,
    id: string,
    { answerBy, reason, letter }: MoreTime,
): Promise<void> {
    const person = assertDecided(ctx, reason)
    const procedure = await lockedProcedure(ctx, id)
    await addTurn(ctx, procedure, extend(procedure.turns, person, answerBy, ctx.now), { words: { reason } })
    await record(ctx, { kind: "procedure.extended", procedure: id, partner: procedure.partner, answerBy })
    const fields = { ...namedIn(await groundsOf(ctx, id)), answer_by: dated(answerBy) }
    await tell(ctx, { partner: procedure.partner, kind: "extension", measure: null, procedure: id }, letter, fields)
}

/** Drafts the letter that extends the time to answer. */
export async function draftMoreTime(ctx: ActionContext, id: string, answerBy: Instant): Promise<LetterText> {
    const { partner } = await lockedProcedure(ctx, id)
    const fields = { ...namedIn(await groundsOf(ctx, id)), answer_by: dated(answerBy) }
    return await draftToSend(ctx, "extension", partner, fields)
}

export interface ToldTurn {
    readonly turn: Turn
    readonly approval: string | null
    readonly words: TurnWords | null
}

export interface ProcedureState {
    readonly id: string
    readonly partner: string
    readonly phase: Phase
    readonly answerBy: Instant
    readonly appealBy: Instant | null
    /** The current sanction; null while there is no decision. */
    readonly sanction: Decided | null
    /** Since when a decision is due; null where none is. */
    readonly waitsSince: Instant | null
    /** The finding in the inquiry's text. */
    readonly grounds: Grounds
}

export interface WholeProcedure extends ProcedureState {
    readonly turns: readonly ToldTurn[]
    readonly letters: readonly Letter[]
}

/** Lists the procedures of one partner (null: all), newest first. */
export async function procedures(ctx: ActionContext, partner: string | null): Promise<ProcedureState[]> {
    const rows = await store.listProcedures(ctx.tx, partner)
    const turns = await turnsOf(ctx, rows)
    await holdKeys(
        ctx.tx,
        ctx.services.keys,
        rows.map((row) => `partner:${row.partner}`),
    )
    const procedureStates: ProcedureState[] = []
    for (const row of rows) procedureStates.push(await stateOf(ctx, row, turns(row.id)))
    return procedureStates
}

export interface WaitingProcedure extends Pick<ProcedureState, "id" | "partner" | "phase"> {
    readonly since: Instant
    /** The people who have decided so far. */
    readonly deciders: readonly string[]
}

/** Lists procedures with a decision due, without decrypting their texts. */
export async function waitingProcedures(ctx: ActionContext): Promise<WaitingProcedure[]> {
    const rows = await store.listProcedures(ctx.tx, null)
    const turns = await turnsOf(ctx, rows)
    return rows.flatMap(({ id, partner }) => {
        const entries = turns(id)
        const since = waitsSince(entries, ctx.now)
        return since === null
            ? []
            : [{ id, partner, phase: phaseOf(entries, ctx.now), since, deciders: decidersOf(entries) }]
    })
}

async function turnsOf(ctx: ActionContext, rows: readonly store.ProcedureRow[]): Promise<(id: string) => Procedure> {
    const turns = await store.listTurns(
        ctx.tx,
        rows.map(({ id }) => id),
    )
    const grouped = Map.groupBy(turns, ({ procedure }) => procedure)
    return (id) => (grouped.get(id) ?? []).map(({ turn }) => turn)
}

/** Loads one procedure with its history and letters. Refuses `procedure.not_found`. */
export async function wholeProcedure(ctx: ActionContext, id: string): Promise<WholeProcedure> {
    const row = (await store.findProcedure(ctx.tx, id)) ?? unknownProcedure()
    const rows = await store.listTurns(ctx.tx, [id])
    const words = await wordsOfTurns(ctx, row.partner, rows)
    const turns = rows.map(({ turn, approval }, n) => ({ turn, approval, words: words[n] ?? null }))
    const state = await stateOf(
        ctx,
        row,
        turns.map(({ turn }) => turn),
    )
    return { ...state, turns, letters: await lettersOf(ctx, id) }
}

async function stateOf(ctx: ActionContext, row: store.ProcedureRow, turns: Procedure): Promise<ProcedureState> {
    const { id, partner } = row
    const decided = turns.find((turn) => turn.kind === "decided")
    return {
        id,
        partner,
        phase: phaseOf(turns, ctx.now),
        answerBy: answerByOf(turns),
        appealBy: decided?.appealBy ?? null,
        sanction: sanctionOf(turns),
        waitsSince: waitsSince(turns, ctx.now),
        grounds: await openGrounds(ctx, row),
    }
}

/** Loads the grounds of a procedure. */
export async function groundsOf(ctx: ActionContext, id: string): Promise<Grounds> {
    return await openGrounds(ctx, (await store.findProcedure(ctx.tx, id)) ?? unknownProcedure())
}

async function openGrounds(
    ctx: ActionContext,
    { id, partner, grounds_ciphertext: box }: store.ProcedureRow,
): Promise<Grounds> {
    return JSON.parse(await unseal(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(id), box)) as Grounds
}

const placeOf = (id: string): string => `procedures.grounds:${id}`
