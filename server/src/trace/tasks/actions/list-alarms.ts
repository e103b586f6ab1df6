/** Computes the alarms of all staff from stored state, so that an alarm needs no worker. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { areClocksDistrusted } from "../../../share/release/actions/guard-clocks.ts"
import {
    type DueWave,
    type ReleaseJob,
    listOverdueReleases,
    loadReleaseJob,
} from "../../../share/release/actions/release-due.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Alarm } from "../alarm.ts"

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
    /** The obstacle, in one line. */
    readonly reason: string
}

/** Lists approved waves that are overdue, with the obstacle. */
export async function listOverdueReleaseTasks(ctx: ActionContext): Promise<OverdueReleaseTask[]> {
    const job = await loadReleaseJob(ctx)
    const overdue = await listOverdueReleases(ctx, job)
    if (overdue.length === 0) return []
    const reason = ctx.services.highWater.isQuarantined()
        ? quarantineReason
        : latenessReason(job, await areClocksDistrusted(ctx))
    return overdue.map(({ wave, at }) => ({ wave, at, reason }))
}

const quarantineReason = "the database is in quarantine: two people must reconcile it first"

function latenessReason({ state, lastSuccess }: ReleaseJob, frozen: boolean): string {
    if (frozen) return "the clocks are distrusted: confirm the clocks first"
    if (state === "running") return "the worker runs, but this release fails: read the server's log"
    if (lastSuccess === null) return "no worker has run yet: start `tocsin serve` with the role `worker` or `all`"
    return `the worker has released nothing since \`${formatInstant(lastSuccess)}\`: start it again, and read its log`
}
