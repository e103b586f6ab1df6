/** Finds the caller of a request, and checks what it may do. */
import { taxii } from "./channels/taxii/protocol.ts"
import { scim } from "./channels/scim/protocol.ts"
import { partnerCsaf } from "./channels/csaf/collections.ts"
import type { Services } from "./kernel/services.ts"
import type { Input, Route, Side } from "./kernel/route.ts"
import type { Check } from "./platform/http/readiness.ts"
import type { ObserveRequest } from "./platform/http/health.ts"
import type { ActionContext } from "./kernel/action-context.ts"
import type { RunCounted, RunQueued } from "./platform/http/fair-queue.ts"
import type { FastifyRequest } from "fastify"
import { oauth } from "./trust/identity/machines/actions/oauth-protocol.ts"
import { findSender } from "./trust/identity/machines/actions/find-sender.ts"
import type { Actor } from "./kernel/actor.ts"
import type { Caller } from "./platform/http/callers.ts"
import { scopeOf } from "./models/scopes.ts"
import type { Sender } from "./models/sender.ts"
import { permissions } from "./kernel/permissions.ts"
import { type CredentialUse, findActor, hashOf } from "./trust/identity/actions/sign-in.ts"
import { assertConfirmed } from "./trust/identity/sessions/actions/manage-sessions.ts"
import type { Tx } from "./platform/postgres/db.ts"
import { loadPartnerStatusReader } from "./trust/partners/actions/load-facts.ts"
import { mayUse } from "./trust/partners/actions/check-access.ts"
import { BadProof } from "./platform/http/listener.ts"
import { refuseCaller } from "./platform/http/request-input.ts"
import { dialectOf, tokenFromHeader } from "./platform/http/machine-routes.ts"
import { findCookie } from "./platform/http/cookies.ts"
import type { AcceptedUses } from "./platform/http/accepted-uses.ts"
import { sessionCookieName } from "./platform/http/session-cookie.ts"

/** Protocols other than the API, each with its own form of errors and credentials. */
export const dialects = [taxii, partnerCsaf, oauth, scim]

export interface ServerOptions {
    readonly services: Services
    readonly side: Side
    readonly web: URL | null
    /** Whether people reach the app by https or on localhost. The cookie is then `Secure` and bound to the host. */
    readonly secureCookies: boolean
    readonly requestsPerMinuteMax: number
    /** The checks of the console's `/readyz`. Absent: all checks except the disk's. */
    readonly readiness?: () => Promise<readonly Check[]>
    /** Gets each finished request, for metrics. */
    readonly observe?: ObserveRequest
    /** Addresses and networks of proxies whose `X-Forwarded-For` is trusted. Default: none. */
    readonly trustedProxies?: readonly string[]
    /** The header in which a trusted proxy sends the verified client certificate. Default: none. */
    readonly clientCertificateHeader?: string
    readonly extraRoutes?: readonly Route<ActionContext>[]
    /** Gets each JSON answer of a route before the schema removes fields. An exception fails the request. */
    readonly watch?: (route: Route<ActionContext>, answer: unknown) => void
}

export interface ServingOptions extends ServerOptions {
    readonly runQueued: RunQueued
    readonly runShared: RunQueued
    readonly countLong: RunCounted
    /** Running checks of the guard, by credential and permission. Concurrent checks share one result. */
    readonly runningChecks: Map<string, Promise<boolean>>
    /** Uses of credentials that the guard has accepted, with the scope. Only they may be served without it. */
    readonly acceptedUses: AcceptedUses
    readonly callerOf: (request: FastifyRequest) => Promise<Caller>
}

export const isOpen = ({ permission }: Pick<Route<ActionContext>, "permission">): boolean =>
    permissions[permission]?.open === true

type FindActor = (tx: Tx, side: Side, hash: Buffer, realNow: number, use: CredentialUse) => Promise<Actor | null>

export interface IncomingRequest {
    readonly route: Route<ActionContext>
    readonly request: FastifyRequest
    readonly find?: FindActor
}

/** Finds the caller and checks its permission. Refuses a caller without it. */
export async function authorize(
    options: ServingOptions,
    tx: Tx,
    { route, request, find = findActor }: IncomingRequest,
): Promise<ActionContext & Pick<Input<never, never, never>, "credential" | "sender">> {
    const { services, side } = options
    const credential = credentialOf(request, options)
    const sender = await senderOf(options, request)
    if (sender.hasBadProof && !isOpen(route)) throw new BadProof()
    const use = { sender, scope: scopeOf(route) }
    const { bucket, name } = await options.callerOf(request)
    const isKnown = side === "portal" && credential !== null && bucket !== name
    // Keep this order: clock and status must be read after the partner's lock is held.
    const [actor, now, knownStatus] = await Promise.all([
        credential === null ? null : find(tx, side, credential, services.realNow(), use),
        services.clock.now(tx),
        isKnown ? loadPartnerStatusReader(tx, name) : null,
    ])
    const ctx: ActionContext = { tx, now, services, actor: actor ?? { kind: "system", component: "sign-in" } }
    // Uses the status of the partner seen last with this credential, or reads that of another partner.
    const statusOf = (partner: string) => (partner === name && knownStatus) || loadPartnerStatusReader(tx, partner)
    if (!(await mayUse(ctx, actor, route.permission, statusOf))) refuseCaller(actor?.kind ?? null, route.permission)
    if (route.needsConfirmation && services.signsWithPasskeys) await assertConfirmed(tx, credential, services.realNow())
    if (actor !== null) options.acceptedUses.add(await useOf(options, request), scopeOf(route))
    return { ...ctx, credential, sender }
}

const senders = new WeakMap<FastifyRequest, Promise<Sender>>()

/** Finds the sender of a request: address, proof and certificate. Runs once for each request. */
export function senderOf(options: ServerOptions, request: FastifyRequest): Promise<Sender> {
    const known = senders.get(request)
    if (known !== undefined) return known
    const sender = findSender(options, request, credentialOf(request, options))
    senders.set(request, sender)
    return sender
}

/** Names the use of a credential: two requests with one credential and equal senders have the same text. */
export async function useOf(options: ServerOptions, request: FastifyRequest): Promise<string> {
    const { address, key, hasBadProof, certificate } = await senderOf(options, request)
    const credential = credentialOf(request, options)?.toString("hex") ?? null
    return JSON.stringify([credential, address, key, hasBadProof, certificate])
}

const credentials = new WeakMap<FastifyRequest, Buffer | null>()

/** Hash of the bearer token or of the session cookie, read once per request. With both, the token counts. */
export function credentialOf(request: FastifyRequest, options: ServerOptions): Buffer | null {
    const known = credentials.get(request)
    if (known !== undefined) return known
    const secret = secretIn(request, options)
    const credential = secret === null ? null : hashOf(secret)
    credentials.set(request, credential)
    return credential
}

function secretIn(request: FastifyRequest, options: ServerOptions): string | null {
    const { authorization } = request.headers
    const isDialect = dialectOf(dialects, request) !== undefined
    if (authorization !== undefined || isDialect) return tokenFromHeader(authorization ?? "", isDialect)
    return findCookie(request.headers.cookie, sessionCookieName(options)) ?? null
}
