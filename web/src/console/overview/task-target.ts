/** Where a task is done, and the verb of its button. Pure. */
import type { TaskKind } from "../../../../server/src/trace/tasks/task.ts"
import type { AnswerTo } from "../api.ts"
import { t } from "../../messages/message.ts"

export type TaskRow = AnswerTo<"/api/tasks">["tasks"][number]

export interface Target {
    readonly to: string
    readonly action: string
}

/** Returns the page of a task; null: it is done on the overview itself. */
export function targetOf({
    kind,
    about,
    case: caseId,
    partner,
}: Pick<TaskRow, "kind" | "about" | "case" | "partner">): Target | null {
    const ofCase = (tab: string, action: string) => (caseId === null ? null : { to: `/cases/${caseId}${tab}`, action })
    const ofPartner = (action: string) => (partner === null ? null : { to: `/partners/${partner}`, action })
    const targets: Readonly<Record<TaskKind, Target | null>> = {
        overdue_release: ofCase(`/release/${about}`, t("View")),
        signature: null,
        apply: null,
        request_again: ofCase("", t("View")) ?? ofPartner(t("View")),
        review: ofPartner(t("Review")),
        decision: { to: `/leaks/procedures/${about}`, action: t("Decide") },
        appeal: { to: `/leaks/procedures/${about}`, action: t("Decide") },
        answer: ofPartner(t("Read answer")),
        question: { to: `/leaks/inquiries/${about.split(" ")[0]}/questions`, action: t("Read answer") },
        warning_question: ofCase("/questions", t("Answer question")),
        embargo: ofCase("/embargo", t("Decide")),
        tier: ofPartner(t("Decide")),
        application: { to: `/partners/applications/${about}`, action: t("Decide") },
        release: ofCase(`/release/${about}`, t("Request release")),
        release_again: ofCase(`/release/${about}`, t("Request release")),
        unfreeze: ofCase("/release", t("Unfreeze")),
        clock: null,
        recall: ofCase("/artifacts", t("View")),
        filing: ofCase(`/reports/filings/${about.replace(" ", "/")}`, t("Open filing")),
        mailbox: ofPartner(t("View")),
        lone_lead: ofPartner(t("View")),
        key: ofPartner(t("View")),
        refused_removal: { to: "/settings/people", action: t("View") },
        staff_mailbox: { to: "/settings/people", action: t("View") },
        publication: ofCase("/release", t("View errors")),
        master_reads: { to: "/settings/people", action: t("View") },
        backup: { to: "/settings/health", action: t("View") },
        witnesses: { to: "/settings/health", action: t("View") },
        decoy: { to: "/leaks/canaries", action: t("View") },
    }
    return targets[kind] ?? ofCase("", t("View")) ?? ofPartner(t("View"))
}
