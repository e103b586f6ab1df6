/**
 * Creates, finds and uses the publisher's OpenPGP key. The worker creates it at its start, else the first publication
 * does. Its secret is stored encrypted.
 */
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { makeOpenPgpKey, signDetached } from "../../../platform/crypto/openpgp.ts"
import { publisherOf } from "../../../platform/config/publisher.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

const scope = "program"
const ciphertextContext = (fingerprint: string): string => `publisher_keys.secret:${fingerprint}`

/** Returns the key; null before it is created. Reading never creates it. */
export async function findPublisherKey(ctx: ActionContext): Promise<store.KeyRow | null> {
    return (await store.findKey(ctx.tx)) ?? null
}

/** Creates the key. If two transactions create one at the same time, both return the one that was stored. */
export async function createPublisherKey(ctx: ActionContext): Promise<store.KeyRow> {
    const existing = await store.findKey(ctx.tx)
    if (existing) return existing
    const { keys, publisherSettings: publishing, portalOrigin } = ctx.services
    const { fingerprint, publicText, secretText } = await makeOpenPgpKey(
        publisherOf(publishing, portalOrigin).name,
        ctx.now,
    )
    const secretCiphertext = await encryptText(ctx.tx, keys, scope, ciphertextContext(fingerprint), secretText)
    const row = { fingerprint, publicText, secretCiphertext, createdAt: ctx.now }
    if (await store.insertKey(ctx.tx, row)) await record(ctx, { kind: "publisher.key_created", fingerprint })
    return (await store.findKey(ctx.tx)) ?? row
}

/** Signs each text with a detached signature dated `at`, or dated the creation of the key if that is later. */
export async function signTexts(ctx: ActionContext, texts: readonly string[], at = ctx.now): Promise<string[]> {
    const { fingerprint, secretCiphertext, createdAt } = await createPublisherKey(ctx)
    const secret = await decryptText(ctx.tx, ctx.services.keys, scope, ciphertextContext(fingerprint), secretCiphertext)
    return await signDetached(secret, texts, Math.max(at, createdAt))
}
