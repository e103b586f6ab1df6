/** Reads the facts of a high-water file from the database. */
import { openNote, parseCheckpoint } from "@tocsin/audit-log/checkpoint"
import type { AuditLogMark, HighWater, ObservedDatabase } from "../../../models/high-water.ts"
import { Refusal } from "@tocsin/base/refusal"
import { readClockMark } from "../../../platform/time/clock-baseline.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { auditLogKey, observeAuditLog } from "../../audit-log/actions/sequence-leaves.ts"
import { observeReceiptLog } from "../../receipts/actions/observe-log.ts"
import * as store from "../store.ts"

/** Observes the database. The file must be read first: then a sound database is never behind it. */
export async function observeDatabase({ tx, services }: ActionContext, mark: HighWater): Promise<ObservedDatabase> {
    const audit = await observeAuditLog(tx, mark.auditLog)
    const receipts = await observeReceiptLog(tx, mark.receiptLog)
    return {
        auditLog: isSignedByProgram(services.keys, audit.newest) ? audit.newest : null,
        receiptLog: receipts.newest,
        epoch: await store.findNewestChange(tx),
        clock: await readClockMark(tx, services.clock),
        atMark: {
            auditRoot: audit.rootAtMark,
            receiptRoot: receipts.rootAtMark,
            epochId: mark.epoch && (await store.findChangeIdAt(tx, mark.epoch)),
        },
    }
}

/** Whether the checkpoint is signed by this program. A row that was only inserted must not change the file. */
function isSignedByProgram(keys: Keys, mark: AuditLogMark | null): boolean {
    if (mark === null) return false
    try {
        const { size, root } = parseCheckpoint(openNote(mark.checkpoint, auditLogKey(keys), verifyEd25519))
        return size === mark.size && Buffer.from(root).toString("hex") === mark.root
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return false
    }
}
