/** Computes the alarms of all staff from stored state, so that an alarm needs no worker. */
import type { Instant } from "@tocsin/base/instant"
import { areClocksDistrusted } from "../../../share/release/actions/guard-clocks.ts"
import {
    type DueWave,
    type ReleaseJob,
    listOverdueReleases,
    loadReleaseJob,
} from "../../../share/release/actions/release-due.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Alarm } from "../alarm.ts"
import type { TaskReason } from "../task.ts"

/**
 * Lists the current alarms. Distrusted clocks pause releases and raise their own notice, so they raise no alarm here.
 */
export async function listAlarms(ctx: ActionContext): Promise<Alarm[]> {
    const job = await loadReleaseJob(ctx)
    if (job.state !== "running") {
        const workerCause = job.state === "late" ? "worker_late" : "worker_never_ran"
        const cause = ctx.services.highWater.isQuarantined() ? "quarantine" : workerCause
        return [{ code: "releases_stopped", cause, since: job.lastSuccess }]
    }
    if (await areClocksDistrusted(ctx)) return []
    const [firstOverdue] = await listOverdueReleases(ctx, job)
    return firstOverdue === undefined
        ? []
        : [{ code: "releases_stopped", cause: "release_overdue", since: firstOverdue.at }]
}

export interface OverdueReleaseTask {
    readonly wave: DueWave["wave"]
    readonly at: Instant
    readonly reason: TaskReason
}

/** Lists approved waves that are overdue, with the obstacle. */
export async function listOverdueReleaseTasks(ctx: ActionContext): Promise<OverdueReleaseTask[]> {
    const job = await loadReleaseJob(ctx)
    const overdue = await listOverdueReleases(ctx, job)
    if (overdue.length === 0) return []
    const reason: TaskReason = ctx.services.highWater.isQuarantined()
        ? { code: "quarantine" }
        : latenessReason(job, await areClocksDistrusted(ctx))
    return overdue.map(({ wave, at }) => ({ wave, at, reason }))
}

function latenessReason({ state, lastSuccess }: ReleaseJob, frozen: boolean): TaskReason {
    if (frozen) return { code: "clocks_distrusted" }
    if (state === "running") return { code: "release_fails" }
    return lastSuccess === null ? { code: "worker_never_ran" } : { code: "worker_late", lastSuccess }
}
