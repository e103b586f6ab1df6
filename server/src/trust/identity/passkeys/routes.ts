/** Serves passkeys: add, list, remove, sign in with one, confirm a session with one. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { type Side, SignInAnswer } from "../../../kernel/route.ts"
import { lifetimeMs } from "../person.ts"
import { addPasskey, listCallerPasskeys, registrationOptions, removePasskey } from "./actions/manage-passkeys.ts"
import { callerOptions, confirmSession, signInOptions, signInWithPasskey } from "./actions/use-passkey.ts"
import {
    assertionBody,
    assertionOptionsAnswer,
    newPasskeyAnswer,
    newPasskeyBody,
    passkeyParams,
    passkeysAnswer,
    registrationOptionsAnswer,
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
        async (ctx) =>
            new SignInAnswer(await signInWithPasskey(ctx, side, ctx.body.assertion), lifetimeMs.session / 1000),
    )

export const routes = [
    signInOptionsRoute("console"),
    signInOptionsRoute("portal"),
    signInRoute("console"),
    signInRoute("portal"),
    route(
        {
            method: "POST",
            path: "/api/session/confirmation-options",
            side: "both",
            permission: "self:read",
            summary: "Returns a challenge for confirming the session with a passkey",
            answer: assertionOptionsAnswer,
        },
        async (ctx) => await callerOptions(ctx, { purpose: "verify", person: personOf(ctx.actor) ?? "" }),
    ),
    route(
        {
            method: "POST",
            path: "/api/session/confirm",
            side: "both",
            permission: "self:read",
            summary: "Confirms the session with a passkey for five minutes, as adding and removing passkeys needs",
            body: assertionBody,
        },
        async (ctx) => {
            await confirmSession(ctx, ctx.credential, ctx.body.assertion)
            return {}
        },
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
            summary: "Returns a challenge for a new passkey of the caller",
            answer: registrationOptionsAnswer,
        },
        async (ctx) => await registrationOptions(ctx, ctx.credential),
    ),
    route(
        {
            method: "POST",
            path: "/api/passkeys",
            side: "both",
            permission: "self:read",
            summary:
                "Adds a passkey; a session from a link adds only the first one, later ones need a confirmed session",
            creates: true,
            body: newPasskeyBody,
            answer: newPasskeyAnswer,
        },
        async (ctx) => ({ id: await addPasskey(ctx, ctx.credential, ctx.body) }),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/passkeys/{id}",
            side: "both",
            permission: "self:read",
            summary: "Removes a passkey of the caller, but not the last one; needs a confirmed session",
            params: passkeyParams,
        },
        async (ctx) => {
            await removePasskey(ctx, ctx.credential, ctx.params.id)
            return {}
        },
    ),
]
