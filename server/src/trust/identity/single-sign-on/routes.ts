/** Serves single sign-on: sign in, connect an account, disconnect it, and the provider's logout. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { type Side, SignInAnswer, SignOnAnswer } from "../../../kernel/route.ts"
import { lifetimeMs } from "../person.ts"
import { endPresentedSession } from "../actions/sign-in.ts"
import { sideOf } from "../passkeys/actions/use-passkey.ts"
import { disconnect } from "./actions/end-identities.ts"
import {
    type StartedSignOn,
    finishSignOn,
    listConnectable,
    listProviders,
    logOut,
    startConnecting,
    startSignIn,
} from "./actions/sign-on.ts"
import { signOnMs } from "./actions/encrypt-sign-on.ts"
import {
    byProvider,
    finishAnswer,
    finishBody,
    identitiesAnswer,
    logoutBody,
    providersAnswer,
    providersQuery,
    startAnswer,
    startConnectingBody,
    startSignInBody,
} from "./schemas.ts"

/** Of one address: many people can share it. */
const perHourMax = 600
const bodyMax = 16 * 1024

const presentStart = ({ address, cookie }: StartedSignOn) =>
    new SignOnAnswer({ address }, { value: cookie, secondsMax: signOnMs / 1000 })

const providersRoute = (side: Side) =>
    route(
        {
            method: "GET",
            path: "/api/session/sso",
            side,
            permission: "public",
            summary: "Lists the providers of single sign-on; at the portal only the one that `provider` names",
            query: providersQuery,
            answer: providersAnswer,
        },
        async (ctx) => ({
            providers: listProviders(ctx, side, ctx.query.provider).map(({ settings: { id, name } }) => ({ id, name })),
        }),
    )

const startRoute = (side: Side) =>
    route(
        {
            method: "POST",
            path: "/api/session/sso/start",
            side,
            permission: "public",
            summary: "Starts single sign-on in this browser, for ten minutes at most",
            perHourMax,
            body: startSignInBody,
            answer: startAnswer,
        },
        async (ctx) => presentStart(startSignIn(ctx, { side, body: ctx.body })),
    )

const finishRoute = (side: Side) =>
    route(
        {
            method: "POST",
            path: "/api/session/sso",
            side,
            permission: "public",
            summary: "Completes single sign-on in this browser: signs in, or connects an account",
            perHourMax,
            body: finishBody,
            bodyMax,
            answer: finishAnswer,
        },
        async (ctx) => {
            const { credential, signOnCookie: cookie, body } = ctx
            const { session, returnTo } = await finishSignOn(ctx, { side, cookie, credential, body })
            if (session !== null) await endPresentedSession(ctx, ctx.credential)
            const signIn = session === null ? null : new SignInAnswer(session, lifetimeMs.session / 1000)
            return new SignOnAnswer({ returnTo }, { value: "", secondsMax: 0 }, signIn)
        },
    )

const logoutRoute = (side: Side) =>
    route(
        {
            method: "POST",
            path: "/api/sso/{provider}/logout",
            side,
            permission: "public",
            summary: "Ends sessions at the request of a provider (OpenID Connect Back-Channel Logout 1.0)",
            params: byProvider,
            body: logoutBody,
            bodyMax,
            readsForm: true,
        },
        async (ctx) => {
            await logOut(ctx, side, { provider: ctx.params.provider, body: ctx.body })
            return {}
        },
    )

const formatOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at))

export const routes = [
    providersRoute("console"),
    providersRoute("portal"),
    startRoute("console"),
    startRoute("portal"),
    finishRoute("console"),
    finishRoute("portal"),
    logoutRoute("console"),
    logoutRoute("portal"),
    route(
        {
            method: "GET",
            path: "/api/connected-identities",
            side: "both",
            permission: "self:read",
            summary: "Lists the providers of single sign-on that the caller can connect or has connected",
            answer: identitiesAnswer,
        },
        async (ctx) => ({
            providers: (await listConnectable(ctx, sideOf(ctx))).map(({ connectedAt, lastUsedAt, ...provider }) => ({
                ...provider,
                connectedAt: formatOrNull(connectedAt),
                lastUsedAt: formatOrNull(lastUsedAt),
            })),
        }),
    ),
    route(
        {
            method: "POST",
            path: "/api/connected-identities",
            side: "both",
            permission: "self:read",
            summary: "Begins to connect the caller's account of a provider; needs an assertion where it has a passkey",
            body: startConnectingBody,
            answer: startAnswer,
        },
        async (ctx) => presentStart(await startConnecting(ctx, ctx.credential, { side: sideOf(ctx), body: ctx.body })),
    ),
    route(
        {
            method: "DELETE",
            path: "/api/connected-identities/{provider}",
            side: "both",
            permission: "self:read",
            summary: "Disconnects the caller's account of a provider, and ends the sessions through it",
            params: byProvider,
        },
        async (ctx) => {
            await disconnect(ctx, ctx.params.provider)
            return {}
        },
    ),
]
