/** Reads the input of a request for its handler, and refuses a request that the route does not take. */
import type { FastifyRequest } from "fastify"
import { assertLines } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { type Input, type Route, hide } from "../../kernel/route.ts"
import { NotSignedIn } from "./listener.ts"

type Sent = Pick<Input<unknown, unknown, unknown>, "body" | "query" | "params">

/** Reads the input of a request. Refuses a request that does not fit the route. */
export function inputOf<Act>(route: Route<Act>, request: FastifyRequest): Sent {
    if (request.validationError) throw request.validationError
    if (namesNothing(request)) hide()
    // A body without a schema belongs to another protocol: its channel reads it.
    if (route.body && ("type" in route.body || "anyOf" in route.body)) assertLines(request.body)
    assertLines(request.query)
    return sentIn(route, request)
}

/** Reads the input of a request that is already checked. */
export function sentIn<Act>(route: Route<Act>, request: FastifyRequest): Sent {
    if (!(route.body || isEmpty(request.body))) {
        refuse("invalid", "request.takes_no_body", "this route takes no body: send none")
    }
    return { body: request.body ?? {}, query: request.query, params: request.params }
}

/**
 * Refuses a caller who may not use the route. A partner gets the answer of an unknown address. `kind` is the actor's.
 */
export function turnAway(kind: string | null, permission: string): never {
    if (kind === null) throw new NotSignedIn()
    if (kind !== "partner") refuse("forbidden", "request.not_allowed", `this needs \`${permission}\``)
    hide()
}

/** Whether a parameter has a NUL byte, which the database cannot store, so no object has it. */
export function namesNothing({ params }: FastifyRequest): boolean {
    return Object.values(params as Readonly<Record<string, string>>).some((name) => name.includes("\0"))
}

export const isEmpty = (body: unknown): boolean =>
    body === undefined || (typeof body === "object" && body !== null && Object.keys(body).length === 0)
