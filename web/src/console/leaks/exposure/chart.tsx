/**
 * Draws exposure over time: for each partner when it was entitled and held a copy, next to waves, the embargo's
 * end and observations. Positions are in per cent, so that text keeps its size. The tables contain the same data.
 */
import { useId } from "react"
import { type Instant, dayMs, parseInstant } from "@tocsin/base/instant"
import { When, bothOf, spanParts } from "../../../kit/instant.tsx"
import { Table } from "../../../kit/table.tsx"
import type { CaseAnswer, CourseAnswer, Row } from "./exposure-answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { locale, t, valueText } from "../../../messages/message.ts"

const rowHeight = 22
const rowsMax = 30
/** The plot's range in per cent of the width. Names are on its left. */
const [left, right] = [17, 88]
const labelHeight = 15
/** Labels that are closer than this are stacked. */
const apartPercent = 11
const ticksMax = 8

/** One instant of the case. */
interface Moment {
    readonly at: string
    readonly name: string
    readonly kind: "wave" | "planned" | "end" | "exploited" | "touched" | "before"
    readonly text: string
}

export function momentsOf({ waves, embargoEnds, exploitedAt, touched }: CourseAnswer): Moment[] {
    const ofWaves = waves.flatMap(({ tier, at, releasedAt }): Moment[] => {
        if (releasedAt !== null) {
            return [
                {
                    at: releasedAt,
                    name: tierNames[tier],
                    kind: "wave",
                    text: t("{tier} wave, released", { tier: tierNames[tier] }),
                },
            ]
        }
        return at === null
            ? []
            : [
                  {
                      at,
                      name: tierNames[tier],
                      kind: "planned",
                      text: t("{tier} wave, planned", { tier: tierNames[tier] }),
                  },
              ]
    })
    const publication = waves.some((notification) => notification.tier === "publication")
    const moments: Moment[] = [...ofWaves]
    const add = (at: string | null, name: string, kind: Moment["kind"], text: string) => {
        if (at !== null) moments.push({ at, name, kind, text })
    }
    if (!publication) add(embargoEnds, t("embargo ends"), "end", t("The embargo ends"))
    add(exploitedAt, t("first exploitation"), "exploited", t("First exploitation"))
    const source = valueText(touched?.likelySource ?? "")
    add(
        touched?.at ?? null,
        t("canary: {source}", { source }),
        "touched",
        t("First touch of a canary: {source}", { source }),
    )
    return moments.toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at))
}

interface ChartProps {
    subject: CaseAnswer
    before: string
}

export function ExposureChart({ subject, before }: ChartProps) {
    const moments = momentsOf(subject.timeline)
    const exposed = subject.partners.filter((row) => row.entitledFrom !== null || row.notifiedAt !== null)
    if (exposed.length === 0 || moments.length === 0) return null
    const inOrder = exposed.toSorted((a, b) => firstOf(a) - firstOf(b))
    return (
        <figure className="panel pad">
            <figcaption className="muted">
                {inOrder.length > rowsMax
                    ? t("Holders over time: the first {shown} of {total} partners", {
                          shown: rowsMax,
                          total: inOrder.length,
                      })
                    : t("Holders over time")}
            </figcaption>
            <Drawing
                rows={inOrder.slice(0, rowsMax)}
                moments={moments}
                before={before}
                exploitedAt={subject.timeline.exploitedAt}
            />
            <Legend />
            <details className="folded">
                <summary>{t("Events as a table")}</summary>
                <Table
                    caption={t("Events of the case")}
                    rows={moments}
                    keyOf={(moment) => moment.text}
                    columns={[
                        { name: t("Event"), cell: (moment) => moment.text },
                        { name: t("Instant"), cell: (moment) => <When at={moment.at} short /> },
                    ]}
                />
            </details>
        </figure>
    )
}

const instantsOf = (row: Row): Instant[] =>
    [row.entitledFrom, row.notifiedAt, row.fetchedAt, row.acknowledgedAt].flatMap((at) =>
        at === null ? [] : parseInstant(at),
    )
const firstOf = (row: Row): Instant => Math.min(...instantsOf(row))

interface Scale {
    readonly place: (at: string) => string
    readonly from: Instant
    readonly until: Instant
}

function scaleOf(rows: readonly Row[], moments: readonly Moment[]): Scale {
    const list = [...rows.flatMap(instantsOf), ...moments.map((moment) => parseInstant(moment.at))]
    const [from, last] = [Math.min(...list), Math.max(...list)]
    const until = Math.max(last, from + dayMs)
    const place = (at: string) => `${left + ((parseInstant(at) - from) / (until - from)) * (right - left)}%`
    return { place, from, until }
}

interface DrawingProps {
    rows: readonly Row[]
    moments: readonly Moment[]
    before: string
    exploitedAt: string | null
}

function Drawing({ rows, moments, before, exploitedAt }: DrawingProps) {
    const id = useId()
    const names = useNames()
    const scale = scaleOf(rows, moments)
    const isInside = parseInstant(before) >= scale.from && parseInstant(before) <= scale.until
    const requests: Moment[] = isInside
        ? [{ at: before, name: t("question"), kind: "before", text: t("The instant of the question") }]
        : []
    const marks = levelled([...moments, ...requests], scale)
    const top = 8 + labelHeight * (1 + Math.max(...marks.map((mark) => mark.level)))
    const bottom = top + 8 + rows.length * rowHeight
    const events = moments.map((moment) => `${moment.text} ${bothOf(moment.at)}`).join("; ")
    const count = (kind: "notifiedAt" | "fetchedAt" | "acknowledgedAt") =>
        rows.filter((row) => row[kind] !== null).length
    return (
        <svg className="exposure-chart" height={bottom + 24} role="img" aria-labelledby={id}>
            <title id={id}>
                {t(
                    "Holders over time. {partners, plural, one {# partner} other {# partners}}: {notified} notified, {fetched} fetched, {acknowledged} acknowledged. {events}. The tables have the same data.",
                    {
                        partners: rows.length,
                        notified: count("notifiedAt"),
                        fetched: count("fetchedAt"),
                        acknowledged: count("acknowledgedAt"),
                        events,
                    },
                )}
            </title>
            <Ticks scale={scale} top={top} bottom={bottom} />
            {rows.map((row, n) => (
                <Lane
                    key={row.partner}
                    row={row}
                    name={names.partner(row.partner)}
                    y={top + 8 + (n + 0.5) * rowHeight}
                    scale={scale}
                    until={isInside ? scale.place(before) : `${right}%`}
                    exploitedAt={exploitedAt}
                />
            ))}
            {marks.map(({ level, ...rest }) => (
                <MomentLine
                    key={rest.text}
                    moment={rest}
                    x={scale.place(rest.at)}
                    y={8 + labelHeight * (level + 0.8)}
                    bottom={bottom}
                />
            ))}
        </svg>
    )
}

/** Puts each label on the first level with enough room. */
function levelled(moments: readonly Moment[], scale: Scale): (Moment & { readonly level: number })[] {
    const ends: number[] = []
    const inOrder = moments.toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at))
    return inOrder.map((moment) => {
        const x = Number.parseFloat(scale.place(moment.at))
        const free = ends.findIndex((end) => x - end >= apartPercent)
        const level = free === -1 ? ends.length : free
        ends[level] = x
        return { ...moment, level }
    })
}

const tickDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })

function Ticks({ scale, top, bottom }: { scale: Scale; top: number; bottom: number }) {
    const days = Math.ceil((scale.until - scale.from) / dayMs / ticksMax)
    const first = Math.ceil(scale.from / dayMs) * dayMs
    const count = Math.floor((scale.until - first) / (days * dayMs)) + 1
    const ticks = Array.from({ length: Math.max(count, 0) }, (_, n) => new Date(first + n * days * dayMs).toISOString())
    return (
        <>
            {ticks.map((at) => (
                <g key={at} className="tick">
                    <line x1={scale.place(at)} x2={scale.place(at)} y1={top} y2={bottom} />
                    <text x={scale.place(at)} y={bottom + 16} textAnchor="middle">
                        {tickDay.format(parseInstant(at))}
                    </text>
                </g>
            ))}
        </>
    )
}

interface LaneProps {
    row: Row
    name: string
    y: number
    scale: Scale
    /** The instant of the question. Later events are not shown. */
    until: string
    exploitedAt: string | null
}

/** One partner: a thin line while it is entitled, a thick one while it holds a copy. */
function Lane({ row, name, y, scale, until, exploitedAt }: LaneProps) {
    const { entitledFrom, fetchedAt } = row
    return (
        <g className="lane">
            <title>{laneText(row, name)}</title>
            <text x={`${left - 1}%`} y={y + 4} textAnchor="end" className="who">
                {name.length > 24 ? `${name.slice(0, 23)}…` : name}
            </text>
            {entitledFrom !== null && (
                <line className="could" x1={scale.place(entitledFrom)} x2={until} y1={y} y2={y} />
            )}
            {fetchedAt !== null && (
                <>
                    <line className="held" x1={scale.place(fetchedAt)} x2={until} y1={y} y2={y} />
                    <circle className="fetched" cx={scale.place(fetchedAt)} cy={y} r={4.5} />
                </>
            )}
            {fetchedAt === null && entitledFrom !== null && (
                <circle className="waits" cx={scale.place(entitledFrom)} cy={y} r={4} />
            )}
            <text className="aside-text" x={`${right + 1}%`} y={y + 4}>
                {holdingText(row, exploitedAt)}
            </text>
        </g>
    )
}

function laneText({ entitledFrom, notifiedAt, fetchedAt, acknowledgedAt }: Row, name: string): string {
    const events = [
        entitledFrom !== null && t("entitled {when}", { when: bothOf(entitledFrom) }),
        notifiedAt !== null && t("notified {when}", { when: bothOf(notifiedAt) }),
        fetchedAt !== null && t("fetched {when}", { when: bothOf(fetchedAt) }),
        acknowledgedAt !== null && t("acknowledged {when}", { when: bothOf(acknowledgedAt) }),
    ]
    return `${name}: ${events.filter((event) => event !== false).join(", ")}`
}

/** Says how long a partner had held a copy when the first exploitation was observed. */
function holdingText({ fetchedAt }: Row, exploitedAt: string | null): string {
    if (fetchedAt === null) return t("not fetched")
    if (exploitedAt === null) return t("fetched")
    const span = parseInstant(exploitedAt) - parseInstant(fetchedAt)
    return span > 0 ? t("{span} before", { span: spanText(span) }) : t("after")
}

const spanText = (span: number): string =>
    spanParts(span)
        .slice(0, 2)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(" ")

function MomentLine({ moment, x, y, bottom }: { moment: Moment; x: string; y: number; bottom: number }) {
    return (
        <g className={`moment ${moment.kind}`}>
            <line x1={x} x2={x} y1={y + 4} y2={bottom} />
            <text x={x} y={y} textAnchor="middle">
                {moment.name}
            </text>
        </g>
    )
}

function Legend() {
    return (
        <ul className="row legend" aria-hidden="true">
            <li className="row">
                <svg className="exposure-chart lane" width={24} height={14} viewBox="0 -7 24 14">
                    <line className="could" x1={0} x2={24} y1={0} y2={0} />
                </svg>
                {t("entitled")}
            </li>
            <li className="row">
                <svg className="exposure-chart lane" width={28} height={14} viewBox="-6 -7 28 14">
                    <line className="held" x1={0} x2={18} y1={0} y2={0} />
                    <circle className="fetched" r={4.5} />
                </svg>
                {t("fetched, holds a copy")}
            </li>
            <li className="row">
                <svg className="exposure-chart lane" width={14} height={14} viewBox="-7 -7 14 14">
                    <circle className="waits" r={4} />
                </svg>
                {t("not fetched")}
            </li>
        </ul>
    )
}
