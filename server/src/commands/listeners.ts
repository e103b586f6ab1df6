/** Opens both listeners and the worker with one set of services, by role. */
import type { AddressInfo } from "node:net"
import { refuse } from "@tocsin/base/refusal"
import { type Db, openDb, portalLimits } from "../platform/postgres/db.ts"
import type { Services } from "../kernel/services.ts"
import type { Route, Side } from "../kernel/route.ts"
import type { Settings } from "../platform/config/settings.ts"
import { type Reply, openMonitoringServer } from "../platform/http/monitoring-server.ts"
import { type Check, type ReadinessOptions, readinessAnswer, readinessOf } from "../platform/http/readiness.ts"
import {
    type BackgroundJob,
    type Worker,
    jobNamesOf,
    repeatJob,
    retryFailedEvents,
    startWorker,
} from "../kernel/worker.ts"
import { recordOnlyEvents } from "../record-only-events.ts"
import { jobs } from "../background-jobs.ts"
import { eventHandlers } from "../event-handlers.ts"
import { makeServer, readinessOptionsOf } from "../server.ts"
import { createPublisherKey } from "../trust/publisher-keys/actions/publisher-key.ts"
import type { ActionContext } from "../kernel/action-context.ts"
import { guardIntervalMs, guardDatabaseJob } from "../trust/continuity/actions/guard-database.ts"
import { type Metrics, openMetrics } from "./metrics.ts"

export interface ListenerSettings {
    readonly services: Services
    /** The database for a portal's own connections next to a console. Without it, both share those of the services. */
    readonly databaseUrl?: string
    readonly role: Settings["role"]
    readonly host: string
    /** 0 selects any free port. */
    readonly ports: Readonly<Record<Side, number>>
    /** Whether people use https or localhost, for both sides or for each. */
    readonly secureCookies: boolean | Readonly<Record<Side, boolean>>
    /** The console's origin for staff, by its port; this machine by default. */
    readonly consoleOrigin?: (port: number) => string
    /** The portal's origin for partners, by its port; this machine by default. */
    readonly portalOrigin?: (port: number) => string
    readonly requestsPerMinuteMax: number | Readonly<Record<Side, number>>
    /** Folders whose disk must have free space, in bytes; none by default. */
    readonly disk?: Pick<ReadinessOptions, "folders" | "diskFreeMin">
    /** How often the key process refused each role; only there. */
    readonly keyRefusals?: ReadonlyMap<string, number>
    /** The address for metrics; none by default. Port 0 selects any free port. */
    readonly metrics?: { readonly host: string; readonly port: number } | null
    readonly trustedProxies?: readonly string[]
    readonly clientCertificateHeader?: string
    readonly extraRoutes?: readonly Route<ActionContext>[]
    readonly extraJobs?: readonly BackgroundJob[]
}

export interface Listeners {
    readonly ports: Partial<Record<Side | "metrics", number>>
    stop(): Promise<void>
}

const webFolder = (side: Side) => new URL(`../../dist/web/${side}/`, import.meta.url)

/** Opens everything, or closes all of it on failure. Refuses `run.port_taken` and `run.port_not_allowed`. */
export async function openListeners(options: ListenerSettings): Promise<Listeners> {
    const stops: (() => Promise<unknown>)[] = []
    const stop = async (): Promise<void> => void (await Promise.all(stops.map((each) => each())))
    try {
        return { ports: await openSides(options, stops), stop }
    } catch (error) {
        await stop()
        throw error
    }
}

async function openSides(options: ListenerSettings, stops: (() => Promise<unknown>)[]): Promise<Listeners["ports"]> {
    const { role, secureCookies, requestsPerMinuteMax: perMinute, extraRoutes = [], extraJobs = [] } = options
    const localOrigin = (port: number) => `http://localhost:${port}`
    const {
        consoleOrigin = localOrigin,
        portalOrigin = localOrigin,
        trustedProxies = [],
        clientCertificateHeader = "",
    } = options
    const ports: Partial<Record<Side | "metrics", number>> = {}
    const readiness = readinessOf(readinessOptionsOf(options.services, options.disk ?? { folders: [], diskFreeMin: 0 }))
    const pools: Record<string, Db> = { program: options.services.db }
    const metrics = options.metrics ? metricsOf(options, pools, readiness) : null
    const guard = repeatJob(options.services, guardDatabaseJob, guardIntervalMs)
    stops.push(() => guard.stop())
    const sideServices = () => ({
        ...options.services,
        consoleOrigin: consoleOrigin(ports.console ?? options.ports.console),
        portalOrigin: portalOrigin(ports.portal ?? options.ports.portal),
    })
    for (const side of ["portal", "console"] as const) {
        if (role !== "all" && role !== side) continue
        // Partners have connections of their own, which staff and the worker cannot use up.
        const portalDb = side === "portal" && role === "all" ? openPortalDb(options.databaseUrl) : null
        if (portalDb !== null) pools[side] = portalDb
        const app = await makeServer({
            side,
            web: webFolder(side),
            extraRoutes,
            readiness,
            trustedProxies,
            clientCertificateHeader,
            services: {
                ...sideServices(),
                ...(portalDb !== null && { db: portalDb }),
                // The console's port is known once it listens.
                get consoleOrigin() {
                    return consoleOrigin(ports.console ?? options.ports.console)
                },
            },
            ...(metrics !== null && { observe: metrics.observe }),
            requestsPerMinuteMax: typeof perMinute === "number" ? perMinute : perMinute[side],
            secureCookies: typeof secureCookies === "boolean" ? secureCookies : secureCookies[side],
        })
        stops.push(async () => {
            await app.close()
            await portalDb?.close()
        })
        await app.listen({ host: options.host, port: options.ports[side] }).catch(refusePortError(options.ports[side]))
        ports[side] = (app.server.address() as AddressInfo).port
    }
    if (role === "all" || role === "worker") {
        await ensurePublisherKey(sideServices())
        await retryFailedEvents(options.services)
        const worker: Worker = startWorker(sideServices(), eventHandlers, recordOnlyEvents, [...jobs, ...extraJobs])
        stops.push(() => worker.stop())
    }
    if (options.metrics && metrics !== null) {
        const { host, port } = options.metrics
        const server = await openMonitoringServer(host, port, monitoringAnswers(readiness, metrics)).catch(
            refusePortError(port),
        )
        stops.push(() => server.stop())
        ports.metrics = server.port
    }
    return ports
}

const openPortalDb = (url: string | undefined): Db | null => (url === undefined ? null : openDb(url, portalLimits))

function metricsOf(
    { services, keyRefusals = new Map() }: ListenerSettings,
    pools: Readonly<Record<string, Db>>,
    readiness: () => Promise<readonly Check[]>,
): Metrics {
    return openMetrics({ services, jobs: jobNamesOf(jobs), pools, readiness, keyRefusals })
}

/** Serves the same answers for each role, so that a worker without other ports can be monitored. */
function monitoringAnswers(readiness: () => Promise<readonly Check[]>, metrics: Metrics) {
    const json = (status: number, answer: unknown): Reply => ({
        status,
        type: "application/json",
        text: JSON.stringify(answer),
    })
    return new Map<string, () => Promise<Reply>>([
        ["/healthz", async () => json(200, { ok: true })],
        [
            "/readyz",
            async () => {
                const answer = readinessAnswer(await readiness())
                return json(answer.ok ? 200 : 503, answer)
            },
        ],
        ["/metrics", async () => ({ status: 200, ...(await metrics.text()) })],
    ])
}

/** Makes the signing key at start, so that readers know it before the first document. */
async function ensurePublisherKey(services: Services): Promise<void> {
    await services.db.transaction(async (tx) => {
        const now = await services.clock.now(tx)
        await createPublisherKey({ tx, now, services, actor: { kind: "system", component: "start" } })
    })
}

/** Refuses `run.port_taken` and `run.port_not_allowed`; passes on other errors. */
export function refusePortError(port: number) {
    return (error: unknown): never => {
        const code = error instanceof Error && "code" in error ? error.code : null
        if (code === "EADDRINUSE")
            refuse("conflict", "run.port_taken", `port \`${port}\` is in use by another program: choose another port`)
        if (code === "EACCES")
            refuse("forbidden", "run.port_not_allowed", `this user may not open port \`${port}\`: choose another port`)
        throw error
    }
}
