/** The next releases and deadlines of all cases: a drawing, and a list in narrow windows. */
import { Link } from "@tanstack/react-router"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import { useCases, useNow } from "../artifacts/viewer.tsx"
import { useComingWaves } from "../schedule/coming-waves.ts"
import { useDueFilings } from "../schedule/due-filings.ts"
import { tierNames } from "../words.ts"
import { type Lane, placeOf, timeline, timelineTicks, withNames } from "./timeline-scale.ts"
import { Sign, SignLegend, signOf } from "./timeline-signs.tsx"
import { t } from "../../messages/message.ts"

export function Timeline() {
    const waves = useComingWaves(timeline.days)
    return (
        <Section title={t("Next releases and deadlines")} aside={<Link to="/schedule">{t("Schedule")}</Link>}>
            <Loaded query={waves}>{() => <Lanes />}</Loaded>
        </Section>
    )
}

function Lanes() {
    const now = parseInstant(useNow())
    const lanes = useLanes(now)
    if (lanes.length === 0) return <Empty title={t("No release and no deadline in the next 30 days.")} />
    return (
        <div className="panel pad">
            <Drawing lanes={lanes} now={now} />
            <AsList lanes={lanes} />
            <SignLegend />
        </div>
    )
}

const lanesMax = 8

/** Returns a lane for each case with a wave ahead, and one for deadlines. */
function useLanes(now: Instant): readonly Lane[] {
    const cases = useCases().data?.cases ?? []
    const coming = (useComingWaves(timeline.days).data?.waves ?? []).filter(({ state }) => state !== "no_recipients")
    const filings = useDueFilings().map(({ title, at }) => ({
        at: parseInstant(at),
        name: title,
        kind: "deadline" as const,
    }))
    const lanes = [...Map.groupBy(coming, (wave) => wave.case)].map(([id, waves]): Lane => {
        const found = cases.find((item) => item.id === id)
        const end = found?.publication ?? null
        return {
            id,
            name: found?.title ?? "…",
            to: `/cases/${id}`,
            until: end === null ? null : parseInstant(end),
            events: waves.map((wave) => ({
                at: parseInstant(wave.at),
                name: tierNames[wave.tier],
                kind: signOf(wave),
            })),
        }
    })
    const first = ({ events }: Lane) => Math.min(...events.map(({ at }) => at))
    const sorted = lanes.toSorted((a, b) => first(a) - first(b)).slice(0, lanesMax)
    const due = filings.filter(({ at }) => placeOf(at, now) !== null)
    return due.length === 0
        ? sorted
        : [...sorted, { id: "due", name: t("Filings"), to: "/schedule/clocks", until: null, events: due }]
}

function Drawing({ lanes, now }: { lanes: readonly Lane[]; now: Instant }) {
    const { width, laneHeight, top, left } = timeline
    const height = top + lanes.length * laneHeight
    return (
        <svg
            className="lanes wide-only"
            viewBox={`0 0 ${width} ${height}`}
            role="img"
            aria-label={t("Releases and deadlines of the next 30 days. {lanes}", { lanes: textOf(lanes) })}
        >
            {timelineTicks(now).map(({ x, text }) => (
                <g key={`${x} ${text}`}>
                    <line className="grid" x1={x} x2={x} y1={top - 8} y2={height} />
                    <text x={x + 3} y={top - 14}>
                        {text}
                    </text>
                </g>
            ))}
            {lanes.map((lane, n) => (
                <LaneDrawing key={lane.id} lane={lane} y={top + n * laneHeight} now={now} />
            ))}
            <line className="now" x1={left} x2={left} y1={top - 8} y2={height} />
        </svg>
    )
}

const textOf = (lanes: readonly Lane[]): string =>
    lanes
        .map(
            ({ name, events }) =>
                `${name}: ${events.map((event) => `${event.name} ${formatInstant(event.at)}`).join(", ")}`,
        )
        .join("; ")

const nameMax = 26

function LaneDrawing({ lane: { name, until, events }, y, now }: { lane: Lane; y: number; now: Instant }) {
    const { left, right, width, laneHeight } = timeline
    const end = until === null ? null : (placeOf(until, now) ?? right)
    const named = withNames(events, now)
    return (
        <g>
            <line className="grid" x1="0" x2={width} y1={y + laneHeight - 4} y2={y + laneHeight - 4} />
            <text className="lane-name" x="0" y={y + 17}>
                {name.length > nameMax ? `${name.slice(0, nameMax)}…` : name}
            </text>
            {end !== null && (
                <rect className="embargo" x={left} y={y + 8} width={Math.max(2, end - left)} height="10" rx="5" />
            )}
            {events.map((event) => {
                const x = placeOf(event.at, now)
                if (x === null) return null
                return (
                    <g key={`${event.name} ${event.at}`} className={event.kind}>
                        <Sign kind={event.kind} x={x} y={y + 13} />
                        {named.has(event) && (
                            <text x={x} y={y + 34} textAnchor={x > right - 30 ? "end" : "middle"}>
                                {event.name}
                            </text>
                        )}
                    </g>
                )
            })}
        </g>
    )
}

function AsList({ lanes }: { lanes: readonly Lane[] }) {
    const now = useNow()
    const rows = lanes.flatMap(({ id, name, to, events }) => events.map((event) => ({ id, lane: name, to, ...event })))
    return (
        <ol className="stack narrow-only" aria-label={t("Releases and deadlines")}>
            {rows
                .toSorted((a, b) => a.at - b.at)
                .map(({ id, lane, to, name, at, kind }) => (
                    <li key={`${id} ${name} ${at}`}>
                        <b>{name}</b>, {to === null ? lane : <Link to={to}>{lane}</Link>}{" "}
                        {kind === "unsigned" && <Badge tone="due">{t("not signed")}</Badge>}
                        <span className="block muted">
                            <When at={formatInstant(at)} short /> <Distance at={formatInstant(at)} now={now} />
                        </span>
                    </li>
                ))}
        </ol>
    )
}
