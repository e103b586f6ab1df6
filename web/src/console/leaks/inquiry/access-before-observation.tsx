/** Timing evidence from a staggered release, next to the hypotheses and weights, and separate from every e-value. */
import { Link } from "@tanstack/react-router"
import { type AnswerTo, useLook } from "../../api.ts"
import { When } from "../../../kit/instant.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Lines, PagedTable, Section } from "../../../kit/table.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import { cautionTexts, priorHypothesisTexts, scaleTexts } from "../evidence/fixed-texts.ts"
import { timingTextsOf } from "./assumption-texts.ts"
import { decimalText, locale, rich, t, valueText } from "../../../messages/message.ts"

type TimingAnswer = AnswerTo<"/api/inquiries/{id}/timing">

export function TimingSection({ inquiry }: { inquiry: string }) {
    const look = useLook(`/api/inquiries/${inquiry}/timing`)
    return (
        <Section title={t("Timing")}>
            <Loaded query={look}>
                {(timing) => (
                    <>
                        <p className="caution">{cautionTexts[timing.caution]}</p>
                        <FirstObservation subject={timing.firstObservation} />
                        <Hypotheses rows={timing.rows.filter(({ partner }) => partner === null)} />
                        <PartnerHypotheses rows={timing.rows.filter(({ partner }) => partner !== null)} />
                        {timing.evenAt !== null && (
                            <p>
                                {t(
                                    "With these prior weights, the evidence for one partner must reach a factor of {factor} before that partner is as likely as everything else together.",
                                    { factor: factorOf(timing.evenAt) },
                                )}
                            </p>
                        )}
                        <details className="folded">
                            <summary>{t("Assumptions")}</summary>
                            <Lines items={timingTextsOf(timing)} />
                        </details>
                        <p className="muted">{scaleTexts[timing.scale]}</p>
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function FirstObservation({ subject }: { subject: TimingAnswer["firstObservation"] }) {
    if (subject === null) return <p>{t("No evidence of this inquiry has an instant of a first observation.")}</p>
    return (
        <p>
            {rich("First observation: {evidence}, {observed}, clock {clock}.", {
                evidence: <Link to={`/leaks/evidence/${subject.evidence}`}>{valueText(subject.kind)}</Link>,
                observed: <When at={subject.at} />,
                clock: valueText(subject.clock),
            })}
        </p>
    )
}

/** The same hypothesis for each partner: a long list with similar figures. */
function PartnerHypotheses({ rows }: { rows: TimingAnswer["rows"] }) {
    if (rows.length === 0) return null
    return (
        <details className="folded">
            <summary>
                {t("{hypothesis}: {count, plural, one {# partner} other {# partners}}", {
                    hypothesis: priorHypothesisTexts.partner,
                    count: rows.length,
                })}
            </summary>
            <Hypotheses rows={rows} />
        </details>
    )
}

function Hypotheses({ rows }: { rows: TimingAnswer["rows"] }) {
    const names = useNames()
    return (
        <PagedTable
            caption={t("Hypotheses with prior weights and timing evidence")}
            rows={rows}
            keyOf={(row) => row.partner ?? row.key}
            dense
            columns={[
                {
                    name: t("Hypothesis"),
                    cell: ({ key, partner }) => (
                        <>{partner === null ? priorHypothesisTexts[key] : <strong>{names.partner(partner)}</strong>}</>
                    ),
                },
                { name: t("Possible from"), cell: ({ since }) => (since === null ? "" : <When at={since} short />) },
                { name: t("Prior weight"), cell: ({ weight }) => weightText(weight), end: true },
                {
                    name: t("Timing (log10)"),
                    cell: ({ log10 }) => (log10 === null ? "" : decimalText(log10, 1)),
                    end: true,
                },
                {
                    name: t("Support"),
                    cell: ({ support }) => (support === null ? t("not computed") : valueText(support)),
                },
            ]}
        />
    )
}

const weightText = (weight: number): string => weight.toLocaleString(locale, { maximumFractionDigits: 2 })

function factorOf(log10: number): string {
    const factor = 10 ** log10
    return decimalText(factor, factor < 10 ? 1 : 0)
}
