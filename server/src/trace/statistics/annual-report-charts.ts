/** Draws the charts of an annual report as SVG, without script and style attributes. */
import { type Markup, element } from "@tocsin/formats/advisory/markup"
import type { Outcome } from "../../share/entitlement/ruling.ts"
import type { Quartiles } from "./quartiles.ts"

const [width, height] = [480, 250]
const frame = { left: 44, right: width - 14, top: 26, bottom: height - 28 }

type Place = Readonly<Record<string, string | number>>

const shape = (name: string, place: Place, ...children: (Markup | string)[]): Markup =>
    element(name, Object.fromEntries(Object.entries(place).map(([key, value]) => [key, String(value)])), ...children)

const chart = (label: string, ...content: readonly Markup[]): Markup =>
    shape("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...content)

const rounded = (number: number): number => Math.round(number * 10) / 10

/** A horizontal line with its value at the left. */
const gridLine = (y: number, text: string): Markup[] => [
    shape("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y, y2: y }),
    shape("text", { class: "end", x: frame.left - 8, y: y + 4 }, text),
]

const yOf = (share: number): number => rounded(frame.bottom - share * (frame.bottom - frame.top))

/** The hours that a time of partners took. */
export interface TierTimes {
    readonly tier: string
    readonly name: string
    readonly quartiles: Quartiles
}

const ticks = [
    [1, "1 h"],
    [6, "6 h"],
    [24, "1 d"],
    [72, "3 d"],
    [168, "7 d"],
    [336, "14 d"],
    [720, "30 d"],
    [2160, "90 d"],
] as const

/** Draws the quarter, half and three quarters of each tier on a logarithmic axis. Single times are not shown. */
export function timesChart(label: string, tiers: readonly TierTimes[]): Markup {
    const longest = Math.max(24, ...tiers.map(({ quartiles }) => quartiles.third))
    const end = ticks.find(([hours]) => hours >= longest)?.[0] ?? longest
    const xOf = (hours: number) =>
        rounded(frame.left + ((frame.right - frame.left) * Math.log(Math.max(0.5, hours) * 2)) / Math.log(end * 2))
    return chart(
        label,
        ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => gridLine(yOf(share), `${share * 100}%`)),
        ...ticks
            .filter(([hours]) => hours <= end)
            .map(([hours, text]) => shape("text", { class: "middle", x: xOf(hours), y: height - 8 }, text)),
        ...tiers
            .toSorted((a, b) => a.quartiles.third - b.quartiles.third)
            .flatMap((tier, n) => tierLine(tier, xOf, yOf(0.75) - 10 - 15 * (n % 3))),
    )
}

/** A line through three points, with its name above the last one. Names of near lines are above each other. */
function tierLine({ tier, name, quartiles }: TierTimes, xOf: (hours: number) => number, nameY: number): Markup[] {
    const points = [
        [xOf(quartiles.first), yOf(0.25)],
        [xOf(quartiles.median), yOf(0.5)],
        [xOf(quartiles.third), yOf(0.75)],
    ] as const
    const end = points[2]
    return [
        shape("polyline", { class: `line tier-${tier}`, points: points.map((point) => point.join(",")).join(" ") }),
        ...points.map(([cx, cy]) => shape("circle", { class: `tier-${tier}`, cx, cy, r: 4 })),
        shape("text", { class: "strong end", x: Math.max(end[0], frame.left + 60), y: nameY }, name),
    ]
}

/** The cases of one month. */
export interface MonthCount {
    readonly name: string
    readonly published: number
    readonly exploited: number
}

/** Draws the cases of each month: those not exploited, and on top those exploited. */
export function monthsChart(label: string, months: readonly MonthCount[]): Markup {
    const most = Math.max(4, ...months.map(({ published }) => published))
    const step = Math.ceil(most / 4)
    const top = step * Math.ceil(most / step)
    const slot = (frame.right - frame.left) / months.length
    const barWidth = rounded(slot * 0.6)
    const bar = (kind: string, x: number, from: number, until: number): Markup[] => {
        const gap = from === 0 || from === until ? 0 : 2
        const tall = Math.max(1, rounded(yOf(from / top) - yOf(until / top) - gap))
        return until > from
            ? [shape("rect", { class: kind, x, y: yOf(until / top), width: barWidth, height: tall, rx: 2 })]
            : []
    }
    return chart(
        label,
        ...Array.from({ length: top / step + 1 }, (_, n) => n * step).flatMap((count) =>
            gridLine(yOf(count / top), String(count)),
        ),
        ...months.flatMap(({ name, published, exploited }, n) => {
            const x = rounded(frame.left + n * slot + (slot - barWidth) / 2)
            const calm = published - exploited
            return [
                ...bar("calm", x, 0, calm),
                ...bar("exploited", x, calm, published),
                shape("text", { class: "middle", x: rounded(x + barWidth / 2), y: height - 8 }, name.slice(0, 1)),
            ]
        }),
    )
}

/** A share of all decisions on a class. */
export interface OutcomeShare {
    readonly outcome: Outcome
    readonly percent: number
}

/** Draws shares as one bar. What is missing to 100 stays empty. The shares are also text next to the bar. */
export function sharesBar(shares: readonly OutcomeShare[]): Markup {
    let x = 0
    const parts = shares.map(({ outcome, percent }) => {
        const part = shape("rect", { class: outcome, x, width: Math.max(0, percent - 0.25), height: 10 })
        x += percent
        return part
    })
    const ground = shape("rect", { class: "rest", width: 100, height: 10 })
    return shape(
        "svg",
        { class: "bar-of-shares", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        ground,
        ...parts,
    )
}

/** The sign of an outcome: a shape of its own, in the colour of the bars. */
export function outcomeSign(outcome: Outcome): Markup {
    const square = { x: 2, y: 2, width: 10, height: 10, rx: 2 }
    const drawn = {
        full: [shape("rect", { class: "full", ...square })],
        reduced: [
            shape("rect", { class: "outline reduced-line", ...square }),
            shape("rect", { class: "reduced", x: 2, y: 2, width: 5, height: 10 }),
        ],
        at_publication: [
            shape("rect", { class: "outline later-line", ...square }),
            shape("path", { class: "outline later-line", d: "M7 4v3h2" }),
        ],
        withheld: [shape("rect", { class: "withheld", x: 2, y: 6, width: 10, height: 2 })],
    }[outcome]
    return shape("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" }, ...drawn)
}
