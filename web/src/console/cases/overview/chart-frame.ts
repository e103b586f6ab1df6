/** The scales and paths of a chart with steps over time. Pure. */
import { type Instant, dayMs } from "@tocsin/base/instant"
import type { Step } from "./progress.ts"
import { locale } from "../../../messages/message.ts"

export interface Frame {
    readonly width: number
    readonly height: number
    readonly left: number
    readonly top: number
    readonly bottom: number
    readonly from: Instant
    readonly to: Instant
    readonly max: number
    readonly x: (at: Instant) => number
    readonly y: (count: number) => number
}

interface Extent {
    readonly from: Instant
    readonly to: Instant
    readonly max: number
}

export function frameOf({ from, to, max }: Extent): Frame {
    const [width, height, left, top, bottom] = [800, 200, 30, 52, 180]
    const span = Math.max(to - from, dayMs)
    const margin = span * 0.03
    return {
        width,
        height,
        left,
        top,
        bottom,
        from,
        to,
        max,
        x: (at) => round(left + ((at - from + margin) / (span + 2 * margin)) * (width - left)),
        y: (count) => round(bottom - (count / Math.max(max, 1)) * (bottom - top)),
    }
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Draws the steps as a line until `until`. */
export function linePath(frame: Frame, steps: readonly Step[], until: Instant): string {
    const [first] = steps
    if (first === undefined) return ""
    const parts = [`M${frame.x(frame.from)} ${frame.y(0)}`]
    for (const { at, count } of steps) parts.push(`H${frame.x(at)}`, `V${frame.y(count)}`)
    return [...parts, `H${frame.x(until)}`].join("")
}

/** Draws the same as a closed area. */
export function areaPath(frame: Frame, steps: readonly Step[], until: Instant): string {
    const line = linePath(frame, steps, until)
    return line === "" ? "" : `${line}V${frame.y(0)}Z`
}

/** Returns about five days and four counts to label. */
export function ticksOf({ from, to, max }: Frame): {
    readonly days: readonly Instant[]
    readonly counts: readonly number[]
} {
    const firstDay = Math.ceil(from / dayMs)
    const step = Math.max(1, Math.round((to - from) / dayMs / 5))
    const days: Instant[] = []
    for (let day = firstDay; day * dayMs <= to; day += step) days.push((day * dayMs) as Instant)
    const countStep = Math.max(1, Math.ceil(max / 4))
    const counts: number[] = []
    for (let count = 0; count <= max; count += countStep) counts.push(count)
    return { days, counts }
}

export interface LineLabel {
    readonly x: number
    readonly text: string
    readonly anchor: "start" | "middle" | "end"
}

/** The width of a letter of a label, in units of the chart, and the gap between two labels of a row. */
const letterWidth = 6.6
const labelGap = 6
const rowsMax = 4

/** Returns the side of its line on which a label lies within the drawing. */
export function anchorOf(x: number, text: string, { left, width }: Frame): LineLabel["anchor"] {
    const half = (text.length * letterWidth) / 2
    if (x - half < left) return "start"
    return x + half > width ? "end" : "middle"
}

/** Returns the row of each label, from the top: labels of one row do not overlap, unless all rows are full there. */
export function labelRows(labels: readonly LineLabel[]): readonly number[] {
    const ends: number[] = []
    return labels.map(({ x, text, anchor }) => {
        const width = text.length * letterWidth
        const start = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2
        const free = Array.from({ length: rowsMax }, (_, row) => row).find((row) => (ends[row] ?? -Infinity) <= start)
        const row = free ?? ends.indexOf(Math.min(...ends))
        ends[row] = start + width + labelGap
        return row
    })
}

const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })

export const monthDay = (at: Instant): string => day.format(at)
