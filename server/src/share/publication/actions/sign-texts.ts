/** The program's OpenPGP key: made once, when its worker starts or at the first publication, and kept sealed. */
import { seal, unseal } from "../../../platform/crypto/vault.ts"
import { makeOpenPgpKey, signDetached } from "../../../platform/crypto/openpgp.ts"
import { publisherOf } from "../../../platform/config/publisher.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

const scope = "program"
const placeOf = (fingerprint: string): string => `publisher_keys.secret:${fingerprint}`

/** Null before it was made: who reads makes none. */
export async function publisherKey(ctx: ActionContext): Promise<store.KeyRow | null> {
    return (await store.findKey(ctx.tx)) ?? null
}

/** Of two that are made at once, one is kept. */
export async function makePublisherKey(ctx: ActionContext): Promise<store.KeyRow> {
    const known = await store.findKey(ctx.tx)
    if (known) return known
    const { keys, publishing, portalOrigin } = ctx.services
    const { fingerprint, publicText, secretText } = await makeOpenPgpKey(
        publisherOf(publishing, portalOrigin).name,
        ctx.now,
    )
    const secretBox = await seal(ctx.tx, keys, scope, placeOf(fingerprint), secretText)
    const row = { fingerprint, publicText, secretBox, madeAt: ctx.now }
    if (await store.insertKey(ctx.tx, row)) await record(ctx, { kind: "publisher.key_created", fingerprint })
    return (await store.findKey(ctx.tx)) ?? row
}

/** Detached signatures, one for each text, as of an instant; never from before the key, wherever the clock stands. */
export async function signTexts(ctx: ActionContext, texts: readonly string[], at = ctx.now): Promise<string[]> {
    const { fingerprint, secretBox, madeAt } = await makePublisherKey(ctx)
    const secret = await unseal(ctx.tx, ctx.services.keys, scope, placeOf(fingerprint), secretBox)
    return await signDetached(secret, texts, Math.max(at, madeAt))
}
