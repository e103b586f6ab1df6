/** Serves passkeys: add, list, remove, sign in with one. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { type Side, SignInAnswer } from "../../../kernel/route.ts"
import { endPresentedSession } from "../actions/sign-in.ts"
import { lifetimeMs } from "../person.ts"
import { addPasskey, listCallerPasskeys, registrationOptions, removePasskey } from "./actions/manage-passkeys.ts"
import { callerOptions, signInOptions, signInWithPasskey } from "./actions/use-passkey.ts"
import {
    assertionBody,
    assertionOptionsAnswer,
    newPasskeyAnswer,
    newPasskeyBody,
    passkeyParams,
    passkeysAnswer,
    registrationOptionsAnswer,
    registrationOptionsBody,
} from "./schemas.ts"

/** Bytes: signatures of RSA and post-quantum keys are long. */
const signInBodyMax = 8192

const signInOptionsRoute = (side: Side) =>
    route(
        {
            method: "POST",
            path: "/api/session/passkey-options",
            side,
            permission: "public",
            summary: "Returns a challenge for signing in with a passkey; it counts for five minutes",
            answer: assertionOptionsAnswer,
        },
        async (ctx) => signInOptions(ctx, side),
    )

const signInRoute = (side: Side) =>
    route(
        {
            method: "POST",
            path: "/api/session/passkey",
            side,
            permission: "public",
            summary: "Signs in with the assertion of a passkey",
            body: assertionBody,
            bodyMax: signInBodyMax,
        },
        async (ctx) => {
            const session = await signInWithPasskey(ctx, side, ctx.body.assertion)
            await endPresentedSession(ctx, ctx.credential)
            return new SignInAnswer(session, lifetimeMs.session / 1000)
        },
    )

export const routes = [
    signInOptionsRoute("console"),
    signInOptionsRoute("portal"),
    signInRoute("console"),
    signInRoute("portal"),
    route(
        {
            method: "POST",
            path: "/api/passkeys/change-options",
            side: "both",
            permission: "self:read",
            summary: "Returns a challenge for one change of the caller's passkeys",
            answer: assertionOptionsAnswer,
        },
        async (ctx) => await callerOptions(ctx, { purpose: "change_passkeys", person: personOf(ctx.actor) ?? "" }),
    ),
    route(
        {
            method: "GET",
            path: "/api/passkeys",
            side: "both",
            permission: "self:read",
            summary: "Lists the caller's passkeys",
            answer: passkeysAnswer,
        },
        async (ctx) => ({
            passkeys: (await listCallerPasskeys(ctx)).map(({ createdAt, lastUsedAt, ...passkey }) => ({
                ...passkey,
                createdAt: formatInstant(createdAt),
                lastUsedAt: lastUsedAt === null ? null : formatInstant(lastUsedAt),
            })),
        }),
    ),
    route(
        {
            method: "POST",
            path: "/api/passkeys/registration-options",
            side: "both",
            permission: "self:read",
            summary: "Returns a challenge for a new passkey of the caller; after the first one, needs an assertion",
            body: registrationOptionsBody,
            answer: registrationOptionsAnswer,
        },
        async (ctx) => await registrationOptions(ctx, ctx.credential, ctx.body.assertion),
    ),
    route(
        {
            method: "POST",
            path: "/api/passkeys",
            side: "both",
            permission: "self:read",
            summary: "Adds a passkey, with the challenge of registration-options",
            creates: true,
            body: newPasskeyBody,
            answer: newPasskeyAnswer,
        },
        async (ctx) => ({ id: await addPasskey(ctx, ctx.credential, ctx.body) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/passkeys/{id}/remove",
            side: "both",
            permission: "self:read",
            summary:
                "Removes a passkey of the caller, but not the last one, and ends the caller's other sessions and links",
            params: passkeyParams,
            body: assertionBody,
        },
        async (ctx) => {
            await removePasskey(ctx, ctx.credential, { id: ctx.params.id, assertion: ctx.body.assertion })
            return {}
        },
    ),
]
