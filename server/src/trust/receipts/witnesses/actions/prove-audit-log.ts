/** Proves to an auditor that what witnesses signed commits to the audit log. */
import { inclusionRanges } from "@tocsin/audit-log/merkle"
import { auditLogProof } from "@tocsin/audit-log/witnessed-proof"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { findCheckpointOfSize } from "../../../audit-log/actions/export-log.ts"
import { countVisibleBatches, loadProof } from "../../actions/load-receipts.ts"
import * as batches from "../../store.ts"
import { loadWitnessedLog } from "./load-witnessed-log.ts"

/**
 * Returns the proof (C2SP tlog-proof) that the newest batch which witnesses signed commits to the audit log. Refuses
 * `receipt.not_witnessed`.
 */
export async function proveAuditLog(ctx: ActionContext): Promise<string> {
    const log = (await loadWitnessedLog(ctx, await countVisibleBatches(ctx))) ?? refuseNotWitnessed()
    const index = log.size - 1
    const row = await batches.loadBatchAt(ctx.tx, index)
    const tree = (await findCheckpointOfSize(ctx, row.anchored_size)) ?? refuseNotWitnessed()
    const proof = await loadProof(ctx.tx, inclusionRanges(index, log.size))
    const leaf = { index, batch: batches.batchOfRow(row), proof, note: log.note }
    return auditLogProof(leaf, row.anchor_salt, tree)
}

function refuseNotWitnessed(): never {
    refuse(
        "missing",
        "receipt.not_witnessed",
        "too few witnesses have signed the receipt log yet, or none is set: see Health",
    )
}
