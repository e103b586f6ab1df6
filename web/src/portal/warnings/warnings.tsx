/** The inbox: the newest warning, warnings under embargo, published ones, and what is due. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useRead } from "../api.ts"
import { When, dayOf, distance, spanText } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { protectionTones } from "../../kit/protection.tsx"
import { Badge, Label, Section } from "../../kit/table.tsx"
import { vulnerabilityNames } from "../../kit/products.tsx"
import type { Protections, Warning, Warnings as Answer } from "../answers.ts"
import { useMe, useWarnings } from "../viewer.ts"
import { DueList } from "../to-do/due-list.tsx"
import { useTasks } from "../to-do/tasks.ts"
import { availableParts, inboxOf, protectedAhead, statusOf, taskOf, unfetched, warnedAt } from "./inbox.ts"
import { OwnYear } from "./own-year.tsx"
import { OpenRecalls } from "./recalls.tsx"
import { decimalText, rich, t, valueText } from "../../messages/message.ts"

export function Warnings() {
    const warnings = useWarnings()
    const protections = useRead("/api/protection-statuses").data?.protections ?? []
    const tasks = useTasks().length
    const newest = warnings.data === undefined ? null : inboxOf(warnings.data.warnings).newest
    const lead = t(
        "{hasNew, select, yes {1 new warning} other {No new warning}}, {tasks, plural, one {# task} other {# tasks}} due.",
        { hasNew: newest === null ? "no" : "yes", tasks },
    )
    return (
        <Page title={t("Warnings")} {...(warnings.data !== undefined && { lead })}>
            <Columns
                rail={
                    <>
                        <DueList />
                        <OwnYear warnings={warnings.data} protections={protections} />
                        <NoticeNote />
                    </>
                }
            >
                <OpenRecalls />
                <Loaded query={warnings}>{(answer) => <Inbox answer={answer} protections={protections} />}</Loaded>
            </Columns>
        </Page>
    )
}

interface InboxProps {
    answer: Answer
    protections: Protections["protections"]
}

function Inbox({ answer, protections }: InboxProps) {
    const { newest, underEmbargo, past } = inboxOf(answer.warnings)
    if (answer.warnings.length === 0) {
        return (
            <Empty title={t("No warnings yet.")}>
                {t(
                    "A warning appears here when a wave for your tier is released. Your organisation then gets a notice without content.",
                )}
            </Empty>
        )
    }
    const rows = (warnings: readonly Warning[]) =>
        warnings.map((warning) => <Row key={warning.id} warning={warning} now={answer.now} protections={protections} />)
    return (
        <>
            {newest !== null && <Newest warning={newest} now={answer.now} />}
            {underEmbargo.length > 0 && (
                <Section title={t("Under embargo")} count={underEmbargo.length}>
                    <ul className="panel list">{rows(underEmbargo)}</ul>
                </Section>
            )}
            {past.length > 0 && (
                <Section title={t("Published")} count={past.length}>
                    <ul className="panel list">{rows(past)}</ul>
                </Section>
            )}
        </>
    )
}

/** The newest warning, in a dark band with one button. */
function Newest({ warning, now }: { warning: Warning; now: string }) {
    const since = warnedAt(warning)
    const copies = availableParts(warning).length
    return (
        <section className="strip newest" aria-label={t("Newest warning")}>
            <div className="grow">
                <p className="newest-age">
                    {since === null
                        ? t("New")
                        : t("New, {age}", { age: distance(parseInstant(since), parseInstant(now)) })}
                </p>
                <h2>{warning.title}</h2>
                <div className="strip-facts">
                    <Label scheme="TLP" value={strictest(warning)} />
                    {warning.publication !== null && (
                        <span>
                            {rich("Embargo until <b>{until}</b>", {
                                until: <When at={warning.publication} short />,
                                b: (text) => <b>{text}</b>,
                            })}
                        </span>
                    )}
                    <span>{t("{count, plural, one {# copy} other {# copies}}", { count: copies })}</span>
                    <span>{t("Score {score}", { score: decimalText(worst(warning), 1) })}</span>
                </div>
            </div>
            <Link to={`/warnings/${warning.id}`} className="button main">
                {rich("Open warning <unseen>{title}</unseen>", {
                    title: warning.title,
                    unseen: (text) => <span className="unseen">{text}</span>,
                })}
                <Icon name="arrow" />
            </Link>
        </section>
    )
}

/** The label of most available copies of a warning, which the summary carries. */
export function strictest(warning: Warning): string {
    const parts = availableParts(warning)
    return (parts.find((part) => part.class === "summary") ?? parts[0])?.tlp ?? "AMBER"
}

const worst = ({ vulnerabilities }: Warning): number => Math.max(0, ...vulnerabilities.map(({ score }) => score ?? 0))

interface RowProps {
    warning: Warning
    now: string
    protections: Protections["protections"]
}

function Row({ warning, now, protections }: RowProps) {
    const { published, withdrawnAt, publication } = warning
    const status = statusOf(warning.id, protections)
    const end = withdrawnAt ?? publication
    const names = vulnerabilityNames(warning.vulnerabilities)
    return (
        <li>
            <span className={published ? "square good" : "square"}>
                <Icon name={published ? "globe" : "lock"} />
            </span>
            <div className="grow">
                <Link className="title" to={`/warnings/${warning.id}`}>
                    {warning.title}
                </Link>
                <div className="why">{taskOf(warning) ?? pastText(warning, protections) ?? names.join(", ")}</div>
            </div>
            {withdrawnAt !== null && <Badge tone="bad">{t("withdrawn")}</Badge>}
            {unfetched(warning).length > 0 && !published && <Badge tone="due">{t("not fetched")}</Badge>}
            {status !== null && <Badge tone={protectionTones[status]}>{valueText(status)}</Badge>}
            <div className="by">
                {end === null ? t("not yet") : dayOf(end)}
                {end !== null && <small className="block">{distance(parseInstant(end), parseInstant(now))}</small>}
            </div>
        </li>
    )
}

/** The time from protection to publication; null: the partner was not protected, or the warning is not public. */
function pastText(warning: Warning, protections: Protections["protections"]): string | null {
    const ahead = protectedAhead(warning, protections)
    return ahead === null ? null : t("Protected {span} before publication.", { span: spanText(ahead) })
}

function NoticeNote() {
    const { mail } = useMe().partner
    return (
        <Section title={t("Notices")}>
            <p className="soft">
                {rich("Notices have no content. They go to {mail} and to your people. <link>Change notices</link>", {
                    mail,
                    link: (text) => <Link to="/organisation/notices">{text}</Link>,
                })}
            </p>
        </Section>
    )
}
