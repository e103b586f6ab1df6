/**
 * Serves every route by two apps, console and portal, behind the same guard.
 *
 * One request is one transaction: caller, permission, reads and records see the same state. The answer is sent after
 * the commit, so an answer that could not be recorded is not sent.
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
import { closed } from "./kernel/schemas.ts"

/** Protocols other than the API, each with its own form of errors and credentials. */
const dialects = [taxii, ownCsaf]

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
    readonly observe?: Observe
    /** Addresses and networks of proxies whose `X-Forwarded-For` is trusted. Default: none. */
    readonly trustedProxies?: readonly string[]
    readonly extraRoutes?: readonly Route<ActionContext>[]
    /** Gets each JSON answer of a route before the schema removes fields. An exception fails the request. */
    readonly watch?: (route: Route<ActionContext>, answer: unknown) => void
}

const sharedName = "shared transactions"
/** Open downloads and streams of one caller. Each is checked again and again while it is sent. */
const longAtOnceMax = 16

interface Serving extends ServerOptions {
    readonly turn: InTurn
    readonly sharing: InTurn
    readonly long: Counted
    /** Running checks of the guard, by credential and permission. Concurrent checks share one result. */
    readonly looks: Map<string, Promise<boolean>>
    readonly askerOf: (request: FastifyRequest) => Promise<Asker>
}

/** Makes the Fastify app of one side, with every route of that side. It does not listen yet. */
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

/** Lists what the console's `/readyz` checks. */
export function watchedOf(services: Services, disk: Pick<Watched, "folders" | "diskFreeMin">): Watched {
    const { db, workerAgeMaxMs } = services
    return { db, job: releaseJob, jobs: jobsOf(jobs), workerAgeMaxMs, ...disk }
}

/** Identifies the caller once per request. A known credential needs no database access. */
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

/** Runs a transaction when it is the caller's turn. */
async function inTurnOf<T>(options: Serving, request: FastifyRequest, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { name } = await options.askerOf(request)
    return await options.turn(name, () => options.services.db.transaction(work))
}

/** Public documents answer HEAD too, because clients and mirrors send it before they fetch. */
function methodsOf(route: Route<ActionContext>): string[] {
    return route.method === "GET" && isOpen(route) ? reads : [route.method]
}

const isOpen = ({ permission }: Pick<Route<ActionContext>, "permission">): boolean =>
    permissions[permission]?.open === true

const nothing = Type.Object({}, closed)
/** Maximum body, in bytes, of routes without sign-in. */
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

/** Runs the guard alone, before the body is read. Its transaction ends first, so a slow body holds no lock. */
async function admit(options: Serving, route: Route<ActionContext>, request: FastifyRequest): Promise<void> {
    await inTurnOf(options, request, (tx) => guarded(options, tx, { route, request }))
}

/** How many `Pending` jobs a request may need, one after the other. */
const pendingMax = 16

/** Serves a request again after each `Pending` job. The transaction ends first, so the wait holds no lock. */
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

/** Gives the previous answer where it is still valid; null where the handler must run. */
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

/** Serves the request in a shared transaction. Null: the request must be served alone. */
async function servedInGroup(group: Group, request: FastifyRequest): Promise<unknown> {
    const { options, route } = group
    if (route.together === undefined || !isEmpty(request.body)) return null
    const { bucket, name } = await options.askerOf(request)
    // A caller without a known credential has no lock to take.
    return bucket === name ? null : await options.sharing(name, () => servedTogether(group, request))
}

/** Serves concurrent requests for one route in one transaction, and so by one commit. */
const servedTogether = gathered(
    { waysMax: 1, togetherMax: 16, lingerMs: 6 },
    async ({ options, route }: Group, requests: readonly FastifyRequest[]) => {
        const names = await Promise.all(requests.map(async (request) => (await options.askerOf(request)).name))
        const serve = async (tx: Tx): Promise<readonly unknown[]> => {
            // Takes the locks first, because every fact of a decision must be read under them.
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

/** Runs the guard and the handler in one transaction. */
async function serveOnce(options: Serving, route: Route<ActionContext>, request: FastifyRequest): Promise<unknown> {
    const { services } = options
    return await inTurnOf(options, request, async (tx) => {
        const ask = await askOf(options, tx, { route, request })
        const key = request.headers["idempotency-key"]
        if (!route.creates || typeof key !== "string") return await route.handler(ask)
        await route.reaches?.(ask)
        const identity = { person: personOf(ask.actor) ?? "", route: `${route.method} ${request.url}`, key }
        return await remembering(tx, services.keys, { ...identity, request: request.body }, () => route.handler(ask))
    })
}

/** Finds the caller and checks its permission. Refuses a caller without it. */
async function guarded(
    options: Serving,
    tx: Tx,
    { route, request, find = findActor }: Incoming,
): Promise<ActionContext & { readonly credential: Buffer | null }> {
    const { services, side } = options
    const credential = credentialOf(request, options)
    const { bucket, name } = await options.askerOf(request)
    const isKnown = side === "portal" && credential !== null && bucket !== name
    // Keep this order: clock and status must be read after the partner's lock is held.
    const [actor, now, standing] = await Promise.all([
        credential === null ? null : find(tx, side, credential, services.realNow()),
        services.clock.now(tx),
        isKnown ? loadStandingRead(tx, name) : null,
    ])
    const ctx: ActionContext = { tx, now, services, actor: actor ?? { kind: "system", step: "sign-in" } }
    // Uses the status of the partner seen last with this credential, or reads that of another partner.
    const standingOf = (partner: string) => (partner === name && standing) || loadStandingRead(tx, partner)
    if (!(await mayUse(ctx, actor, route.permission, standingOf))) turnAway(actor?.kind ?? null, route.permission)
    return { ...ctx, credential }
}

const presented = new WeakMap<FastifyRequest, Buffer | null>()

/** Hash of the bearer token or of the session cookie, read once per request. With both, the token counts. */
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
    // A public answer is never cut off.
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
 * Checks, while a long answer is sent, whether its route would still serve the same caller and the answer may still be
 * seen. Holds no lock on the answer.
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
        const check = `${credentialOf(request, options)?.toString("hex")} ${route.permission}`
        const value = looks.get(check) ?? look().finally(() => looks.delete(check))
        looks.set(check, value)
        return value
    }
}

/** Checks, while a download is sent, whether partner, person and credential may still have it. */
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
