/**
 * Sends requests and retries them after an outage, but never after a refusal.
 *
 * The server is a machine of another party. Answers are limited in size and time, and an answer that does not follow
 * the API counts as none.
 */
import { Refusal, type RefusalKind } from "@tocsin/base/refusal"

/** A refusal by the program. `code` is stable (docs/reference/errors.md); `status` is the HTTP status. */
export class ApiRefusal extends Refusal {
    readonly status: number

    constructor(status: number, code: string, message: string) {
        super(kinds[status] ?? "conflict", code, message)
        this.name = "ApiRefusal"
        this.status = status
    }
}

/** No usable answer came back after all tries. It is unknown whether the request took effect. */
export class NoAnswer extends Error {
    /** Null if there was no HTTP answer at all. */
    readonly status: number | null

    constructor(message: string, status: number | null = null, options?: ErrorOptions) {
        super(message, options)
        this.name = "NoAnswer"
        this.status = status
    }
}

const kinds: Readonly<Record<number, RefusalKind>> = {
    400: "invalid",
    401: "forbidden",
    403: "forbidden",
    404: "missing",
    413: "invalid",
    415: "invalid",
    422: "unprocessable",
}

/** The limits of retries and answers. */
export interface Limits {
    readonly attemptsMax: number
    /** The first pause in milliseconds. Each further pause is twice as long, up to `delayMsMax`. */
    readonly delayMs: number
    readonly delayMsMax: number
    /** The time for one try in milliseconds, from the request to the last byte. */
    readonly timeoutMs: number
    readonly answerBytesMax: number
    readonly copyTimeoutMs: number
    readonly copyBytesMax: number
}

/** The limits that apply by default. */
export const defaultLimits: Limits = {
    attemptsMax: 5,
    delayMs: 500,
    delayMsMax: 60_000,
    timeoutMs: 30_000,
    answerBytesMax: 16 * 1024 * 1024,
    copyTimeoutMs: 300_000,
    copyBytesMax: 64 * 1024 * 1024,
}

/** Makes the headers that authorize requests. */
export interface Authorization {
    /** The headers of one try. A proof counts once, so each try needs new ones. */
    readonly headersFor: (connection: Connection, method: string, url: URL) => Promise<Readonly<Record<string, string>>>
    /** Forgets a token that the portal refused. Returns whether another one can be fetched. */
    readonly forgetToken: () => boolean
}

/** The connection to a portal, with its clock and chance. */
export interface Connection {
    readonly url: URL
    readonly authorization: Authorization
    readonly fetch: typeof fetch
    /** Ends early when the signal aborts. */
    readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
    /** Returns a number in [0, 1). It spreads the pauses of many clients. */
    readonly chance: () => number
    readonly limits: Limits
    readonly signal: AbortSignal | undefined
}

/** One request. */
export interface PortalRequest {
    readonly method: "GET" | "POST" | "PUT"
    readonly path: string
    readonly body?: unknown
    /** Makes the fields of a form, for each try. The request then follows OAuth 2.0 (RFC 6749). */
    readonly form?: () => Promise<Readonly<Record<string, string>>>
    /** A key that makes a repeated creating request answer like the first. */
    readonly idempotencyKey?: string
    readonly timeoutMs?: number
    /** The media type, both ways, for a protocol other than the API's. */
    readonly type?: string
}

interface FailedAttempt {
    readonly error: ApiRefusal | NoAnswer
    readonly isRetryable: boolean
    /** The wait that the server asks for, in milliseconds; 0 if it asks for none. */
    readonly waitMs: number
}

/**
 * Sends a request until it is answered. Throws `ApiRefusal`, `NoAnswer`, or the reason of the caller's abort signal.
 */
export async function sendRequest<T>(
    connection: Connection,
    request: PortalRequest,
    read: (response: Response) => Promise<T>,
): Promise<T> {
    let isTokenNew = false
    for (let attemptNumber = 1; ; attemptNumber++) {
        const outcome = await tryRequest(connection, request, read)
        if ("answer" in outcome) return outcome.answer
        if (outcome.error.status === 401 && !isTokenNew && connection.authorization.forgetToken()) {
            isTokenNew = true
            continue
        }
        if (!outcome.isRetryable || attemptNumber >= connection.limits.attemptsMax) throw outcome.error
        await connection.sleep(pauseMs(connection, attemptNumber, outcome.waitMs), connection.signal)
    }
}

function pauseMs({ limits, chance }: Connection, attempts: number, waitMs: number): number {
    const base = Math.min(limits.delayMsMax, limits.delayMs * 2 ** (attempts - 1))
    return Math.min(limits.delayMsMax, Math.max(waitMs, base / 2 + (chance() * base) / 2))
}

async function tryRequest<T>(
    connection: Connection,
    request: PortalRequest,
    read: (response: Response) => Promise<T>,
): Promise<{ readonly answer: T } | FailedAttempt> {
    connection.signal?.throwIfAborted()
    try {
        const url = urlOf(connection.url, request.path)
        const response = await connection.fetch(url, await initOf(connection, request, url))
        if (response.status === 200 || response.status === 202) return { answer: await read(response) }
        const isRetryable = response.status === 429 || response.status >= 500
        const waitMs = Number(/^\d{1,6}$/.exec(response.headers.get("retry-after") ?? "")?.[0] ?? 0) * 1000
        return { error: await readProblem(response, connection.url, request), isRetryable, waitMs }
    } catch (error) {
        connection.signal?.throwIfAborted()
        if (error instanceof NoAnswer || error instanceof ApiRefusal) return { error, isRetryable: false, waitMs: 0 }
        const reason = error instanceof Error ? causeOf(error) : "it failed"
        const unreachable = new NoAnswer(`\`${connection.url.host}\` cannot be reached: ${reason}`, null, {
            cause: error,
        })
        return { error: unreachable, isRetryable: true, waitMs: 0 }
    }
}

/** Appends a path to the portal's address, which may have a path itself. */
function urlOf(url: URL, path: string): URL {
    return new URL(`${url.pathname.replace(/\/+$/, "")}${path}`, url.origin)
}

async function initOf(connection: Connection, request: PortalRequest, url: URL): Promise<RequestInit> {
    const { type, method } = request
    const authorization = await connection.authorization.headersFor(connection, method, url)
    const form = request.form && new URLSearchParams(await request.form()).toString()
    const timeout = AbortSignal.timeout(request.timeoutMs ?? connection.limits.timeoutMs)
    return {
        method,
        redirect: "manual",
        cache: "no-store",
        credentials: "omit",
        signal: connection.signal ? AbortSignal.any([timeout, connection.signal]) : timeout,
        headers: {
            accept: type ?? "application/json, application/octet-stream, application/problem+json",
            ...authorization,
            ...(request.body !== undefined && { "content-type": type ?? "application/json" }),
            ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
            ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        ...(form !== undefined && { body: form }),
    }
}

function causeOf(error: Error): string {
    return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message
}

const problemBytesMax = 64 * 1024
const problemTypes = ["application/problem+json", "application/taxii+json"]

/** The code and the text of a refusal: of the API, of TAXII, or of OAuth 2.0. */
function codeIn(problem: Readonly<Record<string, unknown>>): readonly [unknown, unknown] {
    if ("error_code" in problem) return [problem["error_code"], problem["description"]]
    if (typeof problem["error"] === "string") return [`oauth.${problem["error"]}`, problem["error_description"]]
    return [problem["code"], problem["detail"]]
}

async function readProblem(response: Response, url: URL, { form }: PortalRequest): Promise<ApiRefusal | NoAnswer> {
    const { status } = response
    const noAnswer = new NoAnswer(
        `\`${url.host}\` answers with status \`${status}\`, and not as a portal: check the address`,
        status,
    )
    const type = response.headers.get("content-type") ?? ""
    if (!problemTypes.some((item) => type.startsWith(item)) && form === undefined) {
        await response.body?.cancel()
        return noAnswer
    }
    const problem = (parseJson(await readBody(response, problemBytesMax)) ?? {}) as Readonly<Record<string, unknown>>
    const [code, detail] = codeIn(problem)
    if (typeof code !== "string" || !/^[a-z0-9_]+\.[a-z0-9_]+$/.test(code)) return noAnswer
    return new ApiRefusal(status, code, typeof detail === "string" ? detail : code)
}

/** Reads the whole body. Throws `NoAnswer` above `bytesMax`. */
export async function readBody(response: Response, bytesMax: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of readPieces(response)) {
        length += piece.length
        if (!(length <= bytesMax)) throw new NoAnswer(`the answer has more than \`${bytesMax}\` bytes`, response.status)
        pieces.push(piece)
    }
    const bytes = new Uint8Array(length)
    let at = 0
    for (const piece of pieces) {
        bytes.set(piece, at)
        at += piece.length
    }
    return bytes
}

async function* readPieces(response: Response): AsyncGenerator<Uint8Array, void> {
    const reader = response.body?.getReader()
    if (!reader) return
    try {
        for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
    } finally {
        await reader.cancel().catch(() => undefined)
    }
}

/** Reads a JSON object with these fields. Throws `NoAnswer` for anything else. */
export async function readObject<T>(response: Response, fields: readonly (keyof T & string)[], bytesMax: number) {
    const value = parseJson(await readBody(response, bytesMax))
    const isObject = typeof value === "object" && value !== null
    if (!isObject || !fields.every((field) => field in value)) {
        throw new NoAnswer("the answer does not come from a portal: check the address", response.status)
    }
    return value as T
}

/** Returns undefined if the text is not JSON. */
function parseJson(bytes: Uint8Array): unknown {
    try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown
    } catch {
        return undefined
    }
}
