/** What the flow starts clocks by: exploitation that a partner reported, or that staff filed. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { tellsExploitation } from "../../evidence/evidence.ts"
import { toldAt } from "../../sightings/actions/report-sighting.ts"
import { startBySeen } from "./run-clocks.ts"

/** Aware since the report came, also where the step ran later. What was taken back by then starts nothing. */
export async function startBySightings(
    ctx: ActionContext,
    caseId: string,
    partner: string,
    reports: readonly string[],
): Promise<void> {
    const first = await toldAt(ctx, caseId, partner, reports)
    if (first) await startBySeen(ctx, caseId, first.at, { kind: "sighting", id: first.id })
}

/** Aware since it was filed. */
export async function startByEvidence(ctx: ActionContext, id: string): Promise<void> {
    const { kind, case: caseId, filedAt } = await evidenceOf(ctx, id)
    if (caseId !== null && tellsExploitation(kind)) await startBySeen(ctx, caseId, filedAt, { kind: "evidence", id })
}
