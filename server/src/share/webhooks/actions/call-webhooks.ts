/**
 * Calls webhooks.
 *
 * A call is a row first. It is made outside of transactions, so that a slow host holds no connection or lock; the
 * outcome is stored afterwards. Permission is checked when the call is claimed and again before it is sent, so
 * suspended partners and deleted webhooks get no call. Each partner has one call in flight, and all partners together
 * have a limit.
 */
import { headersOf } from "@tocsin/formats/standard-webhooks"
import type { Services } from "../../../kernel/services.ts"
import { causeOf } from "../../../platform/log/log.ts"
import type { Outcome } from "../../../platform/outgoing/outgoing.ts"
import { unseal, unsealBytes } from "../../../platform/crypto/vault.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { standingOf } from "../../../trust/partners/actions/load-facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import { frozenWaves } from "../../waves/actions.ts"
import * as store from "../store.ts"
import { type CallOutcome, bodyOf, firstAt, judged, nonceBytes, retryAt } from "../webhook.ts"
import { addressPlace, chanceOf, scopeOf, secretPlace, loadSigningKey } from "./seal-call.ts"

/** The limit for all partners together. */
const underWayMax = 32
/** Longer than any call takes. */
const leaseMs = 30_000

/** Creates one call to each webhook of these partners, about a wave or about none. */
export async function callPartners(
    ctx: ActionContext,
    wave: string | null,
    partners: readonly string[],
): Promise<void> {
    const realNow = ctx.services.realNow()
    for (const partner of partners) {
        for (const { id, disabledAt } of await store.listWebhooks(ctx.tx, partner)) {
            if (disabledAt !== null) continue
            const call = { id: ctx.services.newId(), webhook: id, wave }
            await store.insertCall(ctx.tx, call, firstAt(realNow, chanceOf(ctx)), realNow)
        }
    }
}

interface Ready extends store.CallRow {
    readonly address: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Buffer
}

/** The calls in flight, by the services of each program in this process. */
const underWay = new WeakMap<Services, Set<Promise<void>>>()

/** Starts calls up to the limit and waits for none of them. */
export const callWebhooksJob: BackgroundJob = {
    name: "calling",
    waiting: store.callsWaiting,
    run: async (services) => {
        const entries = underWay.get(services) ?? new Set()
        underWay.set(services, entries)
        if (entries.size >= underWayMax) return false
        const taken = await take(services)
        if (taken === null) return false
        if (taken !== "dropped") {
            const made = make(services, taken).finally(() => entries.delete(made))
            entries.add(made)
        }
        return true
    },
    settle: async (services) => void (await Promise.all([...(underWay.get(services) ?? [])])),
}

const acting = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", step: "calling" } }),
    )

/** Claims the next call. Null: nothing is due. */
async function take(services: Services): Promise<Ready | "dropped" | null> {
    return await acting(services, async (ctx) => {
        const realNow = services.realNow()
        const call = await store.claimDueCall(ctx.tx, realNow, await frozenWaves(ctx))
        if (!call) return null
        if (call.disabled || !reachesCases(await standingOf(ctx, call.partner))) {
            await drop(ctx, call)
            return "dropped"
        }
        const row = (await store.listWebhooks(ctx.tx, call.partner)).find(({ id }) => id === call.webhook)
        if (!row) return "dropped"
        await store.setUnderWay(ctx.tx, call.id, realNow + leaseMs)
        return { ...call, tries: call.tries + 1, ...(await written(ctx, row, call.id)) }
    })
}

async function drop(ctx: ActionContext, call: store.CallRow): Promise<void> {
    await store.endCall(ctx.tx, call, "dropped")
    await record(ctx, { kind: "webhook.dropped", webhook: call.webhook, partner: call.partner, call: call.id })
}

/** Builds the request: of constant size, with a fresh nonce, signed for this attempt. */
async function written(
    ctx: ActionContext,
    row: store.WebhookRow,
    id: string,
): Promise<Pick<Ready, "address" | "headers" | "body">> {
    const { tx, services } = ctx
    const realNow = services.realNow()
    const scope = scopeOf(row.partner)
    const secrets = [await unsealBytes(tx, services.keys, scope, secretPlace(row.id), row.secret_ciphertext)]
    const signs = [(await loadSigningKey(ctx, row, row.signing_ciphertext)).sign]
    if ((row.previousUntil ?? 0) > realNow && row.previous_ciphertext !== null) {
        secrets.push(await unsealBytes(tx, services.keys, scope, secretPlace(row.id), row.previous_ciphertext))
        signs.push((await loadSigningKey(ctx, row, row.previous_signing_ciphertext)).sign)
    }
    const body = Buffer.from(bodyOf(services.random(nonceBytes).toString("base64url"), realNow))
    const message = { id, timestamp: Math.floor(realNow / 1000), body }
    return {
        address: await unseal(tx, services.keys, scope, addressPlace(row.id), row.address_ciphertext),
        headers: headersOf(message, { secrets, signs }),
        body,
    }
}

/** Makes the call. Never throws: an outcome that cannot be stored is retried after the lease. */
async function make(services: Services, call: Ready): Promise<void> {
    try {
        const mayGo = () => acting(services, (ctx) => mayBeCalled(ctx, call))
        const outcome = await services.outgoing.post({ ...call, mayGo })
        await acting(services, (ctx) => note(ctx, call, outcome))
    } catch (error) {
        services.log.error("call failed", { id: call.id, error: causeOf(error) })
    }
}

async function mayBeCalled(ctx: ActionContext, { webhook, partner }: Ready): Promise<boolean> {
    const row = await store.lockWebhook(ctx.tx, webhook)
    return row !== undefined && row.disabledAt === null && reachesCases(await standingOf(ctx, partner))
}

async function note(ctx: ActionContext, call: Ready, outcome: Outcome): Promise<void> {
    const row = await store.lockWebhook(ctx.tx, call.webhook)
    if (!row || !(await store.lockCall(ctx.tx, call.id, call.tries))) return
    if (outcome === "withheld") return await drop(ctx, call)
    const realNow = ctx.services.realNow()
    const { failingSince, disabled } = judged(row.failingSince, outcome, realNow)
    const disabledAt = disabled ? realNow : null
    await store.setOutcome(ctx.tx, row.id, { outcome, at: realNow, failingSince, disabledAt })
    if (outcome === "2xx") return await sent(ctx, call)
    if (!disabled) {
        return await store.postponeCall(ctx.tx, call, retryAt(call.tries, realNow, chanceOf(ctx)))
    }
    await disable(ctx, call, outcome)
}

async function sent(ctx: ActionContext, call: Ready): Promise<void> {
    await store.endCall(ctx.tx, call, "sent")
    const { id, webhook, partner, wave } = call
    await record(ctx, { kind: "webhook.called", webhook, partner, call: id, wave })
}

async function disable(ctx: ActionContext, call: Ready, outcome: CallOutcome): Promise<void> {
    await store.endDueCalls(ctx.tx, call.webhook, "failed")
    await store.endCall(ctx.tx, call, "failed")
    await record(ctx, {
        kind: "webhook.disabled",
        webhook: call.webhook,
        partner: call.partner,
        gone: outcome === "410",
    })
}
