/**
 * What two decide in a procedure, at its end and once more on appeal: one asks with the reason and the letter, another
 * signs, and carrying it out writes the turn, the standing, the measure and the letter in one transaction.
 */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangePartner, lockToChangeProgram } from "../../../platform/locks.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { mustBeLead } from "../../../trust/partners/actions/roster.ts"
import { hide } from "../../../platform/http.ts"
import { type LetterKind, type LetterText, mustBeLetter, mustBeWritten } from "../letter.ts"
import * as rules from "../procedure.ts"
import type { Decided, Outcome, Procedure } from "../procedure.ts"
import * as letters from "../store/letters.ts"
import { type Fields, dated } from "../template.ts"
import { type Asked, type Carried, askTwo, related, relatedEach, useTwo, wordsAsked } from "./asking.ts"
import { mustDecide } from "./keeping.ts"
import { tell } from "./letters.ts"
import { groundsOf, namedIn } from "./procedures.ts"
import { applySanction, standingAfter } from "./sanctions.ts"
import { draftToSend } from "./templates.ts"
import { type OpenProcedure, addTurn, lockedProcedure, subjectOf } from "./turns.ts"

export interface NewDecision extends Decided {
    readonly reason: string
    /** Of a suspension: what has to be true before the partner returns. */
    readonly terms: string | null
    /** For how many days it can be appealed; at the end of a procedure only. */
    readonly appealDays?: number | undefined
    /** Written by whoever asks, on the draft: `[from]`, `[held]` and `[appeal by]` are filled when it is sent. */
    readonly letter?: LetterText | undefined
}

type Stage = "measure.sanction" | "measure.appeal"

interface Words {
    readonly [name: string]: string | number | null | { readonly [name: string]: string }
    readonly reason: string
    readonly outcome: Outcome
    readonly returnFrom: Instant | null
    readonly terms: string | null
    readonly appealDays: number
    readonly letter: { readonly subject: string; readonly text: string }
}

/** Asks a second person to sign what is decided; returns the approval's id. */
export async function requestDecision(act: Act, id: string, decision: NewDecision): Promise<string> {
    return await request(act, id, "measure.sanction", decision)
}

/** Asks, of two who have not decided before. */
export async function requestAppealDecision(act: Act, id: string, decision: NewDecision): Promise<string> {
    return await request(act, id, "measure.appeal", decision)
}

async function request(act: Act, id: string, stage: Stage, decision: NewDecision): Promise<string> {
    const person = mustDecide(act, decision.reason)
    const its = await lockedProcedure(act, id)
    const mayNotSign = await related(act, rules.decidersOf(its.turns))
    if (stage === "measure.appeal") mustNotHaveDecided(its.turns, mayNotSign, person)
    const { outcome, returnFrom, terms } = decision
    // Tried out, so that nothing is signed that could not be carried out.
    taken(its, stage, { ...decision, appealDays: decision.appealDays ?? rules.appealDays.usual }, ["", ""], act.now)
    if (outcome === "suspension") mustBeWritten(terms ?? "")
    const letter = decision.letter ?? (await draftDecision(act, id, decision))
    mustBeLetter(letter)
    const words: Words = {
        ...{ reason: decision.reason, outcome, returnFrom, terms: outcome === "suspension" ? terms : null },
        appealDays: decision.appealDays ?? rules.appealDays.usual,
        letter: { subject: letter.subject, text: letter.text },
    }
    return await askTwo(act, await asked(act, its, stage, { words, mayNotSign }))
}

/** What the letter would say, with the places that are filled when it is sent. */
export async function draftDecision(act: Act, id: string, decision: Omit<NewDecision, "reason">): Promise<LetterText> {
    const its = await lockedProcedure(act, id)
    const kind = letterOf(its.turns, decision)
    const fields = { ...(await namedBy(act, id, decision)), "appeal by": "[appeal by]" }
    return await draftToSend(act, kind, its.partner, fields)
}

/** Carries out what was signed at the end of a procedure. Returns the measure's id; null where none follows. */
export async function carryOutDecision(act: Act, id: string, approval: string): Promise<string | null> {
    return await carryOut(act, id, "measure.sanction", approval)
}

export async function carryOutAppealDecision(act: Act, id: string, approval: string): Promise<string | null> {
    return await carryOut(act, id, "measure.appeal", approval)
}

async function carryOut(act: Act, id: string, stage: Stage, approval: string): Promise<string | null> {
    const words = (await wordsAsked(act, approval, stage)) as Words
    mustDecide(act, words.reason)
    const first = await lockedProcedureOf(act, id)
    const mayNotSign = await related(act, rules.decidersOf(first.turns))
    const carried = await useTwo(act, approval, await asked(act, first, stage, { words, mayNotSign }))
    if (stage === "measure.appeal") for (const one of carried.by) mustNotHaveDecided(first.turns, mayNotSign, one)
    const after = taken(first, stage, words, carried.by, act.now)
    const { reason, terms, outcome, returnFrom } = words
    const kind = letterOf(first.turns, words)
    await addTurn(act, first, after, { approval, words: { reason, terms } })
    const what = { procedure: id, partner: first.partner, outcome, returnFrom, approval }
    if (stage === "measure.sanction") await record(act, { kind: "procedure.decided", ...what })
    else await record(act, { kind: "procedure.appeal_decided", ...what })
    const measure = await applySanction(act, { ...first, turns: after }, { ...words, carried })
    await send(act, first, { kind, measure, words, after })
    return measure
}

interface Sent {
    readonly kind: LetterKind
    readonly measure: string | null
    readonly words: Words
    readonly after: Procedure
}

async function send(act: Act, { id, partner }: OpenProcedure, { kind, measure, words, after }: Sent): Promise<void> {
    const appealBy = after.find((turn) => turn.kind === "decided")?.appealBy ?? null
    const fields = appealBy === null ? {} : { "appeal by": dated(appealBy) }
    await tell(act, { partner, kind, measure, procedure: id }, words.letter, fields)
}

/** The partner's lock comes before the procedure's: its own answer takes them in this order, too. */
async function lockedProcedureOf(act: Act, id: string): Promise<OpenProcedure> {
    await lockToChangeProgram(act.tx)
    await lockToChangePartner(act.tx, await subjectOf(act, id))
    return await lockedProcedure(act, id)
}

function taken(
    { turns }: OpenProcedure,
    stage: Stage,
    decision: Decided & { readonly appealDays: number },
    by: Carried["by"],
    now: Instant,
): Procedure {
    const { outcome, returnFrom, appealDays } = decision
    if (stage === "measure.sanction") return rules.decide(turns, { by, outcome, returnFrom, appealDays }, now)
    return rules.decideAgain(turns, { by, outcome, returnFrom }, now)
}

async function asked(
    act: Act,
    its: OpenProcedure,
    stage: Stage,
    { words, mayNotSign }: { readonly words: Words; readonly mayNotSign: readonly string[] },
): Promise<Asked> {
    const { outcome, returnFrom } = words
    const { id, partner } = its
    const standing = await standingAfter(act, its, outcome)
    return { act: stage, partner, detail: { procedure: id, outcome, returnFrom }, words, mayNotSign, standing }
}

/** The letter's kind follows from what was decided, and, on appeal, from what was decided before. */
function letterOf(turns: Procedure, { outcome, returnFrom }: Decided): LetterKind {
    const before = turns.find((turn) => turn.kind === "decided")
    if (!before) return outcome === "none" ? "no sanction" : outcome
    if (before.outcome === outcome && before.returnFrom === returnFrom) return "appeal stands"
    return outcome === "none" ? "appeal lifted" : "appeal eased"
}

async function namedBy(
    act: Act,
    id: string,
    { outcome, returnFrom, terms }: Omit<NewDecision, "reason">,
): Promise<Fields> {
    return {
        ...namedIn(await groundsOf(act, id)),
        outcome: outcome === "suspension" && returnFrom !== null ? `suspension until ${dated(returnFrom)}` : outcome,
        ...(returnFrom !== null && { "return from": dated(returnFrom) }),
        ...(terms !== null && { terms }),
    }
}

/** The persons who cannot decide about an appeal, for each group of persons who decided before. */
export async function appealsBarredTo(act: Act, deciders: readonly (readonly string[])[]): Promise<string[][]> {
    return await relatedEach(act, deciders)
}

function mustNotHaveDecided(turns: Procedure, related: readonly string[], person: string): void {
    rules.mustBeFresh(turns, person)
    if (!related.includes(person)) return
    refuse("forbidden", "procedure.decided_before", "whoever decided before does not decide about the appeal")
}

/** The partner's lead appeals against what a letter tells, once and in its term. */
export async function appealLetter(act: Act, letter: string, text: string): Promise<void> {
    const { partner, person } = mustBeLead(act)
    mustBeWritten(text)
    const row = (await letters.letterTo(act.tx, partner, letter)) ?? hide()
    if (row.procedure === null || !isSanction(row.kind)) {
        refuse("conflict", "letter.not_appealable", "this letter tells of no decision that could be appealed")
    }
    const its = await lockedProcedure(act, row.procedure)
    await addTurn(act, its, rules.appeal(its.turns, person, act.now), { words: { text } })
    await record(act, { kind: "procedure.appealed", procedure: its.id, partner })
}

export function isSanction(kind: LetterKind): boolean {
    return kind === "reprimand" || kind === "suspension" || kind === "termination"
}
