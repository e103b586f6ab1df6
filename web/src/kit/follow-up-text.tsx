/** A partner's follow-ups after a warning, as the partner and the operator both see them. */
import type { FollowUpState } from "../../../server/src/trace/sightings/follow-up.ts"
import { When } from "./instant.tsx"
import { Badge, type Column } from "./table.tsx"
import type { Words } from "./text.ts"
import type { AnswerAt } from "../answer-at.ts"
import { t } from "../messages/message.ts"

export type ShownOwed = Omit<AnswerAt<"portal", "GET", "/api/follow-ups">["followUps"][number], "warning">

const stateWords: Words<FollowUpState> = {
    due: { name: t("due"), tone: "due" },
    overdue: { name: t("overdue"), tone: "bad" },
    done: { name: t("reported"), tone: "good" },
    done_late: { name: t("reported late"), tone: "plain" },
    waived: { name: t("waived"), tone: "plain" },
}

export function FollowUpBadge({ state }: { state: FollowUpState }) {
    return <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>
}

/** Counts the follow-ups in one sentence. */
export function followUpCounts(rows: readonly Pick<ShownOwed, "state">[]): string {
    const count = (state: FollowUpState) => rows.filter((row) => row.state === state).length
    return t("{overdue} overdue, {due} due, {late} reported late, {inTime} in time.", {
        overdue: count("overdue"),
        due: count("due"),
        late: count("done_late"),
        inTime: count("done"),
    })
}

/** The state, the deadline, and which parts were reported. */
export const followUpColumn = {
    state: { name: t("State"), cell: ({ state }) => <FollowUpBadge state={state} /> },
    warned: { name: t("Warned"), cell: ({ since }) => <When at={since} short /> },
    due: { name: t("Due"), cell: ({ dueAt }) => <When at={dueAt} short /> },
    protection: {
        name: t("Protection"),
        cell: ({ protectionAt, state }) => <ReportedAt at={protectionAt} state={state} />,
    },
    report: {
        name: t("Sighting or zero report"),
        cell: ({ sightingAt, state }) => <ReportedAt at={sightingAt} state={state} />,
    },
} satisfies Record<string, Column<ShownOwed>>

function ReportedAt({ at, state }: { at: string | null; state: FollowUpState }) {
    if (at !== null) return <When at={at} short />
    return <span className="muted">{state === "waived" ? t("waived") : t("not reported")}</span>
}

const urgency: readonly FollowUpState[] = ["overdue", "due", "done_late", "done", "waived"]

/** Sorts the most urgent first. */
export function pressing<Of extends ShownOwed>(list: readonly Of[]): Of[] {
    return list.toSorted(
        (a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.dueAt.localeCompare(b.dueAt),
    )
}
