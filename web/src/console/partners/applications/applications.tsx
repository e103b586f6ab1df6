/** Applications as a queue: those without a decision first, the oldest on top. */
import { Link } from "@tanstack/react-router"
import type { ApplicationState } from "../../../../../server/src/trust/partners/onboarding/application.ts"
import { useRead } from "../../api.ts"
import { Distance, When, dayOf } from "../../../kit/instant.tsx"
import { Avatar } from "../../../kit/layout/frame.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { Words } from "../../../kit/text.ts"
import type { ApplicationRow } from "../../access/policy-answers.ts"
import { useNames, useNow } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

const stateWords: Words<ApplicationState> = {
    waiting: { name: t("undecided"), tone: "due" },
    invited: { name: t("invited"), tone: "good" },
    declined: { name: t("declined"), tone: "plain" },
}

export function ApplicationBadge({ row }: { row: Pick<ApplicationRow, "state"> }) {
    return <Badge tone={stateWords[row.state].tone}>{stateWords[row.state].name}</Badge>
}

/** When the program promised a decision: "decide by 16 Jul, in 9 d", or since when it is late. */
export function DecideBy({ row: { decideBy } }: { row: Pick<ApplicationRow, "decideBy"> }) {
    const now = useNow()
    const values = { decideBy: dayOf(decideBy), distance: <Distance at={decideBy} now={now} /> }
    if (decideBy <= now)
        return <span className="bad">{rich("decision overdue since {decideBy}, {distance}", values)}</span>
    return rich("decide by {decideBy}, {distance}", values)
}

/** Returns the applications that wait for a decision, oldest first. */
export const openApplications = (applications: readonly ApplicationRow[]): readonly ApplicationRow[] =>
    applications
        .filter(({ state }) => state === "waiting")
        .toSorted((a, b) => a.submittedAt.localeCompare(b.submittedAt))

export function Applications() {
    const query = useRead("/api/applications")
    return (
        <Page title={t("Applications")} lead={t("Score each application by the published criteria, then decide.")}>
            <Loaded query={query}>
                {({ applications }) => {
                    const open = openApplications(applications)
                    const decided = applications.filter(({ state }) => state !== "waiting")
                    return (
                        <>
                            <Section title={t("To decide")} count={open.length}>
                                {open.length === 0 ? (
                                    <Empty title={t("No application waits for a decision.")}>
                                        {t("Organisations apply in the portal, without signing in.")}
                                    </Empty>
                                ) : (
                                    <Queue rows={open} />
                                )}
                            </Section>
                            {decided.length > 0 && (
                                <Section title={t("Decided")} count={decided.length}>
                                    <Queue rows={decided} />
                                </Section>
                            )}
                        </>
                    )
                }}
            </Loaded>
        </Page>
    )
}

function Queue({ rows }: { rows: readonly ApplicationRow[] }) {
    const names = useNames()
    return (
        <ul className="panel list">
            {rows.map((row) => (
                <li key={row.partner}>
                    <Avatar name={row.organisation} />
                    <span className="grow">
                        <Link className="title" to={`/partners/applications/${row.partner}`}>
                            {row.organisation}
                        </Link>
                        <span className="why block">
                            {row.decidedBy === null
                                ? rich("Submitted {submittedAt}", { submittedAt: <When at={row.submittedAt} short /> })
                                : rich("Submitted {submittedAt}, decided by {person}", {
                                      submittedAt: <When at={row.submittedAt} short />,
                                      person: names.person(row.decidedBy),
                                  })}
                        </span>
                    </span>
                    {row.hasOpenQuestion && <Badge tone="plain">{t("question open")}</Badge>}
                    {row.decidedAt === null && (
                        <span className="by">
                            <DecideBy row={row} />
                        </span>
                    )}
                    <ApplicationBadge row={row} />
                </li>
            ))}
        </ul>
    )
}
