/**
 * The roof over all slices: every route under two apps, console and portal, each behind the same guard.
 *
 * One transaction a request: who asks, what they may, what is read and what is recorded are decided on the same
 * state, and the answer is sent after the commit. Nothing is served that could not be recorded.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { Type } from "typebox"
import { hourMs } from "@tocsin/base/instant"
import { type Asker, askers } from "./platform/http/callers.ts"
import { cookieIn } from "./platform/http/cookies.ts"
import type { Tx } from "./platform/postgres/db.ts"
import { dialectOf, tokenIn } from "./platform/http/machine-routes.ts"
import { gathered } from "./kernel/coalesce.ts"
import { tryToRead } from "./kernel/locks.ts"
import type { Services } from "./kernel/services.ts"
import { type Observe, addHealth, addObserver } from "./platform/http/health.ts"
import {
    After,
    type Again,
    Download,
    type Input,
    Lines,
    Live,
    Pending,
    type Route,
    type Side,
    SignedIn,
    SignedOut,
    Text,
    WhileSeen,
    reads,
} from "./kernel/route.ts"
import { makeListener, pathOf, refuseOthers } from "./platform/http/listener.ts"
import { inOneTransaction } from "./kernel/shared-transaction.ts"
import { type Check, type Watched, readinessOf } from "./platform/http/readiness.ts"
import { inputOf, isEmpty, namesNothing, sentIn, turnAway } from "./platform/http/request-input.ts"
import { remembering } from "./kernel/idempotency.ts"
import { sessionCookieName, setSessionCookie } from "./platform/http/session-cookie.ts"
import { sendDownload, sendJson, sendLines, sendLive, sendText } from "./platform/http/send-download.ts"
import { limitStranger } from "./platform/http/stranger-counts.ts"
import { type Counted, type InTurn, atMost, inTurn, placesOf } from "./platform/http/fair-queue.ts"
import { jobsOf } from "./kernel/worker.ts"
import type { ActionContext } from "./kernel/action-context.ts"
import { personOf } from "./kernel/actor.ts"
import { findActor, findActorUnder, hashOf, nameBehind } from "./trust/identity/actions.ts"
import { permissions } from "./kernel/permissions.ts"
import { saveAccessChanges } from "./trust/continuity/actions/guard-database.ts"
import { isStopped, assertServing } from "./trust/continuity/actions/stop-serving.ts"
import { mayUse } from "./trust/partners/actions/check-access.ts"
import { loadStandingRead } from "./trust/partners/actions/load-facts.ts"
import { releaseJob } from "./share/release/actions/release-due.ts"
import { ownCsaf } from "./channels/csaf/collections.ts"
import { taxii } from "./channels/taxii/protocol.ts"
import { jobs } from "./event-handlers.ts"
import { allRoutes } from "./routes.ts"

/** What other protocols than the API are spoken here. */
const dialects = [taxii, ownCsaf]

export interface ServerOptions {
    readonly services: Services
    readonly side: Side
    readonly web: URL | null
    /** Whether people reach it by https (or on localhost): the cookie is then `Secure` and host-bound. */
    readonly secureCookies: boolean
    readonly requestsPerMinuteMax: number
    /** The checks of the console's `/readyz`; without it, all but the disk's. */
    readonly readiness?: () => Promise<readonly Check[]>
    /** Told each request that is over, for metrics. */
    readonly observe?: Observe
    /** Addresses and networks of proxies whose `X-Forwarded-For` tells the client's address; none as shipped. */
    readonly trustedProxies?: readonly string[]
    readonly extraRoutes?: readonly Route<ActionContext>[]
    /** Told each JSON answer as its route gave it, before it is cut to its schema; to throw fails the request. */
    readonly watch?: (route: Route<ActionContext>, answer: unknown) => void
}

const sharedName = "shared transactions"
/** Downloads and streams that are open at once by one asker: each is asked about again and again. */
const longAtOnceMax = 16

interface Serving extends ServerOptions {
    readonly turn: InTurn
    readonly sharing: InTurn
    readonly long: Counted
    /** Looks at the guard that are under way, by credential and what is needed: one answers all that ask meanwhile. */
    readonly looks: Map<string, Promise<boolean>>
    readonly askerOf: (request: FastifyRequest) => Promise<Asker>
}

export async function makeServer(given: ServerOptions): Promise<FastifyInstance> {
    const { side, web, requestsPerMinuteMax } = given
    const turn = inTurn(placesOf[side])
    const sharing = inTurn(placesOf.sharing)
    const long = atMost(longAtOnceMax)
    const options: Serving = { ...given, turn, sharing, long, looks: new Map(), askerOf: askersOf(given) }
    const bucketOf = async (request: FastifyRequest) => (await options.askerOf(request)).bucket
    const { trustedProxies = [] } = given
    const listened = { side, log: options.services.log, web, requestsPerMinuteMax, trustedProxies, bucketOf, dialects }
    const app = await makeListener(listened)
    const routes = [...allRoutes, ...(options.extraRoutes ?? [])].filter(
        ({ side: value }) => value === side || value === "both",
    )
    if (given.observe) addObserver(app, side, given.observe)
    for (const route of routes) mount(app, options, route)
    for (const [url, entries] of Map.groupBy(routes, pathOf)) refuseOthers(app, url, entries.flatMap(methodsOf))
    app.route({ method: reads, url: "/api/openapi.json", schema: { hide: true }, handler: () => app.swagger() })
    const readiness = given.readiness ?? readinessOf(watchedOf(options.services, { folders: [], diskFreeMin: 0 }))
    addHealth(app, side, options.services.db, readiness)
    await app.ready()
    return app
}

/** What a console's process needs to do its work, for `/readyz`. */
export function watchedOf(services: Services, disk: Pick<Watched, "folders" | "diskFreeMin">): Watched {
    const { db, workerAgeMaxMs } = services
    return { db, job: releaseJob, jobs: jobsOf(jobs), workerAgeMaxMs, ...disk }
}

/** Who asks, told once a request, and for a known credential without the database. */
function askersOf(options: ServerOptions): Serving["askerOf"] {
    const { services, side } = options
    const lookUp = inTurn(placesOf.lookUps)
    const find = askers((hash) =>
        lookUp("", () => services.db.transaction((tx) => nameBehind(tx, side, hash, services.realNow()))),
    )
    const notified = new WeakMap<FastifyRequest, Promise<Asker>>()
    return (request) => {
        const asker = notified.get(request) ?? find(credentialOf(request, options), request.ip)
        notified.set(request, asker)
        return asker
    }
}

/** A transaction in the asker's turn. */
async function inTurnOf<T>(options: Serving, request: FastifyRequest, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { name } = await options.askerOf(request)
    return await options.turn(name, () => options.services.db.transaction(work))
}

/** Public documents answer HEAD, which clients and mirrors ask before they fetch. */
function methodsOf(route: Route<ActionContext>): string[] {
    return route.method === "GET" && isOpen(route) ? reads : [route.method]
}

const isOpen = ({ permission }: Pick<Route<ActionContext>, "permission">): boolean =>
    permissions[permission]?.open === true

const nothing = Type.Object({}, { additionalProperties: false })
/** Of who need not sign in: more than any of them has to say. */
const strangersBodyMax = 1024

function mount(app: FastifyInstance, options: Serving, route: Route<ActionContext>): void {
    const bodyMax = route.bodyMax ?? (isOpen(route) ? strangersBodyMax : null)
    const group = { options, route }
    app.route({
        method: methodsOf(route),
        url: pathOf(route),
        ...(bodyMax !== null && { bodyLimit: bodyMax }),
        config: {
            ...(route.perHourMax !== undefined && !isOpen(route) && { rateLimit: hourly(route.perHourMax) }),
            forAnySite: isOpen(route) && route.method === "GET" && route.forAnySite,
        },
        onRequest: async () => assertServing(options, isOpen(route) && route.method === "GET"),
        preParsing: async (request, reply) => {
            if (isOpen(route))
                await limitStranger(options.services, route, (await options.askerOf(request)).bucket, reply)
            if (!isOpen(route) && hasBody(request)) await admit(options, route, request)
        },
        attachValidation: true,
        schema: {
            summary: route.summary,
            ...(route.body && { body: route.body }),
            querystring: route.query ?? nothing,
            ...(route.params && { params: route.params }),
            ...(route.answer && { response: { 200: route.answer } }),
        },
        handler: async (request, reply) => {
            const serve = () => withoutWaiting(() => serveOnce(options, route, request))
            const answer =
                (await servedAgain(options, route, request)) ?? (await servedInGroup(group, request)) ?? (await serve())
            if (route.method !== "GET") await saveAccessChanges(options.services)
            return await send(options, reply, answer, { route, serve })
        },
    })
}

const hourly = (max: number) => ({ max, timeWindow: hourMs })

const hasBody = ({ headers }: FastifyRequest): boolean =>
    headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** The guard alone, before the body is read; by then its transaction is over, so that a slow body holds nothing. */
async function admit(options: Serving, route: Route<ActionContext>, request: FastifyRequest): Promise<void> {
    await inTurnOf(options, request, (tx) => guarded(options, tx, { route, request }))
}

/** So many things a request may need first, one after the other. */
const pendingMax = 16

/** Nobody waits behind the locks of a request that itself waits. */
async function withoutWaiting<T>(serve: () => Promise<T>): Promise<T> {
    for (let met = 0; ; met++) {
        try {
            return await serve()
        } catch (error) {
            if (!(error instanceof Pending) || met >= pendingMax) throw error
            await error.work
        }
    }
}

/** What was answered a moment ago, where it still may be; null where it is to be found out. */
async function servedAgain(options: Serving, route: Route<ActionContext>, request: FastifyRequest): Promise<unknown> {
    const { again } = route
    if (again === undefined || request.validationError || namesNothing(request) || !isEmpty(request.body)) return null
    const { services, turn } = options
    const credential = credentialOf(request, options)
    const { name } = await options.askerOf(request)
    const ask = { services, ...sentIn(route, request), credential } as Again & Input<never, never, never>
    return await turn(name, () => again(ask))
}

interface Group {
    readonly options: Serving
    readonly route: Route<ActionContext>
}

/** Null where the request is to be served alone. */
async function servedInGroup(group: Group, request: FastifyRequest): Promise<unknown> {
    const { options, route } = group
    if (route.together === undefined || !isEmpty(request.body)) return null
    const { bucket, name } = await options.askerOf(request)
    // A stranger has no lock to take.
    return bucket === name ? null : await options.sharing(name, () => servedTogether(group, request))
}

/** Requests for one route that come at the same time are served in one transaction, and so by one commit. */
const servedTogether = gathered(
    { waysMax: 1, togetherMax: 16, lingerMs: 6 },
    async ({ options, route }: Group, requests: readonly FastifyRequest[]) => {
        const names = await Promise.all(requests.map(async (request) => (await options.askerOf(request)).name))
        const serve = async (tx: Tx): Promise<readonly unknown[]> => {
            // The locks are sent first: every fact of a decision is read behind them.
            const held = tryToRead(tx, names)
            const find: Incoming["find"] = (_, __, hash, now) => findActorUnder(tx, held, hash, now)
            const asks = await Promise.all(
                requests.map((request) => askOf(options, tx, { route, request, find }).catch(() => null)),
            )
            const answers = (await route.together?.(asks.filter((ask) => ask !== null)))?.values()
            return asks.map((ask) => ask && answers?.next().value)
        }
        const answers = await options.turn(sharedName, () => inOneTransaction(options.services, serve))
        return answers ?? requests.map(() => null)
    },
)

interface Incoming {
    readonly route: Route<ActionContext>
    readonly request: FastifyRequest
    readonly find?: typeof findActor
}

/** The handler's input. Throws where the guard refuses the request, or the request does not fit the route. */
async function askOf(options: Serving, tx: Tx, incoming: Incoming): Promise<Ask> {
    const { credential, ...ctx } = await guarded(options, tx, incoming)
    return { ...ctx, ...inputOf(incoming.route, incoming.request), credential } as Ask
}

type Ask = ActionContext & Input<never, never, never>

/** The guard and the handler, in one transaction. */
async function serveOnce(options: Serving, route: Route<ActionContext>, request: FastifyRequest): Promise<unknown> {
    const { services } = options
    return await inTurnOf(options, request, async (tx) => {
        const ask = await askOf(options, tx, { route, request })
        const key = request.headers["idempotency-key"]
        if (!route.creates || typeof key !== "string") return await route.handler(ask)
        await route.reaches?.(ask)
        const item = { person: personOf(ask.actor) ?? "", route: `${route.method} ${request.url}`, key }
        return await remembering(tx, services.keys, { ...item, request: request.body }, () => route.handler(ask))
    })
}

/** Who asks, allowed to. */
async function guarded(
    options: Serving,
    tx: Tx,
    { route, request, find = findActor }: Incoming,
): Promise<ActionContext & { readonly credential: Buffer | null }> {
    const { services, side } = options
    const credential = credentialOf(request, options)
    const { bucket, name } = await options.askerOf(request)
    const isKnown = side === "portal" && credential !== null && bucket !== name
    // In this order: the clock and the standing are read when the partner's lock is held.
    const [actor, now, standing] = await Promise.all([
        credential === null ? null : find(tx, side, credential, services.realNow()),
        services.clock.now(tx),
        isKnown ? loadStandingRead(tx, name) : null,
    ])
    const ctx: ActionContext = { tx, now, services, actor: actor ?? { kind: "system", step: "sign-in" } }
    // Who it was before is a guess at whose standing to read. Whose counts, is told by who it is now.
    const standingOf = (partner: string) => (partner === name && standing) || loadStandingRead(tx, partner)
    if (!(await mayUse(ctx, actor, route.permission, standingOf))) turnAway(actor?.kind ?? null, route.permission)
    return { ...ctx, credential }
}

const presented = new WeakMap<FastifyRequest, Buffer | null>()

/** A bearer token, or the session cookie; a request with both is the token's. Read once a request. */
function credentialOf(request: FastifyRequest, options: ServerOptions): Buffer | null {
    const known = presented.get(request)
    if (known !== undefined) return known
    const secret = secretIn(request, options)
    const credential = secret === null ? null : hashOf(secret)
    presented.set(request, credential)
    return credential
}

function secretIn(request: FastifyRequest, options: ServerOptions): string | null {
    const { authorization } = request.headers
    const isForeign = dialectOf(dialects, request) !== undefined
    if (authorization !== undefined || isForeign) return tokenIn(authorization ?? "", isForeign)
    return cookieIn(request.headers.cookie, sessionCookieName(options)) ?? null
}

async function send(
    options: Serving,
    reply: FastifyReply,
    given: unknown,
    { route, serve }: { readonly route: Route<ActionContext>; readonly serve: () => Promise<unknown> },
): Promise<unknown> {
    const { long } = options
    const shown = given instanceof WhileSeen ? (given as WhileSeen<ActionContext>) : null
    const answer = shown === null ? given : shown.answer
    const isSeen = shown?.mayContinue ?? null
    const { name } = await options.askerOf(reply.request)
    if (answer instanceof Download) {
        return await long(name, () => sendDownload(reply, answer, goesOn(options, reply.request, name, answer)))
    }
    // What is open to all is nobody's to call back.
    const mayContinue = isOpen(route) ? null : stillServes(options, route, reply.request, isSeen)
    if (mayContinue !== null) reply.header("cache-control", "no-store")
    if (answer instanceof Lines) return await sendLines(reply, answer, mayContinue)
    if (answer instanceof Text) return await sendText(reply, answer, mayContinue)
    if (answer instanceof Live) return await long(name, () => sendLive(reply, answer, serve))
    const json = await jsonOf(options, reply, answer)
    options.watch?.(route, json)
    return mayContinue === null ? json : await sendJson(reply, json, mayContinue)
}

async function jsonOf(options: Serving, reply: FastifyReply, answer: unknown): Promise<unknown> {
    if (answer instanceof After) return await answer.finish()
    if (answer instanceof SignedIn || answer instanceof SignedOut) return setSessionCookie(options, reply, answer)
    return answer ?? {}
}

/**
 * Asked while what is more than a piece is under way: whether its route would be served to the same asker now, and what
 * stands in the answer be seen. The answer itself is not held.
 */
function stillServes(
    options: Serving,
    route: Route<ActionContext>,
    request: FastifyRequest,
    isSeen: WhileSeen<ActionContext>["mayContinue"] | null,
): () => Promise<boolean> {
    const { services, looks, turn } = options
    const look = async () => {
        if (isStopped(options)) return false
        const { name } = await options.askerOf(request)
        const ask = async (tx: Tx) => {
            const ctx = await guarded(options, tx, { route, request })
            return isSeen === null || (await isSeen(ctx))
        }
        return await turn(name, () => services.db.transaction(ask), "goesOn")
    }
    return () => {
        if (isSeen !== null) return look()
        const subject = `${credentialOf(request, options)?.toString("hex")} ${route.permission}`
        const value = looks.get(subject) ?? look().finally(() => looks.delete(subject))
        looks.set(subject, value)
        return value
    }
}

/** Asked while a download is under way: whether its partner may have it still, and person and credential are good. */
function goesOn(options: Serving, request: FastifyRequest, name: string, download: Download): () => Promise<boolean> {
    const { services, side, turn } = options
    const credential = credentialOf(request, options)
    const ask = async (tx: Tx): Promise<boolean> =>
        credential !== null &&
        !isStopped(options) &&
        (await findActor(tx, side, credential, services.realNow())) !== null &&
        (await download.mayContinue(tx))
    return () => turn(name, () => services.db.transaction(ask), "goesOn")
}
