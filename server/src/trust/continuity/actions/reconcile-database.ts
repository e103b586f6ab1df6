/** Lets two people accept a restored database and its losses. Partners are served again afterwards. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { verifyBytes } from "@tocsin/audit-log/export"
import { receiptFormat } from "@tocsin/audit-log/receipt"
import { refuse } from "@tocsin/base/refusal"
import { verifyEd25519 } from "../../../platform/crypto/ed25519.ts"
import { approval, requestApproval, useApproval } from "../../approvals/actions.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { observeReceiptLog } from "../../receipts/actions/observe-log.ts"
import { partnersLogKey } from "../../receipts/actions/show-receipts.ts"
import { type Proven, type Quarantine, noProof, reconcileEffects } from "../quarantine.ts"
import * as store from "../store.ts"

/** Finds the open quarantine; null where there is none. */
export async function currentQuarantine(ctx: ActionContext): Promise<Quarantine | null> {
    return await store.openQuarantine(ctx.tx)
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
 * Compares receipts that partners hold with the database. Refuses `quarantine.bad_receipt` for a receipt that this
 * program has not signed.
 */
export async function compareReceipts(ctx: ActionContext, receipts: readonly string[]): Promise<ReceiptVerdict[]> {
    const trust = { keys: [partnersLogKey(ctx.services.keys)], verify: verifyEd25519 }
    const verdicts: ReceiptVerdict[] = []
    for (const [place, text] of receipts.entries()) {
        const judged = await verifyBytes(Buffer.from(text.endsWith("\n") ? text : `${text}\n`), trust)
        if (!judged.ok || judged.format !== receiptFormat) {
            refuse(
                "invalid",
                "quarantine.bad_receipt",
                `receipt \`${place + 1}\` is not signed by this program: remove it`,
            )
        }
        const { rootAtMark } = await observeReceiptLog(ctx.tx, { size: judged.size, root: judged.root })
        const verdict = rootAtMark === null ? "missing" : rootAtMark === judged.root ? "known" : "differs"
        verdicts.push({ verdict, batches: judged.size, at: judged.batch.at })
    }
    return verdicts
}

function provenBy(verdicts: readonly ReceiptVerdict[]): Proven {
    if (verdicts.length === 0) return noProof
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
    { receipts, approval: signed }: { readonly receipts: readonly string[]; readonly approval?: string | undefined },
): Promise<Reconciliation> {
    const open =
        (await store.lockQuarantine(ctx.tx)) ??
        refuse("conflict", "quarantine.not_quarantined", "no quarantine is open: nothing must be reconciled")
    if (signed === undefined) {
        const proven = provenBy(await compareReceipts(ctx, receipts))
        return { done: false, approval: await requestApproval(ctx, reconcileEffects(open, proven)) }
    }
    const { effects } = await approval(ctx, signed)
    const { quarantine, proven = noProof } = (effects.detail ?? {}) as { quarantine?: string; proven?: Proven }
    if (effects.act !== "quarantine.reconcile" || quarantine !== open.id) {
        refuse("conflict", "quarantine.mismatch", "this approval is for another quarantine: request a new one")
    }
    await useApproval(ctx, signed, reconcileEffects(open, proven))
    await store.endQuarantine(ctx.tx, open.id, signed, ctx.now)
    await record(ctx, {
        kind: "quarantine.reconciled",
        quarantine: open.id,
        approval: signed,
        reasons: [...open.reasons],
        files: Object.keys(open.files),
        receipts: proven.receipts,
        provenBatches: proven.batches,
    })
    return { done: true, approval: signed }
}
