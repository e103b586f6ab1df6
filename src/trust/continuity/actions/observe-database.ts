/** What the database says about what a high-water file knows. */
import { openNote, parseCheckpoint } from "../../../lib/checkpoint.ts"
import type { AuditLogMark, HighWater, Observed } from "../../../lib/high-water.ts"
import { Refusal } from "../../../lib/refusal.ts"
import { readClockMark } from "../../../platform/clock-memory.ts"
import type { Keys } from "../../../platform/keys.ts"
import { verifyEd25519 } from "../../../platform/signing.ts"
import type { ActionContext } from "../../audit/actions.ts"
import { logKey, observeAuditLog } from "../../audit/actions/numbering.ts"
import { observeReceiptLog } from "../../receipts/actions/observe-log.ts"
import * as store from "../store.ts"

/** The file is read before the database: in a sound pair the database is never behind. */
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

/** A row that anybody with the database could have written moves no file. */
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
