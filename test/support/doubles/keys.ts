/** Makes later keys usable in tests: by a usable key of the partner, or as if two staff members had accepted them. */
import { Decrypter } from "age-encryption"
import { parseConfirmationCode } from "@tocsin/client/confirmation-copy"
import { dayMs } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../server/src/kernel/action-context.ts"
import type { Actor } from "../../../server/src/kernel/actor.ts"
import {
    confirmKey as enterCode,
    createConfirmationCopy,
} from "../../../server/src/trust/partners/keys/actions/confirm-key.ts"
import type { PartnerKey } from "../../../server/src/trust/partners/keys/key.ts"

type Acting = <T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>) => Promise<T>

/** Confirms a new key with an older one, whose identity opens the confirmation copy. */
export async function confirmKey(
    acting: Acting,
    lead: Actor,
    key: PartnerKey,
    older: { readonly id: string; readonly identity: string },
): Promise<PartnerKey> {
    const ids = { key: key.id, by: older.id }
    const { bytes } = await acting(lead, (ctx) => createConfirmationCopy(ctx, ids))
    const age = new Decrypter()
    age.addIdentity(older.identity)
    const code = parseConfirmationCode(await age.decrypt(bytes, "text"), key.recipient)
    return await acting(lead, (ctx) => enterCode(ctx, ids, code ?? ""))
}

/** Stores that two staff members accepted a key: usable a day after it was added at the earliest. */
export async function storeAcceptance(ctx: ActionContext, key: PartnerKey): Promise<void> {
    const usableFrom = Math.max(ctx.now, key.addedAt + dayMs)
    await ctx.tx.query("update partner_keys set usable_at = $2, accepted_at = $3 where id = $1", [
        key.id,
        new Date(usableFrom),
        new Date(ctx.now),
    ])
    await record(ctx, { kind: "key.accepted", partner: key.partner, key: key.id, usableFrom })
}
