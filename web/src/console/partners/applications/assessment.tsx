/** Scores of one application, criterion by criterion, and the decision: one form. */
import { useState } from "react"
import { metScore, scoreMax, tallyScores } from "../../../../../server/src/trust/partners/onboarding/admission.ts"
import { writeTo } from "../../api.ts"
import type { Write } from "../../../kit/api.ts"
import { useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { Failed } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useMe, useWhyNot } from "../../artifacts/viewer.tsx"
import { DecisionFields, type DecisionInput } from "./decision-fields.tsx"
import { OtherScores } from "./other-scores.tsx"
import { criterionPlace } from "./applicant-text.tsx"
import { type Drafts, changedScores, faultOf, ownScores, scoresWith } from "./scores.ts"
import { rich, t } from "../../../messages/message.ts"

type Criterion = WholeApplication["criteria"][number]

/** The meaning of each score. */
const scoreNames = [t("nothing"), t("little"), t("enough"), t("most of it"), t("all of it, shown")]

const noDecision: DecisionInput = { decision: "none", reason: "", message: "" }

export function Assessment({ application }: { application: WholeApplication }) {
    const own = ownScores(application.scores, useMe().id)
    const whyNot = useWhyNot()
    const [drafts, setDrafts] = useState<Drafts>(() =>
        Object.fromEntries([...own].map(([criterion, { score, reason }]) => [criterion, { score, reason }])),
    )
    const [input, setInput] = useState(noDecision)
    // A decision that was changed while the scores were on their way was not sent, and stays.
    const sending = useWrite<DecisionInput>((sent) => setInput((current) => (current === sent ? noDecision : current)))
    const fault = faultOf(application, drafts, own, input)
    const draftOf = ({ id }: Criterion) => drafts[id] ?? { score: null, reason: "" }
    return (
        <form
            className="flow"
            onSubmit={(event) => {
                event.preventDefault()
                if (fault === null) sending.mutate(sendAll(application.partner, changedScores(drafts, own), input))
            }}
        >
            <Section
                title={t("Criteria")}
                aside={<span>{t("version {version}", { version: application.criteriaVersion })}</span>}
            >
                <ol className="panel criteria">
                    {application.criteria.map((criterion) => (
                        <CriterionFields
                            key={criterion.id}
                            criterion={criterion}
                            draft={draftOf(criterion)}
                            onChange={(change) =>
                                setDrafts((before) => ({
                                    ...before,
                                    [criterion.id]: { ...draftOf(criterion), ...change },
                                }))
                            }
                        />
                    ))}
                </ol>
                <Total application={application} drafts={drafts} />
            </Section>
            <OtherScores application={application} />
            <DecisionFields application={application} input={input} onChange={setInput} />
            <Failed error={sending.error} />
            <div className="submit-decision">
                <Button
                    type="submit"
                    look="main"
                    busy={sending.isPending}
                    disabledReason={whyNot("application:score") ?? fault}
                >
                    {input.decision === "none" ? t("Submit scores") : t("Submit scores and decision")}
                </Button>
            </div>
        </form>
    )
}

/** Sends the scores one by one, then the decision, which counts them. Returns the decision that was sent. */
function sendAll(
    partner: string,
    scores: ReturnType<typeof changedScores>,
    input: DecisionInput,
): Write<DecisionInput> {
    const { decision, reason, message } = input
    return {
        send: async () => {
            for (const score of scores) await writeTo("POST", `/api/applications/${partner}/scores`, score).send()
            if (decision !== "none") {
                const body = { decision, reason, message }
                await writeTo("POST", `/api/applications/${partner}/decide`, body).send(crypto.randomUUID())
            }
            return input
        },
    }
}

interface CriterionFieldsProps {
    criterion: Criterion
    draft: Drafts[string]
    onChange: (change: Partial<Drafts[string]>) => void
}

function CriterionFields({ criterion: { id, text, required, weight }, draft, onChange }: CriterionFieldsProps) {
    return (
        <li id={criterionPlace(id)}>
            <fieldset>
                <legend>
                    {text} {required && <Badge>{t("required")}</Badge>}{" "}
                    <span className="muted">{t("weight {weight}", { weight })}</span>
                </legend>
                <div className="score-choice">
                    {Array.from({ length: scoreMax + 1 }, (_, score) => (
                        <label key={score} title={scoreNames[score]} className={choiceLook(score, draft?.score)}>
                            <input
                                type="radio"
                                name={`score-${id}`}
                                checked={draft?.score === score}
                                onChange={() => onChange({ score })}
                                aria-label={`${score}: ${scoreNames[score]}`}
                            />
                            {score}
                        </label>
                    ))}
                </div>
                <input
                    aria-label={t("Reason for the score: {criterion}", { criterion: text })}
                    placeholder={t("Reason")}
                    value={draft?.reason ?? ""}
                    maxLength={4000}
                    onChange={(event) => onChange({ reason: event.target.value })}
                />
            </fieldset>
        </li>
    )
}

/** A chosen score that does not meet a criterion looks different. */
function choiceLook(score: number, chosen: number | null | undefined): string {
    if (score !== chosen) return ""
    return score < metScore ? "low" : "on"
}

/** The total with the scores on this page, and what still prevents an invitation. */
function Total({ application, drafts }: { application: WholeApplication; drafts: Drafts }) {
    const { total, unscored, unmet } = tallyScores(
        application.criteria,
        scoresWith(application.scores, drafts, useMe().id),
    )
    if (application.hiddenScores.length > 0) {
        return (
            <p className="criteria-total">{t("Submit your own scores first: the total counts the scores of all.")}</p>
        )
    }
    const isMet = unscored.length + unmet.length === 0
    const faults = [
        unscored.length > 0 ? t("{count} required without a score", { count: unscored.length }) : "",
        unmet.length > 0 ? t("{count} required not met", { count: unmet.length }) : "",
    ].filter((text) => text !== "")
    return (
        <>
            <p className="criteria-total">
                {rich("{total} of 100", { total: <strong>{total}</strong> })}{" "}
                <span className="muted">{faults.join(", ")}</span>
                <Badge tone={isMet ? "good" : unmet.length > 0 ? "bad" : "due"}>
                    {isMet ? t("meets criteria") : t("cannot be invited yet")}
                </Badge>
            </p>
            <p className="caution">
                {t("An invitation needs {least} or more on average for each required criterion.", { least: metScore })}
            </p>
        </>
    )
}
