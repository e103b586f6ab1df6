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
import { countCallAttempts } from "../trace/alarm-calls/actions/call-alarms.ts"
import { loadWitnessingState } from "../trust/receipts/witnesses/actions/load-witnessed-log.ts"
import { loadBackupState } from "../trust/continuity/backups/actions/load-backups.ts"
import { isSigned, listOpeningWaves, listWavesOfOpenCases } from "../share/release/actions/list-waves.ts"
import { findClockState } from "../share/release/actions/guard-clocks.ts"
import { areLeasesDisabled } from "../share/feed/actions/lease-feed.ts"
import { countUnsequenced, findPublishedCheckpoint, findSequencingStop } from "../trust/audit-log/actions/export-log.ts"
import type { Wave } from "../share/waves/wave.ts"
import { dayMs } from "@tocsin/base/instant"
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
    /** By role. */
    readonly keyRefusals: ReadonlyMap<string, number>
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
        upcoming: gauge(
            "tocsin_upcoming_waves",
            "Waves that are planned for the next 24 hours and not frozen.",
            "approval",
        ),
        logSize: gauge("tocsin_audit_log_size", "Leaves of the newest checkpoint."),
        logAge: gauge("tocsin_audit_log_checkpoint_age_seconds", "Age of the newest checkpoint."),
        unsequenced: gauge("tocsin_audit_log_unsequenced_events", "Events that no checkpoint covers yet."),
        damaged: gauge("tocsin_audit_log_damaged", "1 where sequencing stopped at a damaged leaf, else 0."),
        clocks: gauge(
            "tocsin_clock_difference_seconds",
            "The clock of the worker's machine less another one, when the worker last read it.",
            "to",
        ),
        keyRefusals: gauge("tocsin_key_refusals", "Requests that the key process refused since its start.", "role"),
        leases: gauge("tocsin_feed_leases_disabled", "1 after a feed lease was wrong in this process, else 0."),
        backup: gauge("tocsin_backup_age_seconds", "Age of the newest backup that was read back."),
        calls: gauge("tocsin_alarm_call_attempts", "Attempts of the alarm call that was tried most; 0: all accepted."),
        witnesses: gauge("tocsin_witness_quorum_age_seconds", "Age of the newest log that enough witnesses signed."),
        connections: gauge("tocsin_db_pool_connections", "Connections to the database.", "pool", "state"),
    }
}

type Gauges = ReturnType<typeof gaugesIn>

async function readGauges(
    gauges: Gauges,
    { services, jobs, pools, readiness, keyRefusals }: MetricsSources,
): Promise<void> {
    const checks = await readiness()
    for (const [role, count] of keyRefusals) gauges.keyRefusals.set({ role }, count)
    for (const { check, ok } of checks) gauges.ready.set({ check }, Number(ok))
    for (const [pool, db] of Object.entries(pools)) {
        for (const [state, count] of Object.entries(connectionsOf(db))) gauges.connections.set({ pool, state }, count)
    }
    gauges.leases.set(Number(Object.values(pools).some(areLeasesDisabled)))
    // Omits unknown figures, because an old figure would look good.
    for (const gauge of [gauges.age, gauges.unsent, gauges.upcoming, gauges.clocks]) gauge.reset()
    for (const gauge of [gauges.backup, gauges.witnesses, gauges.logAge]) gauge.remove()
    const counts = [gauges.overdue, gauges.pending, gauges.logSize, gauges.unsequenced, gauges.damaged, gauges.calls]
    for (const count of counts) count.set(NaN)
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
    await readWaves(gauges, ctx)
    await readAuditLog(gauges, ctx)
    const reading = (await findClockState(ctx))?.reading
    if (reading?.hasTwoClocks === true)
        gauges.clocks.set({ to: "database" }, (reading.application - reading.database) / 1000)
    if (reading && reading.offByServiceMs !== null) gauges.clocks.set({ to: "service" }, reading.offByServiceMs / 1000)
    const { newest } = await loadBackupState(ctx)
    if (newest !== null) gauges.backup.set((ctx.services.realNow() - newest.takenAt) / 1000)
    const { quorum } = await loadWitnessingState(ctx)
    if (quorum !== null) gauges.witnesses.set((ctx.services.realNow() - quorum.at) / 1000)
    gauges.calls.set(await countCallAttempts(ctx))
    gauges.unsent.set({ to: "partners" }, await countUnsentNotices(ctx))
    gauges.unsent.set({ to: "staff" }, await countUnsentToStaff(ctx))
}

async function readWaves({ upcoming }: Gauges, ctx: ActionContext): Promise<void> {
    const missing: Wave[] = []
    let approved = 0
    for (const { wave, at } of await listWavesOfOpenCases(ctx)) {
        if (at === null || at <= ctx.now || at > ctx.now + dayMs || wave.releasedAt !== null || wave.frozenAt !== null)
            continue
        const isApproved = wave.approval !== null && (await isSigned(ctx, wave.approval))
        if (isApproved) approved += 1
        else missing.push(wave)
    }
    // A wave that opens nothing needs no approval, and cannot get one.
    const opening = await listOpeningWaves(ctx, missing)
    upcoming.set({ approval: "approved" }, approved)
    upcoming.set({ approval: "missing" }, missing.filter(({ id }) => opening.has(id)).length)
}

async function readAuditLog(gauges: Gauges, ctx: ActionContext): Promise<void> {
    const checkpoint = await findPublishedCheckpoint(ctx)
    gauges.logSize.set(checkpoint?.size ?? 0)
    if (checkpoint) gauges.logAge.set((ctx.services.realNow() - checkpoint.at) / 1000)
    gauges.unsequenced.set(await countUnsequenced(ctx))
    gauges.damaged.set(Number((await findSequencingStop(ctx)) !== null))
}
