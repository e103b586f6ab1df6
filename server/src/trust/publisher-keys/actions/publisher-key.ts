/**
 * Creates, lists and uses the publisher's OpenPGP keys. The worker creates the first at its start, else the first
 * publication does. Secrets are stored encrypted. Keys are read in the transaction that signs, so that servers follow a
 * replacement without a restart.
 */
import type { Instant } from "@tocsin/base/instant"
import { encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type OpenPgpKey, makeOpenPgpKey, signDetached } from "../../../platform/crypto/openpgp.ts"
import { publisherOf } from "../../../platform/config/publisher.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { PublisherKey } from "../publisher-key.ts"
import * as store from "../store.ts"

const scope = "program"
const ciphertextContext = (fingerprint: string): string => `publisher_keys.secret:${fingerprint}`

/** Lists the keys, newest first. Empty before the first is created. Reading never creates it. */
export async function listPublisherKeys(ctx: Pick<ActionContext, "tx">): Promise<readonly PublisherKey[]> {
    return await store.listKeys(ctx.tx)
}

/** Returns the key that signs; null before it is created. */
export async function findPublisherKey(ctx: Pick<ActionContext, "tx">): Promise<PublisherKey | null> {
    return await findKey(ctx)
}

async function findKey({ tx }: Pick<ActionContext, "tx">): Promise<store.KeyRow | null> {
    return (await store.listKeys(tx)).find(({ replacedAt }) => replacedAt === null) ?? null
}

/** Creates the key. If two transactions create one at the same time, both return the one that was stored. */
export async function createPublisherKey(ctx: ActionContext): Promise<store.KeyRow> {
    const existing = await findKey(ctx)
    if (existing) return existing
    const { publisherSettings, portalOrigin } = ctx.services
    const key = await makeOpenPgpKey(publisherOf(publisherSettings, portalOrigin).name, ctx.now)
    const row = await saveKey(ctx, key)
    if (row !== null) await record(ctx, { kind: "publisher.key_created", fingerprint: key.fingerprint })
    return row ?? (await findKey(ctx)) ?? Promise.reject(new Error("no publisher key was stored"))
}

/** Stores a key. Null where another one signs. */
export async function saveKey(
    { tx, now, services }: ActionContext,
    { fingerprint, publicText, secretText }: OpenPgpKey,
): Promise<store.KeyRow | null> {
    const secretCiphertext = await encryptText(tx, services.keys, scope, ciphertextContext(fingerprint), secretText)
    const row = { fingerprint, publicText, secretCiphertext, createdAt: now, replacedAt: null, revokedAt: null }
    return (await store.insertKey(tx, row)) ? row : null
}

export async function readSecret({ tx, services }: ActionContext, key: store.KeyRow): Promise<string> {
    return await decryptText(tx, services.keys, scope, ciphertextContext(key.fingerprint), key.secretCiphertext)
}

export interface SignedTexts {
    /** The fingerprint of the key. */
    readonly signedBy: string
    readonly signatures: readonly string[]
}

/** Signs each text with a detached signature dated `at`, or dated the creation of the key if that is later. */
export async function signTexts(
    ctx: ActionContext,
    texts: readonly string[],
    at: Instant = ctx.now,
): Promise<SignedTexts> {
    const key = await createPublisherKey(ctx)
    const signatures = await signDetached(await readSecret(ctx, key), texts, Math.max(at, key.createdAt))
    return { signedBy: key.fingerprint, signatures }
}
