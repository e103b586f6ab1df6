/** Applies a decision of a procedure to the measure and the partner's status. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Measure, type MeasureKind, standingUnder, suspends } from "../measure.ts"
import type { Outcome } from "../procedure.ts"
import type { Carried } from "./request-decision.ts"
import { endMeasure, extendMeasure, openMeasureOf, openMeasuresOf } from "./record-measure.ts"
import { openSuspensions, settleStanding } from "./change-status.ts"
import type { OpenProcedure } from "./record-entry.ts"

export interface Applied {
    readonly outcome: Outcome
    readonly reason: string
    readonly carried: Carried
}

/**
 * Applies the last entry of the history. The caller holds the partner's lock. Ends the interim suspension that waited
 * for this procedure. Sanctions of other procedures and other measures remain until they are ended.
 */
export async function applySanction(
    ctx: ActionContext,
    procedure: OpenProcedure,
    applied: Applied,
): Promise<string | null> {
    const { partner, turns, id } = procedure
    const { outcome, reason, carried } = applied
    const before = turns.find((turn) => turn.kind === "decided")
    const again = turns.at(-1)?.kind === "appeal_decided" ? before : null
    const earlier = again ? await sanctionBy(ctx, partner, id) : null
    const now = turns.at(-1)
    if (
        again &&
        now?.kind === "appeal_decided" &&
        now.outcome === again.outcome &&
        now.returnFrom === again.returnFrom
    ) {
        return earlier?.id ?? null
    }
    const returned = turns.some(({ kind }) => kind === "reinstated")
    const measure = outcome === "none" || (returned && outcome === "suspension") ? null : ctx.services.newId()
    const interim = await openMeasureOf(ctx, "interim_suspension", partner)
    const over = [earlier, interim?.procedure === id ? interim : null].filter((measure) => measure !== null)
    for (const item of over) await endMeasure(ctx, item, measure)
    if (measure !== null) {
        const kept = { id: measure, kind: kindOf(outcome), partner, procedure: id, reason }
        await extendMeasure(ctx, { ...kept, approval: carried.approval.id }, [])
    }
    const touched = [...over.map(({ kind }) => kind), ...(measure === null ? [] : [kindOf(outcome)])]
    if (touched.some(suspends)) {
        await settleStanding(ctx, partner, { within: carried.approval, because: measure ?? id })
    }
    return measure
}

/** Computes the partner's status with this outcome and all other open measures. */
export async function standingAfter(
    ctx: ActionContext,
    { id, partner, turns }: OpenProcedure,
    outcome: Outcome,
): Promise<ReturnType<typeof standingUnder>> {
    const left = (await openSuspensions(ctx, partner)).filter(({ procedure }) => procedure !== id)
    const returned = turns.some(({ kind }) => kind === "reinstated")
    const added = outcome === "none" || (returned && outcome === "suspension") ? [] : [kindOf(outcome)]
    return standingUnder([...left.map(({ kind }) => kind), ...added])
}

function kindOf(outcome: Outcome): MeasureKind {
    if (outcome === "none") throw new Error("nothing follows")
    return outcome
}

/** Finds the open sanction of this procedure, or null. */
async function sanctionBy(ctx: ActionContext, partner: string, procedure: string): Promise<Measure | null> {
    const open = await openMeasuresOf(ctx, ["reprimand", "suspension", "termination"], partner)
    return open.find((measure) => measure.procedure === procedure) ?? null
}
