/** Scores of others. The server hides them until the viewer has submitted a score. */
import { scoreMax } from "../../../../../server/src/trust/partners/onboarding/admission.ts"
import { When, dayOf } from "../../../kit/instant.tsx"
import { Avatar } from "../../../kit/layout/frame.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useMe, useNames } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

export function OtherScores({ application }: { application: WholeApplication }) {
    if (application.hiddenScores.length > 0) return <HiddenScores application={application} />
    return <VisibleScores application={application} />
}

/** The people who have scored. The server sends their scores after the viewer's own score. */
function HiddenScores({ application: { hiddenScores } }: { application: WholeApplication }) {
    const names = useNames()
    return (
        <Section title={t("Other scores")} count={hiddenScores.length}>
            <ul className="panel list">
                {hiddenScores.map(({ person, at }) => (
                    <li key={person}>
                        <Avatar name={names.person(person)} />
                        <span className="grow">
                            <span className="title">{names.person(person)}</span>
                            <span className="why block">
                                {rich("scored {at}, hidden until you submit yours", { at: <When at={at} short /> })}
                            </span>
                        </span>
                        <Badge tone="good">{t("done")}</Badge>
                    </li>
                ))}
            </ul>
        </Section>
    )
}

function VisibleScores({ application: { scores, criteria } }: { application: WholeApplication }) {
    const names = useNames()
    const me = useMe()
    const otherScores = [
        ...new Map(
            scores
                .filter(({ person }) => person !== me.id)
                .map((score) => [`${score.person} ${score.criterion}`, score]),
        ).values(),
    ]
    if (otherScores.length === 0) return null
    const numberOf = (criterion: string) => criteria.findIndex(({ id }) => id === criterion) + 1
    return (
        <Section title={t("Other scores")} count={otherScores.length}>
            {[...Map.groupBy(otherScores, ({ person }) => person)].map(([person, own]) => (
                <Table
                    key={person}
                    dense
                    caption={t("Scores of {person}", { person: names.person(person) })}
                    rows={own.toSorted((a, b) => numberOf(a.criterion) - numberOf(b.criterion))}
                    keyOf={({ criterion }) => criterion}
                    columns={[
                        {
                            name: t("Criterion"),
                            cell: ({ criterion }) => numberOf(criterion) || t("former criterion"),
                        },
                        {
                            name: names.person(person),
                            cell: ({ score, reason }) => (
                                <>
                                    <span className="score">{t("{score} of {most}", { score, most: scoreMax })}</span>{" "}
                                    {reason}
                                </>
                            ),
                        },
                        { name: t("Scored"), cell: ({ at }) => <span className="nowrap">{dayOf(at)}</span>, end: true },
                    ]}
                />
            ))}
        </Section>
    )
}
