/** Lists approved waves whose instant has come: the worker releases them next; those that stay are overdue. */
import type { Instant } from "@tocsin/base/instant"
import { type JobRun, type JobState, listJobRuns, jobStateOf } from "../../../kernel/job-runs.ts"
import { loadApprovals } from "../../../trust/approvals/actions/load-approvals.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listClosedCases, listEmbargoEnds } from "../../cases/actions/load-case.ts"
import { listWavesWithApproval } from "../../waves/actions.ts"
import { type Wave, plannedAt } from "../../waves/wave.ts"

/** The worker's job that releases waves. */
export const releaseJob = "releasing"

export interface DueWave {
    readonly wave: Wave
    readonly at: Instant
}

/**
 * Lists approved waves planned for `by` or earlier, earliest first, so that late waves are released in order. Takes
 * three statements.
 */
export async function listDueWaves(ctx: ActionContext, by: Instant): Promise<DueWave[]> {
    const waves = await listWavesWithApproval(ctx)
    if (waves.length === 0) return []
    const cases = [...new Set(waves.map((wave) => wave.case))]
    const publications = await listEmbargoEnds(ctx, cases)
    const due = waves.flatMap((wave) => {
        const at = plannedAt(wave, publications.get(wave.case) ?? null)
        return at !== null && at <= by ? [{ wave, at }] : []
    })
    if (due.length === 0) return []
    const approvals = await loadApprovals(
        ctx,
        due.flatMap(({ wave }) => wave.approval ?? []),
    )
    const isSigned = ({ approval: id }: Wave) => {
        const approval = id === null ? undefined : approvals.get(id)
        return (
            approval !== undefined &&
            approval.signedAt !== null &&
            approval.appliedAt === null &&
            approval.voidedAt === null
        )
    }
    return due.filter(({ wave }) => isSigned(wave)).toSorted((a, b) => a.at - b.at)
}

export interface ReleaseJob {
    readonly state: JobState
    /** The last success by the database's clock; null: none yet. */
    readonly lastSuccess: Instant | null
}

/** Returns the state of the release job, by the age of its last success. */
export async function loadReleaseJob(ctx: ActionContext): Promise<ReleaseJob> {
    return releaseJobIn(await listJobRuns(ctx.tx), ctx.services.workerAgeMaxMs)
}

function releaseJobIn(runs: readonly JobRun[], ageMsMax: number): ReleaseJob {
    const run = runs.find(({ job }) => job === releaseJob)
    return { state: jobStateOf(runs, releaseJob, ageMsMax), lastSuccess: run?.succeededAt ?? null }
}

/**
 * Lists approved waves that are due for longer than a worker may be late.
 *
 * Where the clock is moved by hand, a jump makes every wave late at once. There they count only after a running worker
 * stopped.
 */
export async function listOverdueReleases(ctx: ActionContext, job: ReleaseJob): Promise<DueWave[]> {
    if (ctx.services.clock.isMovable === true && job.state !== "late") return []
    const due = await listDueWaves(ctx, ctx.now - ctx.services.workerAgeMaxMs)
    if (due.length === 0) return []
    const closed = await listClosedCases(ctx)
    return due.filter(({ wave }) => !closed.has(wave.case))
}
