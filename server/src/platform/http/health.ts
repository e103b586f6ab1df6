/** Serves `/healthz` and `/readyz`, and reports requests to metrics. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Side, readMethods } from "../../kernel/route.ts"
import { type Check, type ReadinessOptions, readinessAnswer, reachabilityOf } from "./readiness.ts"

export interface FinishedRequest {
    readonly side: Side
    readonly method: string
    /** The route's template, never the address, which may name a case. */
    readonly route: string
    readonly status: number
    readonly seconds: number
}

export type ObserveRequest = (request: FinishedRequest) => void

/**
 * Adds both routes. `/healthz`: this process answers. `/readyz`: it can do its work. On the portal `/readyz` only
 * tells whether the database and the key process answer, because strangers must not learn that releases are late.
 */
export function addHealth(
    app: FastifyInstance,
    side: Side,
    { db, areKeysUp }: Pick<ReadinessOptions, "db" | "areKeysUp">,
    readiness: () => Promise<readonly Check[]>,
): void {
    // Outside the rate limit, which needs the database.
    const unlimited = { method: readMethods, schema: { hide: true }, config: { rateLimit: false as const } }
    app.route({ ...unlimited, url: "/healthz", handler: () => ({ ok: true }) })
    const isReachable = reachabilityOf(db, areKeysUp)
    const handler = async (_: FastifyRequest, reply: FastifyReply) => {
        const answer = side === "portal" ? { ok: await isReachable() } : readinessAnswer(await readiness())
        return await reply.code(answer.ok ? 200 : 503).send(answer)
    }
    app.route({ ...unlimited, url: "/readyz", handler })
}

/** Adds a hook that reports finished requests. Call it before adding routes. */
export function addObserver(app: FastifyInstance, side: Side, observe: ObserveRequest): void {
    app.addHook("onResponse", (request, reply, done) => {
        const route = request.routeOptions.url ?? "none"
        observe({ side, method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 })
        done()
    })
}
