/** A lead's webhooks: where its organisation's machines are called, and by which secret they know the caller. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { formatPublicKey, formatSecret } from "../../../lib/standard-webhooks.ts"
import { sealBytes, seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { mustBeLead } from "../../../trust/partners/actions/roster.ts"
import * as store from "../store.ts"
import { type Webhook, callableAddress, firstAt, rotationMs, secretBytes, webhooksMax } from "../webhook.ts"
import { addressPlace, chanceOf, newSigningKey, scopeOf, secretPlace, signingKeyOf } from "./sealed.ts"

export interface OwnWebhook extends Webhook {
    readonly address: string
    /** `whpk_…`: by which its calls are verified, and no other webhook's but those made before each had its own. */
    readonly publicKey: string
}

/** The address, the state and the public key of each; nothing shows a secret. */
export async function ownWebhooks(act: Act): Promise<OwnWebhook[]> {
    const { partner } = mustBeLead(act)
    const all: OwnWebhook[] = []
    for (const row of await store.webhooks(act.tx, partner)) {
        const {
            address_ciphertext,
            secret_ciphertext: _,
            previous_ciphertext: __,
            signing_ciphertext,
            previous_signing_ciphertext: ___,
            ...its
        } = row
        const address = await unseal(act.tx, act.doors.keys, scopeOf(partner), addressPlace(row.id), address_ciphertext)
        const { publicKey } = await signingKeyOf(act, row, signing_ciphertext)
        all.push({ ...its, address, publicKey: formatPublicKey(publicKey) })
    }
    return all
}

export interface Secret {
    readonly id: string
    /** `whsec_…`, shown this once. */
    readonly secret: string
    /** `whpk_…` */
    readonly publicKey: string
}

export async function addWebhook(act: Act, text: string): Promise<Secret> {
    const { partner, person } = mustBeLead(act)
    const address = callableAddress(text)
    await store.lockToAdd(act.tx, partner)
    const had = await ownWebhooks(act)
    if (had.some((one) => one.address === address))
        refuse("conflict", "webhook.duplicate_address", "this address is called already")
    if (!(had.length < webhooksMax)) {
        refuse("conflict", "webhook.too_many", `a partner has \`${webhooksMax}\` webhooks at most`)
    }
    const id = act.doors.newId()
    const address_ciphertext = await seal(act.tx, act.doors.keys, scopeOf(partner), addressPlace(id), address)
    const { shown, boxes } = await newSecrets(act, { id, partner })
    const row = { id, partner, address_ciphertext, ...boxes, madeBy: person }
    await store.insertWebhook(act.tx, row, act.doors.realNow())
    await record(act, { kind: "webhook.created", webhook: id, partner })
    return { id, ...shown }
}

/** A new secret and a new key pair; calls are signed with those before too, for a day. */
export async function rotateSecret(act: Act, id: string): Promise<Secret> {
    const { partner } = await lockOwn(act, id)
    const { shown, boxes } = await newSecrets(act, { id, partner })
    await store.setSecrets(act.tx, id, boxes, act.doors.realNow() + rotationMs)
    await record(act, { kind: "webhook.rotated", webhook: id, partner })
    return { id, ...shown }
}

/** It is called no more, and address and secrets are gone. */
export async function removeWebhook(act: Act, id: string): Promise<void> {
    const { partner } = await lockOwn(act, id)
    await store.deleteWebhook(act.tx, id)
    await record(act, { kind: "webhook.deleted", webhook: id, partner })
}

/** One call as any other: who receives it cannot tell it from one. */
export async function testWebhook(act: Act, id: string): Promise<void> {
    const { partner, disabledAt } = await lockOwn(act, id)
    if (disabledAt !== null)
        refuse("conflict", "webhook.not_enabled", "it is disabled: send what failed again to enable it")
    const realNow = act.doors.realNow()
    const call = { id: act.doors.newId(), webhook: id, wave: null }
    await store.insertCall(act.tx, call, soon(act, realNow), realNow)
    await record(act, { kind: "webhook.tested", webhook: id, partner })
}

/** The newest call once more, by the same id; one that was disabled is called from now on. */
export async function redeliver(act: Act, id: string): Promise<void> {
    const { partner, disabledAt } = await lockOwn(act, id)
    const newest = await store.newestCall(act.tx, id)
    if (!newest) refuse("conflict", "webhook.nothing_to_send", "there was no call yet that could be sent again")
    const enabled = disabledAt !== null
    if (enabled) await store.enable(act.tx, id)
    if (newest.state !== "under way") await store.renewCall(act.tx, newest.id, soon(act, act.doors.realNow()))
    await record(act, { kind: "webhook.redelivered", webhook: id, partner, enabled })
}

const soon = (act: Act, realNow: Instant): Instant => firstAt(realNow, chanceOf(act))

async function newSecrets(act: Act, of: { readonly id: string; readonly partner: string }) {
    const secret = act.doors.random(secretBytes)
    const secret_ciphertext = await sealBytes(act.tx, act.doors.keys, scopeOf(of.partner), secretPlace(of.id), secret)
    const { publicKey, box: signing_ciphertext } = await newSigningKey(act, of)
    return { shown: { secret: formatSecret(secret), publicKey }, boxes: { secret_ciphertext, signing_ciphertext } }
}

/** Another partner's answers as one that does not exist. */
async function lockOwn(act: Act, id: string): Promise<store.WebhookRow> {
    const { partner } = mustBeLead(act)
    const row = await store.lockWebhook(act.tx, id)
    if (row?.partner !== partner) refuse("missing", "webhook.not_found", "no such webhook")
    return row
}
