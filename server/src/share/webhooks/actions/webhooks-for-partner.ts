/** A lead's webhooks: where its organisation's machines are called, and by which secret they know the caller. */
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
    /** `whpk_…`: by which its calls are verified, and no other webhook's but those made before each had its own. */
    readonly publicKey: string
}

/** The address, the state and the public key of each; nothing shows a secret. */
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
    /** `whsec_…`, shown this once. */
    readonly secret: string
    /** `whpk_…` */
    readonly publicKey: string
}

export async function addWebhook(ctx: ActionContext, text: string): Promise<Secret> {
    const { partner, person } = assertLead(ctx)
    const address = callableAddress(text)
    await store.lockToAdd(ctx.tx, partner)
    const had = await ownWebhooks(ctx)
    if (had.some((ownWebhook) => ownWebhook.address === address))
        refuse("conflict", "webhook.duplicate_address", "this address is called already")
    if (!(had.length < webhooksMax)) {
        refuse("conflict", "webhook.too_many", `a partner has \`${webhooksMax}\` webhooks at most`)
    }
    const id = ctx.services.newId()
    const address_ciphertext = await seal(ctx.tx, ctx.services.keys, scopeOf(partner), addressPlace(id), address)
    const { shown, boxes } = await newSecrets(ctx, { id, partner })
    const row = { id, partner, address_ciphertext, ...boxes, madeBy: person }
    await store.insertWebhook(ctx.tx, row, ctx.services.realNow())
    await record(ctx, { kind: "webhook.created", webhook: id, partner })
    return { id, ...shown }
}

/** A new secret and a new key pair; calls are signed with those before too, for a day. */
export async function rotateSecret(ctx: ActionContext, id: string): Promise<Secret> {
    const { partner } = await lockOwn(ctx, id)
    const { shown, boxes } = await newSecrets(ctx, { id, partner })
    await store.setSecrets(ctx.tx, id, boxes, ctx.services.realNow() + rotationMs)
    await record(ctx, { kind: "webhook.rotated", webhook: id, partner })
    return { id, ...shown }
}

/** It is called no more, and address and secrets are gone. */
export async function removeWebhook(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = await lockOwn(ctx, id)
    await store.deleteWebhook(ctx.tx, id)
    await record(ctx, { kind: "webhook.deleted", webhook: id, partner })
}

/** One call as any other: who receives it cannot tell it from one. */
export async function testWebhook(ctx: ActionContext, id: string): Promise<void> {
    const { partner, disabledAt } = await lockOwn(ctx, id)
    if (disabledAt !== null)
        refuse("conflict", "webhook.not_enabled", "it is disabled: send what failed again to enable it")
    const realNow = ctx.services.realNow()
    const call = { id: ctx.services.newId(), webhook: id, wave: null }
    await store.insertCall(ctx.tx, call, soon(ctx, realNow), realNow)
    await record(ctx, { kind: "webhook.tested", webhook: id, partner })
}

/** The newest call once more, by the same id; one that was disabled is called from now on. */
export async function redeliver(ctx: ActionContext, id: string): Promise<void> {
    const { partner, disabledAt } = await lockOwn(ctx, id)
    const newest = await store.findNewestCall(ctx.tx, id)
    if (!newest) refuse("conflict", "webhook.nothing_to_send", "there was no call yet that could be sent again")
    const enabled = disabledAt !== null
    if (enabled) await store.enable(ctx.tx, id)
    if (newest.state !== "under way") await store.renewCall(ctx.tx, newest.id, soon(ctx, ctx.services.realNow()))
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

/** Another partner's answers as one that does not exist. */
async function lockOwn(ctx: ActionContext, id: string): Promise<store.WebhookRow> {
    const { partner } = assertLead(ctx)
    const row = await store.lockWebhook(ctx.tx, id)
    if (row?.partner !== partner) refuse("missing", "webhook.not_found", "no such webhook")
    return row
}
