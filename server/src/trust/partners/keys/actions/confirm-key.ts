/**
 * Lets a usable key of a partner confirm a new one: by a code in a copy that only the holder of the usable key can
 * open. A lead's session alone cannot make a key usable.
 */
import { refuse } from "@tocsin/base/refusal"
import { confirmationCopyText } from "@tocsin/client/confirmation-copy"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { Download } from "../../../../kernel/route.ts"
import { padToBucket } from "../../../../platform/crypto/seal.ts"
import { loadNameAndMail } from "../../actions/load-facts.ts"
import { assertLead, voidAdmissionApprovals } from "../../roster/actions/manage-roster.ts"
import { codeBytes, formatCode, parseCode } from "../../roster/mailbox.ts"
import { lockPartner } from "../../store/partners.ts"
import { type PartnerKey, assertCanConfirm, confirm } from "../key.ts"
import * as store from "../store/keys.ts"
import { issueKeyReceipt, listUsableKeys, loadKey } from "./manage-keys.ts"
import { loadSeal } from "./seal-copy.ts"

/** A new key, and the usable key that confirms it. */
export interface Confirmation {
    readonly key: string
    /** Null: the copy is for the oldest usable one, and the code may be that of any usable one. */
    readonly by: string | null
}

/** Makes a confirmation copy. It is sealed to the older key only, and names the new recipient. */
export async function createConfirmationCopy(ctx: ActionContext, ids: Confirmation): Promise<Download> {
    const { key, confirming } = await loadPairs(ctx, ids)
    const [by] = confirming
    const { name } = await loadNameAndMail(ctx, key.partner)
    const text = confirmationCopyText({ partner: name, recipient: key.recipient, code: codeOf(ctx, key, by) })
    const { seal, ending } = await loadSeal(ctx, [by])
    const sealed = await seal(Buffer.from(padToBucket(text)))
    await record(ctx, { kind: "key.confirmation_sent", partner: key.partner, key: key.id, confirmedBy: by.id })
    return new Download(sealed, `confirmation-copy.txt${ending}`, async () => true)
}

/** Makes a new key usable at once, by the code in its confirmation copy. Refuses `key.wrong_confirmation_code`. */
export async function confirmKey(ctx: ActionContext, ids: Confirmation, typed: string): Promise<PartnerKey> {
    const code = parseCode(typed)
    await lockPartner(ctx.tx, assertLead(ctx).partner)
    const { key, confirming } = await loadPairs(ctx, ids)
    const by = confirming.find((older) => code === codeOf(ctx, key, older))
    if (by === undefined)
        refuse(
            "conflict",
            "key.wrong_confirmation_code",
            "this is not the code in the key's confirmation copy: open the copy and enter its code",
        )
    const confirmed = confirm(key, by.id, ctx.now)
    await store.saveStart(ctx.tx, confirmed)
    await voidAdmissionApprovals(ctx, key.partner)
    const receipt = await issueKeyReceipt(ctx, "key_confirmed", confirmed)
    await record(ctx, { kind: "key.confirmed", partner: key.partner, key: key.id, confirmedBy: by.id, receipt })
    return confirmed
}

/** The new key, and the usable keys that can confirm it, oldest first: the named one, or all. */
async function loadPairs(ctx: ActionContext, ids: Confirmation) {
    const { partner } = assertLead(ctx)
    const key = await loadKey(ctx, partner, ids.key)
    const usableKeys = await listUsableKeys(ctx, partner, ctx.now)
    const by = ids.by === null ? (usableKeys[0] ?? key) : await loadKey(ctx, partner, ids.by)
    assertCanConfirm(key, by, usableKeys, ctx.now)
    const confirming: readonly [PartnerKey, ...PartnerKey[]] = [by, ...(ids.by === null ? usableKeys.slice(1) : [])]
    return { key, confirming }
}

/** The code of a pair of keys, derived from the key file and stored nowhere. */
function codeOf({ services }: ActionContext, key: PartnerKey, by: PartnerKey): string {
    return formatCode(services.keys.derive(`keys/confirm/${by.id}/${key.id}`, codeBytes))
}
