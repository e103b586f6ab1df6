/** Scores that colleagues gave. They stay hidden until the viewer has submitted a score. */
import { scoreMax } from "../../../../../server/src/trust/partners/onboarding/admission.ts"
import { When } from "../../../kit/instant.tsx"
import { Section } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useMe, useNames } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

interface OtherScoresProps {
    application: WholeApplication
    isBlind: boolean
}

export function OtherScores({ application: { scores, criteria }, isBlind }: OtherScoresProps) {
    const names = useNames()
    const me = useMe()
    const others = [
        ...new Map(
            scores
                .filter(({ person }) => person !== me.id)
                .map((score) => [`${score.person} ${score.criterion}`, score]),
        ).values(),
    ]
    if (others.length === 0) return null
    return (
        <Section title={t("Other scores")} count={others.length}>
            {isBlind ? (
                <p className="muted">{t("Hidden until you submit yours.")}</p>
            ) : (
                <ul className="panel list">
                    {others.map(({ person, criterion, score, reason, at }) => (
                        <li key={`${person} ${criterion}`}>
                            <span className="score">{t("{score} of {most}", { score, most: scoreMax })}</span>
                            <span className="grow">
                                <span className="title">
                                    {criteria.find(({ id }) => id === criterion)?.text ?? t("former criterion")}
                                </span>
                                <span className="why block">{reason}</span>
                            </span>
                            <span className="by">
                                {names.person(person)}
                                <small className="block">
                                    <When at={at} short />
                                </small>
                            </span>
                        </li>
                    ))}
                </ul>
            )}
        </Section>
    )
}
