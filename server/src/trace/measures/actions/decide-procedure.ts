/**
 * Decides procedures and their appeals, by two people. One requests with reason and letter, and another signs. Applying
 * writes the history, the status, the measure and the letter in one transaction.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner, lockToChangeProgram } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { assertLead } from "../../../trust/partners/roster/actions/manage-roster.ts"
import { hide } from "../../../kernel/route.ts"
import { type LetterKind, type LetterText, validateLetter, assertWritten } from "../letter.ts"
import * as rules from "../procedure.ts"
import type { Decided, Outcome, Procedure } from "../procedure.ts"
import * as letters from "../store/letters.ts"
import { type Fields, dated } from "../template.ts"
import { type Asked, type Carried, askTwo, related, relatedEach, useTwo, wordsAsked } from "./request-decision.ts"
import { assertDecided } from "./record-measure.ts"
import { tell } from "./send-letter.ts"
import { groundsOf, namedIn } from "./open-procedure.ts"
import { applySanction, standingAfter } from "./apply-sanction.ts"
import { draftToSend } from "./set-template.ts"
import { type OpenProcedure, addTurn, lockedProcedure, subjectOf } from "./record-entry.ts"

export interface NewDecision extends Decided {
    readonly reason: string
    /** The terms of return of a suspension. */
    readonly terms: string | null
    /** Days to appeal, for the decision at the end of a procedure. */
    readonly appealDays?: number | undefined
    /** The requester's letter, from the draft. `[from]`, `[held]` and `[appeal_by]` are filled when it is sent. */
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

/** Requests a second signature on a decision, and returns the approval's id. */
export async function requestDecision(ctx: ActionContext, id: string, decision: NewDecision): Promise<string> {
    return await request(ctx, id, "measure.sanction", decision)
}

/** Requests a second signature on an appeal, from people who have not decided before. */
export async function requestAppealDecision(ctx: ActionContext, id: string, decision: NewDecision): Promise<string> {
    return await request(ctx, id, "measure.appeal", decision)
}

async function request(ctx: ActionContext, id: string, stage: Stage, decision: NewDecision): Promise<string> {
    const person = assertDecided(ctx, decision.reason)
    const procedure = await lockedProcedure(ctx, id)
    const mayNotSign = await related(ctx, rules.decidersOf(procedure.turns))
    if (stage === "measure.appeal") assertNotDecided(procedure.turns, mayNotSign, person)
    const { outcome, returnFrom, terms } = decision
    // Runs the decision first, so that a signed decision can be applied.
    taken(
        procedure,
        stage,
        { ...decision, appealDays: decision.appealDays ?? rules.appealDays.usual },
        ["", ""],
        ctx.now,
    )
    if (outcome === "suspension") assertWritten(terms ?? "")
    const letter = decision.letter ?? (await draftDecision(ctx, id, decision))
    validateLetter(letter)
    const words: Words = {
        reason: decision.reason,
        outcome,
        returnFrom,
        terms: outcome === "suspension" ? terms : null,
        appealDays: decision.appealDays ?? rules.appealDays.usual,
        letter: { subject: letter.subject, text: letter.text },
    }
    return await askTwo(ctx, await asked(ctx, procedure, stage, { words, mayNotSign }))
}

/** Drafts the letter of a decision. Places filled at sending stay open. */
export async function draftDecision(
    ctx: ActionContext,
    id: string,
    decision: Omit<NewDecision, "reason">,
): Promise<LetterText> {
    const procedure = await lockedProcedure(ctx, id)
    const kind = letterOf(procedure.turns, decision)
    const fields = { ...(await namedBy(ctx, id, decision)), appeal_by: "[appeal_by]" }
    return await draftToSend(ctx, kind, procedure.partner, fields)
}

/**
 * Applies the signed decision at the end of a procedure. Returns the measure's id, or null where the outcome is none.
 */
export async function applyDecision(ctx: ActionContext, id: string, approval: string): Promise<string | null> {
    return await applyRequested(ctx, id, "measure.sanction", approval)
}

/** Applies the signed decision of an appeal. Returns the measure's id, or null. */
export async function applyAppealDecision(ctx: ActionContext, id: string, approval: string): Promise<string | null> {
    return await applyRequested(ctx, id, "measure.appeal", approval)
}

async function applyRequested(ctx: ActionContext, id: string, stage: Stage, approval: string): Promise<string | null> {
    const words = (await wordsAsked(ctx, approval, stage)) as Words
    assertDecided(ctx, words.reason)
    const first = await lockedProcedureOf(ctx, id)
    const mayNotSign = await related(ctx, rules.decidersOf(first.turns))
    const carried = await useTwo(ctx, approval, await asked(ctx, first, stage, { words, mayNotSign }))
    if (stage === "measure.appeal") for (const item of carried.by) assertNotDecided(first.turns, mayNotSign, item)
    const after = taken(first, stage, words, carried.by, ctx.now)
    const { reason, terms, outcome, returnFrom } = words
    const kind = letterOf(first.turns, words)
    await addTurn(ctx, first, after, { approval, words: { reason, terms } })
    const subject = { procedure: id, partner: first.partner, outcome, returnFrom, approval }
    if (stage === "measure.sanction") await record(ctx, { kind: "procedure.decided", ...subject })
    else await record(ctx, { kind: "procedure.appeal_decided", ...subject })
    const measure = await applySanction(ctx, { ...first, turns: after }, { ...words, carried })
    await send(ctx, first, { kind, measure, words, after })
    return measure
}

interface Sent {
    readonly kind: LetterKind
    readonly measure: string | null
    readonly words: Words
    readonly after: Procedure
}

async function send(
    ctx: ActionContext,
    { id, partner }: OpenProcedure,
    { kind, measure, words, after }: Sent,
): Promise<void> {
    const appealBy = after.find((turn) => turn.kind === "decided")?.appealBy ?? null
    const fields = appealBy === null ? {} : { appeal_by: dated(appealBy) }
    await tell(ctx, { partner, kind, measure, procedure: id }, words.letter, fields)
}

/** Locks the partner before the procedure, in the same order as the partner's answer does. */
async function lockedProcedureOf(ctx: ActionContext, id: string): Promise<OpenProcedure> {
    await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, await subjectOf(ctx, id))
    return await lockedProcedure(ctx, id)
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
    ctx: ActionContext,
    procedure: OpenProcedure,
    stage: Stage,
    { words, mayNotSign }: { readonly words: Words; readonly mayNotSign: readonly string[] },
): Promise<Asked> {
    const { outcome, returnFrom } = words
    const { id, partner } = procedure
    const standing = await standingAfter(ctx, procedure, outcome)
    return { act: stage, partner, detail: { procedure: id, outcome, returnFrom }, words, mayNotSign, standing }
}

/** Chooses the letter's kind by the outcome and, on appeal, by the earlier outcome. */
function letterOf(turns: Procedure, { outcome, returnFrom }: Decided): LetterKind {
    const before = turns.find((turn) => turn.kind === "decided")
    if (!before) return outcome === "none" ? "no_sanction" : outcome
    if (before.outcome === outcome && before.returnFrom === returnFrom) return "decision_upheld"
    return outcome === "none" ? "decision_lifted" : "decision_relaxed"
}

async function namedBy(
    ctx: ActionContext,
    id: string,
    { outcome, returnFrom, terms }: Omit<NewDecision, "reason">,
): Promise<Fields> {
    return {
        ...namedIn(await groundsOf(ctx, id)),
        outcome: outcome === "suspension" && returnFrom !== null ? `suspension until ${dated(returnFrom)}` : outcome,
        ...(returnFrom !== null && { return_from: dated(returnFrom) }),
        ...(terms !== null && { terms }),
    }
}

/** Lists the people who cannot decide an appeal, for each group of earlier deciders. */
export async function appealsBarredTo(
    ctx: ActionContext,
    deciders: readonly (readonly string[])[],
): Promise<string[][]> {
    return await relatedEach(ctx, deciders)
}

function assertNotDecided(turns: Procedure, related: readonly string[], person: string): void {
    rules.assertFresh(turns, person)
    if (!related.includes(person)) return
    refuse("forbidden", "procedure.decided_before", "you decided before: leave the appeal to other people")
}

/** Records a lead's appeal against a decision, once and within the term. */
export async function appealLetter(ctx: ActionContext, letter: string, text: string): Promise<void> {
    const { partner, person } = assertLead(ctx)
    assertWritten(text)
    const row = (await letters.findLetterTo(ctx.tx, partner, letter)) ?? hide()
    if (row.procedure === null || !isSanction(row.kind)) {
        refuse("conflict", "letter.not_appealable", "this letter tells of no decision: only a decision can be appealed")
    }
    const procedure = await lockedProcedure(ctx, row.procedure)
    await addTurn(ctx, procedure, rules.appeal(procedure.turns, person, ctx.now), { words: { text } })
    await record(ctx, { kind: "procedure.appealed", procedure: procedure.id, partner })
}

/** Tells whether a letter of this kind reports a decision. */
export function isSanction(kind: LetterKind): boolean {
    return kind === "reprimand" || kind === "suspension" || kind === "termination"
}
