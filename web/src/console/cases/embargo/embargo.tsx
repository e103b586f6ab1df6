/** The embargo: its history, and the form for the next entry. */
import { writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { When, bothOf } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import type { Case, Turn } from "../../answers.ts"
import { closedWhy } from "./closure.tsx"
import { useCalendar } from "../../schedule/calendar-reads.ts"
import { TeardownDialog, Voice, triggerNames } from "./proposed-ends.tsx"
import { ReleaseNow } from "../../release/emergency-release.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

export function Turns({ subject }: { subject: Case }) {
    const { embargo } = subject
    if (embargo.length === 0) return <Empty title={t("No embargo yet.")} />
    return (
        <ol className="history">
            {embargo.map((turn, n) => (
                <li key={n}>
                    <strong>{turn.kind}</strong>
                    <When at={turn.at} />
                    {turn.endsAt !== undefined && (
                        <span>{rich("ends {when}", { when: <When at={turn.endsAt} /> })}</span>
                    )}
                    <TurnWords subject={subject} turn={turn} />
                </li>
            ))}
        </ol>
    )
}

/** Shows who made an entry, why, and what it decided. */
function TurnWords({ subject, turn }: { subject: Case; turn: Turn }) {
    const decided = typeof turn.proposal === "number" ? subject.embargo[turn.proposal] : undefined
    const hasWhy = turn.reason !== undefined && turn.reason !== ""
    if (turn.by === undefined && decided === undefined && !hasWhy) return null
    return (
        <span className="turn-words">
            {turn.by !== undefined && (
                <>
                    {t("by")} <Voice caseId={subject.id} by={turn.by} />
                    {turn.terminationProposal && `: ${triggerNames[turn.terminationProposal.trigger]}`}
                </>
            )}
            {decided !== undefined && <>{rich("the proposal of {when}", { when: <When at={decided.at} short /> })} </>}
            {hasWhy && <q>{turn.reason}</q>}
        </span>
    )
}

const titles = {
    propose: t("Propose an end of the embargo"),
    agree: t("Agree the embargo"),
    move: t("Move the end of the embargo"),
} as const

export function EmbargoActions({ subject }: { subject: Case }) {
    const disabledReason = useWhyNot()("case:write") ?? closedWhy(subject)
    const days = useCalendar().data?.next ?? []
    const path = `/api/cases/${subject.id}/embargo-entries` as const
    const ends = {
        name: "endsAt" as const,
        label: t("Ends at"),
        kind: "instant" as const,
        initial: subject.publication ?? subject.embargo.at(-1)?.endsAt ?? "",
        from: days.map(({ name, at }) => ({ value: at, name: `${name}, ${bothOf(at)}` })),
    }
    const reason = { name: "reason", label: t("Reason"), kind: "text" } as const
    const turn = (action: keyof typeof titles, button: string) => (
        <FormDialog
            button={`${button}…`}
            title={titles[action]}
            submit={button}
            disabledReason={disabledReason}
            requests={action === "move" ? [ends, reason] : [ends]}
            write={(answers) => writeTo("POST", path, { action, ...answers })}
        />
    )
    if (subject.phase === "none" || subject.phase === "proposed") {
        return (
            <>
                {turn("propose", t("Propose"))}
                {turn("agree", t("Agree"))}
            </>
        )
    }
    if (subject.phase !== "running") return <ReleaseNow subject={subject} />
    return (
        <>
            {turn("propose", t("Propose another end"))}
            <TeardownDialog subject={subject} disabledReason={disabledReason} />
            {turn("move", t("Move"))}
            <ReleaseNow subject={subject} />
        </>
    )
}
