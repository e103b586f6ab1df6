/** Manages a partner's webhooks for its leads. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { formatPublicKey, formatSecret } from "@tocsin/formats/standard-webhooks"
import { encryptBytes, encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { assertLead } from "../../../trust/partners/roster/actions/manage-roster.ts"
import * as store from "../store.ts"
import { type Webhook, parseWebhookAddress, firstAttemptAt, rotationMs, secretBytes, webhooksMax } from "../webhook.ts"
import { addressPlace, randomFraction, createSigningKey, scopeOf, secretPlace, loadSigningKey } from "./seal-call.ts"

export interface WebhookForPartner extends Webhook {
    readonly address: string
    /** `whpk_…`: verifies the calls of this webhook. */
    readonly publicKey: string
}

/** Lists each webhook with address, state and public key, without secrets. */
export async function listWebhooksForPartner(ctx: ActionContext): Promise<WebhookForPartner[]> {
    const { partner } = assertLead(ctx)
    const webhooks: WebhookForPartner[] = []
    for (const row of await store.listWebhooks(ctx.tx, partner)) {
        const {
            address_ciphertext,
            secret_ciphertext: _,
            previous_ciphertext: __,
            signing_ciphertext,
            previous_signing_ciphertext: ___,
            ...rest
        } = row
        const address = await decryptText(
            ctx.tx,
            ctx.services.keys,
            scopeOf(partner),
            addressPlace(row.id),
            address_ciphertext,
        )
        const { publicKey } = await loadSigningKey(ctx, row, signing_ciphertext)
        webhooks.push({ ...rest, address, publicKey: formatPublicKey(publicKey) })
    }
    return webhooks
}

export interface WebhookSecret {
    readonly id: string
    /** `whsec_…`, shown only once. */
    readonly secret: string
    /** The public key as `whpk_…`. */
    readonly publicKey: string
}

export async function addWebhook(ctx: ActionContext, text: string): Promise<WebhookSecret> {
    const { partner, person } = assertLead(ctx)
    const address = parseWebhookAddress(text)
    await store.lockToAdd(ctx.tx, partner)
    const existing = await listWebhooksForPartner(ctx)
    if (existing.some((webhook) => webhook.address === address))
        refuse("conflict", "webhook.duplicate_address", "this address already has a webhook: use another address")
    if (!(existing.length < webhooksMax)) {
        refuse("conflict", "webhook.too_many", `too many webhooks: a partner has at most \`${webhooksMax}\``, {
            max: webhooksMax,
        })
    }
    const id = ctx.services.newId()
    const address_ciphertext = await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), addressPlace(id), address)
    const { shown, ciphertexts } = await createSecrets(ctx, { id, partner })
    const row = { id, partner, address_ciphertext, ...ciphertexts, createdBy: person }
    await store.insertWebhook(ctx.tx, row, ctx.services.realNow())
    await record(ctx, { kind: "webhook.created", webhook: id, partner })
    return { id, ...shown }
}

/** Creates a new secret and key pair. The earlier ones also sign calls for one more day. */
export async function rotateSecret(ctx: ActionContext, id: string): Promise<WebhookSecret> {
    const { partner } = await lockWebhookForPartner(ctx, id)
    const { shown, ciphertexts } = await createSecrets(ctx, { id, partner })
    await store.setSecrets(ctx.tx, id, ciphertexts, ctx.services.realNow() + rotationMs)
    await record(ctx, { kind: "webhook.rotated", webhook: id, partner })
    return { id, ...shown }
}

/** Deletes the webhook with its address and secrets. */
export async function removeWebhook(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = await lockWebhookForPartner(ctx, id)
    await store.deleteWebhook(ctx.tx, id)
    await record(ctx, { kind: "webhook.deleted", webhook: id, partner })
}

/** Sends one test call that looks like any other call. Refuses `webhook.not_enabled`. */
export async function testWebhook(ctx: ActionContext, id: string): Promise<void> {
    const { partner, disabledAt } = await lockWebhookForPartner(ctx, id)
    if (disabledAt !== null)
        refuse("conflict", "webhook.not_enabled", "this webhook is disabled: resend the failed call to enable it")
    const realNow = ctx.services.realNow()
    const call = { id: ctx.services.newId(), webhook: id, wave: null }
    await store.insertCall(ctx.tx, call, firstCallAt(ctx, realNow), realNow)
    await record(ctx, { kind: "webhook.tested", webhook: id, partner })
}

/** Sends the newest call again with the same id, and enables a disabled webhook. Refuses `webhook.nothing_to_send`. */
export async function resendCall(ctx: ActionContext, id: string): Promise<void> {
    const { partner, disabledAt } = await lockWebhookForPartner(ctx, id)
    const newest = await store.findNewestCall(ctx.tx, id)
    if (!newest) refuse("conflict", "webhook.nothing_to_send", "no call to resend: this webhook has had none yet")
    const enabled = disabledAt !== null
    if (enabled) await store.enableWebhook(ctx.tx, id)
    if (newest.state !== "in_progress")
        await store.requeueCall(ctx.tx, newest.id, firstCallAt(ctx, ctx.services.realNow()))
    await record(ctx, { kind: "webhook.redelivered", webhook: id, partner, enabled })
}

const firstCallAt = (ctx: ActionContext, realNow: Instant): Instant => firstAttemptAt(realNow, randomFraction(ctx))

async function createSecrets(ctx: ActionContext, webhook: { readonly id: string; readonly partner: string }) {
    const secret = ctx.services.random(secretBytes)
    const secret_ciphertext = await encryptBytes(
        ctx.tx,
        ctx.services.keys,
        scopeOf(webhook.partner),
        secretPlace(webhook.id),
        secret,
    )
    const { publicKey, ciphertext: signing_ciphertext } = await createSigningKey(ctx, webhook)
    return {
        shown: { secret: formatSecret(secret), publicKey },
        ciphertexts: { secret_ciphertext, signing_ciphertext },
    }
}

/** Locks a webhook. Refuses `webhook.not_found`, also for another partner's webhook. */
async function lockWebhookForPartner(ctx: ActionContext, id: string): Promise<store.WebhookRow> {
    const { partner } = assertLead(ctx)
    const row = await store.lockWebhook(ctx.tx, id)
    if (row?.partner !== partner) refuse("missing", "webhook.not_found", "no such webhook")
    return row
}
