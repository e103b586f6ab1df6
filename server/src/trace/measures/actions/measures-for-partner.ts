/** What a letter of a procedure lets its partner know and do: the obligation, its terms, its own answer and appeal. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Breached } from "../../inquiries/inquiry.ts"
import type { Letter } from "../letter.ts"
import { isSanction } from "./decide-procedure.ts"
import { wholeProcedure } from "./open-procedure.ts"

export interface OwnProcedure {
    readonly obligation: Breached
    /** Until when an answer is waited for; null where this letter asks for none. */
    readonly answerBy: Instant | null
    readonly mayAnswer: boolean
    /** Until when it can be appealed; null where this letter tells of nothing that can. */
    readonly appealBy: Instant | null
    readonly mayAppeal: boolean
    /** From when on the partner may return. */
    readonly returnFrom: Instant | null
    readonly terms: string | null
    readonly appeal: string | null
    readonly appealedAt: Instant | null
}

/** Null for a letter that tells of no procedure. */
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
