/** Plays the year before the demonstration's start: partners join, cases are published, and leaks are traced. */
import { type Instant, dayMs, parseInstant } from "@tocsin/base/instant"
import { eventHandlers } from "../../event-handlers.ts"
import { recordOnlyEvents } from "../../record-only-events.ts"
import type { Services } from "../../kernel/services.ts"
import { type BackgroundJob, completeRecordOnlyEvents, handleNextEvent } from "../../kernel/worker.ts"
import { moveDemoClock } from "../../platform/time/clock.ts"
import { loadAcknowledgementRates } from "../../share/delivery/actions/load-acknowledgement-rates.ts"
import { sendNoticesJob } from "../../share/delivery/notices/actions/create-notices.ts"
import { countAggregatesJob } from "../../trace/sightings/actions/count-aggregates.ts"
import { trackFollowUpsJob } from "../../trace/sightings/actions/track-follow-ups.ts"
import { mailStaffJob } from "../../trace/tasks/actions/notify-staff.ts"
import {
    createCheckRequirementsJob,
    dismissProposal,
    listOpenProposals,
} from "../../trust/partners/requirements/actions/check-requirements.ts"
import { sendAccountMailsJob } from "../../trust/partners/roster/actions/send-account-mail.ts"
import { sendMailsJob } from "../../trust/partners/roster/actions/verify-mailbox.ts"
import { type ExtraPartner, type History, type Scene, type SeededProgram, inOrder } from "../seed.ts"
import { joiningScenes } from "./join-program.ts"
import { caseScenes, listExtras } from "./run-cases.ts"
import { type Stage, openStage, staff } from "./stage.ts"
import { leakScenes } from "./trace-leaks.ts"

/** Before the first agreement of the cast, so that each partner can read the first case. */
const keysAt = parseInstant("2024-09-03T08:00:00Z")
const tierRoundAt = parseInstant("2025-04-29T09:00:00Z")
const firstJobsAt = parseInstant("2024-07-08T18:00:00Z")
const jobsEveryMs = 14 * dayMs

/** Returns the history until this instant. Its mail is not shown: the people are invented. */
export function historyUntil(start: Instant): History {
    return {
        keysAt,
        play: async (services, program, scenes) =>
            await play({ ...services, mail: { send: async () => undefined } }, program, scenes, start),
    }
}

async function play(
    services: Services,
    program: SeededProgram,
    seedScenes: readonly Scene[],
    start: Instant,
): Promise<ExtraPartner[]> {
    const stage = openStage(services, program, start)
    const scenes = [
        ...joiningScenes(stage),
        ...caseScenes(stage),
        ...leakScenes(stage),
        ...jobScenes(services, start),
        { at: tierRoundAt, run: () => dismissProposals(stage) },
    ]
    stage.queue.push(...inOrder([...seedScenes, ...scenes.filter(({ at }) => at < start)]))
    for (let scene = stage.queue.shift(); scene !== undefined; scene = stage.queue.shift()) {
        const at = Math.min(scene.at, start)
        await services.db.transaction((tx) => moveDemoClock(tx, at))
        await scene.run()
        if (await handleEvents(services)) await sendAll(services, sendNoticesJob)
    }
    return listExtras(stage)
}

async function handleEvents(services: Services): Promise<boolean> {
    let hasHandled = false
    while (await handleNextEvent(services, eventHandlers)) hasHandled = true
    return hasHandled
}

/** Sends the mails that are due, several at a time. */
async function sendAll(services: Services, job: BackgroundJob): Promise<void> {
    for (let hasMore = true; hasMore; await job.finish?.(services)) {
        hasMore = await job.run(services)
        while (await job.run(services)) continue
    }
}

/** Sends mail and tracks follow-ups every two weeks. The worker does it all the time. */
function jobScenes(services: Services, start: Instant): Scene[] {
    const count = Math.floor((start - firstJobsAt) / jobsEveryMs) + 1
    return Array.from({ length: count }, (_, n) => ({
        at: firstJobsAt + n * jobsEveryMs,
        run: () => runJobs(services),
    }))
}

async function runJobs(services: Services): Promise<void> {
    while (await trackFollowUpsJob.run(services)) continue
    while (await countAggregatesJob.run(services)) continue
    await sendAll(services, sendMailsJob)
    await sendAll(services, sendAccountMailsJob)
    await sendAll(services, mailStaffJob)
    await completeRecordOnlyEvents(services, recordOnlyEvents)
}

/** Checks requirements as the worker does every hour, and dismisses the tiers that it proposes. */
async function dismissProposals(stage: Stage): Promise<void> {
    await createCheckRequirementsJob(loadAcknowledgementRates).run(stage.services)
    const reason = "Tiers stay as they are until the agreement is renewed."
    await stage.story(tierRoundAt, staff(stage, "Ingrid Solheim"), async (ctx) => {
        for (const { id } of await listOpenProposals(ctx)) await dismissProposal(ctx, id, reason)
    })
}
