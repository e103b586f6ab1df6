/** The draft of one filing, as a form to copy from and as text, and the record of its submission. */
import { useState } from "react"
import { useLook } from "../../api.ts"
import { Button, CopyButton } from "../../../kit/button.tsx"
import { When, wordsOf } from "../../../kit/instant.tsx"
import { Markdown } from "../../../kit/markdown/markdown.tsx"
import { Segments } from "../../../kit/layout/segments.tsx"
import { Loaded, Notice } from "../../../kit/notice.tsx"
import { ReadingFrame } from "../../../kit/scroll.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import type { ClockRow } from "../../clocks/clock-answers.ts"
import { FilingMenu, MarkSubmitted } from "./filing-menu.tsx"
import { type ClockFacts, type Fact, factGroups, isKnown } from "./filing-facts.ts"
import { type ClockFiling, referenceOf } from "./filing-rows.ts"
import { rich, t, valueText } from "../../../messages/message.ts"

interface DraftPanelProps {
    item: ClockFiling
    facts: ClockFacts
}

const views = [
    { id: "form", name: t("As a form") },
    { id: "text", name: t("As text") },
] as const

export function DraftPanel({ item, facts }: DraftPanelProps) {
    const [view, setView] = useState<(typeof views)[number]["id"]>("form")
    return (
        <section className="section" aria-label={t("Draft")}>
            <div className="section-head">
                <h2>
                    {item.filing.title}
                    <span className="n">{t("draft")}</span>
                </h2>
                <div className="row">
                    <Segments label={t("Views")} choices={views} chosen={view} onChoose={setView} />
                    <FilingMenu item={item} />
                </div>
            </div>
            <div className="panel paper">
                <Submission item={item} />
                {view === "form" ? <Form item={item} facts={facts} /> : <Text item={item} />}
            </div>
        </section>
    )
}

function Form({ item: { clock, filing }, facts }: DraftPanelProps) {
    const questions = clock.terms.filings.find(({ id }) => id === filing.id)?.questions ?? []
    const before = submittedBefore(clock, filing.id)
    return (
        <dl>
            <Field name={t("To")} lines={[facts.regime.authority]} />
            <Field name={t("Type of report")} lines={[`${filing.title}, ${valueText(clock.terms.trigger)}`]} />
            <Field name={t("Legal basis")} lines={[facts.regime.basis]} />
            {factGroups(facts)
                .flatMap((group) => group.facts)
                .map((fact) =>
                    isKnown(fact) ? (
                        <Field key={fact.id} name={fact.name} lines={fact.lines} />
                    ) : (
                        <Missing key={fact.id} fact={fact} />
                    ),
                )}
            {before.length > 0 && <Field name={t("Submitted before")} lines={before} />}
            {questions.map((question) => (
                <div key={question} className="open-question whole">
                    <dt>{question}</dt>
                    <dd>{t("To be answered by a person.")}</dd>
                </div>
            ))}
        </dl>
    )
}

function submittedBefore(clock: ClockRow, id: string): readonly string[] {
    return clock.filings
        .filter((filing) => filing.id !== id && filing.submittedAt !== null)
        .map(({ id: earlier, title, submittedAt }) => {
            const reference = referenceOf(clock, earlier)
            const at = wordsOf(submittedAt ?? "")
            return reference === ""
                ? t("{title}, {at}", { title, at })
                : t("{title}, {at}, reference {reference}", { title, at, reference })
        })
}

/** Two short fields share a line. */
const shortMax = 36

function Field({ name, lines }: { name: string; lines: readonly string[] }) {
    return (
        <div className={lines.length > 1 || lines.join("").length > shortMax ? "whole" : ""}>
            <dt>{name}</dt>
            {lines.map((line) => (
                <dd key={line}>{line}</dd>
            ))}
        </div>
    )
}

function Missing({ fact }: { fact: Fact }) {
    return (
        <div className="open-question whole">
            <dt>{fact.name}</dt>
            <dd>{fact.missing}</dd>
        </div>
    )
}

/** Each view of the text is recorded, so it is read once each time it is opened. */
function Text({ item: { clock, filing } }: { item: ClockFiling }) {
    const draft = useLook(`/api/regulatory-clocks/${clock.id}/filings/${filing.id}/draft` as const)
    return (
        <>
            <p className="soft">{t("The audit log records that you opened this text. It is as secret as the case.")}</p>
            <Loaded query={draft}>
                {({ markdown }) => (
                    <>
                        <ReadingFrame label={t("Text of the draft")}>
                            <div lang="en">
                                <Markdown text={markdown} />
                            </div>
                        </ReadingFrame>
                        <div className="row">
                            <CopyButton text={markdown}>{t("Copy text")}</CopyButton>
                            <Button onPress={() => saveAs(`${filing.id}-draft.md`, markdown)}>
                                {t("Download Markdown")}
                            </Button>
                        </div>
                    </>
                )}
            </Loaded>
        </>
    )
}

function Submission({ item }: { item: ClockFiling }) {
    const { clock, filing } = item
    if (filing.submittedAt === null) {
        if (clock.closed) return <Notice>{t("This clock is closed: no filing is due.")}</Notice>
        return (
            <div className="row wraps">
                <MarkSubmitted item={item} />
                <span className="soft">{t("Submit it to the authority first.")}</span>
            </div>
        )
    }
    const reference = referenceOf(clock, filing.id)
    const at = <When at={filing.submittedAt} />
    return (
        <Notice tone={filing.state === "submitted_late" ? "bad" : "good"}>
            <span>
                {filing.state === "submitted_late" && filing.dueAt !== null
                    ? rich("Submitted late: {at}. It was due before {due}.", {
                          at,
                          due: <When at={filing.dueAt} short />,
                      })
                    : rich("Submitted {at}.", { at })}{" "}
                {reference !== "" && t("Reference {reference}.", { reference })}
            </span>
        </Notice>
    )
}
