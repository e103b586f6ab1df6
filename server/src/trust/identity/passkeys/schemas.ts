/** Request and answer types of the routes of passkeys. Binary values are in base64url. */
import { Type } from "typebox"
import { closed, textOrNull } from "../../../kernel/schemas.ts"

const base64url = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[A-Za-z0-9_-]+$" })

/** WebAuthn allows 1,023 bytes. */
const passkeyId = base64url(1364)

export const assertionField = Type.Object(
    {
        id: passkeyId,
        clientDataJSON: base64url(4096),
        authenticatorData: base64url(4096),
        signature: base64url(4096),
        userHandle: Type.Optional(base64url(128)),
    },
    closed,
)

export const registrationOptionsBody = Type.Object({ assertion: Type.Optional(assertionField) }, closed)

export const assertionBody = Type.Object({ assertion: assertionField }, closed)

export const newPasskeyBody = Type.Object(
    {
        name: Type.String(),
        registration: Type.Object(
            {
                id: passkeyId,
                clientDataJSON: base64url(4096),
                attestationObject: base64url(16_384),
                transports: Type.Array(Type.String({ maxLength: 32, pattern: "^[a-z-]+$" }), { maxItems: 10 }),
            },
            closed,
        ),
    },
    closed,
)

export const passkeyParams = Type.Object({ id: passkeyId }, closed)

export const newPasskeyAnswer = Type.Object({ id: Type.String() })

const credential = Type.Object({ id: Type.String(), transports: Type.Array(Type.String()) })

export const assertionOptionsAnswer = Type.Object({
    challenge: Type.String(),
    rpId: Type.String(),
    /** In milliseconds. */
    timeout: Type.Integer(),
    userVerification: Type.Literal("required"),
    /** Empty: any passkey of this host. */
    allowCredentials: Type.Array(credential),
})

const publicKeyType = Type.Literal("public-key")

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn. */
export const registrationOptionsAnswer = Type.Object({
    rp: Type.Object({ id: Type.String(), name: Type.String() }),
    user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
    challenge: Type.String(),
    pubKeyCredParams: Type.Array(Type.Object({ type: publicKeyType, alg: Type.Integer() })),
    timeout: Type.Integer(),
    attestation: Type.Literal("none"),
    excludeCredentials: Type.Array(Type.Object({ type: publicKeyType, id: Type.String() })),
    authenticatorSelection: Type.Object({
        residentKey: Type.Literal("required"),
        requireResidentKey: Type.Boolean(),
        userVerification: Type.Literal("required"),
    }),
})

export const passkeysAnswer = Type.Object({
    passkeys: Type.Array(
        Type.Object({
            id: Type.String(),
            name: Type.String(),
            createdAt: Type.String(),
            lastUsedAt: textOrNull,
            isBackedUp: Type.Boolean(),
        }),
    ),
})
