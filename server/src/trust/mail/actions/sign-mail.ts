/** Manages the OpenPGP key that signs mail. The key is made on first use and stored encrypted. */
import { makeOpenPgpKey } from "../../../platform/crypto/openpgp.ts"
import { publisherOf } from "../../../platform/config/publisher.ts"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

const scope = "program"
const placeOf = (fingerprint: string): string => `mail_signing_keys.secret:${fingerprint}`

/** The public key; null before first use. */
export async function findMailKey(
    ctx: ActionContext,
): Promise<Pick<store.KeyRow, "fingerprint" | "createdAt" | "publicText"> | null> {
    const row = await store.findKey(ctx.tx)
    return row ? { fingerprint: row.fingerprint, createdAt: row.createdAt, publicText: row.publicText } : null
}

/** The secret key, made if there is none. */
export async function loadMailSecret(ctx: ActionContext): Promise<string> {
    const { fingerprint, secretCiphertext } = await ensureMailKey(ctx)
    return await decryptText(ctx.tx, ctx.services.keys, scope, placeOf(fingerprint), secretCiphertext)
}

/**
 * Makes the key if there is none; of two concurrent keys one is kept. By wall-clock time, also in the demonstration.
 */
export async function ensureMailKey(ctx: ActionContext): Promise<store.KeyRow> {
    const existing = await store.findKey(ctx.tx)
    if (existing) return existing
    const { keys, publisherSettings: publishing, portalOrigin, realNow } = ctx.services
    const name = `${publisherOf(publishing, portalOrigin).name} (mail)`
    const { fingerprint, publicText, secretText } = await makeOpenPgpKey(name, realNow())
    const secretCiphertext = await encryptText(ctx.tx, keys, scope, placeOf(fingerprint), secretText)
    const row = { fingerprint, publicText, secretCiphertext, createdAt: ctx.now }
    if (await store.insertKey(ctx.tx, row)) await record(ctx, { kind: "mail.key_created", fingerprint })
    return (await store.findKey(ctx.tx)) ?? row
}
