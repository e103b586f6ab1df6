/** The admission criteria with all scores and reasons, and the form for the viewer's scores. */
import { writeTo } from "../api.ts"
import { scoreMax } from "../../../../server/src/trust/partners/onboarding/admission.ts"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Score, WholeApplication } from "../access/policy-answers.ts"
import { useMe, useNames, useWhyNot } from "../artifacts/viewer.tsx"

type Criterion = WholeApplication["criteria"][number]

/** The label of each score. */
const scoreNames = ["nothing of it", "little", "enough", "most of it", "all of it, shown"]

export function Scoring({ application }: { application: WholeApplication }) {
    const { unscored: open, unmet } = application.tally
    return (
        <Section
            title="Scores"
            aside={<span className="muted">criteria of version {application.criteriaVersion}</span>}
        >
            <Table
                caption="Criteria, with the scores that persons gave"
                rows={application.criteria}
                keyOf={({ id }) => id}
                columns={[
                    {
                        name: "Criterion",
                        cell: ({ id, text, required }) => (
                            <>
                                {text} {required && <Badge>required</Badge>}{" "}
                                {open.includes(id) && <Badge tone="due">not scored</Badge>}
                                {unmet.includes(id) && <Badge tone="bad">not met</Badge>}
                            </>
                        ),
                    },
                    { name: "Weight", cell: ({ weight }) => weight, end: true },
                    { name: "Scores and why", cell: (item) => <Given scores={scoresOf(application, item)} /> },
                    {
                        name: "Actions",
                        cell: (item) => <ScoreDialog application={application} criterion={item} />,
                        end: true,
                    },
                ]}
            />
        </Section>
    )
}

/** Returns the last score of each person, which is the one that counts. */
function scoresOf({ scores }: WholeApplication, { id }: Criterion): readonly Score[] {
    const entries = scores.filter(({ criterion }) => criterion === id)
    return [...new Map(entries.map((score) => [score.person, score])).values()]
}

function Given({ scores }: { scores: readonly Score[] }) {
    const names = useNames()
    if (scores.length === 0) return <span className="muted">none</span>
    return (
        <ul className="stack">
            {scores.map(({ person, score, reason, at }) => (
                <li key={`${person} ${at}`}>
                    <strong>
                        {score} of {scoreMax}
                    </strong>{" "}
                    {reason}{" "}
                    <span className="muted">
                        {names.person(person)}, <When at={at} short />
                    </span>
                </li>
            ))}
        </ul>
    )
}

function ScoreDialog({ application, criterion }: { application: WholeApplication; criterion: Criterion }) {
    const me = useMe()
    const may = useWhyNot()("application:score")
    const otherScore = scoresOf(application, criterion).find(({ person }) => person === me.id)
    if (application.state === "invited") return null
    return (
        <FormDialog
            button={
                <>
                    {otherScore === undefined ? "Score…" : "Score anew…"}{" "}
                    <span className="unseen">{criterion.text}</span>
                </>
            }
            title="Your score"
            submit="Give it"
            disabledReason={may}
            requests={[
                {
                    name: "score",
                    label: "Score",
                    kind: "choice",
                    from: scoreNames.map((name, n) => ({ value: String(n), name: `${n}: ${name}` })),
                    initial: String(otherScore?.score ?? 0),
                },
                {
                    name: "reason",
                    label: "Why",
                    kind: "text",
                    initial: otherScore?.reason ?? "",
                    check: (input) => (input.trim().length >= 10 ? null : "ten characters or more"),
                },
            ]}
            write={({ score, reason }) =>
                writeTo("POST", `/api/applications/${application.partner}/scores`, {
                    criterion: criterion.id,
                    score: Number(score),
                    reason,
                })
            }
        >
            <p>{criterion.text}</p>
            <p className="muted">It is met from a mean of 2 on. A later score of yours replaces this one.</p>
        </FormDialog>
    )
}
