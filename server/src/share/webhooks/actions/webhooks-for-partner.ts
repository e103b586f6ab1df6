/** Manages a partner's webhooks for its leads. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { formatPublicKey, formatSecret } from "@tocsin/formats/standard-webhooks"
import { sealBytes, seal, unseal } from "../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { assertLead } from "../../../trust/partners/roster/actions/manage-roster.ts"
import * as store from "../store.ts"
import { type Webhook, callableAddress, firstAt, rotationMs, secretBytes, webhooksMax } from "../webhook.ts"
import { addressPlace, chanceOf, loadNewSigningKey, scopeOf, secretPlace, loadSigningKey } from "./seal-call.ts"

export interface OwnWebhook extends Webhook {
    readonly address: string
    /** `whpk_…`: verifies the calls of this webhook. */
    readonly publicKey: string
}

/** Lists each webhook with address, state and public key, without secrets. */
export async function ownWebhooks(ctx: ActionContext): Promise<OwnWebhook[]> {
    const { partner } = assertLead(ctx)
    const ownWebhooks: OwnWebhook[] = []
    for (const row of await store.listWebhooks(ctx.tx, partner)) {
        const {
            address_ciphertext,
            secret_ciphertext: _,
            previous_ciphertext: __,
            signing_ciphertext,
            previous_signing_ciphertext: ___,
            ...rest
        } = row
        const address = await unseal(
            ctx.tx,
            ctx.services.keys,
            scopeOf(partner),
            addressPlace(row.id),
            address_ciphertext,
        )
        const { publicKey } = await loadSigningKey(ctx, row, signing_ciphertext)
        ownWebhooks.push({ ...rest, address, publicKey: formatPublicKey(publicKey) })
    }
    return ownWebhooks
}

export interface Secret {
    readonly id: string
    /** `whsec_…`, shown only once. */
    readonly secret: string
    /** The public key as `whpk_…`. */
    readonly publicKey: string
}

export async function addWebhook(ctx: ActionContext, text: string): Promise<Secret> {
    const { partner, person } = assertLead(ctx)
    const address = callableAddress(text)
    await store.lockToAdd(ctx.tx, partner)
    const had = await ownWebhooks(ctx)
    if (had.some((ownWebhook) => ownWebhook.address === address))
        refuse("conflict", "webhook.duplicate_address", "this address already has a webhook: use another address")
    if (!(had.length < webhooksMax)) {
        refuse("conflict", "webhook.too_many", `too many webhooks: a partner has at most \`${webhooksMax}\``)
    }
    const id = ctx.services.newId()
    const address_ciphertext = await seal(ctx.tx, ctx.services.keys, scopeOf(partner), addressPlace(id), address)
    const { shown, boxes } = await newSecrets(ctx, { id, partner })
    const row = { id, partner, address_ciphertext, ...boxes, madeBy: person }
    await store.insertWebhook(ctx.tx, row, ctx.services.realNow())
    await record(ctx, { kind: "webhook.created", webhook: id, partner })
    return { id, ...shown }
}

/** Creates a new secret and key pair. The earlier ones also sign calls for one more day. */
export async function rotateSecret(ctx: ActionContext, id: string): Promise<Secret> {
    const { partner } = await lockOwn(ctx, id)
    const { shown, boxes } = await newSecrets(ctx, { id, partner })
    await store.setSecrets(ctx.tx, id, boxes, ctx.services.realNow() + rotationMs)
    await record(ctx, { kind: "webhook.rotated", webhook: id, partner })
    return { id, ...shown }
}

/** Deletes the webhook with its address and secrets. */
export async function removeWebhook(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = await lockOwn(ctx, id)
    await store.deleteWebhook(ctx.tx, id)
    await record(ctx, { kind: "webhook.deleted", webhook: id, partner })
}

/** Sends one call that cannot be told from others. Refuses `webhook.not_enabled`. */
export async function testWebhook(ctx: ActionContext, id: string): Promise<void> {
    const { partner, disabledAt } = await lockOwn(ctx, id)
    if (disabledAt !== null)
        refuse("conflict", "webhook.not_enabled", "this webhook is disabled: resend the failed call to enable it")
    const realNow = ctx.services.realNow()
    const call = { id: ctx.services.newId(), webhook: id, wave: null }
    await store.insertCall(ctx.tx, call, soon(ctx, realNow), realNow)
    await record(ctx, { kind: "webhook.tested", webhook: id, partner })
}

/** Sends the newest call again with the same id, and enables a disabled webhook. Refuses `webhook.nothing_to_send`. */
export async function redeliver(ctx: ActionContext, id: string): Promise<void> {
    const { partner, disabledAt } = await lockOwn(ctx, id)
    const newest = await store.findNewestCall(ctx.tx, id)
    if (!newest) refuse("conflict", "webhook.nothing_to_send", "no call to resend: this webhook has had none yet")
    const enabled = disabledAt !== null
    if (enabled) await store.enable(ctx.tx, id)
    if (newest.state !== "in_progress") await store.renewCall(ctx.tx, newest.id, soon(ctx, ctx.services.realNow()))
    await record(ctx, { kind: "webhook.redelivered", webhook: id, partner, enabled })
}

const soon = (ctx: ActionContext, realNow: Instant): Instant => firstAt(realNow, chanceOf(ctx))

async function newSecrets(ctx: ActionContext, subject: { readonly id: string; readonly partner: string }) {
    const secret = ctx.services.random(secretBytes)
    const secret_ciphertext = await sealBytes(
        ctx.tx,
        ctx.services.keys,
        scopeOf(subject.partner),
        secretPlace(subject.id),
        secret,
    )
    const { publicKey, box: signing_ciphertext } = await loadNewSigningKey(ctx, subject)
    return { shown: { secret: formatSecret(secret), publicKey }, boxes: { secret_ciphertext, signing_ciphertext } }
}

/** Locks a webhook. Refuses `webhook.not_found`, also for another partner's webhook. */
async function lockOwn(ctx: ActionContext, id: string): Promise<store.WebhookRow> {
    const { partner } = assertLead(ctx)
    const row = await store.lockWebhook(ctx.tx, id)
    if (row?.partner !== partner) refuse("missing", "webhook.not_found", "no such webhook")
    return row
}
