/** Reads the input of a request for its handler, and refuses a request that the route does not take. */
import type { FastifyRequest } from "fastify"
import { assertVisibleLines } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { type Input, type Route, hide } from "../../kernel/route.ts"
import { NotSignedIn } from "./listener.ts"

type RequestInput = Pick<Input<unknown, unknown, unknown>, "body" | "query" | "params">

/** Reads the input of a request. Refuses a request that does not fit the route. */
export function parseInput<Context>(route: Route<Context>, request: FastifyRequest): RequestInput {
    if (request.validationError) throw request.validationError
    if (hasNulParameter(request)) hide()
    // A body without a schema belongs to another protocol: its channel reads it.
    if (route.body && ("type" in route.body || "anyOf" in route.body)) assertVisibleLines(request.body)
    assertVisibleLines(request.query)
    return rawInputOf(route, request)
}

/** Reads the input of a request that is already checked. */
export function rawInputOf<Context>(route: Route<Context>, request: FastifyRequest): RequestInput {
    if (!(route.body || isEmpty(request.body))) {
        refuse("invalid", "request.takes_no_body", "this route takes no body: send none")
    }
    return { body: request.body ?? {}, query: request.query, params: request.params }
}

/**
 * Refuses a caller who may not use the route. A partner gets the answer of an unknown address. `kind` is the actor's.
 */
export function refuseCaller(kind: string | null, permission: string): never {
    if (kind === null) throw new NotSignedIn()
    if (kind !== "partner") refuse("forbidden", "request.not_allowed", `this needs \`${permission}\``, { permission })
    hide()
}

/** Whether a parameter has a NUL byte, which the database cannot store, so no object has it. */
export function hasNulParameter({ params }: FastifyRequest): boolean {
    return Object.values(params as Readonly<Record<string, string>>).some((name) => name.includes("\0"))
}

export const isEmpty = (body: unknown): boolean =>
    body === undefined || (typeof body === "object" && body !== null && Object.keys(body).length === 0)
