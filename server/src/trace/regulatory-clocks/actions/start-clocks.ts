/** Starts clocks from events: exploitation that a partner reported or that staff added. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { tellsExploitation } from "../../evidence/evidence.ts"
import { toldAt } from "../../sightings/actions/report-sighting.ts"
import { startBySeen } from "./run-clocks.ts"

/** Starts clocks as of the report's arrival, however late the event handler runs. Withdrawn reports start nothing. */
export async function startBySightings(
    ctx: ActionContext,
    caseId: string,
    partner: string,
    reports: readonly string[],
): Promise<void> {
    const first = await toldAt(ctx, caseId, partner, reports)
    if (first) await startBySeen(ctx, caseId, first.at, { kind: "sighting", id: first.id })
}

/** Starts clocks as of the addition of the evidence. */
export async function startByEvidence(ctx: ActionContext, id: string): Promise<void> {
    const { kind, case: caseId, filedAt } = await evidenceOf(ctx, id)
    if (caseId !== null && tellsExploitation(kind)) await startBySeen(ctx, caseId, filedAt, { kind: "evidence", id })
}
