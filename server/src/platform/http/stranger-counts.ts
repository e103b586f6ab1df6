/**
 * Counts requests to routes without sign-in, by caller and route, for all processes of a program together. The caller
 * is stored as a keyed hash, so that the table reveals no address.
 */
import { createHmac } from "node:crypto"
import type { FastifyReply } from "fastify"
import { type Instant, hourMs } from "@tocsin/base/instant"
import type { Services } from "../../kernel/services.ts"
import type { Route } from "../../kernel/route.ts"

interface CallerCount {
    /** The number of requests within the hour, this one included. */
    readonly count: number
    /** The beginning of the hour. */
    readonly since: Instant
}

const deletedPerRequestMax = 100

/** Counts one request. Throws where the database does not answer: then limited routes serve nothing. */
async function countStranger(
    { db, keys, realNow }: Pick<Services, "db" | "keys" | "realNow">,
    caller: string,
    route: string,
): Promise<CallerCount> {
    const now = realNow()
    const key = createHmac("sha256", keys.derive("stranger-counts", 32)).update(`${route}\0${caller}`).digest()
    const [row] = await db.statement<CallerCount>(
        `with cleaned as (
            delete from caller_counts where key in (select key from caller_counts
                where started_at <= $3 and key <> $1
                order by started_at limit ${deletedPerRequestMax} for update skip locked)
         )
         insert into caller_counts as known (key, started_at, count) values ($1, $2, 1)
         on conflict (key) do update set
            started_at = case when known.started_at <= $3 then excluded.started_at else known.started_at end,
            count = case when known.started_at <= $3 then 1 else known.count + 1 end
         returning count, started_at as since`,
        [key, new Date(now), new Date(now - hourMs)],
    )
    return row ?? { count: 1, since: now }
}

/** Limits the requests of one caller to a route in an hour, over all processes. More throws with status 429. */
export async function limitStranger(
    services: Pick<Services, "db" | "keys" | "realNow">,
    { method, path, perHourMax }: Pick<Route<never>, "method" | "path" | "perHourMax">,
    caller: string,
    reply: FastifyReply,
): Promise<void> {
    if (perHourMax === undefined) return
    const { count, since } = await countStranger(services, caller, `${method} ${path}`)
    if (count <= perHourMax) return
    const seconds = Math.max(1, Math.ceil((since + hourMs - services.realNow()) / 1000))
    reply.header("retry-after", String(seconds))
    throw Object.assign(new Error("too many requests in an hour"), { statusCode: 429 })
}
