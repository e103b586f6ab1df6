/** What the flow starts clocks by: exploitation that a partner reported, or that staff filed. */
import type { Act } from "../../../trust/audit/actions.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { tellsExploitation } from "../../evidence/evidence.ts"
import { toldAt } from "../../sightings/actions/reporting.ts"
import { startBySeen } from "./running.ts"

/** Aware since the report came, also where the step ran later. What was taken back by then starts nothing. */
export async function startBySightings(
    act: Act,
    caseId: string,
    partner: string,
    reports: readonly string[],
): Promise<void> {
    const first = await toldAt(act, caseId, partner, reports)
    if (first) await startBySeen(act, caseId, first.at, { kind: "sighting", id: first.id })
}

/** Aware since it was filed. */
export async function startByEvidence(act: Act, id: string): Promise<void> {
    const { kind, case: caseId, filedAt } = await evidenceOf(act, id)
    if (caseId !== null && tellsExploitation(kind)) await startBySeen(act, caseId, filedAt, { kind: "evidence", id })
}
