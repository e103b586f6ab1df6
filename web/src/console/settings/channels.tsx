/** The channels to partners and the public: their use, and what fails with the page where staff can act. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { type AnswerTo, useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { NamedCell } from "./named-cell.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { rich, t } from "../../messages/message.ts"

type Answer = AnswerTo<"/api/channels">
type Channel = Answer["channels"][number]
type Problem = Channel["problems"][number]

const channelTexts: Readonly<Record<Channel["channel"], readonly [name: string, use: string]>> = {
    portal: [t("Portal"), t("partners fetch marked copies")],
    taxii: [t("TAXII"), t("tools of partners poll STIX objects")],
    csaf: [t("CSAF for partners"), t("tools of partners fetch CSAF documents")],
    misp: [t("MISP"), t("partners export events, one warning at a time")],
    webhooks: [t("Webhooks"), t("Tocsin calls servers of partners when there is something to fetch")],
    mail: [t("Mail"), t("notices without content")],
    advisories: [t("Public advisories"), t("pages, CSAF, OSV and feeds after publication")],
}

export function ChannelsScreen() {
    const channels = useRead("/api/channels")
    return (
        <SettingsPage tab={t("Channels")} lead={t("Channels carry content and notices to partners and the public.")}>
            <Loaded query={channels}>
                {(answer) => (
                    <>
                        <ChannelTable answer={answer} />
                        <Problems problems={answer.channels.flatMap(({ problems }) => problems)} />
                    </>
                )}
            </Loaded>
        </SettingsPage>
    )
}

function ChannelTable({ answer: { channels, days } }: { answer: Answer }) {
    return (
        <Section title={t("Channels")} count={channels.length}>
            <Table
                dense
                caption={t("Channels and their use")}
                rows={channels}
                keyOf={({ channel }) => channel}
                columns={[
                    {
                        name: t("Channel"),
                        cell: ({ channel, address }) => <NamedCell names={channelTexts[channel]} code={address} />,
                    },
                    {
                        name: t("Last use"),
                        cell: ({ lastAt, partners }) =>
                            lastAt === null ? (
                                <span className="muted">
                                    {partners === null ? t("never") : t("not in {days} days", { days })}
                                </span>
                            ) : (
                                <When at={lastAt} short />
                            ),
                    },
                    {
                        name: t("Partners in {days} days", { days }),
                        end: true,
                        cell: ({ partners }) => (partners === null ? t("public") : partners),
                    },
                    { name: t("State"), end: true, cell: (channel) => <State subject={channel} /> },
                ]}
            />
        </Section>
    )
}

function State({ subject: { problems, lastAt } }: { subject: Channel }) {
    if (problems.length > 0) {
        const count = problems.length
        return <Badge tone="due">{t("{count, plural, one {# problem} other {# problems}}", { count })}</Badge>
    }
    return lastAt === null ? <Badge>{t("not used")}</Badge> : <Badge tone="good">{t("in use")}</Badge>
}

function Problems({ problems }: { problems: readonly Problem[] }) {
    return (
        <Section title={t("Problems")} count={problems.length}>
            {problems.length === 0 ? (
                <Empty title={t("No problems.")}>
                    {t("Failing webhooks and mail that does not arrive are listed here.")}
                </Empty>
            ) : (
                <ul className="list panel">
                    {problems.map((problem) => (
                        <ProblemRow key={`${problem.problem} ${problem.partner} ${problem.since}`} subject={problem} />
                    ))}
                </ul>
            )}
        </Section>
    )
}

const problemTexts: Readonly<Record<Problem["problem"], (count: number) => string>> = {
    webhook_disabled: () => t("Webhook disabled after five days of failures"),
    webhook_failing: () => t("Webhook fails"),
    mail_undelivered: (count) =>
        t("{count, plural, one {# notice did not arrive} other {# notices did not arrive}}", { count }),
    mail_waiting: (count) =>
        t("{count, plural, one {# notice waits to be sent} other {# notices wait to be sent}}", { count }),
}

const cures: Readonly<Record<Problem["problem"], string>> = {
    webhook_disabled: t("The partner’s lead repairs its server, then enables the webhook in the portal."),
    webhook_failing: t("The partner’s lead checks its server. Tocsin tries again."),
    mail_undelivered: t("Ask the partner’s lead for a working mailbox."),
    mail_waiting: t("The worker sends them. If the number stays, check the mail server in the settings."),
}

function ProblemRow({ subject: { problem, partner, count, since } }: { subject: Problem }) {
    const names = useNames()
    const title: ReactNode = problemTexts[problem](count)
    return (
        <li>
            <span className="square due">
                <Icon name={problem.startsWith("mail") ? "mail" : "send"} />
            </span>
            <div className="grow">
                <div className="title">{title}</div>
                <div className="why">{cures[problem]}</div>
            </div>
            {partner !== null && <Link to={`/partners/${partner}/people`}>{names.partner(partner)}</Link>}
            {since !== null && (
                <span className="muted">{rich("since {since}", { since: <When at={since} short /> })}</span>
            )}
        </li>
    )
}
