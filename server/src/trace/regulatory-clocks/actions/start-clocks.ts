/** Starts clocks from events: exploitation that a partner reported or that staff added. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { reportsExploitation } from "../../evidence/evidence.ts"
import { findFirstArrival } from "../../sightings/actions/report-sighting.ts"
import { startClocksByExploitation } from "./run-clocks.ts"

/** Starts clocks as of the report's arrival, however late the event handler runs. Withdrawn reports start nothing. */
export async function startClocksBySightings(
    ctx: ActionContext,
    caseId: string,
    partner: string,
    reports: readonly string[],
): Promise<void> {
    const first = await findFirstArrival(ctx, caseId, partner, reports)
    if (first) await startClocksByExploitation(ctx, caseId, first.at, { kind: "sighting", id: first.id })
}

/** Starts clocks as of the addition of the evidence. */
export async function startClocksByEvidence(ctx: ActionContext, id: string): Promise<void> {
    const { kind, case: caseId, addedAt: filedAt } = await loadEvidence(ctx, id)
    if (caseId !== null && reportsExploitation(kind))
        await startClocksByExploitation(ctx, caseId, filedAt, { kind: "evidence", id })
}
