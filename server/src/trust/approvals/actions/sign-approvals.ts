/** Signs approvals with the signer's passkey. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Assertion, SignedEffects, StoredSignature } from "../../identity/passkeys/passkey.ts"
import { checkSignature } from "../../identity/passkeys/actions/use-passkey.ts"
import * as store from "../store.ts"
import { loadVisibleApproval } from "./load-approvals.ts"
import { signApproval } from "./request-approval.ts"

/**
 * Signs these approvals together: all or none. One assertion covers their ids and hashes. Only a demonstration signs
 * without one. Refuses `approval.passkey_needed` and what `signApproval` refuses.
 */
export async function signApprovals(
    ctx: ActionContext,
    approvals: readonly SignedEffects[],
    assertion: Assertion | undefined,
): Promise<void> {
    if (assertion === undefined && ctx.services.signsWithPasskeys) {
        refuse(
            "forbidden",
            "approval.passkey_needed",
            "a signature needs your passkey: add one under “Your access”, then sign in the console",
        )
    }
    const signature = assertion === undefined ? null : await checkSignature(ctx, approvals, assertion)
    // In the order of ids, as others lock them.
    for (const { approval, effectsHash } of approvals.toSorted((a, b) => (a.approval < b.approval ? -1 : 1))) {
        await signApproval(ctx, approval, effectsHash, signature)
    }
}

/**
 * Loads the assertion behind an approval; null where there is none. It names all approvals that were signed together,
 * with the hashes of their effects: a caller who may not read one of them gets none.
 */
export async function loadSignature(ctx: ActionContext, id: string): Promise<StoredSignature | null> {
    await loadVisibleApproval(ctx, id)
    const signature = (await store.findSignature(ctx.tx, id)) as StoredSignature | null
    for (const { approval } of signature?.approvals ?? []) await loadVisibleApproval(ctx, approval)
    return signature
}
