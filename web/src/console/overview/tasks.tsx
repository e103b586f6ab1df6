/** The viewer's tasks, one row each: what, until when, what happens otherwise, and one button to the page. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useRef, useState } from "react"
import type { TaskKind } from "../../../../server/src/trace/tasks/task.ts"
import { useRead } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { dayOf, distance } from "../../kit/instant.tsx"
import { isTelephone } from "../../kit/layout/telephone.ts"
import { Icon, type IconName } from "../../kit/layout/icon.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import { type Names, useNames, useNow } from "../artifacts/viewer.tsx"
import { actNames } from "../words.ts"
import { type TaskRow, targetOf } from "./task-target.ts"
import { type TaskReason, noActionTexts, reasonTexts } from "./task-texts.ts"
import { rich, t, valueText } from "../../messages/message.ts"

const kindNames: Readonly<Record<TaskKind, string>> = {
    overdue_release: t("Restart releases: an approved wave is overdue"),
    signature: t("Sign"),
    apply: t("Apply"),
    request_again: t("Request again: the approval is void"),
    review: t("Review a suspension"),
    decision: t("Decide a procedure"),
    appeal: t("Decide an appeal"),
    answer: t("Read a partner's answer"),
    question: t("Read a partner's answer in an inquiry"),
    warning_question: t("Answer a question about a warning"),
    embargo: t("Decide about an embargo"),
    tier: t("Decide about a tier"),
    application: t("Decide an application"),
    release: t("Request a release"),
    release_again: t("Request a release again: the approval is void"),
    unfreeze: t("Unfreeze a wave, or request its release again"),
    clock: t("Confirm the clocks"),
    recall: t("Follow up on a deletion"),
    mailbox: t("Check a partner's mailbox: mail came back"),
    staff_mailbox: t("Check a staff member's mailbox: mail came back"),
    refused_removal: t("Replace a person, then remove it: its provider ended the account"),
    lone_lead: t("Ask a partner for a second person: its lead is alone"),
    key: t("Check a partner's new key that no older key confirmed"),
    filing: t("Submit a filing to an authority"),
    publication: t("Correct an advisory that was refused"),
    master_reads: t("Ask why so many masters were read"),
    decoy: t("A canary was touched"),
    backup: t("Make a backup: the newest is too old, or there is none"),
    witnesses: t("Ask the witnesses of the receipt log why they do not sign"),
}

const icons: Readonly<Partial<Record<TaskKind, IconName>>> = {
    overdue_release: "alarm",
    decoy: "alarm",
    signature: "sign",
    apply: "check",
    filing: "send",
    answer: "message",
    question: "message",
    decision: "scales",
    appeal: "scales",
    tier: "scales",
    application: "building",
    mailbox: "mail",
    staff_mailbox: "mail",
    unfreeze: "freeze",
}

const alarming: ReadonlySet<TaskKind> = new Set(["overdue_release", "decoy", "publication"])

/** Signatures and approvals to apply have rows of their own, with their effects. */
export const isOwnRow = ({ kind }: TaskRow): boolean => kind !== "signature" && kind !== "apply"

export function YourTasks() {
    const tasks = useRead("/api/tasks")
    return (
        <Loaded query={tasks}>
            {({ tasks }) => (
                <Section title={t("Your tasks")} count={tasks.length}>
                    <TaskList tasks={tasks} />
                </Section>
            )}
        </Loaded>
    )
}

/** More tasks than a person does in a day are shown on request. */
const firstTasks = () => (isTelephone() ? 5 : 8)

function TaskList({ tasks }: { tasks: readonly TaskRow[] }) {
    const names = useNames()
    const [showsAll, setShowsAll] = useState(false)
    const frame = useRef<HTMLDivElement>(null)
    const rows = tasks.filter(isOwnRow)
    const shown = showsAll ? rows : rows.slice(0, firstTasks())
    const showAll = () => {
        // The button goes away, and the focus would go with it.
        frame.current?.focus({ preventScroll: true })
        setShowsAll(true)
    }
    return (
        <div ref={frame} tabIndex={-1}>
            {tasks.length === 0 && <Empty title={t("You have no tasks.")} />}
            {rows.length > 0 && (
                <ul className="panel list">
                    {shown.map((task) => (
                        <Row key={task.key} task={task} names={names} />
                    ))}
                </ul>
            )}
            {shown.length < rows.length && (
                <div className="more-rows">
                    <Button onPress={showAll}>{t("Show all {count} tasks", { count: rows.length })}</Button>
                </div>
            )}
            {tasks.length > rows.length && (
                <p className="muted small">
                    {t(
                        "{approvals, plural, one {# of them is an approval} " +
                            "other {# of them are approvals}} to sign or apply, below.",
                        { approvals: tasks.length - rows.length },
                    )}
                </p>
            )}
        </div>
    )
}

function titleOf({ kind, action }: TaskRow): string {
    if (action === null) return kindNames[kind]
    return t("{task}: {action}", { task: kindNames[kind], action: actNames[action] ?? valueText(action) })
}

function Reason({ reason }: { reason: TaskReason }) {
    if (reason.code !== "advisory_refused") return <span className="block">{reasonTexts[reason.code](reason)}</span>
    const more = reason.faultCount - reason.faults.length
    return (
        <span className="block">
            <span lang="en">{reason.faults.join("; ")}</span>
            {more > 0 && t("; and {more} more", { more })}
        </span>
    )
}

function Row({ task, names }: { task: TaskRow; names: Names }) {
    const target = targetOf(task)
    const about = aboutText(task, names)
    const tone = alarming.has(task.kind) ? "bad" : task.until === null ? "" : "due"
    const title = titleOf(task)
    return (
        <li>
            <span className={`square ${tone}`}>
                <Icon name={icons[task.kind] ?? "clock"} />
            </span>
            <div className="grow">
                <div className="title">{title}</div>
                <div className="why">
                    {about}
                    {task.reason !== null && <Reason reason={task.reason} />}
                    {task.deputyFor !== null && (
                        <span className="block">
                            {t("as deputy of {person}", { person: names.person(task.deputyFor) })}
                        </span>
                    )}
                </div>
            </div>
            <div className="by">
                <Until task={task} />
                <small>{noActionTexts[task.kind]}</small>
            </div>
            {target !== null && (
                <Link to={target.to} className="button plain">
                    {rich("{action}<unseen>: {task}, {about}</unseen>", {
                        action: target.action,
                        unseen: (text) => <span className="unseen">{text}</span>,
                        task: title,
                        about,
                    })}
                </Link>
            )}
        </li>
    )
}

function aboutText({ kind, about, case: caseId, partner }: TaskRow, names: Names): string {
    const parts = [caseId !== null && names.case(caseId), partner !== null && names.partner(partner)]
    if (["staff_mailbox", "master_reads", "refused_removal"].includes(kind)) return names.person(about)
    if (kind === "backup" || kind === "witnesses") return t("see Health")
    if (kind === "clock") return t("see the alarm above")
    return parts.filter((part) => part !== false).join(" · ")
}

function Until({ task: { until, since } }: { task: TaskRow }) {
    const now = parseInstant(useNow())
    if (until === null) return <b className="soft">{t("since {since}", { since: dayOf(since) })}</b>
    const at = parseInstant(until)
    return <b className={at <= now ? "bad" : "warn"}>{at <= now ? t("overdue") : distance(at, now)}</b>
}
