/** Request and answer types of the routes of recalls. */
import { Type } from "typebox"
import { id, orNull, textOrNull, enumOf } from "../../../kernel/schemas.ts"
import type { UnnotifiedReason } from "../notices/notification.ts"

const recallAnswer = Type.Object({
    id,
    /** Null: every version. */
    version: orNull(Type.Integer()),
    reason: Type.String(),
    by: id,
    at: Type.String(),
    liftedBy: textOrNull,
    liftedAt: textOrNull,
    holders: Type.Array(
        Type.Object({
            partner: id,
            versions: Type.Array(Type.Integer()),
            notifiedAt: textOrNull,
            /** Why the partner is not notified yet; null once it is. */
            unnotifiedReason: orNull(enumOf<UnnotifiedReason>()),
            confirmedAt: textOrNull,
            confirmedBy: textOrNull,
            /** Whether the partner has no case access: then no confirmation is expected. */
            lacksCaseAccess: Type.Boolean(),
        }),
    ),
})

export const recallsAnswer = Type.Object({ recalls: Type.Array(recallAnswer) })
