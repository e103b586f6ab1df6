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
import { decryptText, decryptBytes } from "../../../platform/crypto/vault.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadPartnerStatus } from "../../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../../trust/partners/partner.ts"
import { listFrozenWaveIds } from "../../waves/actions.ts"
import * as store from "../store.ts"
import { type CallOutcome, bodyOf, firstAttemptAt, healthAfter, nonceBytes, retryAt } from "../webhook.ts"
import { addressPlace, randomFraction, scopeOf, secretPlace, loadSigningKey } from "./seal-call.ts"

/** The limit for all partners together. */
const callsInFlightMax = 32
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
            await store.insertCall(ctx.tx, call, firstAttemptAt(realNow, randomFraction(ctx)), realNow)
        }
    }
}

interface PreparedCall extends store.CallRow {
    readonly address: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Buffer
}

/** The calls in flight, by the services of each program in this process. */
const callsInFlight = new WeakMap<Services, Set<Promise<void>>>()

/** Starts calls up to the limit and waits for none of them. */
export const callWebhooksJob: BackgroundJob = {
    name: "calling",
    workSql: store.dueCallsQuery,
    run: async (services) => {
        const entries = callsInFlight.get(services) ?? new Set()
        callsInFlight.set(services, entries)
        if (entries.size >= callsInFlightMax) return false
        const claimed = await claimCall(services)
        if (claimed === null) return false
        if (claimed !== "dropped") {
            const running = makeCall(services, claimed).finally(() => entries.delete(running))
            entries.add(running)
        }
        return true
    },
    finish: async (services) => void (await Promise.all([...(callsInFlight.get(services) ?? [])])),
}

const runAsSystem = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    services.db.transaction(async (tx) =>
        work({ tx, now: await services.clock.now(tx), services, actor: { kind: "system", component: "calling" } }),
    )

/** Claims the next call. Null: nothing is due. */
async function claimCall(services: Services): Promise<PreparedCall | "dropped" | null> {
    return await runAsSystem(services, async (ctx) => {
        const realNow = services.realNow()
        const call = await store.claimDueCall(ctx.tx, realNow, await listFrozenWaveIds(ctx))
        if (!call) return null
        if (call.disabled || !hasCaseAccess(await loadPartnerStatus(ctx, call.partner))) {
            await dropCall(ctx, call)
            return "dropped"
        }
        const row = (await store.listWebhooks(ctx.tx, call.partner)).find(({ id }) => id === call.webhook)
        if (!row) return "dropped"
        await store.markInFlight(ctx.tx, call.id, realNow + leaseMs)
        return { ...call, attempts: call.attempts + 1, ...(await buildRequest(ctx, row, call.id)) }
    })
}

async function dropCall(ctx: ActionContext, call: store.CallRow): Promise<void> {
    await store.endCall(ctx.tx, call, "dropped")
    await record(ctx, { kind: "webhook.dropped", webhook: call.webhook, partner: call.partner, call: call.id })
}

/** Builds the request: of constant size, with a fresh nonce, signed for this attempt. */
async function buildRequest(
    ctx: ActionContext,
    row: store.WebhookRow,
    id: string,
): Promise<Pick<PreparedCall, "address" | "headers" | "body">> {
    const { tx, services } = ctx
    const realNow = services.realNow()
    const scope = scopeOf(row.partner)
    const secrets = [await decryptBytes(tx, services.keys, scope, secretPlace(row.id), row.secret_ciphertext)]
    const signs = [(await loadSigningKey(ctx, row, row.signing_ciphertext)).sign]
    const { previous_ciphertext: secret, previous_signing_ciphertext: signing } = row
    if ((row.previousUntil ?? 0) > realNow && secret !== null && signing !== null) {
        secrets.push(await decryptBytes(tx, services.keys, scope, secretPlace(row.id), secret))
        signs.push((await loadSigningKey(ctx, row, signing)).sign)
    }
    const body = Buffer.from(bodyOf(services.random(nonceBytes).toString("base64url"), realNow))
    const message = { id, timestamp: Math.floor(realNow / 1000), body }
    return {
        address: await decryptText(tx, services.keys, scope, addressPlace(row.id), row.address_ciphertext),
        headers: headersOf(message, { secrets, signers: signs }),
        body,
    }
}

/** Makes the call. Never throws: an outcome that cannot be stored is retried after the lease. */
async function makeCall(services: Services, call: PreparedCall): Promise<void> {
    try {
        const mayGo = () => runAsSystem(services, (ctx) => mayBeCalled(ctx, call))
        const outcome = await services.outgoing.post({ ...call, maySend: mayGo })
        await runAsSystem(services, (ctx) => recordOutcome(ctx, call, outcome))
    } catch (error) {
        services.log.error("call failed", { id: call.id, error: causeOf(error) })
    }
}

async function mayBeCalled(ctx: ActionContext, { webhook, partner }: PreparedCall): Promise<boolean> {
    const row = await store.lockWebhook(ctx.tx, webhook)
    return row !== undefined && row.disabledAt === null && hasCaseAccess(await loadPartnerStatus(ctx, partner))
}

async function recordOutcome(ctx: ActionContext, call: PreparedCall, outcome: Outcome): Promise<void> {
    const row = await store.lockWebhook(ctx.tx, call.webhook)
    if (!row || !(await store.lockCall(ctx.tx, call.id, call.attempts))) return
    if (outcome === "withheld") return await dropCall(ctx, call)
    const realNow = ctx.services.realNow()
    const { failingSince, disabled } = healthAfter(row.failingSince, outcome, realNow)
    const disabledAt = disabled ? realNow : null
    await store.setOutcome(ctx.tx, row.id, { outcome, at: realNow, failingSince, disabledAt })
    if (outcome === "2xx") return await completeCall(ctx, call)
    if (!disabled) {
        return await store.postponeCall(ctx.tx, call, retryAt(call.attempts, realNow, randomFraction(ctx)))
    }
    await disableWebhook(ctx, call, outcome)
}

async function completeCall(ctx: ActionContext, call: PreparedCall): Promise<void> {
    await store.endCall(ctx.tx, call, "sent")
    const { id, webhook, partner, wave } = call
    await record(ctx, { kind: "webhook.called", webhook, partner, call: id, wave })
}

async function disableWebhook(ctx: ActionContext, call: PreparedCall, outcome: CallOutcome): Promise<void> {
    await store.endDueCalls(ctx.tx, call.webhook, "failed")
    await store.endCall(ctx.tx, call, "failed")
    await record(ctx, {
        kind: "webhook.disabled",
        webhook: call.webhook,
        partner: call.partner,
        gone: outcome === "410",
    })
}
