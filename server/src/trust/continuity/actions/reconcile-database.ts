/** Lets two people accept a restored database and its losses. Partners are served again afterwards. */
import { formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { verifyBytes } from "@tocsin/audit-log/export"
import { type AcceptedReceipt, receiptFormat } from "@tocsin/audit-log/receipt"
import { refuse } from "@tocsin/base/refusal"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import { loadApproval } from "../../approvals/actions/load-approvals.ts"
import { requestApproval, applyApproval } from "../../approvals/actions/request-approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findSizeAt, observeReceiptLog } from "../../receipts/actions/observe-log.ts"
import { loadLogKeys } from "../../signing-keys/actions/load-log-keys.ts"
import type { EndedLogKey } from "../../signing-keys/log-keys.ts"
import { type ReceiptEvidence, type Quarantine, noReceiptEvidence, reconciliationEffects } from "../quarantine.ts"
import * as store from "../store.ts"

/** Finds the open quarantine; null where there is none. */
export async function findOpenQuarantine(ctx: ActionContext): Promise<Quarantine | null> {
    return await store.findOpenQuarantine(ctx.tx)
}

/**
 * Verdict on a receipt. `known`: it is in this database. `missing`: the receipt log was longer. `differs`: the receipt
 * log had another history.
 */
export interface ReceiptVerdict {
    readonly verdict: "known" | "missing" | "differs"
    /** Number of batches in the receipt log. */
    readonly batches: number
    /** When the batch was made. */
    readonly at: string
}

/**
 * Compares receipts that partners hold with the database. Refuses `quarantine.bad_receipt` for a receipt that no key in
 * the database has signed, and `quarantine.ended_key` for one that its key signed after its end.
 */
export async function compareReceipts(ctx: ActionContext, receipts: readonly string[]): Promise<ReceiptVerdict[]> {
    const { active, ended } = await loadLogKeys(ctx, "receipt_log")
    const trust = { keys: [...ended, ...active], verify: verifyEd25519 }
    const verdicts: ReceiptVerdict[] = []
    for (const [index, text] of receipts.entries()) {
        const checked = await verifyBytes(Buffer.from(text.endsWith("\n") ? text : `${text}\n`), trust)
        if (!checked.ok || checked.format !== receiptFormat) {
            refuse(
                "invalid",
                "quarantine.bad_receipt",
                `receipt \`${index + 1}\` is not signed by a key of this database, which may have lost one: remove it`,
                { value: index + 1 },
            )
        }
        if (await isAfterEnd(ctx, checked, ended)) {
            refuse(
                "invalid",
                "quarantine.ended_key",
                `receipt \`${index + 1}\` is signed by a key after its end, so it proves nothing: remove it`,
                { value: index + 1 },
            )
        }
        const { rootAtMark } = await observeReceiptLog(ctx.tx, { size: checked.size, root: checked.root })
        const verdict = rootAtMark === null ? "missing" : rootAtMark === checked.root ? "known" : "differs"
        verdicts.push({ verdict, batches: checked.size, at: checked.batch.at })
    }
    return verdicts
}

/** Whether a key has signed a batch, or a size of the log, from after its end: a thief of the key may have. */
async function isAfterEnd(
    { tx }: ActionContext,
    { verifierKey, size, batch }: AcceptedReceipt,
    ended: readonly EndedLogKey[],
): Promise<boolean> {
    const key = ended.find((item) => formatVerifierKey(item) === verifierKey)
    if (key === undefined) return false
    return parseInstant(batch.at) > key.endedAt || size > ((await findSizeAt(tx, key.endedAt)) ?? Infinity)
}

function receiptEvidenceOf(verdicts: readonly ReceiptVerdict[]): ReceiptEvidence {
    if (verdicts.length === 0) return noReceiptEvidence
    const until = Math.max(...verdicts.map(({ at }) => parseInstant(at)))
    return {
        receipts: verdicts.length,
        batches: Math.max(...verdicts.map(({ batches }) => batches)),
        until: formatInstant(until),
    }
}

export interface Reconciliation {
    readonly done: boolean
    readonly approval: string
}

/**
 * Ends a quarantine. The first call requests the second signature over the losses and the evidence of receipts; the
 * second call passes the signed approval. Refuses `quarantine.not_quarantined`, `quarantine.mismatch`.
 */
export async function reconcileDatabase(
    ctx: ActionContext,
    {
        receipts,
        approval: approvalId,
    }: { readonly receipts: readonly string[]; readonly approval?: string | undefined },
): Promise<Reconciliation> {
    const current =
        (await store.lockQuarantine(ctx.tx)) ??
        refuse("conflict", "quarantine.not_quarantined", "no quarantine is open: there is nothing to reconcile")
    if (approvalId === undefined) {
        const proven = receiptEvidenceOf(await compareReceipts(ctx, receipts))
        return { done: false, approval: await requestApproval(ctx, reconciliationEffects(current, proven)) }
    }
    const { effects } = await loadApproval(ctx, approvalId)
    const { quarantine, proven = noReceiptEvidence } = (effects.detail ?? {}) as {
        quarantine?: string
        proven?: ReceiptEvidence
    }
    if (effects.action !== "quarantine.reconcile" || quarantine !== current.id) {
        refuse("conflict", "quarantine.mismatch", "this approval is for another quarantine: request a new one")
    }
    await applyApproval(ctx, approvalId, reconciliationEffects(current, proven))
    await store.endQuarantine(ctx.tx, current.id, approvalId, ctx.now)
    await record(ctx, {
        kind: "quarantine.reconciled",
        quarantine: current.id,
        approval: approvalId,
        reasons: [...current.reasons],
        files: Object.keys(current.files),
        receipts: proven.receipts,
        provenBatches: proven.batches,
    })
    return { done: true, approval: approvalId }
}
