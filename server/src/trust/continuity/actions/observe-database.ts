/** Reads from the database what a high-water file records. */
import { openNote, parseCheckpoint } from "@tocsin/audit-log/checkpoint"
import type { AuditLogMark, HighWater, Observed } from "../../../models/high-water.ts"
import { Refusal } from "@tocsin/base/refusal"
import { readClockMark } from "../../../platform/time/clock-baseline.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { logKey, observeAuditLog } from "../../audit-log/actions/sequence-leaves.ts"
import { observeReceiptLog } from "../../receipts/actions/observe-log.ts"
import * as store from "../store.ts"

/** Observes the database. The file must be read first: then a sound database is never behind it. */
export async function observeDatabase({ tx, services }: ActionContext, mark: HighWater): Promise<Observed> {
    const audit = await observeAuditLog(tx, mark.auditLog)
    const receipts = await observeReceiptLog(tx, mark.receiptLog)
    return {
        auditLog: isSignedHere(services.keys, audit.newest) ? audit.newest : null,
        receiptLog: receipts.newest,
        epoch: await store.findNewestChange(tx),
        clock: await readClockMark(tx, services.clock),
        atMark: {
            auditRoot: audit.rootAtMark,
            receiptRoot: receipts.rootAtMark,
            epochId: mark.epoch && (await store.changeAt(tx, mark.epoch)),
        },
    }
}

/** Whether the checkpoint is signed by this program. A row that was only inserted must not change the file. */
function isSignedHere(keys: Keys, mark: AuditLogMark | null): boolean {
    if (mark === null) return false
    try {
        const { size, root } = parseCheckpoint(openNote(mark.checkpoint, logKey(keys), verifyEd25519))
        return size === mark.size && Buffer.from(root).toString("hex") === mark.root
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return false
    }
}
