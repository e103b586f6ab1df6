/**
 * Addresses for the machines of partners (TAXII, CSAF): a token beside a user name, for clients that know no other way to sign
 * in; and, where the protocol has one, a media type of its own in answers and errors alike. A browser's cookie is no credential there, and no other site
 * may so much as link to them: what is read there is on record.
 */
import type { FastifyRequest } from "fastify"
import type { Text } from "../../kernel/route.ts"

export interface Problem {
    readonly status: number
    readonly code: string
    readonly detail: string
}

export interface Dialect {
    /** All addresses that begin so: `/taxii2/`. */
    readonly under: string
    /** By the header `Accept`, whether its media type may be sent. */
    readonly mayAnswer: (accept: string | undefined) => boolean
    /** By the header `Content-Type`, whether a body is one of its own. */
    readonly reads: (type: string) => boolean
    /** Null: errors look as everywhere. */
    readonly errorOf: ((title: string, problem: Problem) => Text) | null
}

/** As the address was understood, however it was written; what no route has is taken as it was written. */
export function dialectOf(dialects: readonly Dialect[], request: FastifyRequest): Dialect | undefined {
    const address = request.routeOptions?.url ?? request.url
    return dialects.find(({ under }) => address.startsWith(under))
}

const charsMax = 1024

/** The token of a header `Authorization`; null where it has none. `basic`: as a password too, whatever the user's name. */
export function tokenIn(header: string, basic: boolean): string | null {
    const bearer = /^Bearer ([A-Za-z0-9_-]{40,64})$/.exec(header)?.[1]
    const boxed = basic && header.length <= charsMax ? /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] : undefined
    if (boxed === undefined) return bearer ?? null
    const input = Buffer.from(boxed, "base64").toString("utf8")
    const password = input.slice(input.indexOf(":") + 1)
    return input.includes(":") && /^[A-Za-z0-9_-]{40,64}$/.test(password) ? password : null
}
