/** The evidence for each copy on a logarithmic scale, with the threshold, and one sentence that says what it means. */
import { Fragment, type ReactNode } from "react"
import { Badge } from "../../../kit/table.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import type { Best } from "./evidence-reads.ts"
import { errorBoundText, evidenceText, thresholdText, tickText, ticksBetween } from "./e-value.ts"
import { locale, rich, t } from "../../../messages/message.ts"

type Ranked = Pick<Best["ranking"][number], "partner" | "person" | "log10e" | "identified">

interface ChartProps {
    readonly subject: { readonly threshold: number; readonly ranking: readonly Ranked[] }
    readonly alpha: number
    /** Whether the page says above what the drawing means. */
    readonly isExplained?: boolean
}

const width = 716
const rowHeight = 25
const [left, right] = [172, 624]
const top = 26
/** Evidence against a copy is drawn down to here. */
const lowest = -4

/** The copies that are drawn. A copy above the threshold is always among the first. */
const shownMax = 9

export function EvidencePerCopy({ subject, alpha, isExplained = false }: ChartProps) {
    const shown = subject.ranking.slice(0, shownMax)
    const rest = subject.ranking.length - shown.length
    return (
        <div className="panel pad">
            <Drawing threshold={subject.threshold} ranking={shown} />
            <RankingList threshold={subject.threshold} ranking={shown} />
            {rest > 0 && (
                <p className="muted small">
                    {t("{others, plural, one {# other recipient has less.} other {# other recipients have less.}}", {
                        others: rest,
                    })}
                </p>
            )}
            {!isExplained && (
                <p className="claim-note">
                    <Meaning subject={subject} alpha={alpha} />
                </p>
            )}
        </div>
    )
}

/** Says in one sentence which copy is identified, if one is, and how often that is wrong. */
function Meaning({ subject: { ranking, threshold }, alpha }: Omit<ChartProps, "isExplained">) {
    const names = useNames()
    const identified = ranking.filter((ranked) => ranked.identified)
    const bound = errorBoundText(alpha)
    if (identified.length === 0) {
        return t(
            "No copy reaches the threshold of {threshold}: no copy is identified. If all recipients are innocent, the chance that any copy passes the threshold is at most {bound}.",
            { threshold: thresholdText(threshold), bound },
        )
    }
    const copies = identified.map((ranked) =>
        rich("the copy of <b>{recipient}</b> ({factor} times better than chance)", {
            recipient: names.recipient(ranked),
            factor: evidenceText(ranked.log10e),
            b: (text) => <b>{text}</b>,
        }),
    )
    return rich(
        "The evidence identifies {copies}. If all recipients are innocent, the chance that any copy passes the threshold is at most {bound}. The result identifies a copy, not a person and not intent.",
        { copies: listOf(copies), bound },
    )
}

const listFormat = new Intl.ListFormat(locale, { type: "conjunction" })

/** Joins elements as a list in words. */
export const listOf = (items: readonly ReactNode[]): ReactNode =>
    listFormat
        .formatToParts(items.map((_, n) => String(n)))
        .map(({ type, value }, n) => <Fragment key={n}>{type === "element" ? items[Number(value)] : value}</Fragment>)

interface DrawingProps {
    readonly threshold: number
    readonly ranking: readonly Ranked[]
}

function Drawing({ threshold, ranking }: DrawingProps) {
    const names = useNames()
    const values = ranking.map(({ log10e }) => Math.max(log10e, lowest))
    const low = Math.floor(Math.min(-1, ...values))
    const high = Math.ceil(Math.max(threshold * 1.2, ...values))
    const place = (value: number) => left + ((Math.max(value, low) - low) / (high - low)) * (right - left)
    const bottom = top + ranking.length * rowHeight
    const copies = ranking.map((ranked) => `${names.recipient(ranked)} ${evidenceText(ranked.log10e)}`).join("; ")
    return (
        <svg
            className="evidence-chart"
            viewBox={`0 0 ${width} ${bottom + 22}`}
            role="img"
            aria-label={t("Evidence per copy on a logarithmic scale, threshold {threshold}: {copies}", {
                threshold: thresholdText(threshold),
                copies,
            })}
        >
            {ticksBetween(low, high).map((power) => (
                <g key={power} className="tick">
                    <line x1={place(power)} x2={place(power)} y1={top - 4} y2={bottom} />
                    <text x={place(power)} y={bottom + 16} textAnchor="middle">
                        {tickText(power)}
                    </text>
                </g>
            ))}
            {ranking.map((ranked, n) => (
                <Bar
                    key={ranked.partner ?? ranked.person}
                    ranked={ranked}
                    name={names.recipient(ranked)}
                    y={top + n * rowHeight}
                    from={place(0)}
                    to={place(ranked.log10e)}
                />
            ))}
            <line className="zero" x1={place(0)} x2={place(0)} y1={top - 4} y2={bottom} />
            <line className="threshold" x1={place(threshold)} x2={place(threshold)} y1={top - 8} y2={bottom} />
            <text className="threshold-name" x={place(threshold)} y={12} textAnchor="middle">
                {t("Threshold {threshold}", { threshold: thresholdText(threshold) })}
            </text>
        </svg>
    )
}

interface BarProps {
    readonly ranked: Ranked
    readonly name: string
    readonly y: number
    readonly from: number
    readonly to: number
}

function Bar({ ranked, name, y, from, to }: BarProps) {
    return (
        <g className={ranked.identified ? "bar identified" : "bar"}>
            <text className="who" x={left - 10} y={y + 14} textAnchor="end">
                {name.length > 23 ? `${name.slice(0, 22)}…` : name}
            </text>
            <rect x={Math.min(from, to)} y={y + 3} width={Math.max(Math.abs(to - from), 1.5)} height={14} rx={3} />
            <text className="value" x={Math.max(from, to) + 8} y={y + 14}>
                {evidenceText(ranked.log10e)}
            </text>
        </g>
    )
}

/** The same as a list, where the drawing's text would be too small. */
function RankingList({ threshold, ranking }: DrawingProps) {
    const names = useNames()
    return (
        <div className="ranking">
            <p className="muted">{t("Threshold {threshold}", { threshold: thresholdText(threshold) })}</p>
            <ol className="stack">
                {ranking.map((ranked) => (
                    <li key={ranked.partner ?? ranked.person} className="row">
                        <strong>{names.recipient(ranked)}</strong> {evidenceText(ranked.log10e)}
                        {ranked.identified && <Badge tone="bad">{t("identified")}</Badge>}
                    </li>
                ))}
            </ol>
        </div>
    )
}
