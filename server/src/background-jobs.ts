/** Lists the background jobs, which find work by state. */
import { sequenceEventsJob } from "./trust/audit-log/actions/sequence-leaves.ts"
import { pruneChangesJob } from "./kernel/change-detection.ts"
import type { BackgroundJob } from "./kernel/worker.ts"
import { loadAcknowledgementRates } from "./share/delivery/actions/load-acknowledgement-rates.ts"
import { sendNoticesJob } from "./share/delivery/notices/actions/create-notices.ts"
import { sendAccountMailsJob } from "./trust/partners/roster/actions/send-account-mail.ts"
import { sendMailsJob } from "./trust/partners/roster/actions/verify-mailbox.ts"
import { createCheckRequirementsJob } from "./trust/partners/requirements/actions/check-requirements.ts"
import { makeBackupsJob } from "./trust/continuity/backups/actions/make-backup.ts"
import { batchReceiptsJob } from "./trust/receipts/actions/batch-receipts.ts"
import { askWitnessesJob } from "./trust/receipts/witnesses/actions/ask-witnesses.ts"
import { processTouchesJob } from "./share/canaries/actions/record-touches.ts"
import { callWebhooksJob } from "./share/webhooks/actions/call-webhooks.ts"
import { signDocumentsJob } from "./share/publication/actions/sign-documents.ts"
import { releaseWavesJob } from "./share/release/actions/release-wave.ts"
import { watchClocksJob } from "./share/release/actions/guard-clocks.ts"
import { expireQuestionsJob } from "./trace/inquiries/actions/ask-question.ts"
import { countAggregatesJob } from "./trace/sightings/actions/count-aggregates.ts"
import { trackFollowUpsJob } from "./trace/sightings/actions/track-follow-ups.ts"
import { forgetObjectsJob } from "./trace/sightings/actions/post-objects.ts"
import { callAlarmsJob } from "./trace/alarm-calls/actions/call-alarms.ts"
import { mailStaffJob, checkTasksJob } from "./trace/tasks/actions/notify-staff.ts"

/** Background jobs find work by state. Work that was missed while no worker ran is done later. */
export const jobs: readonly BackgroundJob[] = [
    watchClocksJob,
    releaseWavesJob,
    batchReceiptsJob,
    askWitnessesJob,
    sequenceEventsJob,
    sendNoticesJob,
    signDocumentsJob,
    callWebhooksJob,
    processTouchesJob,
    sendMailsJob,
    sendAccountMailsJob,
    createCheckRequirementsJob(loadAcknowledgementRates),
    expireQuestionsJob,
    checkTasksJob,
    countAggregatesJob,
    trackFollowUpsJob,
    forgetObjectsJob,
    mailStaffJob,
    callAlarmsJob,
    pruneChangesJob,
    makeBackupsJob,
]
