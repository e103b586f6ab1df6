/** What a handler reads of a request, besides who sends it, and what a request is refused with before any handler. */
import type { FastifyRequest } from "fastify"
import { assertLines } from "../lib/line.ts"
import { refuse } from "../lib/refusal.ts"
import { type Input, type Route, hide } from "./http.ts"
import { NotSignedIn } from "./listener.ts"

type Sent = Pick<Input<unknown, unknown, unknown>, "body" | "query" | "params">

/** Throws where the request is none of this route. */
export function inputOf<Act>(route: Route<Act>, request: FastifyRequest): Sent {
    if (request.validationError) throw request.validationError
    if (namesNothing(request)) hide()
    // What has no schema is another protocol's, and is read by its channel.
    if (route.body && ("type" in route.body || "anyOf" in route.body)) assertLines(request.body)
    assertLines(request.query)
    return sentIn(route, request)
}

/** As `inputOf`, of a request that is known to be one of this route. */
export function sentIn<Act>(route: Route<Act>, request: FastifyRequest): Sent {
    if (!(route.body || isEmpty(request.body))) {
        refuse("invalid", "request.takes_no_body", "nothing can be said here: send no body")
    }
    return { body: request.body ?? {}, query: request.query, params: request.params }
}

/** Of who may not use a route. What is missing to a partner looks like what does not exist. `kind`: of the actor. */
export function turnAway(kind: string | null, needs: string): never {
    if (kind === null) throw new NotSignedIn()
    if (kind !== "partner") refuse("forbidden", "request.not_allowed", `this needs \`${needs}\``)
    hide()
}

/** No text of the database has a NUL: what an address names by one is not there. */
export function namesNothing({ params }: FastifyRequest): boolean {
    return Object.values(params as Readonly<Record<string, string>>).some((name) => name.includes("\0"))
}

export const isEmpty = (body: unknown): boolean =>
    body === undefined || (typeof body === "object" && body !== null && Object.keys(body).length === 0)
