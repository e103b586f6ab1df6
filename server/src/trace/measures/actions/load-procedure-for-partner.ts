/**
 * Loads the part of a procedure that the partner sees with a letter: the obligation, the deadlines, its own answer and
 * appeal.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { BreachedObligation } from "../../inquiries/inquiry.ts"
import type { Letter } from "../letter.ts"
import { isSanctionLetter } from "./decide-procedure.ts"
import { loadProcedure } from "./open-procedure.ts"

export interface ProcedureForPartner {
    readonly obligation: BreachedObligation
    /** The deadline for an answer; null where the letter requests none. */
    readonly answerBy: Instant | null
    readonly mayAnswer: boolean
    /** The deadline for an appeal; null where the letter has nothing to appeal. */
    readonly appealBy: Instant | null
    readonly mayAppeal: boolean
    /** The first day of a possible return. */
    readonly returnFrom: Instant | null
    readonly terms: string | null
    readonly appeal: string | null
    readonly appealedAt: Instant | null
}

/** Loads a letter's procedure for its partner. Returns null for a letter without a procedure. */
export async function loadProcedureForPartner(
    ctx: ActionContext,
    { procedure, kind, answer }: Letter,
): Promise<ProcedureForPartner | null> {
    if (procedure === null) return null
    const { grounds, history, answerBy, appealBy, phase } = await loadProcedure(ctx, procedure)
    const isConcern = kind === "statement_of_concern"
    const isDecision = isSanctionLetter(kind)
    const decidedEntry = history.find(({ entry }) => entry.kind === (isDecision ? "decided" : "appeal_decided"))
    const decision =
        decidedEntry?.entry.kind === "decided" || decidedEntry?.entry.kind === "appeal_decided"
            ? decidedEntry.entry
            : null
    const statesTerms = isDecision || kind === "decision_relaxed"
    const appealEntry = history.find(({ entry }) => entry.kind === "appealed")
    return {
        obligation: grounds.obligation,
        answerBy: isConcern ? answerBy : null,
        mayAnswer: isConcern && answer === null && (phase === "answer_awaited" || phase === "to_decide"),
        appealBy: isDecision ? appealBy : null,
        mayAppeal: isDecision && phase === "open_to_appeal",
        returnFrom: statesTerms ? (decision?.returnFrom ?? null) : null,
        terms: statesTerms ? (decidedEntry?.texts?.terms ?? null) : null,
        appeal: isDecision ? (appealEntry?.texts?.text ?? null) : null,
        appealedAt: isDecision ? (appealEntry?.entry.at ?? null) : null,
    }
}
