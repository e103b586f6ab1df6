/** Serves sessions: list, end, confirm. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { callerOptions } from "../passkeys/actions/use-passkey.ts"
import { assertionBody, assertionOptionsAnswer } from "../passkeys/schemas.ts"
import {
    confirmSession,
    endCallerSession,
    endCallersOtherSessions,
    listCallerSessions,
} from "./actions/manage-sessions.ts"
import { sessionParams, sessionsAnswer } from "./schemas.ts"

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/sessions",
            side: "both",
            permission: "self:read",
            summary: "Lists the caller's valid sessions, newest first",
            answer: sessionsAnswer,
        },
        async (ctx) => ({
            sessions: (await listCallerSessions(ctx, ctx.credential)).map((session) => ({
                ...session,
                signedInAt: formatInstant(session.signedInAt),
                expiresAt: formatInstant(session.expiresAt),
                lastUsedAt: session.lastUsedAt === null ? null : formatInstant(session.lastUsedAt),
            })),
        }),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/sessions",
            side: "both",
            permission: "self:read",
            summary: "Ends the caller's other sessions and unused links",
        },
        async (ctx) => {
            await endCallersOtherSessions(ctx, ctx.credential)
            return {}
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/sessions/{id}",
            side: "both",
            permission: "self:read",
            summary: "Ends a session of the caller",
            params: sessionParams,
        },
        async (ctx) => {
            await endCallerSession(ctx, ctx.credential, ctx.params.id)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/session/confirmation-options",
            side: "both",
            permission: "self:read",
            summary: "Returns a challenge for confirming the session with a passkey",
            answer: assertionOptionsAnswer,
        },
        async (ctx) => await callerOptions(ctx, { purpose: "confirm_session", person: personOf(ctx.actor) ?? "" }),
    ),
    route(
        {
            method: "POST",
            path: "/api/session/confirmation",
            side: "both",
            permission: "self:read",
            summary: "Confirms the session with a passkey; some exports, new keys and tokens need it within 15 minutes",
            body: assertionBody,
        },
        async (ctx) => {
            await confirmSession(ctx, ctx.credential, ctx.body.assertion)
            return {}
        },
    ),
]
