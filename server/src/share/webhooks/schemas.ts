/** Request and answer types of the routes of webhooks. */
import { Type } from "typebox"
import { addressLengthMax } from "../../models/web-address.ts"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import type { CallOutcome } from "./webhook.ts"

export const secretAnswer = Type.Object({ id, secret: Type.String(), publicKey: Type.String() })

const webhookAnswer = Type.Object({
    id,
    address: Type.String(),
    /** The public key that verifies the `v1a` signature of its calls. */
    publicKey: Type.String(),
    createdAt: Type.String(),
    createdBy: id,
    /** The status class of the last call, `timeout` or `refused`; null before the first call. */
    lastOutcome: orNull(enumOf<CallOutcome>()),
    lastAt: textOrNull,
    failingSince: textOrNull,
    disabledAt: textOrNull,
    /** Until when the earlier secret also signs calls. */
    previousUntil: textOrNull,
})

export const webhooksAnswer = Type.Object({ webhooks: Type.Array(webhookAnswer) })

export const newWebhookBody = Type.Object(
    { address: Type.String({ minLength: 1, maxLength: addressLengthMax }) },
    closed,
)
