/**
 * The roof over all slices: every route under two apps, console and portal, each behind the same guard.
 *
 * One transaction a request: who asks, what they may, what is read and what is recorded are decided on the same
 * state, and the answer is sent after the commit. Nothing is served that could not be recorded.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { Type } from "typebox"
import { refuse } from "./lib/refusal.ts"
import type { Tx } from "./platform/db.ts"
import type { Doors } from "./platform/doors.ts"
import {
    After,
    Download,
    type Input,
    Lines,
    Live,
    type Route,
    type Side,
    SignedIn,
    SignedOut,
    hide,
} from "./platform/http.ts"
import { BadMethod, NotSignedIn, makeListener, pathOf } from "./platform/listener.ts"
import { remembering } from "./platform/remember.ts"
import { sendDownload, sendLines, sendLive } from "./platform/sending.ts"
import { type Counted, atMost, fewAtOnce } from "./platform/turnstile.ts"
import type { Act } from "./trust/audit/actions.ts"
import { type Actor, personOf } from "./trust/audit/actor.ts"
import { routes as approvals } from "./trust/approvals/routes.ts"
import { routes as audit } from "./trust/audit/routes.ts"
import { actorOf, hashOf } from "./trust/identity/actions.ts"
import { routes as identity } from "./trust/identity/routes.ts"
import { access, has } from "./trust/identity/access.ts"
import { standingOf } from "./trust/partners/actions/facts.ts"
import { reachesCases } from "./trust/partners/partner.ts"
import { consoleRoutes as partners } from "./trust/partners/routes/partners.ts"
import { portalRoutes as ownAffairs } from "./trust/partners/routes/portal.ts"
import { routes as artifacts } from "./share/artifacts/routes.ts"
import { routes as cases } from "./share/cases/routes.ts"
import { routes as delivery } from "./share/delivery/routes.ts"
import { routes as entitlement } from "./share/entitlement/routes.ts"
import { routes as release } from "./share/release/routes.ts"
import { routes as attribution } from "./trace/attribution/routes.ts"
import { routes as evidence } from "./trace/evidence/routes.ts"
import { routes as inquiries } from "./trace/inquiries/routes.ts"
import { routes as measures } from "./trace/measures/routes.ts"
import { routes as portal } from "./channels/portal/routes.ts"

/** Every route of the house, in the order of its places. */
export const allRoutes: readonly Route<Act>[] = [
    ...audit,
    ...identity,
    ...approvals,
    ...partners,
    ...ownAffairs,
    ...cases,
    ...artifacts,
    ...entitlement,
    ...release,
    ...delivery,
    ...evidence,
    ...attribution,
    ...inquiries,
    ...measures,
    ...portal,
]

export interface ServerOptions {
    readonly doors: Doors
    readonly side: Side
    readonly web: URL | null
    /** Whether people reach it by https (or on localhost): the cookie is then `Secure` and host-bound. */
    readonly secureCookies: boolean
    readonly requestsPerMinuteMax: number
    readonly extraRoutes?: readonly Route<Act>[]
}

/** Of the pool's 16 connections: whatever partners ask, the console and the worker find one free. */
const portalAtOnceMax = 8
/** Downloads and streams that are open at once by one credential: each is asked about again and again. */
const longAtOnceMax = 16

interface Serving extends ServerOptions {
    readonly long: Counted
}

export async function makeServer(given: ServerOptions): Promise<FastifyInstance> {
    const { side, web, requestsPerMinuteMax } = given
    const db = side === "portal" ? fewAtOnce(given.doors.db, portalAtOnceMax) : given.doors.db
    const options: Serving = { ...given, doors: { ...given.doors, db }, long: atMost(longAtOnceMax) }
    const bucketOf = (request: FastifyRequest) => askerOf(options, request)
    const app = await makeListener({ side, log: options.doors.log, web, requestsPerMinuteMax, bucketOf })
    const routes = [...allRoutes, ...(options.extraRoutes ?? [])].filter(
        ({ side: its }) => its === side || its === "both",
    )
    for (const route of routes) mount(app, options, route)
    for (const [url, its] of Map.groupBy(routes, pathOf)) refuseOthers(app, url, its)
    app.get("/api/openapi.json", { schema: { hide: true } }, () => app.swagger())
    app.get("/healthz", { schema: { hide: true } }, async () => {
        await options.doors.db.transaction((tx) => tx.query("select 1"))
        return { ok: true }
    })
    await app.ready()
    return app
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

/** What is asked of a known address by a method that it has not. */
function refuseOthers(app: FastifyInstance, url: string, routes: readonly Route<Act>[]): void {
    const allowed = routes.map(({ method }) => String(method))
    app.route({
        method: methods.filter((method) => !allowed.includes(method)),
        url,
        schema: { hide: true },
        handler: () => {
            throw new BadMethod(allowed.join(", "))
        },
    })
}

const nothing = Type.Object({}, { additionalProperties: false })

function mount(app: FastifyInstance, options: Serving, route: Route<Act>): void {
    app.route({
        method: route.method,
        url: pathOf(route),
        ...(route.bodyMax !== undefined && { bodyLimit: route.bodyMax }),
        schema: {
            summary: route.does,
            ...(route.body && { body: route.body }),
            querystring: route.query ?? nothing,
            ...(route.params && { params: route.params }),
            ...(route.answer && { response: { 200: route.answer } }),
        },
        handler: async (request, reply) => {
            const serve = () => serveOnce(options, route, request)
            const answer = await serve()
            return await send(options, reply, answer, serve)
        },
    })
}

/** The guard and the handler, in one transaction. */
async function serveOnce(options: ServerOptions, route: Route<Act>, request: FastifyRequest): Promise<unknown> {
    const { doors, side } = options
    const credential = credentialOf(request, cookieName(options))
    return await doors.db.transaction(async (tx) => {
        const actor = credential === null ? null : await actorOf(tx, side, credential, doors.realNow())
        const now = await doors.clock.now(tx)
        const act: Act = { tx, now, doors, actor: actor ?? { kind: "system", step: "sign-in" } }
        await mustHave(act, actor, route)
        const ask = { ...act, ...inputOf(route, request), credential } as Act & Input<never, never, never>
        const key = request.headers["idempotency-key"]
        if (!route.creates || typeof key !== "string") return await route.handler(ask)
        const asked = { person: personOf(act.actor) ?? "", route: `${route.method} ${request.url}`, key }
        return await remembering(tx, doors.keys, { ...asked, request: request.body }, () => route.handler(ask))
    })
}

function inputOf(
    route: Route<Act>,
    request: FastifyRequest,
): Pick<Input<unknown, unknown, unknown>, "body" | "query" | "params"> {
    if (!(route.body || isEmpty(request.body))) {
        refuse("invalid", "request.takes_no_body", "nothing can be said here: send no body")
    }
    return { body: request.body ?? {}, query: request.query, params: request.params }
}

const isEmpty = (body: unknown): boolean =>
    body === undefined || (typeof body === "object" && body !== null && Object.keys(body).length === 0)

/** What is missing to a partner looks like what does not exist. */
async function mustHave(act: Act, actor: Actor | null, route: Route<Act>): Promise<void> {
    const allowed = has(actor, route.needs)
    if (allowed && actor?.kind !== "partner") return
    if (actor === null) throw new NotSignedIn()
    if (actor.kind !== "partner") refuse("forbidden", "request.not_allowed", `this needs \`${route.needs}\``)
    const open = access[route.needs]?.standing === "any" || reachesCases(await standingOf(act, actor.partner))
    if (!(allowed && open)) hide()
}

const sidesCookie: Readonly<Record<Side, string>> = { console: "tocsin-console", portal: "tocsin-portal" }

function cookieName(options: ServerOptions): string {
    return `${options.secureCookies ? "__Host-" : ""}${sidesCookie[options.side]}`
}

/** A bearer token, or the session cookie; a request with both is the token's. */
function credentialOf(request: FastifyRequest, name: string): Buffer | null {
    const secret = /^Bearer ([A-Za-z0-9_-]{40,64})$/.exec(request.headers.authorization ?? "")?.[1]
    if (request.headers.authorization !== undefined) return secret === undefined ? null : hashOf(secret)
    const session = request.cookies[name]
    return session === undefined ? null : hashOf(session)
}

/** Who asks, as far as can be told before the database is asked: by the credential itself, however it is written. */
function askerOf(options: ServerOptions, request: FastifyRequest): string {
    return credentialOf(request, cookieName(options))?.toString("hex") ?? request.ip
}

async function send(
    options: Serving,
    reply: FastifyReply,
    answer: unknown,
    serve: () => Promise<unknown>,
): Promise<unknown> {
    const { doors, long } = options
    const asker = askerOf(options, reply.request)
    if (answer instanceof After) return await answer.finish()
    if (answer instanceof Download) {
        const download = onlyFor(options, reply.request, answer)
        return await long(asker, () => sendDownload(doors, reply, download))
    }
    if (answer instanceof Lines) return await sendLines(reply, answer)
    if (answer instanceof Live) return await long(asker, () => sendLive(reply, answer, serve))
    if (answer instanceof SignedIn || answer instanceof SignedOut) return setCookie(options, reply, answer)
    return answer ?? {}
}

/** A download goes on while its partner may have it, and while the person and the credential are good. */
function onlyFor(options: ServerOptions, request: FastifyRequest, download: Download): Download {
    const credential = credentialOf(request, cookieName(options))
    const mayGoOn = async (tx: Tx): Promise<boolean> =>
        credential !== null &&
        (await actorOf(tx, options.side, credential, options.doors.realNow())) !== null &&
        (await download.mayGoOn(tx))
    return new Download(download.bytes, download.name, mayGoOn, download.headers)
}

function setCookie(options: ServerOptions, reply: FastifyReply, answer: SignedIn | SignedOut): object {
    const settings = { path: "/", httpOnly: true, sameSite: "strict" as const, secure: options.secureCookies }
    const name = cookieName(options)
    if (answer instanceof SignedIn) reply.setCookie(name, answer.secret, { ...settings, maxAge: answer.secondsMax })
    else reply.clearCookie(name, settings)
    return {}
}
