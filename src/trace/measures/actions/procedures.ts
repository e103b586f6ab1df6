/** Procedures: opened by a member of the inquiry with the letter that names the obligation, and read by who decides. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { holdKeys, seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { type Breach, confirmedBreach } from "../../inquiries/actions/findings.ts"
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
import { mustDecide } from "./keeping.ts"
import { lettersOf, tell } from "./letters.ts"
import { draftToSend } from "./templates.ts"
import { type TurnWords, addTurn, lockedProcedure, unknownProcedure, wordsOfTurns } from "./turns.ts"

/** What it rests on, as the inquiry has found it; it leaves the inquiry with this, for those who decide. */
export type Grounds = Omit<Breach, "partner">

export interface NewProcedure {
    readonly inquiry: string
    readonly finding: string
    readonly reason: string
    readonly answerDays?: number | undefined
    readonly letter?: LetterText | undefined
}

/** Sends the letter, and the time for an answer runs. One procedure a finding. Returns its id. */
export async function openProcedure(act: Act, its: NewProcedure): Promise<string> {
    const person = mustDecide(act, its.reason)
    const { partner, ...grounds } = await confirmedBreach(act, its.inquiry, its.finding)
    if (await store.ofFinding(act.tx, its.finding)) {
        refuse("conflict", "procedure.already_opened", "a procedure was opened on this finding already")
    }
    const id = act.doors.newId()
    const turns = open(person, its.answerDays ?? answerDays.usual, act.now)
    await store.insertProcedure(act.tx, {
        ...{ id, partner, finding: its.finding },
        grounds_ciphertext: await seal(
            act.tx,
            act.doors.keys,
            `partner:${partner}`,
            placeOf(id),
            JSON.stringify(grounds),
        ),
    })
    await addTurn(act, { id, partner }, turns, { words: { reason: its.reason } })
    const answerBy = answerByOf(turns)
    await record(act, { kind: "procedure.opened", procedure: id, partner, answerBy })
    const fields = { ...namedIn(grounds), "answer by": dated(answerBy) }
    await tell(act, { partner, kind: "concern", measure: null, procedure: id }, its.letter, fields)
    return id
}

/** What the letter that opens it would say. */
export async function draftConcern(
    act: Act,
    its: Pick<NewProcedure, "inquiry" | "finding" | "answerDays">,
): Promise<LetterText> {
    const { partner, ...grounds } = await confirmedBreach(act, its.inquiry, its.finding)
    const answerBy = answerByOf(open("", its.answerDays ?? answerDays.usual, act.now))
    return await draftToSend(act, "concern", partner, { ...namedIn(grounds), "answer by": dated(answerBy) })
}

/** What letters of the procedure can name. */
export function namedIn({ obligation: { agreement, id, text } }: Grounds): Fields {
    return { obligation: `${id}: ${text} (agreement, version ${agreement})` }
}

export interface MoreTime {
    readonly answerBy: Instant
    readonly reason: string
    readonly letter?: LetterText | undefined
}

/** One person gives more time; the partner is told. */
export async function giveMoreTime(act: Act, id: string, { answerBy, reason, letter }: MoreTime): Promise<void> {
    const person = mustDecide(act, reason)
    const its = await lockedProcedure(act, id)
    await addTurn(act, its, extend(its.turns, person, answerBy, act.now), { words: { reason } })
    await record(act, { kind: "procedure.extended", procedure: id, partner: its.partner, answerBy })
    const fields = { ...namedIn(await groundsOf(act, id)), "answer by": dated(answerBy) }
    await tell(act, { partner: its.partner, kind: "more time", measure: null, procedure: id }, letter, fields)
}

/** What the letter that gives it would say. */
export async function draftMoreTime(act: Act, id: string, answerBy: Instant): Promise<LetterText> {
    const { partner } = await lockedProcedure(act, id)
    const fields = { ...namedIn(await groundsOf(act, id)), "answer by": dated(answerBy) }
    return await draftToSend(act, "more time", partner, fields)
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
    /** What holds by it now; null while nothing is decided. */
    readonly sanction: Decided | null
    /** Since when it waits for two to decide; null where it does not. */
    readonly waitsSince: Instant | null
    /** The finding, in the words of the inquiry. */
    readonly grounds: Grounds
}

export interface WholeProcedure extends ProcedureState {
    readonly turns: readonly ToldTurn[]
    readonly letters: readonly Letter[]
}

/** Of one partner (null: all), newest first. */
export async function procedures(act: Act, partner: string | null): Promise<ProcedureState[]> {
    const rows = await store.procedures(act.tx, partner)
    const turns = await turnsOf(act, rows)
    await holdKeys(
        act.tx,
        act.doors.keys,
        rows.map((row) => `partner:${row.partner}`),
    )
    const all: ProcedureState[] = []
    for (const row of rows) all.push(await stateOf(act, row, turns(row.id)))
    return all
}

export interface WaitingProcedure extends Pick<ProcedureState, "id" | "partner" | "phase"> {
    readonly since: Instant
    /** Those who have decided so far. */
    readonly deciders: readonly string[]
}

/** Those that wait for two to decide; the words stay sealed. */
export async function waitingProcedures(act: Act): Promise<WaitingProcedure[]> {
    const rows = await store.procedures(act.tx, null)
    const turns = await turnsOf(act, rows)
    return rows.flatMap(({ id, partner }) => {
        const its = turns(id)
        const since = waitsSince(its, act.now)
        return since === null ? [] : [{ id, partner, phase: phaseOf(its, act.now), since, deciders: decidersOf(its) }]
    })
}

async function turnsOf(act: Act, rows: readonly store.ProcedureRow[]): Promise<(id: string) => Procedure> {
    const all = await store.turns(
        act.tx,
        rows.map(({ id }) => id),
    )
    const grouped = Map.groupBy(all, ({ procedure }) => procedure)
    return (id) => (grouped.get(id) ?? []).map(({ turn }) => turn)
}

export async function wholeProcedure(act: Act, id: string): Promise<WholeProcedure> {
    const row = (await store.procedure(act.tx, id)) ?? unknownProcedure()
    const rows = await store.turns(act.tx, [id])
    const words = await wordsOfTurns(act, row.partner, rows)
    const turns = rows.map(({ turn, approval }, n) => ({ turn, approval, words: words[n] ?? null }))
    const state = await stateOf(
        act,
        row,
        turns.map(({ turn }) => turn),
    )
    return { ...state, turns, letters: await lettersOf(act, id) }
}

async function stateOf(act: Act, row: store.ProcedureRow, turns: Procedure): Promise<ProcedureState> {
    const { id, partner } = row
    const decided = turns.find((turn) => turn.kind === "decided")
    return {
        ...{ id, partner, phase: phaseOf(turns, act.now), answerBy: answerByOf(turns) },
        ...{ appealBy: decided?.appealBy ?? null, sanction: sanctionOf(turns), waitsSince: waitsSince(turns, act.now) },
        grounds: await openGrounds(act, row),
    }
}

export async function groundsOf(act: Act, id: string): Promise<Grounds> {
    return await openGrounds(act, (await store.procedure(act.tx, id)) ?? unknownProcedure())
}

async function openGrounds(act: Act, { id, partner, grounds_ciphertext: box }: store.ProcedureRow): Promise<Grounds> {
    return JSON.parse(await unseal(act.tx, act.doors.keys, `partner:${partner}`, placeOf(id), box)) as Grounds
}

const placeOf = (id: string): string => `procedures.grounds:${id}`
