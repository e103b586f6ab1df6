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
    const asks = kind === "concern"
    const tells = isSanction(kind)
    const decided = turns.find(({ turn }) => turn.kind === (tells ? "decided" : "decided again"))
    const again = decided?.turn.kind === "decided" || decided?.turn.kind === "decided again" ? decided.turn : null
    const says = tells || kind === "appeal eased"
    const appealed = turns.find(({ turn }) => turn.kind === "appealed")
    return {
        obligation: grounds.obligation,
        answerBy: asks ? answerBy : null,
        mayAnswer: asks && answer === null && (phase === "answer awaited" || phase === "to decide"),
        appealBy: tells ? appealBy : null,
        mayAppeal: tells && phase === "open to appeal",
        returnFrom: says ? (again?.returnFrom ?? null) : null,
        terms: says ? (decided?.words?.terms ?? null) : null,
        appeal: tells ? (appealed?.words?.text ?? null) : null,
        appealedAt: tells ? (appealed?.turn.at ?? null) : null,
    }
}
