/** The answers about sessions. */
import { Type } from "typebox"
import { closed, textOrNull } from "../../../kernel/schemas.ts"
import { instantOrNull } from "../schemas.ts"

export const sessionsAnswer = Type.Object({
    sessions: Type.Array(
        Type.Object({
            id: Type.String(),
            signedInAt: Type.String(),
            expiresAt: Type.String(),
            lastUsedAt: instantOrNull,
            /** The address of the last use. */
            lastUsedFrom: textOrNull,
            /** Browser and system of the last use. */
            lastUsedOn: textOrNull,
            isCurrent: Type.Boolean(),
        }),
    ),
})

export const sessionParams = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) }, closed)
