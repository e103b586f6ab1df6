/** Request and answer types of the routes of single sign-on. */
import { Type } from "typebox"
import { closed, orNull } from "../../../kernel/schemas.ts"
import { assertionField } from "../passkeys/schemas.ts"

const provider = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,31}$" })

/** A name that no provider has is refused like an unknown one. */
export const byProvider = Type.Object({ provider: Type.String({ maxLength: 100 }) }, closed)

/** A path on the same host. No browser can read it as the address of another host. */
const returnTo = Type.String({ maxLength: 500, pattern: "^/(?![/\\\\])[^\\\\\\s\\p{C}]*$" })

export const providersQuery = Type.Object({ provider: Type.Optional(Type.String({ maxLength: 100 })) }, closed)

export const startSignInBody = Type.Object({ provider, returnTo }, closed)

export const startConnectingBody = Type.Object({ provider, returnTo, assertion: Type.Optional(assertionField) }, closed)

/** The query with which the provider sends the browser back. */
export const finishBody = Type.Object({ provider, query: Type.String({ maxLength: 4096 }) }, closed)

/** A form of OpenID Connect Back-Channel Logout 1.0. Other fields are ignored, as it says. */
export const logoutBody = Type.Object({ logout_token: Type.String({ maxLength: 8192 }) })

export const startAnswer = Type.Object({ address: Type.String() })

export const finishAnswer = Type.Object({ returnTo: Type.String() })

export const providersAnswer = Type.Object({
    providers: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
})

const instantOrNull = orNull(Type.String({ format: "date-time" }))

export const identitiesAnswer = Type.Object({
    providers: Type.Array(
        Type.Object({
            id: Type.String(),
            name: Type.String(),
            /** Null where the caller has no connected account. */
            connectedAt: instantOrNull,
            lastUsedAt: instantOrNull,
        }),
    ),
})
