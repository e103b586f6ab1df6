/** The board of an inquiry: competing hypotheses, the evidence for each copy, and the evidence with its custody. */
import { Link } from "@tanstack/react-router"
import { validateWeight } from "../../../../../server/src/trace/inquiries/inquiry.ts"
import { writeTo } from "../../api.ts"
import { FormDialog, faultBy, linesIn } from "../../../kit/form.tsx"
import { distance, wordsOf } from "../../../kit/instant.tsx"
import { Avatar } from "../../../kit/layout/frame.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Columns } from "../../../kit/layout/page.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import { parseInstant } from "@tocsin/base/instant"
import { useNames, useNow } from "../../artifacts/viewer.tsx"
import { priorHypothesisTexts } from "../evidence/fixed-texts.ts"
import { type EvidenceRow, evidenceIcons, nameOfEvidence, useEvidence } from "../evidence/evidence-reads.ts"
import { LeaksTogether } from "./combined-leaks.tsx"
import type { Opened, PartProps } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { t, valueText } from "../../../messages/message.ts"

export function Board(props: PartProps) {
    const { subject } = props
    return (
        <Columns
            rail={
                <>
                    <EvidenceRail ids={subject.evidence} />
                    <QuestionsRail subject={subject} />
                    <MembersRail subject={subject} />
                </>
            }
        >
            <Hypotheses {...props} />
            <LeaksTogether key={subject.evidence.join(" ")} inquiry={subject.id} />
        </Columns>
    )
}

function Hypotheses({ subject, onDone }: PartProps) {
    return (
        <Section title={t("Competing hypotheses")} count={subject.hypotheses.length} aside={<ArgumentLegend />}>
            <ul className="panel list">
                {subject.hypotheses.map((hypothesis) => (
                    <li key={hypothesis.key} aria-label={priorHypothesisTexts[hypothesis.key]}>
                        <div className="hypothesis">
                            <span className="title">{priorHypothesisTexts[hypothesis.key]}</span>
                            {hypothesis.for !== "" && (
                                <span className="why letter">{t("For: {reasons}", { reasons: hypothesis.for })}</span>
                            )}
                            {hypothesis.against !== "" && (
                                <span className="why letter">
                                    {t("Against: {reasons}", { reasons: hypothesis.against })}
                                </span>
                            )}
                        </div>
                        <Arguments hypothesis={hypothesis} />
                        <span className="muted small num">
                            {t("prior weight {weight}", { weight: hypothesis.weight })}
                        </span>
                        {subject.status === "open" && (
                            <Assess subject={subject} hypothesis={hypothesis} onDone={onDone} />
                        )}
                    </li>
                ))}
            </ul>
        </Section>
    )
}

/** One block for each line of the arguments. */
function Arguments({ hypothesis }: { hypothesis: Opened["hypotheses"][number] }) {
    const [against, supporting] = [linesIn(hypothesis.against).length, linesIn(hypothesis.for).length]
    const blocks = (count: number) => Array.from({ length: Math.min(count, 9) }, (_, n) => <i key={n} />)
    return (
        <>
            <span className="unseen">
                {t("Arguments: {against} against, {supporting} for", { against, supporting })}
            </span>
            <span className="arguments" aria-hidden="true">
                <span className="against">{blocks(against)}</span>
                <span>{blocks(supporting)}</span>
            </span>
        </>
    )
}

function ArgumentLegend() {
    return (
        <ul className="legend" aria-hidden="true">
            <li className="row">
                <span className="arguments">
                    <span className="against">
                        <i />
                    </span>
                </span>
                {t("argument against")}
            </li>
            <li className="row">
                <span className="arguments">
                    <span>
                        <i />
                    </span>
                </span>
                {t("argument for")}
            </li>
        </ul>
    )
}

function Assess({ subject, hypothesis, onDone }: PartProps & { hypothesis: Opened["hypotheses"][number] }) {
    const key: string = hypothesis.key
    const argument = { kind: "text", optional: true, hint: t("one argument a line") } as const
    return (
        <FormDialog
            button={t("Assess…")}
            buttonLook="quiet"
            title={priorHypothesisTexts[hypothesis.key]}
            submit={t("Save the assessment")}
            disabledReason={useWhyNotChange(subject)}
            requests={[
                {
                    name: "weight",
                    label: t("Prior weight, from 0 to 100"),
                    kind: "number",
                    initial: String(hypothesis.weight),
                    hint: t(
                        "how likely this hypothesis is next to the others, before you look at the evidence; the default is 10",
                    ),
                    check: (value) => faultBy(() => validateWeight(Number(value))),
                },
                { ...argument, name: "for", label: t("Arguments for"), initial: hypothesis.for },
                { ...argument, name: "against", label: t("Arguments against"), initial: hypothesis.against },
            ]}
            write={(answers) =>
                writeTo("PUT", `/api/inquiries/${subject.id}/hypotheses/${key}`, {
                    for: answers.for,
                    against: answers.against,
                    weight: Number(answers.weight),
                })
            }
            onDone={onDone}
        />
    )
}

function EvidenceRail({ ids }: { ids: readonly string[] }) {
    const read = useEvidence()
    const evidence = read.data?.evidence ?? []
    const rows = ids.flatMap((id) => evidence.find((item) => item.id === id) ?? [])
    const hidden = read.isLoading ? 0 : ids.length - rows.length
    return (
        <Section title={t("Evidence")} count={ids.length}>
            {ids.length === 0 && (
                <Empty title={t("No evidence yet.")}>{t("Add it from the menu of the inquiry.")}</Empty>
            )}
            <ul className="list bare">
                {rows.map((item) => (
                    <li key={item.id}>
                        <span className={item.kind === "leak" ? "square bad" : "square"}>
                            <Icon name={evidenceIcons[item.kind]} />
                        </span>
                        <div className="grow">
                            <Link className="title" to={`/leaks/evidence/${item.id}`}>
                                {nameOfEvidence(item)}
                            </Link>
                            <div className="why">
                                {item.source}, {wordsOf(item.observedAt)}
                            </div>
                            <Custody evidence={item} />
                        </div>
                    </li>
                ))}
            </ul>
            {hidden > 0 && <p className="muted small">{t("{hidden} more that you cannot see.", { hidden })}</p>}
        </Section>
    )
}

/** What the list of evidence says of custody. The whole chain is on the evidence's page, because reading it adds to it. */
function Custody({ evidence }: { evidence: EvidenceRow & { readonly isHeld?: boolean } }) {
    const { sha256, clock, addedAt, isHeld = false, deletedAt } = evidence
    return (
        <div className="custody">
            {sha256 === null ? (
                <Badge>{t("clock {clock}", { clock: valueText(clock) })}</Badge>
            ) : (
                <span className="badge mono" title={sha256}>
                    {t("sha256 {start}…{end}", { start: sha256.slice(0, 4), end: sha256.slice(-4) })}
                </span>
            )}
            <Badge>{t("added {added}", { added: wordsOf(addedAt) })}</Badge>
            {isHeld && <Badge tone="due">{t("legal hold")}</Badge>}
            {deletedAt !== null && <Badge tone="bad">{t("deleted")}</Badge>}
        </div>
    )
}

function QuestionsRail({ subject: { id, questions } }: { subject: Opened }) {
    const names = useNames()
    const now = parseInstant(useNow())
    if (questions.length === 0) return null
    return (
        <Section
            title={t("Questions")}
            count={questions.length}
            aside={<Link to={`/leaks/inquiries/${id}/questions`}>{t("All questions")}</Link>}
        >
            <ul className="list bare">
                {questions.slice(0, 4).map(({ id: question, partner, text, state, answerBy }) => (
                    <li key={question}>
                        <div className="grow">
                            <span className="title">{text.length > 90 ? `${text.slice(0, 89)}…` : text}</span>
                            <div className="why">{names.partner(partner)}</div>
                        </div>
                        {state === "open" ? (
                            <Badge tone="due">{distance(parseInstant(answerBy), now)}</Badge>
                        ) : (
                            <Badge tone={state === "answered" ? "good" : "plain"}>{valueText(state)}</Badge>
                        )}
                    </li>
                ))}
            </ul>
        </Section>
    )
}

function MembersRail({ subject: { members } }: { subject: Opened }) {
    const names = useNames()
    return (
        <Section title={t("Members")} count={members.length}>
            <ul className="people-list">
                {members.map((member) => (
                    <li key={member}>
                        <Avatar name={names.person(member)} />
                        {names.person(member)}
                    </li>
                ))}
            </ul>
        </Section>
    )
}
