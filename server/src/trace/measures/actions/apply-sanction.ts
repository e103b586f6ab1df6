/** Applies a decision of a procedure to the measure and the partner's status. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Measure, type MeasureKind, statusUnder, isSuspending } from "../measure.ts"
import type { Outcome } from "../procedure.ts"
import type { SignedDecision } from "./request-decision.ts"
import { endMeasure, recordMeasure, findOpenMeasure, listOpenMeasures } from "./record-measure.ts"
import { listOpenSuspensions, updateStatus } from "./change-status.ts"
import type { LockedProcedure } from "./record-entry.ts"

export interface AppliedDecision {
    readonly outcome: Outcome
    readonly reason: string
    readonly signed: SignedDecision
}

/**
 * Applies the last entry of the history. The caller holds the partner's lock. Ends the interim suspension that waited
 * for this procedure. Sanctions of other procedures and other measures remain until they are ended.
 */
export async function applySanction(
    ctx: ActionContext,
    procedure: LockedProcedure,
    decision: AppliedDecision,
): Promise<string | null> {
    const { partner, history, id } = procedure
    const { outcome, reason, signed } = decision
    const firstDecision = history.find((entry) => entry.kind === "decided")
    const appealedDecision = history.at(-1)?.kind === "appeal_decided" ? firstDecision : null
    const earlierSanction = appealedDecision ? await findSanctionOfProcedure(ctx, partner, id) : null
    const latest = history.at(-1)
    if (
        appealedDecision &&
        latest?.kind === "appeal_decided" &&
        latest.outcome === appealedDecision.outcome &&
        latest.returnFrom === appealedDecision.returnFrom
    ) {
        return earlierSanction?.id ?? null
    }
    const isReinstated = history.some(({ kind }) => kind === "reinstated")
    const measure = outcome === "none" || (isReinstated && outcome === "suspension") ? null : ctx.services.newId()
    const interim = await findOpenMeasure(ctx, "interim_suspension", partner)
    const ended = [earlierSanction, interim?.procedure === id ? interim : null].filter((measure) => measure !== null)
    for (const endedMeasure of ended) await endMeasure(ctx, endedMeasure, measure)
    if (measure !== null) {
        const sanction = { id: measure, kind: measureKindOf(outcome), partner, procedure: id, reason }
        await recordMeasure(ctx, { ...sanction, approval: signed.approval.id }, [])
    }
    const changedKinds = [...ended.map(({ kind }) => kind), ...(measure === null ? [] : [measureKindOf(outcome)])]
    if (changedKinds.some(isSuspending)) {
        await updateStatus(ctx, partner, { appliedApproval: signed.approval, measure: measure ?? id })
    }
    return measure
}

/** Computes the partner's status with this outcome and all other open measures. */
export async function loadStatusAfter(
    ctx: ActionContext,
    { id, partner, history }: LockedProcedure,
    outcome: Outcome,
): Promise<ReturnType<typeof statusUnder>> {
    const remaining = (await listOpenSuspensions(ctx, partner)).filter(({ procedure }) => procedure !== id)
    const isReinstated = history.some(({ kind }) => kind === "reinstated")
    const added = outcome === "none" || (isReinstated && outcome === "suspension") ? [] : [measureKindOf(outcome)]
    return statusUnder([...remaining.map(({ kind }) => kind), ...added])
}

function measureKindOf(outcome: Outcome): MeasureKind {
    if (outcome === "none") throw new Error("nothing follows")
    return outcome
}

/** Finds the open sanction of this procedure, or null. */
async function findSanctionOfProcedure(
    ctx: ActionContext,
    partner: string,
    procedure: string,
): Promise<Measure | null> {
    const open = await listOpenMeasures(ctx, ["reprimand", "suspension", "termination"], partner)
    return open.find((measure) => measure.procedure === procedure) ?? null
}
