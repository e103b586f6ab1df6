/** Request and answer types of the routes of tokens. */
import { Type } from "typebox"
import { closed, enumOf, orNull, textOrNull } from "../../../kernel/schemas.ts"
import { type Scope, scopes } from "../../../models/scopes.ts"
import { networksMax } from "../credential-limits.ts"
import { overlapHours, tokenDays } from "./token.ts"

const instant = Type.String({ format: "date-time" })

export const scopesField = Type.Array(Type.Unsafe<Scope>(Type.Enum([...scopes])), {
    minItems: 1,
    maxItems: 4,
    uniqueItems: true,
})

/** Networks such as `192.0.2.0/24`; empty: any. */
export const networksField = Type.Array(Type.String({ maxLength: 49 }), { maxItems: networksMax })

/** A SHA-256 in base64url. */
const thumbprint = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" })

const member = Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" })

/** A public key as JWK (RFC 7517): P-256 or Ed25519. */
export const publicKeyField = Type.Object(
    {
        kty: Type.Enum(["EC", "OKP"]),
        crv: Type.Enum(["P-256", "Ed25519"]),
        x: member,
        y: Type.Optional(member),
        kid: Type.Optional(Type.String({ maxLength: 200 })),
        alg: Type.Optional(Type.Enum(["ES256", "EdDSA"])),
    },
    closed,
)

export const newTokenBody = Type.Object(
    {
        name: Type.String(),
        /** Its lifetime in days. */
        days: Type.Optional(Type.Integer({ minimum: tokenDays.min, maximum: tokenDays.max })),
        scopes: scopesField,
        networks: Type.Optional(networksField),
        /** Binds the token to a public key (RFC 9449): the key, or its thumbprint (RFC 7638). */
        dpopJwk: Type.Optional(publicKeyField),
        dpopKey: Type.Optional(thumbprint),
        /** Binds the token to a client certificate (RFC 8705), by its `x5t#S256`. */
        certificate: Type.Optional(thumbprint),
    },
    closed,
)

export const newTokenAnswer = Type.Object({ token: Type.String() })

export const rotationBody = Type.Object(
    {
        /** How long the old token remains valid, in hours. */
        hours: Type.Optional(Type.Integer({ minimum: 0, maximum: overlapHours.max })),
    },
    closed,
)

export const tokensAnswer = Type.Object({
    tokens: Type.Array(
        Type.Object({
            id: Type.String(),
            /** Null for a token of the demonstration. */
            name: textOrNull,
            createdAt: instant,
            expiresAt: instant,
            /** To the minute. */
            lastUsedAt: orNull(instant),
            lastUsedFrom: textOrNull,
            /** The last use from a network that the token does not allow; recorded once an hour. */
            refusedAt: orNull(instant),
            scopes: Type.Array(enumOf<Scope>()),
            networks: Type.Array(Type.String()),
            /** Thumbprint (RFC 7638) of the key that must sign each request. */
            key: textOrNull,
            /** SHA-256 of the client certificate, in base64url. */
            certificate: textOrNull,
        }),
    ),
})

const keysField = Type.Array(publicKeyField, { minItems: 1, maxItems: 2 })

export const newClientBody = Type.Object(
    {
        name: Type.String(),
        /** Public keys; two while one is replaced. */
        keys: keysField,
        scopes: scopesField,
        networks: Type.Optional(networksField),
    },
    closed,
)

export const newClientAnswer = Type.Object({ id: Type.String() })

export const clientKeysBody = Type.Object({ keys: keysField }, closed)

export const clientsAnswer = Type.Object({
    clients: Type.Array(
        Type.Object({
            /** Its `client_id`. */
            id: Type.String(),
            name: Type.String(),
            createdAt: instant,
            lastUsedAt: orNull(instant),
            scopes: Type.Array(enumOf<Scope>()),
            networks: Type.Array(Type.String()),
            /** Thumbprints (RFC 7638). */
            keys: Type.Array(Type.String()),
        }),
    ),
})

const field = Type.Optional(Type.String({ maxLength: 8192 }))

/** A token request (RFC 6749). Other fields are ignored, as it demands. */
export const grantBody = Type.Object({
    grant_type: Type.String({ maxLength: 200 }),
    scope: field,
    client_id: field,
    client_assertion_type: field,
    client_assertion: field,
    subject_token: field,
    subject_token_type: field,
})

export const grantAnswer = Type.Object({
    access_token: Type.String(),
    token_type: Type.Enum(["Bearer", "DPoP"]),
    expires_in: Type.Integer(),
    scope: Type.String(),
    issued_token_type: Type.Optional(Type.String()),
})

/** Authorization server metadata (RFC 8414). */
export const metadataAnswer = Type.Object({
    issuer: Type.String(),
    token_endpoint: Type.String(),
    response_types_supported: Type.Array(Type.String()),
    grant_types_supported: Type.Array(Type.String()),
    scopes_supported: Type.Array(Type.String()),
    token_endpoint_auth_methods_supported: Type.Array(Type.String()),
    token_endpoint_auth_signing_alg_values_supported: Type.Array(Type.String()),
    dpop_signing_alg_values_supported: Type.Array(Type.String()),
})

export const tokenParams = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) }, closed)
