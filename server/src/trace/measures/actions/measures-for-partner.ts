/**
 * Selects what a partner may see of a procedure with a letter: the obligation, the deadlines, its own answer and
 * appeal.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Breached } from "../../inquiries/inquiry.ts"
import type { Letter } from "../letter.ts"
import { isSanction } from "./decide-procedure.ts"
import { wholeProcedure } from "./open-procedure.ts"

export interface OwnProcedure {
    readonly obligation: Breached
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
export async function ownProcedure(
    ctx: ActionContext,
    { procedure, kind, answer }: Letter,
): Promise<OwnProcedure | null> {
    if (procedure === null) return null
    const { grounds, turns, answerBy, appealBy, phase } = await wholeProcedure(ctx, procedure)
    const asks = kind === "statement_of_concern"
    const tells = isSanction(kind)
    const decided = turns.find(({ turn }) => turn.kind === (tells ? "decided" : "appeal_decided"))
    const again = decided?.turn.kind === "decided" || decided?.turn.kind === "appeal_decided" ? decided.turn : null
    const says = tells || kind === "decision_relaxed"
    const appealed = turns.find(({ turn }) => turn.kind === "appealed")
    return {
        obligation: grounds.obligation,
        answerBy: asks ? answerBy : null,
        mayAnswer: asks && answer === null && (phase === "answer_awaited" || phase === "to_decide"),
        appealBy: tells ? appealBy : null,
        mayAppeal: tells && phase === "open_to_appeal",
        returnFrom: says ? (again?.returnFrom ?? null) : null,
        terms: says ? (decided?.words?.terms ?? null) : null,
        appeal: tells ? (appealed?.words?.text ?? null) : null,
        appealedAt: tells ? (appealed?.turn.at ?? null) : null,
    }
}
