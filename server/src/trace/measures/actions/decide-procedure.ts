/**
 * Decides procedures and their appeals, by two people. One requests with reason and letter, and another signs. Applying
 * writes the history, the status, the measure and the letter in one transaction.
 */
import { type Instant, instantInWords } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangePartner, lockToChangeProgram } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { assertLead } from "../../../trust/partners/roster/actions/manage-roster.ts"
import { hide } from "../../../kernel/route.ts"
import { type LetterKind, type LetterText, validateLetter, validateText } from "../letter.ts"
import * as rules from "../procedure.ts"
import type { DecidedOutcome, Outcome, ProcedureHistory } from "../procedure.ts"
import * as letters from "../store/letters.ts"
import { type Fields } from "../template.ts"
import {
    type DecisionRequest,
    type SignedDecision,
    requestSecondSignature,
    listRelatedAccounts,
    listRelatedAccountsByGroup,
    applyRequest,
    loadRequestTexts,
} from "./request-decision.ts"
import { assertMayDecide } from "./record-measure.ts"
import { notifyByLetter } from "./send-letter.ts"
import { loadGrounds, obligationField } from "./open-procedure.ts"
import { applySanction, loadStatusAfter } from "./apply-sanction.ts"
import { draftEditableLetter } from "./set-template.ts"
import { type LockedProcedure, appendEntry, lockProcedure, loadPartnerOfProcedure } from "./record-entry.ts"

export interface NewDecision extends DecidedOutcome {
    readonly reason: string
    /** The terms of return of a suspension. */
    readonly terms: string | null
    /** Days to appeal, for the decision at the end of a procedure. */
    readonly appealDays?: number | undefined
    /** The requester's letter, from the draft. `[from]`, `[held]` and `[appeal_by]` are filled when it is sent. */
    readonly letter?: LetterText | undefined
}

type Stage = "measure.sanction" | "measure.appeal"

interface DecisionTexts {
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
    return await requestSignature(ctx, id, "measure.sanction", decision)
}

/** Requests a second signature on an appeal, from people who have not decided before. */
export async function requestAppealDecision(ctx: ActionContext, id: string, decision: NewDecision): Promise<string> {
    return await requestSignature(ctx, id, "measure.appeal", decision)
}

async function requestSignature(ctx: ActionContext, id: string, stage: Stage, decision: NewDecision): Promise<string> {
    const person = assertMayDecide(ctx, decision.reason)
    const procedure = await lockProcedure(ctx, id)
    const mayNotSign = await listRelatedAccounts(ctx, rules.decidersOf(procedure.history))
    if (stage === "measure.appeal") assertMayDecideAppeal(procedure.history, mayNotSign, person)
    const { outcome, returnFrom, terms } = decision
    // Runs the decision first, so that a signed decision can be applied.
    appendDecision(
        procedure,
        stage,
        { ...decision, appealDays: decision.appealDays ?? rules.appealDays.usual },
        ["", ""],
        ctx.now,
    )
    if (outcome === "suspension") validateText(terms ?? "")
    const letter = decision.letter ?? (await draftDecision(ctx, id, decision))
    validateLetter(letter)
    const texts: DecisionTexts = {
        reason: decision.reason,
        outcome,
        returnFrom,
        terms: outcome === "suspension" ? terms : null,
        appealDays: decision.appealDays ?? rules.appealDays.usual,
        letter: { subject: letter.subject, text: letter.text },
    }
    return await requestSecondSignature(ctx, await buildDecisionRequest(ctx, procedure, stage, { texts, mayNotSign }))
}

/** Drafts the letter of a decision. Places filled at sending stay open. */
export async function draftDecision(
    ctx: ActionContext,
    id: string,
    decision: Omit<NewDecision, "reason">,
): Promise<LetterText> {
    const procedure = await lockProcedure(ctx, id)
    const kind = letterKindOf(procedure.history, decision)
    const fields = { ...(await loadLetterFields(ctx, id, decision)), appeal_by: "[appeal_by]" }
    return await draftEditableLetter(ctx, kind, procedure.partner, fields)
}

/**
 * Applies the signed decision at the end of a procedure. Returns the measure's id, or null where the outcome is none.
 */
export async function applyDecision(ctx: ActionContext, id: string, approval: string): Promise<string | null> {
    return await applySignedDecision(ctx, id, "measure.sanction", approval)
}

/** Applies the signed decision of an appeal. Returns the measure's id, or null. */
export async function applyAppealDecision(ctx: ActionContext, id: string, approval: string): Promise<string | null> {
    return await applySignedDecision(ctx, id, "measure.appeal", approval)
}

async function applySignedDecision(
    ctx: ActionContext,
    id: string,
    stage: Stage,
    approval: string,
): Promise<string | null> {
    const texts = (await loadRequestTexts(ctx, approval, stage)) as DecisionTexts
    assertMayDecide(ctx, texts.reason)
    const procedure = await lockPartnerAndProcedure(ctx, id)
    const mayNotSign = await listRelatedAccounts(ctx, rules.decidersOf(procedure.history))
    const signed = await applyRequest(
        ctx,
        approval,
        await buildDecisionRequest(ctx, procedure, stage, { texts, mayNotSign }),
    )
    if (stage === "measure.appeal")
        for (const decider of signed.by) assertMayDecideAppeal(procedure.history, mayNotSign, decider)
    const history = appendDecision(procedure, stage, texts, signed.by, ctx.now)
    const { reason, terms, outcome, returnFrom } = texts
    const kind = letterKindOf(procedure.history, texts)
    await appendEntry(ctx, procedure, history, { approval, texts: { reason, terms } })
    const facts = { procedure: id, partner: procedure.partner, outcome, returnFrom, approval }
    if (stage === "measure.sanction") await record(ctx, { kind: "procedure.decided", ...facts })
    else await record(ctx, { kind: "procedure.appeal_decided", ...facts })
    const measure = await applySanction(ctx, { ...procedure, history }, { ...texts, signed })
    await sendDecisionLetter(ctx, procedure, { kind, measure, texts, history })
    return measure
}

interface DecisionLetter {
    readonly kind: LetterKind
    readonly measure: string | null
    readonly texts: DecisionTexts
    readonly history: ProcedureHistory
}

async function sendDecisionLetter(
    ctx: ActionContext,
    { id, partner }: LockedProcedure,
    { kind, measure, texts, history }: DecisionLetter,
): Promise<void> {
    const appealBy = history.find((entry) => entry.kind === "decided")?.appealBy ?? null
    const fields = appealBy === null ? {} : { appeal_by: instantInWords(appealBy) }
    await notifyByLetter(ctx, { partner, kind, measure, procedure: id }, texts.letter, fields)
}

/** Locks the partner before the procedure, in the same order as the partner's answer does. */
async function lockPartnerAndProcedure(ctx: ActionContext, id: string): Promise<LockedProcedure> {
    await lockToChangeProgram(ctx.tx)
    await lockToChangePartner(ctx.tx, await loadPartnerOfProcedure(ctx, id))
    return await lockProcedure(ctx, id)
}

function appendDecision(
    { history }: LockedProcedure,
    stage: Stage,
    decision: DecidedOutcome & { readonly appealDays: number },
    by: SignedDecision["by"],
    now: Instant,
): ProcedureHistory {
    const { outcome, returnFrom, appealDays } = decision
    if (stage === "measure.sanction") return rules.decide(history, { by, outcome, returnFrom, appealDays }, now)
    return rules.decideAppeal(history, { by, outcome, returnFrom }, now)
}

async function buildDecisionRequest(
    ctx: ActionContext,
    procedure: LockedProcedure,
    stage: Stage,
    { texts, mayNotSign }: { readonly texts: DecisionTexts; readonly mayNotSign: readonly string[] },
): Promise<DecisionRequest> {
    const { outcome, returnFrom } = texts
    const { id, partner } = procedure
    const status = await loadStatusAfter(ctx, procedure, outcome)
    return { action: stage, partner, detail: { procedure: id, outcome, returnFrom }, texts, mayNotSign, status }
}

/** Chooses the letter's kind by the outcome and, on appeal, by the earlier outcome. */
function letterKindOf(history: ProcedureHistory, { outcome, returnFrom }: DecidedOutcome): LetterKind {
    const firstDecision = history.find((entry) => entry.kind === "decided")
    if (!firstDecision) return outcome === "none" ? "no_sanction" : outcome
    if (firstDecision.outcome === outcome && firstDecision.returnFrom === returnFrom) return "decision_upheld"
    return outcome === "none" ? "decision_lifted" : "decision_relaxed"
}

async function loadLetterFields(
    ctx: ActionContext,
    id: string,
    { outcome, returnFrom, terms }: Omit<NewDecision, "reason">,
): Promise<Fields> {
    return {
        ...obligationField(await loadGrounds(ctx, id)),
        outcome:
            outcome === "suspension" && returnFrom !== null
                ? `suspension until ${instantInWords(returnFrom)}`
                : outcome,
        ...(returnFrom !== null && { return_from: instantInWords(returnFrom) }),
        ...(terms !== null && { terms }),
    }
}

/** Lists the people who cannot decide an appeal, for each group of earlier deciders. */
export async function listPeopleBarredFromAppeals(
    ctx: ActionContext,
    deciders: readonly (readonly string[])[],
): Promise<string[][]> {
    return await listRelatedAccountsByGroup(ctx, deciders)
}

function assertMayDecideAppeal(history: ProcedureHistory, related: readonly string[], person: string): void {
    rules.assertHasNotDecided(history, person)
    if (!related.includes(person)) return
    refuse("forbidden", "procedure.decided_before", "you decided before: leave the appeal to other people")
}

/** Records a lead's appeal against a decision, once and within the term. */
export async function appealDecision(ctx: ActionContext, letter: string, text: string): Promise<void> {
    const { partner, person } = assertLead(ctx)
    validateText(text)
    const row = (await letters.findLetterOfPartner(ctx.tx, partner, letter)) ?? hide()
    if (row.procedure === null || !isSanctionLetter(row.kind)) {
        refuse("conflict", "letter.not_appealable", "this letter reports no decision: only a decision can be appealed")
    }
    const procedure = await lockProcedure(ctx, row.procedure)
    await appendEntry(ctx, procedure, rules.appeal(procedure.history, person, ctx.now), { texts: { text } })
    await record(ctx, { kind: "procedure.appealed", procedure: procedure.id, partner })
}

/** Tells whether a letter of this kind reports a decision. */
export function isSanctionLetter(kind: LetterKind): boolean {
    return kind === "reprimand" || kind === "suspension" || kind === "termination"
}
