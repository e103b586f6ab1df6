/** Reads the facts of a high-water file from the database. */
import { openNote, parseCheckpoint, type VerifierKey } from "@tocsin/audit-log/checkpoint"
import type { AuditLogMark, HighWater, ObservedDatabase } from "../../../models/high-water.ts"
import { Refusal } from "@tocsin/base/refusal"
import { readClockMark } from "../../../platform/time/clock-baseline.ts"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { observeAuditLog } from "../../audit-log/actions/sequence-leaves.ts"
import { listSigningKeyNames, loadLogKeys } from "../../signing-keys/actions/load-log-keys.ts"
import { findPublisherKey } from "../../publisher-keys/actions/publisher-key.ts"
import type { LogKeys } from "../../signing-keys/log-keys.ts"
import { observeReceiptLog } from "../../receipts/actions/observe-log.ts"
import * as store from "../store.ts"

/** Observes the database. The file must be read first: then a sound database is never behind it. */
export async function observeDatabase({ tx, services }: ActionContext, mark: HighWater): Promise<ObservedDatabase> {
    const audit = await observeAuditLog(tx, mark.auditLog)
    const receipts = await observeReceiptLog(tx, mark.receiptLog)
    const publisherKey = await findPublisherKey({ tx })
    return {
        auditLog: isSignedByProgram(await loadLogKeys({ tx, services }, "audit_log"), audit.newest)
            ? audit.newest
            : null,
        receiptLog: receipts.newest,
        epoch: await store.findNewestChange(tx),
        clock: await readClockMark(tx, services.clock),
        signingKeys: [
            ...(await listSigningKeyNames({ tx, services })),
            ...(publisherKey === null ? [] : [publisherKey.fingerprint]),
        ],
        atMark: {
            auditRoot: audit.rootAtMark,
            receiptRoot: receipts.rootAtMark,
            epochId: mark.epoch && (await store.findChangeIdAt(tx, mark.epoch)),
        },
    }
}

/**
 * Whether a key that still signs has signed the checkpoint. A row that was only inserted must not change the file, also
 * by a thief of an ended key.
 */
function isSignedByProgram({ active }: LogKeys, mark: AuditLogMark | null): boolean {
    return mark !== null && active.some((key) => isSignedBy(key, mark))
}

function isSignedBy(key: VerifierKey, mark: AuditLogMark): boolean {
    try {
        const { size, root } = parseCheckpoint(openNote(mark.checkpoint, key, verifyEd25519))
        return size === mark.size && Buffer.from(root).toString("hex") === mark.root
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return false
    }
}
