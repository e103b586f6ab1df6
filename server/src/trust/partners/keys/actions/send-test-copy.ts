/** Test copies: sealed to one key by the way that copies go, and told back by the code in them. */
import { refuse } from "@tocsin/base/refusal"
import { Download } from "../../../../kernel/route.ts"
import { padToBucket, sealFor } from "../../../../platform/crypto/seal.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { type PartnerKey, isOver } from "../key.ts"
import { codeBytes, codeFrom, codeTyped } from "../../roster/mailbox.ts"
import * as store from "../store/keys.ts"
import { lockPartner } from "../../store/partners.ts"
import { testCopyText } from "@tocsin/client/test-copy"
import { ownKey } from "./manage-keys.ts"
import { assertMember } from "../../roster/actions/manage-roster.ts"

/** Also of a key that waits: there is nothing in it to wait for. */
export async function testCopy(ctx: ActionContext, id: string): Promise<Download> {
    const { partner } = assertMember(ctx)
    const key = await liveKey(ctx, partner, id)
    const sealed = sealFor([key.recipient], Buffer.from(padToBucket(testCopyText(codeOf(ctx, id)))))
    await record(ctx, { kind: "key.test_sent", partner, key: id })
    return new Download(sealed, "test-copy.txt.age", async () => true)
}

/** Whoever knows the code has opened the copy. Once more changes nothing. */
export async function proveKey(ctx: ActionContext, id: string, typed: string): Promise<void> {
    const { partner } = assertMember(ctx)
    const code = codeTyped(typed)
    await lockPartner(ctx.tx, partner)
    const key = await liveKey(ctx, partner, id)
    if (code !== codeOf(ctx, id)) refuse("conflict", "key.wrong_code", "that is not the code in this key's test copy")
    if (key.testedAt !== null) return
    await store.markProved(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "key.tested", partner, key: id })
}

async function liveKey(ctx: ActionContext, partner: string, id: string): Promise<PartnerKey> {
    const key = await ownKey(ctx, partner, id)
    if (isOver(key, ctx.now)) refuse("conflict", "key.not_usable", "this key was revoked, or has expired")
    return key
}

/** The same as long as the key file lives: kept nowhere. */
function codeOf({ services }: ActionContext, id: string): string {
    return codeFrom(services.keys.derive(`keys/test-copy/${id}`, codeBytes))
}
