/**
 * Makes the Fastify listener. Requests are read strictly, all answers carry the same headers, refusals become problem
 * documents (RFC 9457), and unexpected errors show no reason.
 */
import { randomUUID } from "node:crypto"
import fs from "node:fs"
import rateLimit from "@fastify/rate-limit"
import swagger from "@fastify/swagger"
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { Refusal, type RefusalKind, refuse } from "@tocsin/base/refusal"
import { parseStrictJson } from "@tocsin/base/strict-json"
import { compilers } from "./schema-compiler.ts"
import { parseForm } from "./form-body.ts"
import { type Dialect, type Problem, badProof, challengesOf, dialectOf } from "./machine-routes.ts"
import { type ValidationFault, validationMessage } from "./validation-fault.ts"
import { type Route, type Side, hide, notFoundMessage } from "../../kernel/route.ts"
import { isDatabaseDown } from "../postgres/database-down.ts"
import { type Log, causeOf, oncePerMinute } from "../log/log.ts"
import { Restarting, finishBeforeClose } from "./finish-before-close.ts"
import { securityHeaders } from "./security-headers.ts"
import { makeTrustCheck } from "./trusted-proxies.ts"
import { serveWebFiles } from "./web-files.ts"

export interface ListenerOptions {
    readonly side: Side
    readonly log: Log
    /** Folder of the built web app; null: API only. */
    readonly web: URL | null
    readonly requestsPerMinuteMax: number
    /** Trusted proxies. Forwarded addresses of others are ignored. */
    readonly trustedProxies: readonly string[]
    /** What the rate limit counts for a request. */
    readonly bucketOf: (request: FastifyRequest) => Promise<string>
    readonly dialects: readonly Dialect[]
    /** Whether a newer version has migrated the database, so that statements of this one can fail. */
    readonly isOutdated: () => Promise<boolean>
}

/** Maximum time to receive a request. */
const requestMsMax = 30_000
const bodyBytesMax = 256 * 1024
/** A UUID as PostgreSQL reads it, without the prefix `urn:uuid:`. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const statusOf: Readonly<Record<RefusalKind, number>> = {
    invalid: 400,
    forbidden: 403,
    missing: 404,
    conflict: 409,
    unprocessable: 422,
    unavailable: 503,
}

const noLimitHeaders = { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false }

export async function makeListener(options: ListenerOptions): Promise<FastifyInstance> {
    const { dialects } = options
    const app = Fastify({
        logger: false,
        trustProxy: makeTrustCheck(options.trustedProxies),
        bodyLimit: bodyBytesMax,
        exposeHeadRoutes: false,
        requestTimeout: requestMsMax,
        connectionTimeout: 60_000,
        // Node checks every half minute by default, and waits for the longer of both times. These values cut endless
        // bodies.
        http: { connectionsCheckingInterval: 1_000, headersTimeout: requestMsMax, requestTimeout: requestMsMax },
        forceCloseConnections: true,
        return503OnClosing: false,
        routerOptions: { maxParamLength: 200 },
        ajv: {
            customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allErrors: false },
            onCreate: (ajv) => void ajv.addFormat("uuid", uuid),
        },
        schemaController: { compilersFactory: compilers },
        frameworkErrors: (_error, request, reply) => sendProblem(reply, notUnderstood, dialectOf(dialects, request)),
    })
    addParsers(app, dialects)
    app.setErrorHandler((error, request, reply) => answerError(error, request, reply, options))
    app.setNotFoundHandler((request, reply) => answerNotFound(request, reply, options))
    finishBeforeClose(app)
    app.addHook("onRequest", waitForEarlierAnswer)
    app.addHook("onRequest", assertDecodableQuery)
    app.addHook("onRequest", (_, reply, done) => {
        reply.headers(securityHeaders)
        done()
    })
    await app.register(rateLimit, {
        max: options.requestsPerMinuteMax,
        timeWindow: 60_000,
        addHeaders: noLimitHeaders,
        addHeadersOnExceeding: noLimitHeaders,
        keyGenerator: options.bucketOf,
    })
    await app.register(swagger, {
        openapi: { openapi: "3.1.0", info: { title: `Tocsin ${options.side}`, version: "0.1.0" } },
    })
    app.addHook("onRequest", (request, reply) => refuseCrossSite(request, reply, dialects))
    app.addHook("onRequest", async (request) => {
        const dialect = dialectOf(dialects, request)
        if (dialect && !dialect.acceptsAnswer(request.headers.accept)) throw new UnsupportedMediaType(406)
    })
    app.addHook("preParsing", async ({ is404, method }) => {
        if (is404 && !isRead(method)) hide()
    })
    app.addHook("onSend", async (request, reply) => {
        const isCacheable = !request.url.startsWith("/api/") && !dialectOf(dialects, request)
        if (!isCacheable) reply.header("cache-control", "no-store")
    })
    if (options.web !== null && fs.existsSync(options.web)) await serveWebFiles(app, options.web)
    return app
}

function addParsers(app: FastifyInstance, dialects: readonly Dialect[]): void {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
        /^application\/(?:taxii\+|scim\+)?json *(;|$)/i,
        { parseAs: "buffer" },
        (request, bytes, done) => {
            try {
                assertReadable(dialects, request)
                done(null, bytes.length === 0 ? undefined : parseStrictJson(decodeUtf8(bytes as Buffer)))
            } catch (error) {
                done(error as Error)
            }
        },
    )
    app.addContentTypeParser(
        /^application\/x-www-form-urlencoded *(;|$)/i,
        { parseAs: "buffer" },
        (request, bytes, done) => {
            try {
                const isRead = "readsForm" in request.routeOptions.config || dialectOf(dialects, request) !== undefined
                if (!isRead) throw new UnsupportedMediaType(415)
                assertReadable(dialects, request)
                done(null, parseForm(decodeUtf8(bytes as Buffer)))
            } catch (error) {
                done(error as Error)
            }
        },
    )
    app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (request, bytes, done) => {
        done(dialectOf(dialects, request) ? new UnsupportedMediaType(415) : null, bytes)
    })
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Refuses `request.bad_utf8`: with replacement characters it would be another text. */
function decodeUtf8(bytes: Buffer): string {
    try {
        return utf8.decode(bytes)
    } catch {
        return refuse(
            "invalid",
            "request.bad_utf8",
            "the body is not UTF-8: encode the text as UTF-8 and send it again",
        )
    }
}

/** Refuses an address with a query that does not decode to text. */
async function assertDecodableQuery({ url }: FastifyRequest): Promise<void> {
    const query = url.indexOf("?")
    try {
        if (query >= 0) decodeURIComponent(url.slice(query))
    } catch {
        refuse(
            "invalid",
            "request.bad_query",
            "the query is not UTF-8 in percent-encoding: encode it and send it again",
        )
    }
}

/**
 * Decides a pipelined request only after the earlier answer was sent. So a reader that stops reading has no old
 * decision waiting.
 */
async function waitForEarlierAnswer({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): Promise<void> {
    if (raw.socket !== null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const proceed = () => resolve()
    raw.once("socket", proceed)
    socket.once("close", proceed)
    await promise.finally(() => socket.off("close", proceed))
    if (raw.socket === null) hide()
}

/** Whether the method only reads. HEAD is answered as GET, without the body. */
const isRead = (method: string): boolean => method === "GET" || method === "HEAD"

const isForAnySite = ({ routeOptions }: FastifyRequest): boolean =>
    (routeOptions.config as { readonly forAnySite?: boolean }).forAnySite === true

/**
 * Refuses cross-site requests by fetch metadata (W3C). Other sites may link to pages, and read routes that are open to
 * any site.
 */
async function refuseCrossSite(
    request: FastifyRequest,
    reply: FastifyReply,
    dialects: readonly Dialect[],
): Promise<void> {
    if (isForAnySite(request)) {
        reply.header("access-control-allow-origin", "*")
        return
    }
    const from = request.headers["sec-fetch-site"]
    if (from === undefined || from === "same-origin" || from === "none") return
    const dialect = dialectOf(dialects, request)
    const isPage = isRead(request.method) && request.headers["sec-fetch-mode"] === "navigate" && !dialect
    if (isPage && !request.url.startsWith("/api/")) return
    sendProblem(reply, { status: 403, code: "request.cross_site", detail: "no requests from other sites" }, dialect)
    await reply
}

function sendProblem(reply: FastifyReply, problem: Problem, dialect: Dialect | undefined): void {
    const { status, code, detail, values = {} } = problem
    const hasValues = Object.keys(values).length > 0
    const title = statusTitles[status] ?? "Error"
    if (dialect?.formatError) {
        const { text, type, headers } = dialect.formatError(title, problem)
        void reply.code(status).headers(headers).type(type).serializer(String).send(text)
        return
    }
    const body = { type: "about:blank", title, status, code, detail, ...(hasValues && { values }) }
    void reply.code(status).type("application/problem+json").send(JSON.stringify(body))
}

const statusTitles: Readonly<Record<number, string>> = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

function answerNotFound(request: FastifyRequest, reply: FastifyReply, { web, dialects }: ListenerOptions): void {
    if (web !== null && isForReader(request, dialects)) return void reply.sendFile("index.html")
    const dialect = dialectOf(dialects, request)
    sendProblem(reply, { status: 404, code: "request.not_found", detail: notFoundMessage }, dialect)
}

/** Returns whether a person opened this address in a browser. */
function isForReader(request: FastifyRequest, dialects: readonly Dialect[]): boolean {
    if (!isRead(request.method) || request.url.startsWith("/api/") || dialectOf(dialects, request)) return false
    return (request.headers.accept ?? "").includes("text/html")
}

const logSeldom = oncePerMinute(() => performance.now())

/** Answers an error. An unexpected one, where a newer version has migrated the database, is a restart. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, options: ListenerOptions) {
    const problem = problemOf(error)
    if (problem.status !== 500) return answerProblem({ error, problem }, request, reply, options)
    return options.isOutdated().then((isOutdated) => {
        answerProblem({ error, problem: isOutdated ? restarting : problem }, request, reply, options)
        return reply
    })
}

function answerProblem(
    { error, problem }: { readonly error: unknown; readonly problem: Problem },
    request: FastifyRequest,
    reply: FastifyReply,
    { log, dialects, web }: ListenerOptions,
): void {
    if (web !== null && problem.status === 404 && isForReader(request, dialects))
        return void reply.code(404).sendFile("index.html")
    const dialect = dialectOf(dialects, request)
    if (error instanceof MethodNotAllowed) reply.header("allow", error.allowed)
    const { method } = request
    // Operators set an alarm on this line: an account tried an action without permission.
    if (problem.status === 403 && !isRead(method)) {
        log.warn("refused", { code: problem.code, method, route: request.routeOptions.url })
    }
    const challenges = challengesOf(problem, request, dialect !== undefined)
    if (challenges.length > 0) reply.header("www-authenticate", challenges.length === 1 ? challenges[0] : challenges)
    if (problem === databaseDown) {
        reply.header("retry-after", "5")
        logSeldom(databaseDown.code, () => log.error("the database does not answer", { code: databaseDown.code }))
    } else if (problem === restarting) reply.header("retry-after", "5")
    else if (problem === busy) reply.header("retry-after", "1")
    else if (error instanceof Refusal && problem.status === 503) {
        logSeldom(problem.code, () => log.error("requests are refused", { code: problem.code }))
    } else if (problem.status >= 500) {
        const id = randomUUID()
        log.error("request failed", { id, method, route: request.routeOptions.url, error: causeOf(error) })
        reply.header("x-request-id", id)
    }
    sendProblem(reply, problem, dialect)
}

/** Refuses a body of a type that the route does not read: JSON, or the type of a dialect. */
function assertReadable(dialects: readonly Dialect[], request: FastifyRequest): void {
    const type = request.headers["content-type"] ?? ""
    const dialect = dialectOf(dialects, request)
    if (!(dialect ? dialect.readsType(type) : !/taxii|scim/i.test(type))) throw new UnsupportedMediaType(415)
}

/** Thrown for a media type that is not supported. */
class UnsupportedMediaType extends Error {
    readonly statusCode: 406 | 415

    constructor(statusCode: 406 | 415) {
        super("not this media type")
        this.statusCode = statusCode
    }
}

/** Thrown where the caller is not signed in. */
export class NotSignedIn extends Error {}

/** Thrown where a proof of possession (RFC 9449) does not count. */
export class BadProof extends Error {}

/** Thrown for a wrong method. `allowed` has the form of the header `Allow` (RFC 9110). */
class MethodNotAllowed extends Error {
    readonly allowed: string

    constructor(allowed: string) {
        super(`only ${allowed}`)
        this.allowed = allowed
    }
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

/** Refuses the other methods at a known address. */
export function refuseOtherMethods(app: FastifyInstance, url: string, allowed: readonly string[]): void {
    app.route({
        method: methods.filter((method) => !allowed.includes(method)),
        url,
        schema: { hide: true },
        preParsing: async () => {
            throw new MethodNotAllowed(allowed.join(", "))
        },
        handler: () => undefined,
    })
}

function problemOf(error: unknown): Problem {
    if (error instanceof NotSignedIn)
        return { status: 401, code: "request.not_signed_in", detail: "not signed in: sign in, or send a valid token" }
    if (error instanceof BadProof) return badProof
    if (error instanceof Restarting) return restarting
    if (error instanceof MethodNotAllowed) return { status: 405, code: "request.bad_method", detail: error.message }
    if (error instanceof Refusal) {
        return { status: statusOf[error.kind], code: error.code, detail: error.message, values: error.values }
    }
    const { statusCode, validation } = error as { statusCode?: number; validation?: readonly ValidationFault[] }
    if (validation)
        return {
            status: 400,
            code: "request.invalid",
            detail: validationMessage(validation[0]),
        }
    if (statusCode === 413) {
        return { status: 413, code: "request.too_large", detail: "the request is too large: send less" }
    }
    if (statusCode === 406) return { status: 406, code: "request.bad_accept", detail: "media type not available" }
    if (statusCode === 415) return { status: 415, code: "request.bad_type", detail: "this media type is not supported" }
    if (statusCode === 429) return { status: 429, code: "request.too_many", detail: "too many requests: wait a minute" }
    if (statusCode === 503) return busy
    if (isDatabaseDown(error)) return databaseDown
    if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
        return { ...notUnderstood, status: statusCode }
    }
    return { status: 500, code: "request.failed", detail: "internal error: see the server log" }
}

const busy: Problem = { status: 503, code: "request.busy", detail: "too many requests at once: try again soon" }
const databaseDown: Problem = {
    status: 503,
    code: "request.database_down",
    detail: "the database does not answer: try again in a few seconds",
}
const restarting: Problem = {
    status: 503,
    code: "request.restarting",
    detail: "the server restarts: try again in a few seconds",
}
const notUnderstood: Problem = { status: 400, code: "request.invalid", detail: "the request cannot be read" }

/** Returns the path for the router: `/api/cases/{id}` → `/api/cases/:id`. */
export function pathOf(route: Pick<Route<never>, "path">): string {
    return route.path.replaceAll(/\{(\w+)\}/g, ":$1")
}
