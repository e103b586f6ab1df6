/** Compares the leaked text with the master: the parts that it shows, and how each slot was read. */
import { useState } from "react"
import type { LeakViewPiece, SlotState } from "../../../../../server/src/trace/attribution/leak-view.ts"
import { useLook } from "../../api.ts"
import { Button } from "../../../kit/button.tsx"
import { wordsOf } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Reading, ReadingFrame } from "../../../kit/scroll.tsx"
import { Section } from "../../../kit/table.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import type { Best, EvidenceAnswer } from "./evidence-reads.ts"
import { t } from "../../../messages/message.ts"

const states: Readonly<Record<SlotState, string>> = {
    read: t("read: the form that the leak shows"),
    mixed: t("mixed: parts of the leak disagree"),
    erased: t("missing: no form can be read"),
}

interface ComparisonProps {
    evidence: EvidenceAnswer
    attribution: string
    best: Best
}

/** Loads the master on request, because each view is recorded and counts as a read of the unmarked text. */
export function Comparison({ evidence, attribution, best }: ComparisonProps) {
    const [isOpen, setOpen] = useState(false)
    const { total, read, mixed, erased } = best.slots
    return (
        <Section
            title={t("{total, plural, one {# slot} other {# slots}}", { total })}
            aside={
                <span>{t("{read} read · {mixed} mixed · {missing} missing", { read, mixed, missing: erased })}</span>
            }
        >
            {isOpen ? (
                <Texts evidence={evidence} attribution={attribution} best={best} />
            ) : (
                <div className="row">
                    <Button onPress={() => setOpen(true)}>{t("Compare the texts")}</Button>
                    <span className="muted">{t("Recorded as a read of the unmarked text.")}</span>
                </div>
            )}
        </Section>
    )
}

function Texts({ evidence, attribution, best }: ComparisonProps) {
    const names = useNames()
    const view = useLook(`/api/attributions/${attribution}/master`)
    return (
        <Loaded query={view}>
            {({ parts, slots }) => (
                <>
                    <SlotStrip slots={slots} />
                    <div className="leak-pair">
                        <div>
                            <div className="beside-head">
                                <h3>{t("Leaked text")}</h3>
                                <span className="muted small">
                                    {evidence.source}, {wordsOf(evidence.observedAt)}
                                </span>
                            </div>
                            <Reading label={t("Leaked text")} text={evidence.content ?? ""} />
                        </div>
                        <div>
                            <div className="beside-head">
                                <h3>{names.artifact(best.artifact)}</h3>
                                <span className="muted small">
                                    {t("version {version}, with the forms as read", { version: best.version })}
                                </span>
                            </div>
                            <MasterParts parts={parts} />
                        </div>
                    </div>
                    <Legend />
                </>
            )}
        </Loaded>
    )
}

/** One tick for each slot, in the order of the text. Missing slots are short, so that colour is not the only sign. */
function SlotStrip({ slots }: { slots: readonly SlotState[] }) {
    if (slots.length === 0) return null
    const count = (state: SlotState) => slots.filter((slot) => slot === state).length
    const label = t(
        "{slots, plural, one {# slot} other {# slots}} in order: {read} read, {mixed} mixed, {missing} missing",
        { slots: slots.length, read: count("read"), mixed: count("mixed"), missing: count("erased") },
    )
    return (
        <svg
            className="slot-strip"
            viewBox={`0 0 ${slots.length * 10} 34`}
            preserveAspectRatio="none"
            role="img"
            aria-label={label}
        >
            {slots.map((state, n) => (
                <rect
                    key={n}
                    className={state}
                    x={n * 10}
                    width={8}
                    y={state === "erased" ? 22 : state === "mixed" ? 12 : 4}
                    height={state === "erased" ? 8 : state === "mixed" ? 18 : 26}
                />
            ))}
        </svg>
    )
}

function MasterParts({ parts }: { parts: readonly (readonly LeakViewPiece[])[] }) {
    if (parts.length === 0) return <Empty title={t("The text shows no part of a released version.")} />
    return (
        <ReadingFrame label={t("Parts of the master")}>
            {parts.map((part, n) => (
                <pre key={n} className="part">
                    {part.map((piece, i) => (
                        <Piece key={i} piece={piece} />
                    ))}
                </pre>
            ))}
        </ReadingFrame>
    )
}

function Piece({ piece: { text, state, form } }: { piece: LeakViewPiece }) {
    if (state === null) return text
    const isOther = form !== null && form !== text
    const shown = form ?? text
    return (
        <mark
            className={`slot ${state}`}
            title={isOther ? t("{state}; master: “{text}”", { state: states[state], text }) : states[state]}
        >
            {shown === "" ? "·" : shown}
        </mark>
    )
}

function Legend() {
    return (
        <ul className="legend">
            {Object.entries(states).map(([state, message]) => (
                <li key={state}>
                    <mark className={`slot ${state}`}>{message}</mark>
                </li>
            ))}
        </ul>
    )
}
