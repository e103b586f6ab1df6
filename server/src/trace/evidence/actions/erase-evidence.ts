/** Erases evidence that two people delete. Keeps the hash, the chain of custody and the reason. */
import { destroyKey, encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { scopeOf } from "./load-evidence.ts"
import type { Deletion } from "../retention.ts"
import * as store from "../store/holds.ts"

/** Destroys the key too, so that a copy of the tables cannot be decrypted. The caller records the deletion. */
export async function eraseEvidence(ctx: ActionContext, evidence: string, by: string, reason: string): Promise<void> {
    const reason_ciphertext = await encryptText(ctx.tx, ctx.services.keys, "program", reasonPlaceOf(evidence), reason)
    await store.deleteEvidence(ctx.tx, { evidence, reason_ciphertext, by, at: ctx.now })
    await destroyKey(ctx.tx, scopeOf(evidence))
}

/** Loads the deletion of evidence, or null. */
export async function findDeletion(ctx: ActionContext, evidence: string): Promise<Deletion | null> {
    const row = await store.findDeletion(ctx.tx, evidence)
    if (!row) return null
    const reason = await decryptText(
        ctx.tx,
        ctx.services.keys,
        "program",
        reasonPlaceOf(evidence),
        row.reason_ciphertext,
    )
    return { reason, by: row.by, at: row.at }
}

const reasonPlaceOf = (evidence: string): string => `evidence_deletions.reason:${evidence}`
