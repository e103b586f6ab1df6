/** What a decision in a procedure does: the measure that is kept or ended, and the partner's standing. */
import type { Act } from "../../../trust/audit/actions.ts"
import { type Measure, type MeasureKind, standingUnder, suspends } from "../measure.ts"
import type { Outcome } from "../procedure.ts"
import type { Carried } from "./asking.ts"
import { endMeasure, keepMeasure, openMeasureOf, openMeasuresOf } from "./keeping.ts"
import { openSuspensions, settleStanding } from "./standing.ts"
import type { OpenProcedure } from "./turns.ts"

export interface Applied {
    readonly outcome: Outcome
    readonly reason: string
    readonly carried: Carried
}

/**
 * `turns` ends with what was decided just now; the partner's lock is held. An interim suspension ends with the
 * procedure that it waited for. Nothing else is over by it: what other procedures have led to, and what was taken for
 * another matter, hold until they are ended themselves.
 */
export async function applySanction(act: Act, its: OpenProcedure, applied: Applied): Promise<string | null> {
    const { partner, turns, id } = its
    const { outcome, reason, carried } = applied
    const before = turns.find((turn) => turn.kind === "decided")
    const again = turns.at(-1)?.kind === "decided again" ? before : null
    const earlier = again ? await sanctionBy(act, partner, id) : null
    const now = turns.at(-1)
    if (
        again &&
        now?.kind === "decided again" &&
        now.outcome === again.outcome &&
        now.returnFrom === again.returnFrom
    ) {
        return earlier?.id ?? null
    }
    const returned = turns.some(({ kind }) => kind === "returned")
    const measure = outcome === "none" || (returned && outcome === "suspension") ? null : act.doors.newId()
    const interim = await openMeasureOf(act, "interim suspension", partner)
    const over = [earlier, interim?.procedure === id ? interim : null].filter((one) => one !== null)
    for (const one of over) await endMeasure(act, one, measure)
    if (measure !== null) {
        const kept = { id: measure, kind: kindOf(outcome), partner, procedure: id, reason }
        await keepMeasure(act, { ...kept, approval: carried.approval.id }, [])
    }
    const touched = [...over.map(({ kind }) => kind), ...(measure === null ? [] : [kindOf(outcome)])]
    if (touched.some(suspends)) {
        await settleStanding(act, partner, { within: carried.approval, because: measure ?? id })
    }
    return measure
}

/** The status by what is open once the procedure has led to this. */
export async function standingAfter(
    act: Act,
    { id, partner, turns }: OpenProcedure,
    outcome: Outcome,
): Promise<ReturnType<typeof standingUnder>> {
    const left = (await openSuspensions(act, partner)).filter(({ procedure }) => procedure !== id)
    const returned = turns.some(({ kind }) => kind === "returned")
    const added = outcome === "none" || (returned && outcome === "suspension") ? [] : [kindOf(outcome)]
    return standingUnder([...left.map(({ kind }) => kind), ...added])
}

function kindOf(outcome: Outcome): MeasureKind {
    if (outcome === "none") throw new Error("nothing follows")
    return outcome
}

/** The sanction that this procedure has led to and that holds. */
async function sanctionBy(act: Act, partner: string, procedure: string): Promise<Measure | null> {
    const open = await openMeasuresOf(act, ["reprimand", "suspension", "termination"], partner)
    return open.find((one) => one.procedure === procedure) ?? null
}
