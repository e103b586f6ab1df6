/** Request and answer types of the routes of recalls. */
import { Type } from "typebox"
import { id, orNull, textOrNull, wordOf } from "../../../kernel/schemas.ts"
import type { WhyWaiting } from "../notices/notification.ts"

const recallAnswer = Type.Object({
    id,
    /** Null: every version. */
    version: orNull(Type.Integer()),
    reason: Type.String(),
    by: id,
    at: Type.String(),
    endedBy: textOrNull,
    endedAt: textOrNull,
    holders: Type.Array(
        Type.Object({
            partner: id,
            versions: Type.Array(Type.Integer()),
            toldAt: textOrNull,
            /** Why the partner still waits for its notice; null once it was notified. */
            waits: orNull(wordOf<WhyWaiting>()),
            confirmedAt: textOrNull,
            confirmedBy: textOrNull,
            /** Whether the partner has no case access: then no confirmation is expected. */
            isOutOfReach: Type.Boolean(),
        }),
    ),
})

export const recallsAnswer = Type.Object({ recalls: Type.Array(recallAnswer) })
