/** The background jobs in words. */
import { t } from "../../messages/message.ts"

const names: Readonly<Record<string, string>> = {
    releasing: t("Releases"),
    watching: t("Clock guard"),
    sequencing: t("Audit log"),
    batching: t("Receipts"),
    mailing: t("Notices to partners"),
    posting: t("Mail to partners"),
    "staff-mail": t("Notices to staff"),
    "alarm-calls": t("Alarm calls"),
    calling: t("Webhooks"),
    hearing: t("Canaries"),
    tending: t("Requirements"),
    lapsing: t("Expired questions"),
    tasks: t("Tasks"),
    aggregates: t("Counts of sightings"),
    "follow-ups": t("Follow-ups"),
    "event-handlers": t("Event handlers"),
    "record-only-events": t("Other events"),
    backups: t("Backups"),
    witnesses: t("Witnesses"),
    "forgetting-changes": t("Cleanup"),
    "forgetting-objects": t("Removal of deleted objects"),
}

/** Names a job; a job without a name here keeps its own. */
export const jobName = (job: string): string => names[job] ?? job.replaceAll("-", " ")
