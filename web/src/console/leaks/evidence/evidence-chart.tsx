/** Draws e-values: each copy's distance from chance and from the threshold for identification. */
import { formatLog10e } from "../../../../../server/src/trace/attribution/attribution.ts"
import { Badge } from "../../../kit/table.tsx"
import type { Best } from "./evidence-reads.ts"
import { useNames } from "../../artifacts/viewer.tsx"

interface BarsProps {
    readonly subject: {
        readonly threshold: number
        readonly ranking: readonly Pick<
            Best["ranking"][number],
            "partner" | "person" | "log10e" | "text" | "identified"
        >[]
    }
    readonly alpha: number
}

const width = 1150
const rowHeight = 26
const left = 220
const right = 260

/** Draws bars of log10 e-values: to the right for, to the left against. The dashed line is the threshold. */
export function Bars({ subject, alpha }: BarsProps) {
    const names = useNames()
    const values = subject.ranking.map((ranked) => ranked.log10e)
    const low = Math.max(Math.min(0, ...values), -10)
    const high = Math.max(subject.threshold * 1.15, ...values)
    const place = (value: number) => left + ((Math.max(value, low) - low) / (high - low)) * (width - left - right)
    const height = subject.ranking.length * rowHeight + 34
    const message = subject.ranking
        .map((ranked) => `${names.recipient(ranked)} ${formatLog10e(ranked.log10e, 1)}`)
        .join("; ")
    return (
        <svg className="bars" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`log10 e-values: ${message}`}>
            <line className="zero" x1={place(0)} x2={place(0)} y1={20} y2={height - 10} />
            {subject.ranking.map((ranked, n) => {
                const y = 26 + n * rowHeight
                const [from, to] = [Math.min(place(0), place(ranked.log10e)), Math.max(place(0), place(ranked.log10e))]
                return (
                    <g key={ranked.partner ?? ranked.person} className={ranked.identified ? "bar identified" : "bar"}>
                        <text x={left - 12} y={y + 14} textAnchor="end">
                            {names.recipient(ranked)}
                        </text>
                        <rect x={from} y={y + 3} width={Math.max(to - from, 1.5)} height={rowHeight - 10} rx={2} />
                        <text x={width - right + 12} y={y + 14} className="value">
                            {formatLog10e(ranked.log10e, 1)} · {ranked.text}
                        </text>
                    </g>
                )
            })}
            <line
                className="bound"
                x1={place(subject.threshold)}
                x2={place(subject.threshold)}
                y1={18}
                y2={height - 10}
            />
            <text x={place(subject.threshold)} y={12} textAnchor="middle" className="bound-name">
                named above {subject.threshold.toFixed(1)} (α = {alpha})
            </text>
        </svg>
    )
}

/** Shows the same as a list in a narrow window, where the drawing's text would be too small. */
export function RankingList({ subject, alpha }: BarsProps) {
    const names = useNames()
    return (
        <div className="ranking stack">
            <p className="muted">
                log10 of each e-value; named above {subject.threshold.toFixed(1)} (α = {alpha})
            </p>
            <ol className="stack">
                {subject.ranking.map(({ partner, person, log10e, text, identified }) => (
                    <li key={partner ?? person} className="row">
                        <strong>{names.recipient({ partner, person })}</strong> {formatLog10e(log10e, 1)}
                        {identified ? <Badge tone="bad">{text}</Badge> : <span className="muted">{text}</span>}
                    </li>
                ))}
            </ol>
        </div>
    )
}
