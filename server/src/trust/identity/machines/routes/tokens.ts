/** Serves the tokens of a person. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { route } from "../../../../kernel/action-context.ts"
import { type Token, endCallerToken, issueToken, listCallerTokens, rotateToken } from "../actions/manage-tokens.ts"
import { boundKeyOf } from "../actions/bind-token.ts"
import { newTokenAnswer, newTokenBody, rotationBody, tokenParams, tokensAnswer } from "../schemas.ts"
import { overlapHours, tokenDays } from "../token.ts"

const instantOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

const presentToken = ({ createdAt, expiresAt, lastUsedAt, refusedAt, ...token }: Token) => ({
    ...token,
    scopes: [...token.scopes],
    networks: [...token.networks],
    createdAt: formatInstant(createdAt),
    expiresAt: formatInstant(expiresAt),
    lastUsedAt: instantOrNull(lastUsedAt),
    refusedAt: instantOrNull(refusedAt),
})

export const routes = [
    route(
        {
            method: "POST",
            path: "/api/tokens",
            side: "both",
            permission: "self:extend",
            needsConfirmation: true,
            summary: "Issues a named token for the caller's own tools, shown once; valid for `days` (90)",
            creates: true,
            body: newTokenBody,
            answer: newTokenAnswer,
        },
        async (ctx) => {
            const { name, days = tokenDays.initial, scopes, networks = [], certificate = null } = ctx.body
            const key = await boundKeyOf(ctx.body.dpopJwk, ctx.body.dpopKey)
            const token = { name, days, scopes, networks, key, certificate }
            return { token: await issueToken(ctx, ctx.credential, token) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/tokens",
            side: "both",
            permission: "self:read",
            summary: "Lists the caller's valid tokens, without secrets",
            answer: tokensAnswer,
        },
        async (ctx) => ({ tokens: (await listCallerTokens(ctx)).map(presentToken) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/tokens/{id}/rotation",
            side: "both",
            permission: "self:extend",
            needsConfirmation: true,
            summary:
                "Replaces a token of the caller, which ends after `hours` (24). A token with `manage` replaces itself",
            params: tokenParams,
            body: rotationBody,
            answer: newTokenAnswer,
        },
        async (ctx) => {
            const hours = ctx.body.hours ?? overlapHours.initial
            return { token: await rotateToken(ctx, ctx.credential, { id: ctx.params.id, hours }) }
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/tokens/{id}",
            side: "both",
            permission: "self:read",
            summary: "Ends a token of the caller",
            params: tokenParams,
        },
        async (ctx) => {
            await endCallerToken(ctx, ctx.params.id)
            return {}
        },
    ),
]
