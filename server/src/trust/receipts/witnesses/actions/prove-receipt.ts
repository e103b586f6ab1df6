/** Proves a receipt to anyone who knows the witnesses of the receipt log. */
import { inclusionRanges } from "@tocsin/audit-log/merkle"
import { receiptProof } from "@tocsin/audit-log/witnessed-proof"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { loadProof, loadPublishedReceipt, type WarningFilter } from "../../actions/load-receipts.ts"
import { signLogAt } from "../../actions/serve-tiles.ts"
import { loadWitnessedLog } from "./load-witnessed-log.ts"

/**
 * Returns a partner's receipt as C2SP tlog-proof under the newest checkpoint that enough witnesses signed. Without
 * witnesses, the log alone signs. Refuses `receipt.not_witnessed_yet`, and what `loadPublishedReceipt` refuses.
 */
export async function proveReceiptOfPartner(
    ctx: ActionContext,
    partner: string,
    id: string,
    maySee: WarningFilter,
): Promise<string> {
    const { newest, index, batch, ...opened } = await loadPublishedReceipt(ctx, partner, id, maySee)
    const size = newest.index + 1
    const quorum = ctx.services.witnessing?.policy.quorum ?? null
    const log = (await loadWitnessedLog(ctx, size)) ?? (quorum === null ? await signLogAt(ctx, size) : null)
    if (log === null || index >= log.size) {
        refuse(
            "conflict",
            "receipt.not_witnessed_yet",
            "too few witnesses have signed the batch of this receipt yet: try again later, or get it without witnesses",
        )
    }
    const proof = await loadProof(ctx.tx, inclusionRanges(index, log.size))
    return receiptProof({ index, batch, proof, note: log.note }, opened)
}
