/** The follow-ups of one partner, over all cases. */
import { Link } from "@tanstack/react-router"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { followUpCounts, followUpColumn, pressing } from "../../../kit/follow-up-text.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import { useCan, useMayRead, useNames } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { rich, t } from "../../../messages/message.ts"

export function PartnerFollowUps({ id: subject }: { id: string }) {
    const names = useNames()
    const can = useCan()
    const query = useMayRead("sighting:read", `/api/partners/${subject}/follow-ups`)
    if (!can("sighting:read")) return null
    return (
        <Section title={t("Follow-ups")}>
            <Loaded query={query}>
                {({ followUps }) =>
                    followUps.length === 0 ? (
                        <Empty title={t("No follow-ups yet.")} />
                    ) : (
                        <>
                            <p>{followUpCounts(followUps)}</p>
                            <Table
                                tall
                                caption={t("Follow-ups, the most urgent first")}
                                rows={pressing(followUps)}
                                keyOf={({ case: id, tier, since }) => `${id} ${tier} ${since}`}
                                columns={[
                                    {
                                        name: t("Case"),
                                        cell: ({ case: id, tier, since }) => (
                                            <span className="stack">
                                                <Link to={`/cases/${id}`}>{names.case(id)}</Link>
                                                <span className="muted">
                                                    {rich("{tier} wave, {since}", {
                                                        tier: tierNames[tier],
                                                        since: <When at={since} short />,
                                                    })}
                                                </span>
                                            </span>
                                        ),
                                    },
                                    {
                                        name: t("State"),
                                        cell: (followUp) => (
                                            <span className="stack">
                                                <span>{followUpColumn.state.cell(followUp)}</span>
                                                <span className="muted">
                                                    {rich("due {dueAt}", { dueAt: <When at={followUp.dueAt} short /> })}
                                                </span>
                                            </span>
                                        ),
                                    },
                                    followUpColumn.protection,
                                    followUpColumn.report,
                                ]}
                            />
                            <p className="muted">
                                {t("Overdue follow-ups are counted. People decide about consequences.")}
                            </p>
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}
