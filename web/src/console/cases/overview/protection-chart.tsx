/** How many partners were warned, had fetched and were protected over time. */
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { When } from "../../../kit/instant.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import type { Case } from "../../answers.ts"
import { useNow } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { useWaves } from "../case-reads.ts"
import { useExploitation } from "../exploitation.ts"
import {
    type Frame,
    anchorOf,
    areaPath,
    frameOf,
    linePath,
    monthDay,
    ticksOf,
    type LineLabel,
    labelRows,
} from "./chart-frame.ts"
import { type Step, stepsOf } from "./progress.ts"
import { useProgress } from "./progress-reads.ts"
import { t } from "../../../messages/message.ts"

interface Curves {
    readonly warned: readonly Step[]
    readonly fetched: readonly Step[]
    readonly safe: readonly Step[]
}

export function ProtectionChart({ subject }: { subject: Case }) {
    const progress = useProgress(subject.id)
    const now = parseInstant(useNow())
    const exploitation = useExploitation(subject.id)
    const waves = useWaves(subject.id).data?.waves ?? []
    if (progress === null || progress.length === 0) return null
    const curves: Curves = {
        warned: stepsOf(progress.map(({ warnedAt }) => warnedAt)),
        fetched: stepsOf(progress.map(({ fetchedAt }) => fetchedAt)),
        safe: stepsOf(progress.map(({ protectedAt }) => protectedAt)),
    }
    const instants = waves.flatMap(({ tier, releasedAt, at }) => {
        const instant = releasedAt ?? at
        return instant === null ? [] : [{ name: tierNames[tier], at: parseInstant(instant) }]
    })
    const frame = frameOf({ from: curves.warned[0]?.at ?? now, to: lastOf(now, instants), max: progress.length })
    return (
        <Section title={t("Protection over time")} aside={<Legend />}>
            <div className="panel pad">
                <Drawing
                    curves={curves}
                    frame={frame}
                    now={now}
                    waves={instants}
                    exploitedAt={exploitation === null ? null : parseInstant(exploitation.at)}
                />
                <details className="folded">
                    <summary>{t("As a table")}</summary>
                    <AsTable curves={curves} />
                </details>
            </div>
        </Section>
    )
}

const lastOf = (now: Instant, waves: readonly { readonly at: Instant }[]): Instant =>
    Math.max(now, ...waves.map(({ at }) => at)) as Instant

interface DrawingProps {
    curves: Curves
    frame: Frame
    now: Instant
    waves: readonly { readonly name: string; readonly at: Instant }[]
    exploitedAt: Instant | null
}

function Drawing({ curves, frame, now, waves, exploitedAt }: DrawingProps) {
    const { width, height, bottom, top } = frame
    const { days, counts } = ticksOf(frame)
    const labels = waves.map(({ name, at }): LineLabel => {
        const x = frame.x(at)
        return { x, text: name, anchor: anchorOf(x, name, frame) }
    })
    const rows = labelRows(labels)
    return (
        <svg
            className="step-chart"
            viewBox={`0 0 ${width} ${height}`}
            role="img"
            aria-label={t(
                "Partners warned, fetched and protected since the first wave. The table below has the same numbers.",
            )}
        >
            {counts.map((count) => (
                <g key={count}>
                    <line className="grid" x1={frame.left} x2={width} y1={frame.y(count)} y2={frame.y(count)} />
                    <text x={frame.left - 8} y={frame.y(count) + 4} textAnchor="end">
                        {count}
                    </text>
                </g>
            ))}
            {days.map((day) => (
                <text key={day} x={frame.x(day)} y={height - 2}>
                    {monthDay(day)}
                </text>
            ))}
            <path className="warned" d={areaPath(frame, curves.warned, now)} />
            <path className="safe" d={areaPath(frame, curves.safe, now)} />
            <path className="line fetched" d={linePath(frame, curves.fetched, now)} />
            <path className="line protected" d={linePath(frame, curves.safe, now)} />
            {labels.map(({ x, text, anchor }, n) => (
                <g key={text}>
                    <line className="wave" x1={x} x2={x} y1={top} y2={bottom} />
                    <text className="wave-name" x={x} y={10 + 12 * (rows[n] ?? 0)} textAnchor={anchor}>
                        {text}
                    </text>
                </g>
            ))}
            {exploitedAt !== null && exploitedAt >= frame.from && (
                <g>
                    <line
                        className="exploited"
                        x1={frame.x(exploitedAt)}
                        x2={frame.x(exploitedAt)}
                        y1={top}
                        y2={bottom}
                    />
                    <text className="exploited-name" x={frame.x(exploitedAt) - 5} y={bottom - 6} textAnchor="end">
                        {t("exploited")}
                    </text>
                </g>
            )}
        </svg>
    )
}

const curveNames = { warned: t("warned"), fetched: t("fetched"), protected: t("protected") } as const

function Legend() {
    return (
        <ul className="legend">
            {(["warned", "fetched", "protected"] as const).map((name) => (
                <li key={name} className="row">
                    <svg className={`key ${name}`} viewBox="0 0 12 12" aria-hidden="true">
                        {name === "warned" ? <rect width="12" height="12" rx="2" /> : <path d="M0 6h12" />}
                    </svg>
                    {curveNames[name]}
                </li>
            ))}
        </ul>
    )
}

function AsTable({ curves: { warned, fetched, safe } }: { curves: Curves }) {
    const rows = [...new Set([...warned, ...fetched, ...safe].map(({ at }) => at))].toSorted((a, b) => a - b)
    const countAt = (steps: readonly Step[], at: Instant) => steps.findLast((step) => step.at <= at)?.count ?? 0
    return (
        <Table
            tall
            caption={t("Partners warned, fetched and protected")}
            rows={rows}
            keyOf={String}
            columns={[
                { name: t("Instant"), cell: (at) => <When at={formatInstant(at)} short /> },
                { name: t("Warned"), cell: (at) => countAt(warned, at), end: true },
                { name: t("Fetched"), cell: (at) => countAt(fetched, at), end: true },
                { name: t("Protected"), cell: (at) => countAt(safe, at), end: true },
            ]}
        />
    )
}
