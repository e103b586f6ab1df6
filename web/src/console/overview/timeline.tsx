/**
 * The timeline of a case's waves: released waves, now, coming waves, and first exploitation. Positions are in per cent,
 * so that text keeps its size; a narrow window shows a list.
 */
import { useId } from "react"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { When, bothOf, distance } from "../../kit/instant.tsx"
import type { Wave } from "../answers.ts"
import { tierNames, waveWords } from "../words.ts"

const height = 132
const marginPercent = 7
const line = 74

/** One instant of a case. */
interface Moment {
    readonly at: string
    readonly name: string
    readonly kind: "wave" | "now" | "exploited"
    readonly tone: string
    /** The state of the instant, in words. */
    readonly state: string
}

interface TimelineProps {
    now: string
    waves: readonly Wave[]
    exploited: readonly string[]
}

export function Timeline({ now, waves, exploited }: TimelineProps) {
    const planned = waves.flatMap(({ tier, at, state, releasedAt }): Moment[] => {
        const { tone, name } = waveWords[state]
        const look = releasedAt === null ? `${tone} ahead` : tone
        return at === null ? [] : [{ at, name: tierNames[tier], kind: "wave", tone: look, state: name }]
    })
    if (planned.length === 0) return null
    const seen = exploited.map((at): Moment => ({ at, name: "exploited", kind: "exploited", tone: "bad", state: "" }))
    const present: Moment = { at: now, name: "now", kind: "now", tone: "now", state: "" }
    const moments = [...planned, present, ...seen].toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at))
    return (
        <>
            <Drawing moments={moments} now={now} />
            <Moments moments={moments} now={now} />
        </>
    )
}

interface MomentsProps {
    moments: readonly Moment[]
    now: string
}

function Moments({ moments, now }: MomentsProps) {
    return (
        <ol className="moments" aria-label="The case in time">
            {moments.map(({ at, name, kind, tone, state }) => (
                <li key={`${kind} ${name}`} className={`${kind} ${tone}`}>
                    <strong>{name}</strong>
                    {kind !== "now" && (
                        <span className="muted nowrap">{distance(parseInstant(at), parseInstant(now))}</span>
                    )}
                    {state !== "" && <span className="muted">{state}</span>}
                    <When at={at} short />
                </li>
            ))}
        </ol>
    )
}

function Drawing({ moments, now }: MomentsProps) {
    const id = useId()
    const place = scaleOf(moments.map(({ at }) => parseInstant(at)))
    const words = moments.flatMap(({ at, name, kind, state }) =>
        kind === "wave" ? `${name} ${bothOf(at)}, ${state}` : [],
    )
    const seen = moments.flatMap(({ at, kind }) =>
        kind === "exploited" ? ` First exploitation seen ${bothOf(at)}.` : [],
    )
    const waves = moments.filter(({ kind }) => kind === "wave")
    const x = (at: string) => `${place(parseInstant(at))}%`
    return (
        <svg className="timeline" height={height} role="img" aria-labelledby={id}>
            <title id={id}>{`Waves in time. Now is ${bothOf(now)}. ${words.join("; ")}.${seen.join("")}`}</title>
            <line className="axis" x1="1%" x2="99%" y1={line} y2={line} />
            <line className="axis past" x1="1%" x2={x(now)} y1={line} y2={line} />
            <NowMark x={x(now)} />
            {waves.map((mark, n) => (
                <WaveMark key={mark.name} mark={mark} x={x(mark.at)} now={now} low={n % 2 === 1} />
            ))}
            {moments.flatMap(({ at, kind }) => (kind === "exploited" ? <ExploitMark key={at} x={x(at)} /> : []))}
        </svg>
    )
}

/** Maps instants to positions, with a margin on both sides. */
function scaleOf(instants: readonly number[]): (at: number) => number {
    const [first, last] = [Math.min(...instants), Math.max(...instants)]
    const span = Math.max(last - first, dayMs)
    return (at) => marginPercent + ((at - first) / span) * (100 - 2 * marginPercent)
}

interface MarkProps {
    mark: Moment
    x: string
    now: string
    low: boolean
}

/** Draws a wave. Neighbours alternate above and below the line, so that waves a day apart stay readable. */
function WaveMark({ mark, x, now, low }: MarkProps) {
    const text = low ? line + 26 : line - 30
    return (
        <g className={`mark ${mark.tone}`}>
            <line x1={x} x2={x} y1={low ? line : line - 24} y2={low ? line + 12 : line} className="stem" />
            <circle cx={x} cy={line} r={7} />
            <text x={x} y={text} textAnchor="middle" className="mark-name">
                {mark.name}
            </text>
            <text x={x} y={text + 14} textAnchor="middle" className="mark-when">
                {distance(parseInstant(mark.at), parseInstant(now))}
            </text>
        </g>
    )
}

function NowMark({ x }: { x: string }) {
    return (
        <g className="mark now">
            <line x1={x} x2={x} y1={20} y2={height - 6} />
            <text x={x} y={14} textAnchor="middle">
                now
            </text>
        </g>
    )
}

function ExploitMark({ x }: { x: string }) {
    return (
        <g className="mark exploited">
            <svg x={x} y={line} overflow="visible">
                <path d="M0 -11 l11 11 l-11 11 l-11 -11 Z" />
            </svg>
            <text x={x} y={height - 4} textAnchor="middle">
                exploited
            </text>
        </g>
    )
}
