/**
 * Serves every route by two apps, console and portal, behind the same guard.
 *
 * One request is one transaction: caller, permission, reads and records see the same state. The answer is sent after
 * the commit, so an answer that could not be recorded is not sent.
 */
import {
    type IncomingRequest,
    type ServerOptions,
    type ServingOptions,
    authorize,
    credentialOf,
    dialects,
    isOpen,
    senderOf,
    useOf,
} from "./authorize.ts"
import type { FastifyInstance, FastifyRequest } from "fastify"
import { addRequestSpans } from "./platform/telemetry/spans.ts"
import { limitPerName, makeFairQueue, queueLimits } from "./platform/http/fair-queue.ts"
import { makeListener, pathOf, refuseOtherMethods } from "./platform/http/listener.ts"
import { allRoutes } from "./routes.ts"
import { addHealth, addObserver } from "./platform/http/health.ts"
import { type Input, PendingWork, type Route, type WithoutTransaction, readMethods } from "./kernel/route.ts"
import { type ReadinessOptions, readinessOf } from "./platform/http/readiness.ts"
import type { Services } from "./kernel/services.ts"
import { releaseJob } from "./share/release/actions/release-due.ts"
import { jobNamesOf } from "./kernel/worker.ts"
import { jobs } from "./background-jobs.ts"
import { type Caller, makeFindCaller } from "./platform/http/callers.ts"
import { rememberUses } from "./platform/http/accepted-uses.ts"
import { scopeOf } from "./models/scopes.ts"
import { collectMs, collectUses } from "./trust/identity/machines/actions/collect-uses.ts"
import { backgroundHeader, deviceOf } from "./trust/identity/sessions/session.ts"
import { findActorUnderLock, findCallerId } from "./trust/identity/actions/sign-in.ts"
import type { Tx } from "./platform/postgres/db.ts"
import { findNewer } from "./platform/postgres/migrate.ts"
import type { ActionContext } from "./kernel/action-context.ts"
import { Type } from "typebox"
import { closed } from "./kernel/schemas.ts"
import { assertServing } from "./trust/continuity/actions/stop-serving.ts"
import { limitStranger } from "./platform/http/stranger-counts.ts"
import { saveAccessChanges } from "./trust/continuity/actions/guard-database.ts"
import { sendAnswer } from "./send-answer.ts"
import { findCookie } from "./platform/http/cookies.ts"
import { signOnCookieName } from "./platform/http/session-cookie.ts"
import { hourMs } from "@tocsin/base/instant"
import { hasNulParameter, isEmpty, parseInput, rawInputOf } from "./platform/http/request-input.ts"
import { coalesce } from "./kernel/coalesce.ts"
import { tryLockToRead } from "./kernel/locks.ts"
import { runInSharedTransaction } from "./kernel/shared-transaction.ts"
import { personOf } from "./kernel/actor.ts"
import { runIdempotently } from "./kernel/idempotency.ts"

const sharedName = "shared transactions"

/** Open downloads and streams of one caller. Each is checked again and again while it is sent. */
const longAnswersMax = 16

/** Makes the Fastify app of one side, with every route of that side. It does not listen yet. */
export async function makeServer(serverOptions: ServerOptions): Promise<FastifyInstance> {
    const { side, web, requestsPerMinuteMax } = serverOptions
    const runQueued = makeFairQueue(queueLimits[side])
    const runShared = makeFairQueue(queueLimits.sharing)
    const countLong = limitPerName(longAnswersMax)
    const options: ServingOptions = {
        ...serverOptions,
        runQueued,
        runShared,
        countLong,
        runningChecks: new Map(),
        acceptedUses: rememberUses(),
        callerOf: makeCallerOf(serverOptions),
    }
    const bucketOf = async (request: FastifyRequest) => (await options.callerOf(request)).bucket
    const { trustedProxies = [] } = serverOptions
    const listenerOptions = {
        side,
        log: options.services.log,
        web,
        requestsPerMinuteMax,
        trustedProxies,
        bucketOf,
        dialects,
        isOutdated: async () => (await options.services.db.transaction(findNewer).catch(() => undefined)) !== undefined,
    }
    const app = await makeListener(listenerOptions)
    const routes = [...allRoutes, ...(options.extraRoutes ?? [])].filter(
        ({ side: routeSide }) => routeSide === side || routeSide === "both",
    )
    noteUses(app, options)
    addRequestSpans(app, side)
    if (serverOptions.observe) addObserver(app, side, serverOptions.observe)
    for (const route of routes) mount(app, options, route)
    for (const [url, entries] of Map.groupBy(routes, pathOf)) refuseOtherMethods(app, url, entries.flatMap(methodsOf))
    app.route({ method: readMethods, url: "/api/openapi.json", schema: { hide: true }, handler: () => app.swagger() })
    const readiness =
        serverOptions.readiness ?? readinessOf(readinessOptionsOf(options.services, { folders: [], diskFreeMin: 0 }))
    addHealth(app, side, options.services, readiness)
    await app.ready()
    return app
}

/** Returns whether a screen sent this request automatically: a marked refresh, or its stream of changes. */
const isBackground = ({ headers }: FastifyRequest): boolean =>
    headers[backgroundHeader] !== undefined || headers.accept === "text/event-stream"

/** Notes when, from where and on which device a known credential got an answer, except in the background. */
function noteUses(app: FastifyInstance, options: ServingOptions): void {
    const uses = collectUses(options.services)
    app.addHook("onResponse", async (request, reply) => {
        const credential = credentialOf(request, options)
        if (credential === null || isBackground(request)) return
        const use = { hash: credential, from: request.ip, device: deviceOf(request.headers["user-agent"] ?? "") }
        if (reply.statusCode === 401 && request.headers.authorization !== undefined) uses.noteRefused(use)
        if (reply.statusCode >= 400) return
        const { bucket, name } = await options.callerOf(request)
        if (bucket !== name) uses.note(use)
    })
    let timer: NodeJS.Timeout | undefined
    app.addHook("onListen", async () => {
        timer = setInterval(() => void uses.flush(), collectMs).unref()
    })
    app.addHook("onClose", async () => {
        if (timer === undefined) return
        clearInterval(timer)
        await uses.flush()
    })
}

/** Lists what the console's `/readyz` checks. */
export function readinessOptionsOf(
    services: Services,
    disk: Pick<ReadinessOptions, "folders" | "diskFreeMin">,
): ReadinessOptions {
    const { db, workerAgeMaxMs, highWater, areKeysUp } = services
    const isQuarantined = () => highWater.isQuarantined()
    return { db, job: releaseJob, jobs: jobNamesOf(jobs), workerAgeMaxMs, isQuarantined, areKeysUp, ...disk }
}

/** Identifies the caller once per request. A known credential needs no database access. */
function makeCallerOf(options: ServerOptions): ServingOptions["callerOf"] {
    const { services, side } = options
    const runLookup = makeFairQueue(queueLimits.lookups)
    const findCaller = makeFindCaller(({ credential, sender }) => {
        const use = { sender, realNow: services.realNow() }
        return runLookup("", () => services.db.transaction((tx) => findCallerId(tx, side, credential, use)))
    })
    const callers = new WeakMap<FastifyRequest, Promise<Caller>>()
    const findRequestCaller = async (request: FastifyRequest) => {
        const [use, sender] = [await useOf(options, request), await senderOf(options, request)]
        return await findCaller({ credential: credentialOf(request, options), sender, use })
    }
    return (request) => {
        const caller = callers.get(request) ?? findRequestCaller(request)
        callers.set(request, caller)
        return caller
    }
}

/** Runs a transaction when it is the caller's turn. */
async function runInTurn<T>(
    options: ServingOptions,
    request: FastifyRequest,
    work: (tx: Tx) => Promise<T>,
): Promise<T> {
    const { name } = await options.callerOf(request)
    return await options.runQueued(name, () => options.services.db.transaction(work))
}

/** Public documents answer HEAD too, because clients and mirrors send it before they fetch. */
function methodsOf(route: Route<ActionContext>): string[] {
    return route.method === "GET" && isOpen(route) ? readMethods : [route.method]
}

const emptyQuery = Type.Object({}, closed)

/** Maximum body, in bytes, of routes without sign-in. */
const openBodyBytesMax = 1024

function mount(app: FastifyInstance, options: ServingOptions, route: Route<ActionContext>): void {
    const bodyMax = route.bodyMax ?? (isOpen(route) ? openBodyBytesMax : null)
    const group = { options, route }
    app.route({
        method: methodsOf(route),
        url: pathOf(route),
        ...(bodyMax !== null && { bodyLimit: bodyMax }),
        config: {
            ...(route.perHourMax !== undefined && !isOpen(route) && { rateLimit: hourly(route.perHourMax) }),
            forAnySite: isOpen(route) && route.method === "GET" && route.forAnySite,
            ...(route.readsForm && { readsForm: true }),
        },
        onRequest: async () => assertServing(options, isOpen(route) && route.method === "GET"),
        preParsing: async (request, reply) => {
            if (isOpen(route))
                await limitStranger(options.services, route, (await options.callerOf(request)).bucket, reply)
            if (!isOpen(route) && hasBody(request)) await authorizeBeforeBody(options, route, request)
        },
        attachValidation: true,
        schema: {
            summary: route.summary,
            ...(route.body && { body: route.body }),
            querystring: route.query ?? emptyQuery,
            ...(route.params && { params: route.params }),
            ...(route.answer && { response: { 200: route.answer } }),
        },
        handler: async (request, reply) => {
            const serve = () => retryPending(() => serveOnce(options, route, request))
            const answer =
                (await serveReused(options, route, request)) ?? (await serveInGroup(group, request)) ?? (await serve())
            if (route.method !== "GET" || showsAttributions(route)) await saveAccessChanges(options.services)
            return await sendAnswer(options, reply, answer, { route, serve })
        },
    })
}

/** Whether the answer can show the result of an attribution. What it spent must outlive a restore then. */
const showsAttributions = ({ permission }: Pick<Route<ActionContext>, "permission">): boolean =>
    permission === "evidence:read" || permission === "inquiry:read"

const hourly = (max: number) => ({ max, timeWindow: hourMs })

const hasBody = ({ headers }: FastifyRequest): boolean =>
    headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** Runs the guard alone, before the body is read. Its transaction ends first, so a slow body holds no lock. */
async function authorizeBeforeBody(
    options: ServingOptions,
    route: Route<ActionContext>,
    request: FastifyRequest,
): Promise<void> {
    await runInTurn(options, request, (tx) => authorize(options, tx, { route, request }))
}

/** How many `Pending` jobs a request may need, one after the other. */
const pendingMax = 16

/** Serves a request again after each `PendingWork` job. The transaction ends first, so the wait holds no lock. */
async function retryPending<T>(serve: () => Promise<T>): Promise<T> {
    for (let attempts = 0; ; attempts++) {
        try {
            return await serve()
        } catch (error) {
            if (!(error instanceof PendingWork) || attempts >= pendingMax) throw error
            await error.work
        }
    }
}

/** Gives the previous answer where it is still valid; null where the handler must run. */
async function serveReused(
    options: ServingOptions,
    route: Route<ActionContext>,
    request: FastifyRequest,
): Promise<unknown> {
    const { reuseAnswer } = route
    if (reuseAnswer === undefined || request.validationError || hasNulParameter(request) || !isEmpty(request.body))
        return null
    const { services, runQueued } = options
    const credential = credentialOf(request, options)
    if (!options.acceptedUses.has(await useOf(options, request), scopeOf(route))) return null
    const { name } = await options.callerOf(request)
    const ctx = { services, ...rawInputOf(route, request), credential } as WithoutTransaction &
        Input<never, never, never>
    return await runQueued(name, () => reuseAnswer(ctx))
}

interface Group {
    readonly options: ServingOptions
    readonly route: Route<ActionContext>
}

/** Serves the request in a shared transaction. Null: the request must be served alone. */
async function serveInGroup(group: Group, request: FastifyRequest): Promise<unknown> {
    const { options, route } = group
    if (route.serveBatch === undefined || !isEmpty(request.body)) return null
    const { bucket, name } = await options.callerOf(request)
    // A caller without a known credential has no lock to take.
    return bucket === name ? null : await options.runShared(name, () => serveTogether(group, request))
}

/** Serves concurrent requests for one route in one transaction, and so by one commit. */
const serveTogether = coalesce(
    { roundTripsMax: 1, callsMax: 16, lingerMs: 6 },
    async ({ options, route }: Group, requests: readonly FastifyRequest[]) => {
        const names = await Promise.all(requests.map(async (request) => (await options.callerOf(request)).name))
        const serve = async (tx: Tx): Promise<readonly unknown[]> => {
            // Takes the locks first, because every fact of a decision must be read under them.
            const lockedPartners = tryLockToRead(tx, names)
            const find: IncomingRequest["find"] = (_, __, hash, realNow, use) =>
                findActorUnderLock(tx, lockedPartners, hash, { ...use, realNow })
            const inputs = await Promise.all(
                requests.map((request) => authorizedInput(options, tx, { route, request, find }).catch(() => null)),
            )
            const answers = (await route.serveBatch?.(inputs.filter((input) => input !== null)))?.values()
            return inputs.map((input) => input && answers?.next().value)
        }
        const answers = await options.runQueued(sharedName, () => runInSharedTransaction(options.services, serve))
        return answers ?? requests.map(() => null)
    },
)

/** The handler's input. Throws where the guard refuses the request, or the request does not fit the route. */
async function authorizedInput(options: ServingOptions, tx: Tx, incoming: IncomingRequest): Promise<HandlerInput> {
    const { credential, sender, ...ctx } = await authorize(options, tx, incoming)
    const signOnCookie = findCookie(incoming.request.headers.cookie, signOnCookieName(options)) ?? null
    const input = parseInput(incoming.route, incoming.request)
    return { ...ctx, ...input, credential, sender, signOnCookie } as HandlerInput
}

type HandlerInput = ActionContext & Input<never, never, never>

/** Runs the guard and the handler in one transaction. */
async function serveOnce(
    options: ServingOptions,
    route: Route<ActionContext>,
    request: FastifyRequest,
): Promise<unknown> {
    const { services } = options
    return await runInTurn(options, request, async (tx) => {
        const input = await authorizedInput(options, tx, { route, request })
        const key = request.headers["idempotency-key"]
        if (!route.creates || typeof key !== "string") return await route.handler(input)
        await route.assertVisible?.(input)
        const identity = {
            side: options.side,
            person: personOf(input.actor) ?? "",
            route: `${route.method} ${request.url}`,
            key,
        }
        return await runIdempotently(tx, services.keys, { ...identity, request: request.body }, () =>
            route.handler(input),
        )
    })
}
