/** The health of the installation: whether releases run, then one line for each part, then the worker's jobs. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useWatched } from "../api.ts"
import { megabytes } from "../../kit/file-field.tsx"
import { When } from "../../kit/instant.tsx"
import { Icon, type IconName } from "../../kit/layout/icon.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { WitnessProblem } from "../../../../server/src/trust/receipts/witnesses/state.ts"
import type { ClockState } from "../access/policy-answers.ts"
import { useCan } from "../artifacts/viewer.tsx"
import { jobName } from "./job-names.ts"
import { type HealthAnswer, ReleaseStatus, agoText } from "./release-status.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { rich, t } from "../../messages/message.ts"

/** Polls, because a stopped worker causes no event. */
const everyMs = 15_000

export function HealthScreen() {
    const health = useWatched("/api/health", everyMs)
    const clock = useWatched("/api/clock", everyMs).data
    const parts = health.data === undefined ? [] : partsOf(health.data, clock)
    const failing = parts.filter(({ works }) => works === false).length
    return (
        <SettingsPage
            tab={t("Health")}
            lead={
                health.data === undefined
                    ? t("The state of releases and of each part.")
                    : t(
                          "{failing, plural, =0 {All parts work.} one {# part needs attention.} other {# parts need attention.}}",
                          { failing },
                      )
            }
        >
            <Loaded query={health}>
                {(answer) => (
                    <>
                        <ReleaseStatus health={answer} />
                        <Parts parts={parts} />
                        <Jobs jobs={answer.jobs} />
                    </>
                )}
            </Loaded>
        </SettingsPage>
    )
}

interface Part {
    readonly name: string
    readonly icon: IconName
    /** Null: the server cannot tell. */
    readonly works: boolean | null
    readonly text: ReactNode
    readonly note: ReactNode
    /** The page of the part, and the permission of that page. */
    readonly page?: readonly [to: string, permission: string]
}

function partsOf(health: HealthAnswer, clock: ClockState | undefined): readonly Part[] {
    const { jobs, pendingEvents, publicSite } = health
    const running = jobs.filter(({ state }) => state === "running").length
    return [
        {
            name: t("Worker"),
            icon: "gear",
            works: running === jobs.length,
            text: t("{running} of {count, plural, one {# job runs} other {# jobs run}}", {
                running,
                count: jobs.length,
            }),
            note: t("{count, plural, =0 {no event waits} one {# event waits} other {# events wait}}", {
                count: pendingEvents,
            }),
        },
        clockPart(health, clock),
        noticePart(health),
        auditLogPart(health),
        backupPart(health),
        witnessPart(health),
        {
            name: t("Public site"),
            icon: "globe",
            works: null,
            text: t("{count, plural, =0 {No advisories yet} one {# advisory} other {# advisories}}", {
                count: publicSite.advisories,
            }),
            note: publicSite.lastAt === null ? "" : rich("last {at}", { at: <When at={publicSite.lastAt} short /> }),
            page: ["/settings/channels", "channel:read"],
        },
    ]
}

function clockPart({ doubt }: HealthAnswer, clock: ClockState | undefined): Part {
    const apartMs = clock?.reading?.apartMs ?? null
    return {
        name: t("Clocks"),
        icon: "clock",
        works: doubt === null,
        text: doubt === null ? t("Server and database agree") : t("Distrusted: releases are paused"),
        note: apartMs === null ? "" : t("{milliseconds} ms apart", { milliseconds: Math.abs(Math.round(apartMs)) }),
        page: ["/settings/clocks", "clock:read"],
    }
}

function noticePart({ jobs, unsentNotices: { partners, staff } }: HealthAnswer): Part {
    const senders = jobs.filter(({ job }) => job === "mailing" || job === "staff-mail")
    return {
        name: t("Notices"),
        icon: "mail",
        works: senders.length > 0 && senders.every(({ state }) => state === "running"),
        text: t(
            "{count, plural, =0 {No notice waits for partners} one {# notice waits for a partner} other {# notices wait for partners}}",
            {
                count: partners,
            },
        ),
        note: t("{count, plural, =0 {none for staff} one {# for staff} other {# for staff}}", { count: staff }),
        page: ["/settings/channels", "channel:read"],
    }
}

function auditLogPart({ auditLog: { size, checkpointAt, unsequenced, damagedSince } }: HealthAnswer): Part {
    const events = t("{size, plural, one {# event} other {# events}}", { size })
    return {
        name: t("Audit log"),
        icon: "log",
        works: damagedSince === null,
        text:
            damagedSince !== null
                ? rich("Damaged since {since}: no new checkpoint", { since: <When at={damagedSince} short /> })
                : checkpointAt === null
                  ? t("No checkpoint yet")
                  : rich("{events}, last checkpoint {at}", { events, at: <When at={checkpointAt} short /> }),
        note: t("{count, plural, =0 {all signed} one {# unsigned} other {# unsigned}}", { count: unsequenced }),
        page: ["/audit-log", "audit_log:read"],
    }
}

function backupPart({ backups: { newest, overdueSince, isExpected } }: HealthAnswer): Part {
    return {
        name: t("Backups"),
        icon: "download",
        works: overdueSince !== null ? false : newest === null ? null : true,
        text:
            newest !== null
                ? rich("Last one of {at}, read back", { at: <When at={newest.takenAt} short /> })
                : isExpected
                  ? t("None yet")
                  : t("Not made by Tocsin"),
        note: newest === null ? "" : megabytes(newest.bytes),
    }
}

const problemNames: Readonly<Record<WitnessProblem, string>> = {
    unreachable: t("no answer"),
    unknown_log: t("does not know this log"),
    key_refused: t("has another key of this log"),
    bad_answer: t("signed with other keys"),
    ahead: t("says that it signed a longer log"),
    differs: t("says that it signed another log"),
}

function witnessPart({ witnessing: { isExpected, quorum, lateSince, witnesses } }: HealthAnswer): Part {
    const failed = witnesses.filter(({ problem }) => problem !== null)
    const hasOtherLog = failed.some(({ problem }) => problem === "ahead" || problem === "differs")
    return {
        name: t("Witnesses of the receipt log"),
        icon: "key",
        works: lateSince !== null || hasOtherLog ? false : quorum === null ? null : true,
        text: hasOtherLog
            ? t("A witness says that it signed another log: ask for the checkpoint that it has")
            : lateSince !== null && quorum !== null
              ? rich("Too few have signed since {at}", { at: <When at={quorum.at} short /> })
              : quorum !== null
                ? rich("Enough of them signed {at}", { at: <When at={quorum.at} short /> })
                : isExpected
                  ? t("Too few have signed yet")
                  : t("None are set"),
        note: failed.map(({ name, problem }) => `${name}: ${problem && problemNames[problem]}`).join(", "),
    }
}

function Parts({ parts }: { parts: readonly Part[] }) {
    const can = useCan()
    return (
        <Section title={t("Parts")} count={parts.length}>
            <ul className="list panel">
                {parts.map(({ name, icon, works, text, note, page }) => (
                    <li key={name}>
                        <span className={works === null ? "square" : works ? "square good" : "square bad"}>
                            <Icon name={icon} />
                        </span>
                        <div className="grow">
                            <div className="title">
                                {page !== undefined && can(page[1]) ? <Link to={page[0]}>{name}</Link> : name}
                            </div>
                            <div className="why">{text}</div>
                        </div>
                        <span className="muted">{note}</span>
                        {works !== null && (
                            <Badge tone={works ? "good" : "bad"}>{works ? t("works") : t("needs attention")}</Badge>
                        )}
                    </li>
                ))}
            </ul>
        </Section>
    )
}

const stateTexts = {
    running: { tone: "good", name: t("runs") },
    late: { tone: "bad", name: t("late") },
    never_ran: { tone: "bad", name: t("never ran") },
} as const

const order = ["never_ran", "late", "running"]

/** Jobs that do not run come first. Where all run, the list is folded. */
function Jobs({ jobs }: { jobs: HealthAnswer["jobs"] }) {
    const allRun = jobs.every(({ state }) => state === "running")
    return (
        <Section title={t("Jobs of the worker")} count={jobs.length}>
            <details className="folded" open={!allRun}>
                <summary>{allRun ? t("All jobs run") : t("Some jobs do not run")}</summary>
                <Table
                    caption={t("Jobs and their last success")}
                    rows={jobs.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))}
                    keyOf={({ job }) => job}
                    columns={[
                        { name: t("Job"), cell: ({ job }) => <strong>{jobName(job)}</strong> },
                        {
                            name: t("Last success"),
                            cell: ({ ageMs }) => (
                                <span className="muted">{ageMs === null ? t("never") : agoText(ageMs)}</span>
                            ),
                        },
                        {
                            name: t("State"),
                            end: true,
                            cell: ({ state }) => <Badge tone={stateTexts[state].tone}>{stateTexts[state].name}</Badge>,
                        },
                    ]}
                />
            </details>
        </Section>
    )
}
