/** Computes the alarms of all staff from stored state, so that an alarm needs no worker. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { isFrozen } from "../../../share/release/actions/guard-clocks.ts"
import {
    type DueWave,
    type ReleaseJob,
    overdueReleases,
    releaseJobNow,
} from "../../../share/release/actions/release-due.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Alarm } from "../alarm.ts"

/**
 * Lists the current alarms. Distrusted clocks pause releases and raise their own notice, so they raise no alarm here.
 */
export async function alarmsNow(ctx: ActionContext): Promise<Alarm[]> {
    const job = await releaseJobNow(ctx)
    if (job.state !== "running") {
        const ofWorker = job.state === "late" ? "worker_late" : "worker_never_ran"
        const cause = ctx.services.highWater.isQuarantined() ? "quarantine" : ofWorker
        return [{ code: "releases_stopped", cause, since: job.lastSuccess }]
    }
    if (await isFrozen(ctx)) return []
    const [first] = await overdueReleases(ctx, job)
    return first === undefined ? [] : [{ code: "releases_stopped", cause: "release_overdue", since: first.at }]
}

export interface OverdueTask {
    readonly wave: DueWave["wave"]
    readonly at: Instant
    /** The obstacle, in one line. */
    readonly why: string
}

/** Lists approved waves that are overdue, with the obstacle. */
export async function overdueTasks(ctx: ActionContext): Promise<OverdueTask[]> {
    const job = await releaseJobNow(ctx)
    const overdue = await overdueReleases(ctx, job)
    if (overdue.length === 0) return []
    const why = ctx.services.highWater.isQuarantined() ? whyQuarantined : whyLate(job, await isFrozen(ctx))
    return overdue.map(({ wave, at }) => ({ wave, at, why }))
}

const whyQuarantined = "the database is in quarantine: two people must reconcile it first"

function whyLate({ state, lastSuccess }: ReleaseJob, frozen: boolean): string {
    if (frozen) return "the clocks are distrusted: confirm the clocks first"
    if (state === "running") return "the worker runs, but this release fails: read the server's log"
    if (lastSuccess === null) return "no worker has run yet: start `tocsin serve` with the role `worker` or `all`"
    return `the worker has released nothing since \`${formatInstant(lastSuccess)}\`: start it again, and read its log`
}
