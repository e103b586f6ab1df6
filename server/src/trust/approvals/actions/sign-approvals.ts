/** Signs approvals with the signer's passkey. */
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Assertion, SignedEffects, StoredSignature } from "../../identity/passkeys/passkey.ts"
import { checkSignature } from "../../identity/passkeys/actions/use-passkey.ts"
import * as store from "../store.ts"
import { assertVisible } from "./load-approvals.ts"
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
            "a signature needs your passkey: add one under *Your access*, then sign in the console",
        )
    }
    const signature = assertion === undefined ? null : await checkSignature(ctx, approvals, assertion)
    for (const { approval, effectsHash } of approvals) await signApproval(ctx, approval, effectsHash, signature)
}

/** Loads the assertion behind an approval; null where there is none. Hides an approval that the caller may not see. */
export async function loadSignature(ctx: ActionContext, id: string): Promise<StoredSignature | null> {
    assertVisible(ctx, await store.findApproval(ctx.tx, id))
    return (await store.findSignature(ctx.tx, id)) as StoredSignature | null
}
