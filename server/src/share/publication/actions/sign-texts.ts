/** The program's OpenPGP key: created once, by the worker's start or the first publication, and stored encrypted. */
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { makeOpenPgpKey, signDetached } from "../../../platform/crypto/openpgp.ts"
import { publisherOf } from "../../../platform/config/publisher.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

const scope = "program"
const placeOf = (fingerprint: string): string => `publisher_keys.secret:${fingerprint}`

/** Returns the key; null before it is created. Reading never creates it. */
export async function findPublisherKey(ctx: ActionContext): Promise<store.KeyRow | null> {
    return (await store.findKey(ctx.tx)) ?? null
}

/** Creates the key. Of two concurrent keys, one is stored and returned. */
export async function createPublisherKey(ctx: ActionContext): Promise<store.KeyRow> {
    const existing = await store.findKey(ctx.tx)
    if (existing) return existing
    const { keys, publisherSettings: publishing, portalOrigin } = ctx.services
    const { fingerprint, publicText, secretText } = await makeOpenPgpKey(
        publisherOf(publishing, portalOrigin).name,
        ctx.now,
    )
    const secretCiphertext = await encryptText(ctx.tx, keys, scope, placeOf(fingerprint), secretText)
    const row = { fingerprint, publicText, secretCiphertext, createdAt: ctx.now }
    if (await store.insertKey(ctx.tx, row)) await record(ctx, { kind: "publisher.key_created", fingerprint })
    return (await store.findKey(ctx.tx)) ?? row
}

/** Makes one detached signature for each text, as of an instant, but never earlier than the key. */
export async function signTexts(ctx: ActionContext, texts: readonly string[], at = ctx.now): Promise<string[]> {
    const { fingerprint, secretCiphertext, createdAt } = await createPublisherKey(ctx)
    const secret = await decryptText(ctx.tx, ctx.services.keys, scope, placeOf(fingerprint), secretCiphertext)
    return await signDetached(secret, texts, Math.max(at, createdAt))
}
