/** The waves of a case in time, drawn: what has fallen, where now is, what comes, and where exploitation was first seen. */
import { useId } from "react"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import { distance, wordsOf } from "../kit/instant.tsx"
import type { Wave } from "./answers.ts"
import { tierNames, waveWords } from "./words.ts"

const width = 1000
const height = 132
const margin = 70
const line = 74

interface Mark {
    readonly at: number
    readonly name: string
    readonly tone: string
}

interface TimelineProps {
    now: string
    waves: readonly Wave[]
    exploited: readonly string[]
}

export function Timeline({ now, waves, exploited }: TimelineProps) {
    const id = useId()
    const marks = waves.flatMap((wave): Mark[] =>
        wave.at === null
            ? []
            : [{ at: parseInstant(wave.at), name: tierNames[wave.tier], tone: waveWords[wave.state].tone }],
    )
    if (marks.length === 0) return null
    const present = parseInstant(now)
    const seen = exploited.map((at) => parseInstant(at))
    const place = scaleOf([...marks.map((mark) => mark.at), present, ...seen])
    const words = waves.flatMap(({ tier, at, state }) =>
        at === null ? [] : `${tierNames[tier]} ${wordsOf(at)}, ${waveWords[state].name}`,
    )
    return (
        <svg className="timeline" viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={id}>
            <title id={id}>
                {`Waves in time. Now is ${wordsOf(now)}. ${words.join("; ")}.`}
                {exploited.map((at) => ` First exploitation seen ${wordsOf(at)}.`)}
            </title>
            <line className="axis" x1={10} x2={width - 10} y1={line} y2={line} />
            <line className="axis past" x1={10} x2={place(present)} y1={line} y2={line} />
            <NowMark x={place(present)} />
            {marks.map((mark, n) => (
                <WaveMark key={mark.name} mark={mark} x={place(mark.at)} now={present} low={n % 2 === 1} />
            ))}
            {seen.map((at) => (
                <ExploitMark key={at} x={place(at)} />
            ))}
        </svg>
    )
}

/** From the first to the last instant, with air on both sides. */
function scaleOf(instants: readonly number[]): (at: number) => number {
    const [first, last] = [Math.min(...instants), Math.max(...instants)]
    const span = Math.max(last - first, dayMs)
    return (at) => margin + ((at - first) / span) * (width - 2 * margin)
}

/** Neighbours stand on either side of the line, so that waves a day apart can both be read. */
function WaveMark({ mark, x, now, low }: { mark: Mark; x: number; now: number; low: boolean }) {
    const text = low ? line + 26 : line - 30
    return (
        <g className={`mark ${mark.tone}`}>
            <line x1={x} x2={x} y1={low ? line : line - 24} y2={low ? line + 12 : line} className="stem" />
            <circle cx={x} cy={line} r={7} />
            <text x={x} y={text} textAnchor="middle" className="mark-name">
                {mark.name}
            </text>
            <text x={x} y={text + 14} textAnchor="middle" className="mark-when">
                {distance(mark.at, now)}
            </text>
        </g>
    )
}

function NowMark({ x }: { x: number }) {
    return (
        <g className="mark now">
            <line x1={x} x2={x} y1={20} y2={height - 6} />
            <text x={x} y={14} textAnchor="middle">
                now
            </text>
        </g>
    )
}

function ExploitMark({ x }: { x: number }) {
    return (
        <g className="mark exploited">
            <path d={`M${x} ${line - 11} l11 11 l-11 11 l-11 -11 Z`} />
            <text x={x} y={height - 4} textAnchor="middle">
                exploited
            </text>
        </g>
    )
}
