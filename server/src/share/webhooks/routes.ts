/** HTTP routes of the portal for a partner's webhooks, and for the program's public key. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { addressLengthMax } from "../../models/web-address.ts"
import { route } from "../../kernel/action-context.ts"
import {
    type OwnWebhook,
    addWebhook,
    ownWebhooks,
    redeliver,
    removeWebhook,
    rotateSecret,
    testWebhook,
} from "./actions/webhooks-for-partner.ts"
import { programPublicKey } from "./actions/seal-call.ts"

const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, { additionalProperties: false })
const maybe = Type.Union([Type.String(), Type.Null()])
const portal = { side: "portal" as const }
/** Each such request calls another party's server. */
const callsAnHourMax = 30

const secretAnswer = Type.Object({ id, secret: Type.String(), publicKey: Type.String() })
const webhookAnswer = Type.Object({
    id,
    address: Type.String(),
    /** The public key that verifies the `v1a` signature of its calls. */
    publicKey: Type.String(),
    madeAt: Type.String(),
    madeBy: id,
    /** The status class of the last call, `timeout` or `refused`; null before the first call. */
    lastOutcome: maybe,
    lastAt: maybe,
    failingSince: maybe,
    disabledAt: maybe,
    /** Until when the earlier secret also signs calls. */
    previousUntil: maybe,
})

const formatOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

function presented({ id: value, address, publicKey, madeBy, lastOutcome, ...times }: OwnWebhook, now: Instant) {
    const { previousUntil } = times
    return {
        ...{ id: value, address, publicKey, madeBy, lastOutcome },
        madeAt: formatInstant(times.madeAt),
        lastAt: formatOrNull(times.lastAt),
        failingSince: formatOrNull(times.failingSince),
        disabledAt: formatOrNull(times.disabledAt),
        previousUntil: formatOrNull(previousUntil !== null && previousUntil > now ? previousUntil : null),
    }
}

const keeping = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/webhooks",
            permission: "webhook:own",
            summary:
                "The own partner's webhooks, each with the key that its calls are verified by and what the " +
                "last call came to",
            answer: Type.Object({ webhooks: Type.Array(webhookAnswer) }),
        },
        async (ask) => {
            const now = ask.services.realNow()
            return { webhooks: (await ownWebhooks(ask)).map((ownWebhook) => presented(ownWebhook, now)) }
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
            body: Type.Object(
                { address: Type.String({ minLength: 1, maxLength: addressLengthMax }) },
                { additionalProperties: false },
            ),
            answer: secretAnswer,
        },
        async (ask) => await addWebhook(ask, ask.body.address),
    ),
    route(
        {
            ...portal,
            method: "DELETE",
            path: "/api/webhooks/{id}",
            permission: "webhook:own",
            summary: "Deletes a webhook: nothing is sent there any more",
            params: byId,
            answer: Type.Object({}),
        },
        async (ask) => {
            await removeWebhook(ask, ask.params.id)
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
        async (ask) => await rotateSecret(ask, ask.params.id),
    ),
]

const calling = [
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/webhooks/{id}/test",
            permission: "webhook:write",
            summary: "Calls it once, as when there is something to fetch",
            perHourMax: callsAnHourMax,
            params: byId,
            answer: Type.Object({}),
        },
        async (ask) => {
            await testWebhook(ask, ask.params.id)
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
            answer: Type.Object({}),
        },
        async (ask) => {
            await redeliver(ask, ask.params.id)
            return {}
        },
    ),
]

const key = route(
    {
        ...portal,
        method: "GET",
        path: "/api/webhooks/key",
        permission: "public",
        summary:
            "The program's public key, which signs calls to webhooks that were made before each had its own, " +
            "until they are rotated",
        answer: Type.Object({ publicKey: Type.String() }),
    },
    async (ask) => ({ publicKey: programPublicKey(ask) }),
)

export const routes = [key, ...keeping, ...calling]
