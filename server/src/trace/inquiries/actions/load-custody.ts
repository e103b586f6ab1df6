/** Computes the chain of custody of evidence from the audit log, with the events of inquiries. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listEntriesOfEvidence } from "../../../trust/audit-log/actions/export-log.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { type CustodyEvent, custodyOf } from "../custody.ts"
import * as store from "../store/inquiries.ts"
import { assertOperator } from "./check-membership.ts"

/** Lists custody events, oldest first, and records this read as the last. Refuses `evidence.not_found`. */
export async function readCustody(ctx: ActionContext, evidence: string): Promise<CustodyEvent[]> {
    await loadEvidence(ctx, evidence)
    await record(ctx, { kind: "evidence.custody_read", evidence }, true)
    const memberInquiries = (await store.listInquiries(ctx.tx, assertOperator(ctx))).map(({ id }) => id)
    return custodyOf(await listEntriesOfEvidence(ctx, evidence), new Set(memberInquiries))
}
