/** Texts of tasks: what happens without action, and the obstacle. */
import type { TaskKind, TaskReasonCode } from "../../../../server/src/trace/tasks/task.ts"
import { wordsOf } from "../../kit/instant.tsx"
import { t, valueText } from "../../messages/message.ts"
import type { TaskRow } from "./task-target.ts"

export const noActionTexts: Readonly<Record<TaskKind, string>> = {
    overdue_release: t("the wave is not released: partners do not get what two people approved"),
    signature: t("the request expires, and nothing happens without a new request"),
    apply: t("the approval expires, and nothing happens without a new request"),
    request_again: t("nothing happens: the requester or signer left or lost the role, and the approval is voided"),
    review: t("the suspension stays until two people decide, and its review is overdue"),
    decision: t("there is no sanction until two people decide"),
    appeal: t("the sanction stays until two other people decide"),
    answer: t("the partner's answer stays unread"),
    question: t("the inquiry does not consider the answer, or that there is none"),
    warning_question: t("the partner gets no answer"),
    embargo: t("the proposal expires"),
    tier: t("the partner keeps its tier"),
    application: t("the applicant stays an applicant"),
    release: t("the wave is not released"),
    release_again: t("the wave is not released"),
    unfreeze: t("the wave stays frozen"),
    clock: t("no wave is released until the clocks agree for a minute or, after a jump, two people confirm them"),
    recall: t("the partner keeps its copies of the recalled artifact"),
    mailbox: t("mail to the partner still goes to an address that seems to bounce"),
    staff_mailbox: t("mail to this person still goes to an address that seems to bounce"),
    refused_removal: t("this person keeps access, as the last admin, approver or manager"),
    lone_lead: t("if the lead leaves, no person of the partner gets warnings"),
    key: t("the partner cannot use its new key"),
    publication: t("the case is not published, or its published advisory is not corrected"),
    master_reads: t("no manager asks why this person read so many masters"),
    decoy: t(
        "mark keys or their output may have leaked, because no partner has a decoy: any copy may be forged until an investigator notes the cause",
    ),
    backup: t("if the server is lost, so is everything since the last backup"),
    witnesses: t("outsiders cannot prove that the logs were not rewritten since the last signatures"),
    filing: t("nothing is sent to the authority, and the filing is overdue"),
}

export type TaskReason = NonNullable<TaskRow["reason"]>

/** The obstacle of a task, except the faults of a refused advisory, which are in English. */
export const reasonTexts: Readonly<
    Record<Exclude<TaskReasonCode, "advisory_refused">, (reason: TaskReason) => string>
> = {
    quarantine: () => t("the database is in quarantine: two people must reconcile it first"),
    clocks_distrusted: () => t("the clocks are distrusted: confirm the clocks first"),
    release_fails: () => t("the worker runs, but this release fails: read the server's log"),
    worker_never_ran: () => t("no worker has run yet: start one on the server"),
    worker_late: ({ lastSuccess }) =>
        t("the worker has released nothing since {since}: start it again, and read its log", {
            since: lastSuccess === null ? "" : wordsOf(lastSuccess),
        }),
    advisory_valid_again: () => t("the current settings find no fault: publication is tried again within an hour"),
    master_limit: ({ class: kind }) =>
        t("the hourly limit of masters of class {class} was reached", { class: valueText(kind ?? "") }),
}
