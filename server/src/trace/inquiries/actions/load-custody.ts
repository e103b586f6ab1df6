/** Computes the chain of custody of evidence from the audit log, with the events of inquiries. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { recordedOfEvidence } from "../../../trust/audit-log/actions/export-log.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import { type Happened, custodyIn } from "../custody.ts"
import * as store from "../store.ts"
import { assertOperator } from "./check-membership.ts"

/** Lists custody events, oldest first, and records this look as the last. Refuses `evidence.not_found`. */
export async function custodyOfEvidence(ctx: ActionContext, evidence: string): Promise<Happened[]> {
    await evidenceOf(ctx, evidence)
    await record(ctx, { kind: "evidence.custody_read", evidence }, true)
    const own = (await store.listInquiries(ctx.tx, assertOperator(ctx))).map(({ id }) => id)
    return custodyIn(await recordedOfEvidence(ctx, evidence), new Set(own))
}
