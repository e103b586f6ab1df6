/** Deletes evidence by two people. Keeps the hash, the chain of custody and the reason. */
import { destroyKey, seal, unseal } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { scopeOf } from "../actions.ts"
import type { Deletion } from "../retention.ts"
import * as store from "../store/holds.ts"

/** Destroys the key too, so that a copy of the tables cannot be decrypted. The caller records the deletion. */
export async function eraseEvidence(ctx: ActionContext, evidence: string, by: string, reason: string): Promise<void> {
    const reason_ciphertext = await seal(ctx.tx, ctx.services.keys, "program", place(evidence), reason)
    await store.deleteEvidence(ctx.tx, { evidence, reason_ciphertext, by, at: ctx.now })
    await destroyKey(ctx.tx, scopeOf(evidence))
}

/** Loads the deletion of evidence, or null. */
export async function deletionOf(ctx: ActionContext, evidence: string): Promise<Deletion | null> {
    const row = await store.findDeletion(ctx.tx, evidence)
    if (!row) return null
    const reason = await unseal(ctx.tx, ctx.services.keys, "program", place(evidence), row.reason_ciphertext)
    return { reason, by: row.by, at: row.at }
}

const place = (evidence: string): string => `evidence_deletions.reason:${evidence}`
