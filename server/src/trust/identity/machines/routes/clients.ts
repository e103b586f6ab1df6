/** Serves machine clients, and the token endpoint of OAuth 2.0 (RFC 6749) on the portal. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"
import { byId } from "../../../../kernel/schemas.ts"
import { scopes } from "../../../../models/scopes.ts"
import { grantToken } from "../actions/grant-token.ts"
import { changeClientKeys, endCallerClient, listCallerClients, registerClient } from "../actions/manage-clients.ts"
import { proofAlgorithms } from "../actions/verify-proof.ts"
import {
    clientKeysBody,
    clientsAnswer,
    grantAnswer,
    grantBody,
    metadataAnswer,
    newClientAnswer,
    newClientBody,
} from "../schemas.ts"
import { accessTokenType, exchangeGrant, tokenPath } from "../token.ts"

/** An assertion can be long. */
const grantBodyMax = 16_384
/** Of strangers of one network. A client asks six times an hour. */
const grantsPerHourMax = 600

const clientRoutes = [
    route(
        {
            method: "POST",
            path: "/api/machine-clients",
            side: "portal",
            permission: "self:extend",
            needsConfirmation: true,
            summary: "Registers a machine client of the caller, with its public keys; it gets tokens of ten minutes",
            creates: true,
            body: newClientBody,
            answer: newClientAnswer,
        },
        async (ctx) => {
            const { name, keys, scopes: granted, networks = [] } = ctx.body
            return { id: await registerClient(ctx, ctx.credential, { name, keys, scopes: granted, networks }) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/machine-clients",
            side: "portal",
            permission: "self:read",
            summary: "Lists the caller's machine clients",
            answer: clientsAnswer,
        },
        async (ctx) => ({
            clients: (await listCallerClients(ctx)).map(({ createdAt, lastUsedAt, ...client }) => ({
                ...client,
                scopes: [...client.scopes],
                networks: [...client.networks],
                keys: [...client.keys],
                createdAt: formatInstant(createdAt),
                lastUsedAt: lastUsedAt === null ? null : formatInstant(lastUsedAt),
            })),
        }),
    ),
    route(
        {
            method: "PUT",
            path: "/api/machine-clients/{id}/keys",
            side: "portal",
            permission: "self:extend",
            needsConfirmation: true,
            summary: "Replaces the public keys of a machine client, and ends its tokens",
            params: byId,
            body: clientKeysBody,
        },
        async (ctx) => {
            await changeClientKeys(ctx, ctx.credential, { id: ctx.params.id, keys: ctx.body.keys })
            return {}
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/machine-clients/{id}",
            side: "portal",
            permission: "self:read",
            summary: "Ends a machine client of the caller, and its tokens",
            params: byId,
        },
        async (ctx) => {
            await endCallerClient(ctx, ctx.params.id)
            return {}
        },
    ),
]

export const routes = [
    ...clientRoutes,
    route(
        {
            method: "POST",
            path: tokenPath,
            side: "portal",
            permission: "public",
            summary: "OAuth 2.0: grants a token of ten minutes to a machine client, or in exchange for a token",
            body: grantBody,
            bodyMax: grantBodyMax,
            perHourMax: grantsPerHourMax,
            answer: grantAnswer,
        },
        async (ctx) => {
            const grant = await grantToken(ctx, ctx.body, ctx.sender)
            return {
                access_token: grant.secret,
                token_type: grant.isBound ? ("DPoP" as const) : ("Bearer" as const),
                expires_in: grant.seconds,
                scope: grant.scopes.join(" "),
                ...(ctx.body.grant_type === exchangeGrant && { issued_token_type: accessTokenType }),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/.well-known/oauth-authorization-server",
            side: "portal",
            permission: "public",
            summary: "OAuth 2.0: returns the metadata of the token endpoint (RFC 8414)",
            answer: metadataAnswer,
        },
        async ({ services: { portalOrigin } }) => ({
            issuer: portalOrigin,
            token_endpoint: `${portalOrigin}${tokenPath}`,
            response_types_supported: [],
            grant_types_supported: ["client_credentials", exchangeGrant],
            scopes_supported: [...scopes],
            token_endpoint_auth_methods_supported: ["private_key_jwt"],
            token_endpoint_auth_signing_alg_values_supported: [...proofAlgorithms],
            dpop_signing_alg_values_supported: [...proofAlgorithms],
        }),
    ),
]
