/**
 * Serves metrics in the Prometheus text format. Labels are jobs, checks, route templates and pools, never a partner,
 * person or case. A scrape reads stored figures, and works without the database.
 */
import { Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client"
import { type Db, connectionsOf } from "../platform/postgres/db.ts"
import type { Services } from "../kernel/services.ts"
import type { ObserveRequest } from "../platform/http/health.ts"
import { listJobRuns } from "../kernel/job-runs.ts"
import type { Check } from "../platform/http/readiness.ts"
import { countPendingEvents } from "../kernel/worker.ts"
import { countUnsentNotices } from "../share/delivery/notices/actions/create-notices.ts"
import { listOverdueReleases, loadReleaseJob } from "../share/release/actions/release-due.ts"
import type { ActionContext } from "../kernel/action-context.ts"
import { loadBackupState } from "../trust/continuity/backups/actions/load-backups.ts"
import { countUnsentToStaff } from "../trace/tasks/actions/notify-staff.ts"

export interface Metrics {
    readonly observe: ObserveRequest
    /** Answers one scrape. */
    text(): Promise<{ readonly type: string; readonly text: string }>
}

export interface MetricsSources {
    readonly services: Services
    readonly jobs: readonly string[]
    /** By name. */
    readonly pools: Readonly<Record<string, Db>>
    readonly readiness: () => Promise<readonly Check[]>
}

const secondsBuckets = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

/** Opens the metrics. */
export function openMetrics(sources: MetricsSources): Metrics {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const requests = new Histogram({
        name: "tocsin_http_request_duration_seconds",
        help: "Time from a request to the end of its answer, by route template.",
        labelNames: ["side", "method", "route", "status"],
        buckets: secondsBuckets,
        registers: [registry],
    })
    const gauges = gaugesIn(registry)
    return {
        observe: ({ side, method, route, status, seconds }) =>
            requests.observe({ side, method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
        text: async () => {
            await readGauges(gauges, sources)
            return { type: registry.contentType, text: await registry.metrics() }
        },
    }
}

function gaugesIn(registry: Registry) {
    const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
        new Gauge({ name, help, labelNames, registers: [registry] })
    return {
        age: gauge("tocsin_job_last_success_age_seconds", "Seconds since a job of the worker last succeeded.", "job"),
        ready: gauge("tocsin_ready", "1 where a check of /readyz passes, else 0.", "check"),
        overdue: gauge("tocsin_overdue_releases", "Approved waves that are due and not released."),
        pending: gauge("tocsin_pending_events", "Events that wait for a handler."),
        unsent: gauge("tocsin_unsent_notices", "Notices that are due and not sent.", "to"),
        backup: gauge("tocsin_backup_age_seconds", "Age of the newest backup that was read back."),
        connections: gauge("tocsin_db_pool_connections", "Connections to the database.", "pool", "state"),
    }
}

type Gauges = ReturnType<typeof gaugesIn>

async function readGauges(gauges: Gauges, { services, jobs, pools, readiness }: MetricsSources): Promise<void> {
    const checks = await readiness()
    for (const { check, ok } of checks) gauges.ready.set({ check }, Number(ok))
    for (const [pool, db] of Object.entries(pools)) {
        for (const [state, count] of Object.entries(connectionsOf(db))) gauges.connections.set({ pool, state }, count)
    }
    // Omits unknown figures, because an old figure would look good.
    for (const gauge of [gauges.age, gauges.overdue, gauges.pending, gauges.unsent]) gauge.reset()
    gauges.backup.remove()
    for (const figure of [gauges.overdue, gauges.pending]) figure.set(NaN)
    if (checks.some(({ check, ok }) => check === "database" && !ok)) return
    await services.db
        .transaction(async (tx) => {
            const now = await services.clock.now(tx)
            await readStoredFigures(
                gauges,
                { tx, now, services, actor: { kind: "system", component: "metrics" } },
                jobs,
            )
        })
        .catch(() => undefined)
}

async function readStoredFigures(gauges: Gauges, ctx: ActionContext, jobs: readonly string[]): Promise<void> {
    for (const { job, ageMs } of await listJobRuns(ctx.tx)) {
        if (ageMs !== null && jobs.includes(job)) gauges.age.set({ job }, ageMs / 1000)
    }
    gauges.overdue.set((await listOverdueReleases(ctx, await loadReleaseJob(ctx))).length)
    gauges.pending.set(await countPendingEvents(ctx.tx))
    const { newest } = await loadBackupState(ctx)
    if (newest !== null) gauges.backup.set((ctx.services.realNow() - newest.takenAt) / 1000)
    gauges.unsent.set({ to: "partners" }, await countUnsentNotices(ctx))
    gauges.unsent.set({ to: "staff" }, await countUnsentToStaff(ctx))
}
