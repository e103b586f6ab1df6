/** HTTP routes of the portal for a partner's webhooks, and for the program's public key. */
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
import { programPublicKey } from "./actions/seal-call.ts"
import { byId } from "../../kernel/schemas.ts"
import { emptyAnswer } from "../../kernel/schemas.ts"
import { keyAnswer, newWebhookBody, secretAnswer, webhooksAnswer } from "./schemas.ts"

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
            summary:
                "The own partner's webhooks, each with the key that its calls are verified by and what the " +
                "last call came to",
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
            summary:
                "Adds an `https://` address that is called when there is something to fetch; its secret is shown once",
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
            summary: "Deletes a webhook: nothing is sent there any more",
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
            summary: "A new secret, shown once, and a new key; calls are signed with those before too, for 24 hours",
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
            summary: "Calls it once, as when there is something to fetch",
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
            summary: "Makes the newest call once more, by the same id; one that was disabled is enabled",
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

const keyRoute = route(
    {
        ...portal,
        method: "GET",
        path: "/api/webhooks/key",
        permission: "public",
        summary:
            "The program's public key, which signs calls to webhooks that were made before each had its own, " +
            "until they are rotated",
        answer: keyAnswer,
    },
    async (ctx) => ({ publicKey: programPublicKey(ctx) }),
)

export const routes = [keyRoute, ...managementRoutes, ...callRoutes]
