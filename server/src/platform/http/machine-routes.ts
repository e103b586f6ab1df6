/**
 * Defines dialects: addresses for partners' clients (TAXII, CSAF).
 *
 * A token can be sent as a password with any user name, for clients without another way. A dialect can have its own
 * media type for answers and errors. Cookies are no credential there and other sites may not link to it, because every
 * read is recorded.
 */
import type { RefusalValues } from "@tocsin/base/refusal"
import type { FastifyRequest } from "fastify"
import type { TextAnswer } from "../../kernel/route.ts"

export interface Problem {
    readonly status: number
    readonly code: string
    readonly detail: string
    /** The values in the detail, by name. */
    readonly values?: RefusalValues
}

export interface Dialect {
    /** Prefix of its addresses, for example `/taxii2/`. */
    readonly pathPrefix: string
    /** Whether its media type is acceptable, by the header `Accept`. */
    readonly acceptsAnswer: (accept: string | undefined) => boolean
    /** Whether it reads a body, by the header `Content-Type`. */
    readonly readsType: (type: string) => boolean
    /** Formats errors; null: the usual format. */
    readonly formatError: ((title: string, problem: Problem) => TextAnswer) | null
}

/** Finds the dialect of a request by the matched route, or by the raw address where none matches. */
export function dialectOf(dialects: readonly Dialect[], request: FastifyRequest): Dialect | undefined {
    const address = request.routeOptions?.url ?? request.url
    return dialects.find(({ pathPrefix }) => address.startsWith(pathPrefix))
}

const headerCharsMax = 1024

const dpop = /^DPoP /i

/** Whether an `Authorization` header has a token that comes with a proof (RFC 9449). */
export const isDpopHeader = (header: string): boolean => dpop.test(header)

/**
 * Returns the token of an `Authorization` header; null where it is missing. `allowsBasic`: also accepts it as a
 * password with any user name.
 */
export function tokenFromHeader(header: string, allowsBasic: boolean): string | null {
    const bearer = /^(?:Bearer|DPoP) ([A-Za-z0-9_-]{40,64})$/i.exec(header)?.[1]
    const encoded =
        allowsBasic && header.length <= headerCharsMax ? /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] : undefined
    if (encoded === undefined) return bearer ?? null
    const decoded = Buffer.from(encoded, "base64").toString("utf8")
    const password = decoded.slice(decoded.indexOf(":") + 1)
    return decoded.includes(":") && /^[A-Za-z0-9_-]{40,64}$/.test(password) ? password : null
}

export const badProof: Problem = {
    status: 401,
    code: "request.bad_proof",
    detail: "the proof does not count: sign a new one for this request, token and moment, with the token's key",
}

/** The challenges of an answer (RFC 6750, RFC 9449). A request with a proof gets one for proofs. */
export function challengesOf(
    { status, code, values }: Problem,
    { headers }: FastifyRequest,
    isDialect: boolean,
): string[] {
    const hasProof = headers["dpop"] !== undefined || isDpopHeader(headers.authorization ?? "")
    const challenge = hasProof ? 'DPoP realm="tocsin", algs="ES256 EdDSA"' : 'Bearer realm="tocsin"'
    if (code === "identity.scope_missing") {
        return [`${challenge}, error="insufficient_scope", scope="${values?.["scope"]}"`]
    }
    if (status !== 401) return []
    if (hasProof) return [`${challenge}, error="${code === badProof.code ? "invalid_dpop_proof" : "invalid_token"}"`]
    return isDialect ? ['Basic realm="tocsin", charset="UTF-8"', challenge] : [challenge]
}
