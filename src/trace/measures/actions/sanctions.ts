/** What a decision in a procedure does: the measure that is kept or ended, and the partner's standing. */
import type { Act } from "../../../trust/audit/actions.ts"
import { changeStanding } from "../../../trust/partners/actions/changes.ts"
import { standingOf } from "../../../trust/partners/actions/facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import type { Measure, MeasureKind } from "../measure.ts"
import type { Outcome } from "../procedure.ts"
import type { Carried } from "./asking.ts"
import { endMeasure, keepMeasure, openMeasureOf } from "./keeping.ts"
import type { OpenProcedure } from "./turns.ts"

export interface Applied {
    readonly outcome: Outcome
    readonly reason: string
    readonly carried: Carried
}

/**
 * `turns` ends with what was decided just now; the partner's lock is held. An interim suspension ends with the
 * procedure that it waited for, and with any that suspends or ends it for good.
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
    const over = await endedBy(act, { partner, procedure: id, outcome, earlier })
    for (const one of over) await endMeasure(act, one, measure)
    if (measure !== null) {
        const kept = { id: measure, kind: kindOf(outcome), partner, procedure: id, reason }
        await keepMeasure(act, { ...kept, approval: carried.approval.id }, [])
    }
    await changeStandingTo(act, partner, returned && outcome === "suspension" ? "none" : outcome, {
        within: carried.approval,
        because: measure ?? id,
    })
    return measure
}

function kindOf(outcome: Outcome): MeasureKind {
    if (outcome === "none") throw new Error("nothing follows")
    return outcome
}

const suspending: readonly MeasureKind[] = ["interim suspension", "suspension", "termination"]

/** The sanction that this procedure has led to and that holds. */
async function sanctionBy(act: Act, partner: string, procedure: string): Promise<Measure | null> {
    for (const kind of ["reprimand", "suspension", "termination"] as const) {
        const open = await openMeasureOf(act, kind, partner)
        if (open?.procedure === procedure) return open
    }
    return null
}

interface Ending {
    readonly partner: string
    readonly procedure: string
    readonly outcome: Outcome
    readonly earlier: Measure | null
}

/** What is over by it: the sanction that an appeal has changed, and an interim suspension. */
async function endedBy(act: Act, { partner, procedure, outcome, earlier }: Ending): Promise<Measure[]> {
    const over = earlier ? [earlier] : []
    const interim = await openMeasureOf(act, "interim suspension", partner)
    const replaces = outcome === "suspension" || outcome === "termination"
    if (interim && (replaces || interim.procedure === procedure)) over.push(interim)
    const suspension = outcome === "termination" ? await openMeasureOf(act, "suspension", partner) : null
    if (suspension && suspension.id !== earlier?.id) over.push(suspension)
    return over
}

/** The mildest standing that everything which is still open allows. */
async function changeStandingTo(
    act: Act,
    partner: string,
    outcome: Outcome,
    on: { readonly within: Carried["approval"]; readonly because: string },
): Promise<void> {
    const standing = await standingOf(act, partner)
    if (outcome === "termination") return await changeStanding(act, partner, "terminated", on)
    const holds = new Set<MeasureKind>()
    for (const kind of suspending) if (await openMeasureOf(act, kind, partner)) holds.add(kind)
    if (holds.has("termination")) return
    if (standing === "terminated") await changeStanding(act, partner, "active", on)
    if (holds.size > 0) return await changeStanding(act, partner, "suspended", on)
    if (!reachesCases(await standingOf(act, partner))) await changeStanding(act, partner, "active", on)
}
