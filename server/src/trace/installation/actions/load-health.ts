/** Loads the health of the installation from stored state. It has counts and jobs, and no name of a case or partner. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type JobRun, jobStateOf, listJobRuns, otherJobsFactor } from "../../../kernel/job-runs.ts"
import { hasPermission } from "../../../kernel/permissions.ts"
import type { Services } from "../../../kernel/services.ts"
import { countPendingEvents } from "../../../kernel/worker.ts"
import { countUnsentNotices } from "../../../share/delivery/notices/actions/create-notices.ts"
import { loadPublicUse } from "../../../share/publication/actions/read-public.ts"
import { findClockState } from "../../../share/release/actions/guard-clocks.ts"
import { isSigned, listOpeningWaves, listWavesOfOpenCases } from "../../../share/release/actions/list-waves.ts"
import { listOverdueReleases, loadReleaseJob, releaseJob } from "../../../share/release/actions/release-due.ts"
import {
    countUnsequenced,
    findPublishedCheckpoint,
    findSequencingStop,
} from "../../../trust/audit-log/actions/export-log.ts"
import { loadBackupState } from "../../../trust/continuity/backups/actions/load-backups.ts"
import { loadWitnessingState } from "../../../trust/receipts/witnesses/actions/load-witnessed-log.ts"
import { countUnsentToStaff } from "../../tasks/actions/notify-staff.ts"
import type { Health, JobHealth, NextRelease } from "../health.ts"

export async function loadHealth(ctx: ActionContext): Promise<Health> {
    const { tx, services } = ctx
    const job = await loadReleaseJob(ctx)
    const overdue = (await listOverdueReleases(ctx, job)).length
    const doubt = (await findClockState(ctx))?.distrust?.doubt ?? null
    const checkpoint = await findPublishedCheckpoint(ctx)
    const { count: advisories, lastAt } = await loadPublicUse(ctx)
    return {
        conditions: [
            { condition: "quarantine", isMet: !services.highWater.isQuarantined() },
            { condition: "clocks", isMet: doubt === null },
            { condition: "worker", isMet: job.state === "running" },
            { condition: "overdue", isMet: overdue === 0 },
        ],
        doubt,
        overdue,
        next: hasPermission(ctx.actor, "wave:read") ? await findNextRelease(ctx) : null,
        jobs: jobsOf(await listJobRuns(tx), services),
        pendingEvents: await countPendingEvents(tx),
        unsentNotices: { partners: await countUnsentNotices(ctx), staff: await countUnsentToStaff(ctx) },
        auditLog: {
            size: checkpoint?.size ?? 0,
            checkpointAt: checkpoint?.at ?? null,
            unsequenced: await countUnsequenced(ctx),
            damagedSince: await findSequencingStop(ctx),
        },
        backups: await loadBackupState(ctx),
        witnessing: await loadWitnessingState(ctx),
        publicSite: { advisories, lastAt },
    }
}

/** The jobs of this version, also those that never ran. */
function jobsOf(
    runs: readonly JobRun[],
    { jobNames, workerAgeMaxMs: ageMsMax }: Pick<Services, "jobNames" | "workerAgeMaxMs">,
): JobHealth[] {
    return jobNames.map((job) => {
        const ageMs = runs.find((run) => run.job === job)?.ageMs ?? null
        return {
            job,
            state: jobStateOf(runs, job, job === releaseJob ? ageMsMax : ageMsMax * otherJobsFactor),
            ageMs: ageMs === null ? null : Math.max(0, Math.round(ageMs)),
        }
    })
}

/** Finds the earliest instant to come at which waves are planned that are approved or would open something. */
async function findNextRelease(ctx: ActionContext): Promise<NextRelease | null> {
    const planned = (await listWavesOfOpenCases(ctx)).flatMap(({ wave, at }) =>
        at === null || at <= ctx.now || wave.releasedAt !== null || wave.frozenAt !== null ? [] : [{ wave, at }],
    )
    const groups = [...Map.groupBy(planned, ({ at }) => at)].toSorted(([a], [b]) => a - b)
    for (const [at, group] of groups) {
        const waves = group.map(({ wave }) => wave)
        const signed = new Set<string>()
        for (const { id, approval } of waves) {
            if (approval !== null && (await isSigned(ctx, approval))) signed.add(id)
        }
        const opening = await listOpeningWaves(
            ctx,
            waves.filter(({ id }) => !signed.has(id)),
        )
        const count = signed.size + opening.size
        if (count > 0) return { at, waves: count, approved: signed.size }
    }
    return null
}
