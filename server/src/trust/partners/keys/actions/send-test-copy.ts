/** Makes test copies, each sealed to one key like a real copy, and checks the code in them. */
import { refuse } from "@tocsin/base/refusal"
import { Download } from "../../../../kernel/route.ts"
import { padToBucket } from "../../../../platform/crypto/seal.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { type PartnerKey, isEnded } from "../key.ts"
import { codeBytes, formatCode, parseCode } from "../../roster/mailbox.ts"
import * as store from "../store/keys.ts"
import { lockPartner } from "../../store/partners.ts"
import { testCopyText } from "@tocsin/client/test-copy"
import { loadKey } from "./manage-keys.ts"
import { loadSeal } from "./seal-copy.ts"
import { assertMember } from "../../roster/actions/manage-roster.ts"

/** Makes a test copy for a key, also for one that still waits, because a test copy has no secret content. */
export async function createTestCopy(ctx: ActionContext, id: string): Promise<Download> {
    const { partner } = assertMember(ctx)
    const key = await loadLiveKey(ctx, partner, id)
    const { seal, ending } = await loadSeal(ctx, [key])
    const sealed = await seal(Buffer.from(padToBucket(testCopyText(codeOf(ctx, id)))))
    await record(ctx, { kind: "key.test_sent", partner, key: id })
    return new Download(sealed, `test-copy.txt${ending}`, async () => true)
}

/**
 * Marks a key as tested by the code in its test copy. Repeating changes nothing. Refuses `key.wrong_code`,
 * `key.not_usable`.
 */
export async function verifyTestCode(ctx: ActionContext, id: string, typed: string): Promise<void> {
    const { partner } = assertMember(ctx)
    const code = parseCode(typed)
    await lockPartner(ctx.tx, partner)
    const key = await loadLiveKey(ctx, partner, id)
    if (code !== codeOf(ctx, id))
        refuse(
            "conflict",
            "key.wrong_code",
            "this is not the code in the key's test copy: open the copy and enter its code",
        )
    if (key.testedAt !== null) return
    await store.markTested(ctx.tx, id, ctx.now)
    await record(ctx, { kind: "key.tested", partner, key: id })
}

async function loadLiveKey(ctx: ActionContext, partner: string, id: string): Promise<PartnerKey> {
    const key = await loadKey(ctx, partner, id)
    if (isEnded(key, ctx.now))
        refuse("conflict", "key.not_usable", "this key was revoked or has expired: use another key")
    return key
}

/** The code of a key, derived from the key file and stored nowhere. */
function codeOf({ services }: ActionContext, id: string): string {
    return formatCode(services.keys.derive(`keys/test-copy/${id}`, codeBytes))
}
