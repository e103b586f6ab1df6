/** Request and answer types of the routes of identity. */
import { Type } from "typebox"
import { orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import type { OperatorRole } from "../../kernel/actor.ts"

export const secret = Type.String({ minLength: 40, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" })

const count = Type.Integer({ minimum: 0 })

export const instantOrNull = orNull(Type.String({ format: "date-time" }))

const personAnswer = Type.Object({
    id: Type.String(),
    name: Type.String(),
    mail: Type.String(),
    roles: Type.Array(enumOf<OperatorRole>()),
    left: Type.Boolean(),
})

export const draftKeyAnswer = Type.Object({ person: Type.String(), key: Type.String() })

export const meAnswer = Type.Object({
    ...personAnswer.properties,
    now: Type.String(),
    /** Whether people set the program time, as in the demonstration. */
    clockIsMoved: Type.Boolean(),
    /** Whether a signature needs the signer's passkey. */
    signsWithPasskeys: Type.Boolean(),
    portal: Type.String(),
})

export const staffAnswer = Type.Object({
    people: Type.Array(
        Type.Object({
            ...personAnswer.properties,
            addedBy: textOrNull,
            /** Valid passkeys, sessions and tokens. */
            passkeys: count,
            sessions: count,
            tokens: count,
            lastSignInAt: instantOrNull,
            /** Until when an unused sign-in link is valid. */
            linkUntil: instantOrNull,
            /** State of the mail with the last sign-in link, and when it is sent. */
            linkMail: Type.Union([Type.Enum(["due", "sent", "failed"]), Type.Null()]),
            linkMailAt: instantOrNull,
        }),
    ),
})

/** How many valid sign-ins of a removed person were ended. */
export const removedPersonAnswer = Type.Object({
    ended: Type.Object({
        sessions: count,
        tokens: count,
        links: count,
        passkeys: count,
        connectedAccounts: count,
        machineClients: count,
    }),
})

export const recoveryAnswer = Type.Object({ linkAt: instantOrNull })

export const staffNamesAnswer = Type.Object({ people: Type.Array(Type.Omit(personAnswer, ["mail"])) })

export const newSignInLinkAnswer = Type.Object({ link: Type.String() })
