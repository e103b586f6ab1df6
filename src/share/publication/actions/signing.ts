/** The program's OpenPGP key: made once, when its worker starts or at the first publication, and kept sealed. */
import { seal, unseal } from "../../../platform/vault.ts"
import { makeOpenPgpKey, signDetached } from "../../../platform/openpgp.ts"
import { publisherOf } from "../../../platform/publishing.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import * as store from "../store.ts"

const scope = "program"
const placeOf = (fingerprint: string): string => `publisher_keys.secret:${fingerprint}`

/** Null before it was made: who reads makes none. */
export async function publisherKey(act: Act): Promise<store.KeyRow | null> {
    return (await store.key(act.tx)) ?? null
}

/** Of two that are made at once, one is kept. */
export async function makePublisherKey(act: Act): Promise<store.KeyRow> {
    const known = await store.key(act.tx)
    if (known) return known
    const { keys, publishing, portalOrigin } = act.doors
    const { fingerprint, publicText, secretText } = await makeOpenPgpKey(
        publisherOf(publishing, portalOrigin).name,
        act.now,
    )
    const secretBox = await seal(act.tx, keys, scope, placeOf(fingerprint), secretText)
    const row = { fingerprint, publicText, secretBox, madeAt: act.now }
    if (await store.insertKey(act.tx, row)) await record(act, { kind: "publisher.key_created", fingerprint })
    return (await store.key(act.tx)) ?? row
}

/** Detached signatures, one for each text, as of an instant; never from before the key, wherever the clock stands. */
export async function signTexts(act: Act, texts: readonly string[], at = act.now): Promise<string[]> {
    const { fingerprint, secretBox, madeAt } = await makePublisherKey(act)
    const secret = await unseal(act.tx, act.doors.keys, scope, placeOf(fingerprint), secretBox)
    return await signDetached(secret, texts, Math.max(at, madeAt))
}
