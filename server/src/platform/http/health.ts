/** `/healthz` and `/readyz` of a listener, and what metrics are told of its requests. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { Db } from "../postgres/db.ts"
import { type Side, reads } from "../../kernel/route.ts"
import { type Check, readinessAnswer, reachabilityOf } from "./readiness.ts"

export interface Observed {
    readonly side: Side
    readonly method: string
    /** The template, never the address: that may name a case. */
    readonly route: string
    readonly status: number
    readonly seconds: number
}

export type Observe = (request: Observed) => void

/**
 * `/healthz`: this process answers. `/readyz`: it can do its work. Strangers reach the portal, and may not learn that
 * releases are late: there it says whether the database answers, and nothing else.
 */
export function addHealth(app: FastifyInstance, side: Side, db: Db, readiness: () => Promise<readonly Check[]>): void {
    // Outside the limit of requests, which asks the database whose a credential is: these answer without it.
    const outside = { method: reads, schema: { hide: true }, config: { rateLimit: false as const } }
    app.route({ ...outside, url: "/healthz", handler: () => ({ ok: true }) })
    const isReachable = reachabilityOf(db)
    const handler = async (_: FastifyRequest, reply: FastifyReply) => {
        const answer = side === "portal" ? { ok: await isReachable() } : readinessAnswer(await readiness())
        return await reply.code(answer.ok ? 200 : 503).send(answer)
    }
    app.route({ ...outside, url: "/readyz", handler })
}

/** Before the routes are added: hooks hold for those that come after them. */
export function addObserver(app: FastifyInstance, side: Side, observe: Observe): void {
    app.addHook("onResponse", (request, reply, done) => {
        const route = request.routeOptions.url ?? "none"
        observe({ side, method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 })
        done()
    })
}
