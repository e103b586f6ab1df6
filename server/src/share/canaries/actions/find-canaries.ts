/** Finds planted names by their digests. */
import { type CaseVersion, placeOf, scope } from "./plant-canaries.ts"
import type { Canary } from "@tocsin/marks/canary"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { decryptText } from "../../../platform/crypto/vault.ts"

/** The owner of a name: a recipient, as marks name it, or a decoy. */
export interface CanaryOwner extends CaseVersion, Canary {
    readonly recipient: string
    readonly decoy: boolean
}

/** Counts all names, decoys included. */
export async function countCanaryNames(ctx: ActionContext): Promise<number> {
    return await store.countNames(ctx.tx)
}

/** Returns which of these digests are issued names. */
export async function findCanaryOwners(
    ctx: ActionContext,
    digests: readonly Uint8Array[],
): Promise<Map<string, CanaryOwner>> {
    const owners = new Map<string, CanaryOwner>()
    for (const row of await store.listNamesByDigest(ctx.tx, digests)) {
        const text = await decryptText(ctx.tx, ctx.services.keys, scope, placeOf(row.digest), row.ciphertext)
        const { case_id, artifact, version, kind, decoy } = row
        const stored = JSON.parse(text) as Pick<CanaryOwner, "what" | "recipient">
        owners.set(row.digest.toString("hex"), { case: case_id, artifact, version, kind, decoy, ...stored })
    }
    return owners
}
