/** The OpenPGP key that mail is signed with: made once, by whoever first needs it, and kept sealed. */
import { makeOpenPgpKey } from "../../../platform/openpgp.ts"
import { publisherOf } from "../../../platform/publishing.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import * as store from "../store.ts"

const scope = "program"
const placeOf = (fingerprint: string): string => `mail_signing_keys.secret:${fingerprint}`

/** The public half; null before anybody needed it. */
export async function mailKey(act: Act): Promise<Pick<store.KeyRow, "fingerprint" | "publicText"> | null> {
    const row = await store.key(act.tx)
    return row ? { fingerprint: row.fingerprint, publicText: row.publicText } : null
}

/** The secret half, for this transaction. */
export async function mailSecret(act: Act): Promise<string> {
    const { fingerprint, secretBox } = await needMailKey(act)
    return await unseal(act.tx, act.doors.keys, scope, placeOf(fingerprint), secretBox)
}

/** Of two that are made at once, one is kept. By real time: mail is not of the demonstration's. */
export async function needMailKey(act: Act): Promise<store.KeyRow> {
    const known = await store.key(act.tx)
    if (known) return known
    const { keys, publishing, portalOrigin, realNow } = act.doors
    const name = `${publisherOf(publishing, portalOrigin).name} (mail)`
    const { fingerprint, publicText, secretText } = await makeOpenPgpKey(name, realNow())
    const secretBox = await seal(act.tx, keys, scope, placeOf(fingerprint), secretText)
    const row = { fingerprint, publicText, secretBox, madeAt: act.now }
    if (await store.insertKey(act.tx, row)) await record(act, { kind: "mail.key_created", fingerprint })
    return (await store.key(act.tx)) ?? row
}
