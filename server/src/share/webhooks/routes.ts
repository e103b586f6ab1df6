/** HTTP routes of the portal for a partner's webhooks. */
import { type Instant, formatInstant } from "@tocsin/base/instant"

import { route } from "../../kernel/action-context.ts"
import {
    type WebhookForPartner,
    addWebhook,
    listWebhooksForPartner,
    resendCall,
    removeWebhook,
    rotateSecret,
    testWebhook,
} from "./actions/webhooks-for-partner.ts"
import { byId } from "../../kernel/schemas.ts"
import { emptyAnswer } from "../../kernel/schemas.ts"
import { newWebhookBody, secretAnswer, webhooksAnswer } from "./schemas.ts"

const portal = { side: "portal" as const }
/** Each such request calls another party's server. */
const callsAnHourMax = 30

const formatOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

function presentWebhook(
    { id: webhookId, address, publicKey, createdBy, lastOutcome, ...times }: WebhookForPartner,
    now: Instant,
) {
    const { previousUntil } = times
    return {
        ...{ id: webhookId, address, publicKey, createdBy, lastOutcome },
        createdAt: formatInstant(times.createdAt),
        lastAt: formatOrNull(times.lastAt),
        failingSince: formatOrNull(times.failingSince),
        disabledAt: formatOrNull(times.disabledAt),
        previousUntil: formatOrNull(previousUntil !== null && previousUntil > now ? previousUntil : null),
    }
}

const managementRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/webhooks",
            permission: "webhook:own",
            summary: "Lists this partner's webhooks, each with its public key and the outcome of the last call",
            answer: webhooksAnswer,
        },
        async (ctx) => {
            const now = ctx.services.realNow()
            return { webhooks: (await listWebhooksForPartner(ctx)).map((webhook) => presentWebhook(webhook, now)) }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/webhooks",
            permission: "webhook:write",
            needsConfirmation: true,
            summary: "Adds an `https://` address to call when there is something to fetch; its secret is shown once",
            creates: true,
            body: newWebhookBody,
            answer: secretAnswer,
        },
        async (ctx) => await addWebhook(ctx, ctx.body.address),
    ),
    route(
        {
            ...portal,
            method: "DELETE",
            path: "/api/webhooks/{id}",
            permission: "webhook:own",
            summary: "Deletes a webhook; Tocsin no longer calls it",
            params: byId,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await removeWebhook(ctx, ctx.params.id)
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/webhooks/{id}/rotate-secret",
            permission: "webhook:write",
            needsConfirmation: true,
            summary: "Rotates the secret, shown once, and the key; the earlier ones also sign calls for 24 hours",
            params: byId,
            answer: secretAnswer,
        },
        async (ctx) => await rotateSecret(ctx, ctx.params.id),
    ),
]

const callRoutes = [
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/webhooks/{id}/test",
            permission: "webhook:write",
            summary: "Calls a webhook once, as when there is something to fetch",
            perHourMax: callsAnHourMax,
            params: byId,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await testWebhook(ctx, ctx.params.id)
            return {}
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/webhooks/{id}/redeliver",
            permission: "webhook:write",
            summary: "Repeats the newest call by the same id; enables a disabled webhook",
            perHourMax: callsAnHourMax,
            params: byId,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await resendCall(ctx, ctx.params.id)
            return {}
        },
    ),
]

export const routes = [...managementRoutes, ...callRoutes]
