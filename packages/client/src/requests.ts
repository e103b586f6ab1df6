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
    readonly triesMax: number
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
export const usualLimits: Limits = {
    triesMax: 5,
    delayMs: 500,
    delayMsMax: 60_000,
    timeoutMs: 30_000,
    answerBytesMax: 16 * 1024 * 1024,
    copyTimeoutMs: 300_000,
    copyBytesMax: 64 * 1024 * 1024,
}

/** The connection to a portal, with its clock and chance. */
export interface Asking {
    readonly url: URL
    readonly token: string
    readonly fetch: typeof fetch
    /** Ends early when the signal aborts. */
    readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
    /** Returns a number in [0, 1). It spreads the pauses of many clients. */
    readonly chance: () => number
    readonly limits: Limits
    readonly signal: AbortSignal | undefined
}

/** One request. */
export interface Request {
    readonly method: "GET" | "POST" | "PUT"
    readonly path: string
    readonly body?: unknown
    /** A key that makes a repeated creating request answer like the first. */
    readonly idempotencyKey?: string
    readonly timeoutMs?: number
    /** The media type, both ways, for a protocol other than the API's. */
    readonly type?: string
}

interface Failed {
    readonly error: ApiRefusal | NoAnswer
    readonly again: boolean
    /** The wait that the server asks for, in milliseconds; 0 if it asks for none. */
    readonly waitMs: number
}

/**
 * Sends a request until it is answered. Throws `ApiRefusal`, `NoAnswer`, or the reason of the caller's abort signal.
 */
export async function ask<Of>(
    asking: Asking,
    request: Request,
    read: (response: Response) => Promise<Of>,
): Promise<Of> {
    for (let attempts = 1; ; attempts++) {
        const outcome = await attempt(asking, request, read)
        if ("answer" in outcome) return outcome.answer
        if (!outcome.again || attempts >= asking.limits.triesMax) throw outcome.error
        await asking.sleep(pauseMs(asking, attempts, outcome.waitMs), asking.signal)
    }
}

function pauseMs({ limits, chance }: Asking, attempts: number, waitMs: number): number {
    const base = Math.min(limits.delayMsMax, limits.delayMs * 2 ** (attempts - 1))
    return Math.min(limits.delayMsMax, Math.max(waitMs, base / 2 + (chance() * base) / 2))
}

async function attempt<Of>(
    asking: Asking,
    request: Request,
    read: (response: Response) => Promise<Of>,
): Promise<{ readonly answer: Of } | Failed> {
    asking.signal?.throwIfAborted()
    try {
        const response = await asking.fetch(urlOf(asking.url, request.path), initOf(asking, request))
        if (response.status === 200 || response.status === 202) return { answer: await read(response) }
        const again = response.status === 429 || response.status >= 500
        const waitMs = Number(/^\d{1,6}$/.exec(response.headers.get("retry-after") ?? "")?.[0] ?? 0) * 1000
        return { error: await reasonOf(response, asking.url), again, waitMs }
    } catch (error) {
        asking.signal?.throwIfAborted()
        if (error instanceof NoAnswer) return { error, again: false, waitMs: 0 }
        const reason = error instanceof Error ? causeOf(error) : "it failed"
        const failed = new NoAnswer(`\`${asking.url.host}\` cannot be reached: ${reason}`, null, { cause: error })
        return { error: failed, again: true, waitMs: 0 }
    }
}

/** Appends a path to the portal's address, which may have a path itself. */
function urlOf(url: URL, path: string): URL {
    return new URL(`${url.pathname.replace(/\/+$/, "")}${path}`, url.origin)
}

function initOf(asking: Asking, request: Request): RequestInit {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? asking.limits.timeoutMs)
    const { type } = request
    return {
        method: request.method,
        redirect: "manual",
        cache: "no-store",
        credentials: "omit",
        signal: asking.signal ? AbortSignal.any([timeout, asking.signal]) : timeout,
        headers: {
            accept: type ?? "application/json, application/octet-stream, application/problem+json",
            authorization: `Bearer ${asking.token}`,
            ...(request.body !== undefined && { "content-type": type ?? "application/json" }),
            ...(request.idempotencyKey !== undefined && { "idempotency-key": request.idempotencyKey }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    }
}

function causeOf(error: Error): string {
    return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message
}

const problemBytesMax = 64 * 1024

async function reasonOf(response: Response, url: URL): Promise<ApiRefusal | NoAnswer> {
    const { status } = response
    const nothing = new NoAnswer(`\`${url.host}\` answers with status \`${status}\`, and not as a portal does`, status)
    const type = response.headers.get("content-type") ?? ""
    if (!["application/problem+json", "application/taxii+json"].some((item) => type.startsWith(item))) {
        await response.body?.cancel()
        return nothing
    }
    const problem = (parse(await bytesOf(response, problemBytesMax)) ?? {}) as Readonly<Record<string, unknown>>
    const isTaxii = "error_code" in problem
    const [code, detail] = isTaxii
        ? [problem["error_code"], problem["description"]]
        : [problem["code"], problem["detail"]]
    if (typeof code !== "string" || !/^[a-z0-9_]+\.[a-z0-9_]+$/.test(code)) return nothing
    return new ApiRefusal(status, code, typeof detail === "string" ? detail : code)
}

/** Reads the whole body. Throws `NoAnswer` above `bytesMax`. */
export async function bytesOf(response: Response, bytesMax: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of piecesOf(response)) {
        length += piece.length
        if (!(length <= bytesMax)) throw new NoAnswer(`an answer has more than \`${bytesMax}\` bytes`, response.status)
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

async function* piecesOf(response: Response): AsyncGenerator<Uint8Array, void> {
    const reader = response.body?.getReader()
    if (!reader) return
    try {
        for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
    } finally {
        await reader.cancel().catch(() => undefined)
    }
}

/** Reads a JSON object with these fields. Throws `NoAnswer` for anything else. */
export async function objectOf<Of>(response: Response, fields: readonly (keyof Of & string)[], bytesMax: number) {
    const value = parse(await bytesOf(response, bytesMax))
    const isObject = typeof value === "object" && value !== null
    if (!isObject || !fields.every((field) => field in value)) {
        throw new NoAnswer("an answer has not the form of the portal's: is this its address?", response.status)
    }
    return value as Of
}

/** Returns undefined if the text is not JSON. */
function parse(bytes: Uint8Array): unknown {
    try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown
    } catch {
        return undefined
    }
}
