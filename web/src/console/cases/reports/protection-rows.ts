/** One row for each warned partner: its newest protection status and its most urgent follow-up. Pure. */
import { pressing } from "../../../kit/follow-up-text.tsx"
import type { AnswerTo } from "../../api.ts"

export type ProtectionReport = AnswerTo<"/api/protection-statuses">["protections"][number]
export type FollowUp = AnswerTo<"/api/follow-ups">["followUps"][number]

export interface ProtectionRow {
    readonly partner: string
    /** The newest report; null: none. */
    readonly report: ProtectionReport | null
    /** Null: no follow-up was asked for. */
    readonly followUp: FollowUp | null
}

/** Returns the rows, the most urgent follow-up first. `reports` are newest first. */
export function protectionRows(
    followUps: readonly FollowUp[],
    reports: readonly ProtectionReport[],
): readonly ProtectionRow[] {
    const sorted = pressing(followUps)
    const partners = new Set([...sorted, ...reports].map(({ partner }) => partner))
    return [...partners].map((partner) => ({
        partner,
        report: reports.find((report) => report.partner === partner) ?? null,
        followUp: sorted.find((followUp) => followUp.partner === partner) ?? null,
    }))
}

/** Whether staff still wait for something: a report, or the end of the partner's work. */
export function isUnfinished({ report, followUp }: ProtectionRow): boolean {
    const isDue = followUp?.state === "due" || followUp?.state === "overdue"
    return isDue || report === null || report.state === "in_progress" || report.state === "needs_more"
}
