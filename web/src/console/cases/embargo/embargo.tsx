/** The embargo: its history, and the form for the next entry. */
import { writeTo } from "../../api.ts"
import { AskForm, FormDialog, reasonField } from "../../../kit/form.tsx"
import { When, bothOf } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Empty } from "../../../kit/notice.tsx"
import type { Case, Turn } from "../../answers.ts"
import { closedWhy } from "./closure.tsx"
import { useCalendar } from "../../schedule/calendar-reads.ts"
import { ProposeEarlyEnd, Voice, triggerNames } from "./proposed-ends.tsx"
import { EmergencyState, ReleaseNow, useEmergency } from "../../release/emergency-release.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

const turnNames: Readonly<Record<Turn["kind"], string>> = {
    proposed: t("proposed"),
    agreed: t("agreed"),
    rejected: t("rejected"),
    moved: t("moved"),
    terminated: t("embargo terminated"),
    ended: t("ended"),
}

export function Turns({ subject }: { subject: Case }) {
    const { embargo } = subject
    if (embargo.length === 0) return <Empty title={t("No embargo yet.")} />
    return (
        <ol className="history">
            {embargo.map((turn, n) => (
                <li key={n}>
                    <strong>{turnNames[turn.kind]}</strong>
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
            {turn.by !== undefined && <TurnAuthor subject={subject} by={turn.by} proposal={turn.terminationProposal} />}
            {decided !== undefined && <>{rich("the proposal of {when}", { when: <When at={decided.at} short /> })} </>}
            {hasWhy && <q>{turn.reason}</q>}
        </span>
    )
}

interface TurnAuthorProps {
    subject: Case
    by: string | null
    proposal: Turn["terminationProposal"]
}

function TurnAuthor({ subject, by, proposal }: TurnAuthorProps) {
    const author = <Voice caseId={subject.id} by={by} />
    return proposal
        ? rich("by {author}: {trigger}", { author, trigger: triggerNames[proposal.trigger] })
        : rich("by {author}", { author })
}

const turnTexts = {
    propose: {
        action: "propose",
        button: t("Propose…"),
        title: t("Propose an end of the embargo"),
        submit: t("Propose"),
    },
    proposeOther: {
        action: "propose",
        button: t("Propose another end…"),
        title: t("Propose an end of the embargo"),
        submit: t("Propose another end"),
    },
    agree: { action: "agree", button: t("Agree…"), title: t("Agree the embargo"), submit: t("Agree") },
    move: { action: "move", button: t("Move…"), title: t("Move the end of the embargo"), submit: t("Move") },
} as const

type TurnTexts = (typeof turnTexts)[keyof typeof turnTexts]

/** Returns the form of an entry: its end, and for a move its reason. */
function useTurnForm(subject: Case) {
    const days = useCalendar().data?.next ?? []
    const path = `/api/cases/${subject.id}/embargo-entries` as const
    const ends = {
        name: "endsAt" as const,
        label: t("Ends at"),
        kind: "instant" as const,
        initial: subject.publication ?? subject.embargo.at(-1)?.endsAt ?? "",
        from: days.map(({ name, at }) => ({ value: at, name: `${name}, ${bothOf(at)}` })),
    }
    return ({ action, submit }: TurnTexts) => ({
        submit,
        requests: action === "move" ? [ends, reasonField] : [ends],
        write: (answers: object) => writeTo("POST", path, { action, ...answers } as never),
    })
}

export function EmbargoActions({ subject }: { subject: Case }) {
    const disabledReason = useWhyNot()("case:write") ?? closedWhy(subject)
    const formOf = useTurnForm(subject)
    const turn = (texts: TurnTexts) => (
        <FormDialog {...formOf(texts)} button={texts.button} title={texts.title} disabledReason={disabledReason} />
    )
    if (subject.phase === "none" || subject.phase === "proposed") {
        return (
            <>
                {turn(turnTexts.propose)}
                {turn(turnTexts.agree)}
            </>
        )
    }
    if (subject.phase !== "running") return <ReleaseNow subject={subject} />
    return (
        <>
            <EmergencyState subject={subject}>{null}</EmergencyState>
            {turn(turnTexts.move)}
            <RunningMenu subject={subject} disabledReason={disabledReason} />
        </>
    )
}

/** The rare actions while the embargo runs. */
function RunningMenu({ subject, disabledReason }: { subject: Case; disabledReason: string | null }) {
    const { title, button, ...texts } = turnTexts.proposeOther
    const form = useTurnForm(subject)({ title, button, ...texts })
    const emergency = useEmergency(subject)
    return (
        <ActionMenu
            label={t("More actions for the embargo")}
            actions={[
                {
                    id: "propose",
                    name: button,
                    disabledReason,
                    dialog: { title, content: (close) => <AskForm {...form} onDone={close} /> },
                },
                {
                    id: "early",
                    name: t("Propose an early end…"),
                    disabledReason,
                    dialog: {
                        title: t("Propose an early end"),
                        content: (close) => <ProposeEarlyEnd subject={subject} onDone={close} />,
                    },
                },
                ...(emergency === null ? [] : [emergency]),
            ]}
        >
            <Icon name="dots" />
        </ActionMenu>
    )
}
