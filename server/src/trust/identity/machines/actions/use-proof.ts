/** Marks proofs as used, for all processes of a program together. */
import type { Services } from "../../../../kernel/services.ts"
import type { UnusedProof } from "../../../../models/sender.ts"
import { markProofUsed } from "../store.ts"

/** Uses a proof with a token. False where the token is not valid, or not bound to this key, or at a second use. */
export async function useProof(
    { db, realNow }: Services,
    token: Buffer,
    { key, hash, expiresAt }: UnusedProof,
): Promise<boolean> {
    return await markProofUsed(db, { hash, expiresAt }, { hash: token, key }, realNow())
}
