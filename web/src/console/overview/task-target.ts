/** Where a task is done, and the verb of its button. Pure. */
import type { TaskKind } from "../../../../server/src/trace/tasks/task.ts"
import type { AnswerTo } from "../api.ts"

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
        overdue_release: ofCase(`/release/${about}`, "View"),
        signature: null,
        apply: null,
        request_again: ofCase("", "View") ?? ofPartner("View"),
        review: ofPartner("Review"),
        decision: { to: `/leaks/procedures/${about}`, action: "Decide" },
        appeal: { to: `/leaks/procedures/${about}`, action: "Decide" },
        answer: ofPartner("Read"),
        question: { to: `/leaks/inquiries/${about.split(" ")[0]}/questions`, action: "Read" },
        warning_question: ofCase("/questions", "Answer"),
        embargo: ofCase("/embargo", "Decide"),
        tier: ofPartner("Decide"),
        application: { to: `/partners/applications/${about}`, action: "Decide" },
        release: ofCase(`/release/${about}`, "Request"),
        release_again: ofCase(`/release/${about}`, "Request"),
        unfreeze: ofCase("/release", "Unfreeze"),
        clock: null,
        recall: ofCase("/artifacts", "View"),
        filing: ofCase("/reports", "Open filing"),
        mailbox: ofPartner("View"),
        staff_mailbox: { to: "/settings/people", action: "View" },
        publication: ofCase("/release", "View errors"),
        master_reads: { to: "/settings/people", action: "View" },
        decoy: { to: "/leaks/canaries", action: "View" },
    }
    return targets[kind] ?? ofCase("", "View") ?? ofPartner("View")
}
