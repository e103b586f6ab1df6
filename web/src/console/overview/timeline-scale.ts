/** The scale of the timeline: two days in hours, a break, and the days after them. Pure. */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { locale } from "../../messages/message.ts"

const left = 190
const middle = 440
const right = 790
const nearMs = 2 * dayMs

export const timeline = { left, middle, right, width: 800, laneHeight: 42, top: 40, days: 30 } as const

/** Returns the place of an instant; null: it is after the end. */
export function placeOf(at: Instant, now: Instant): number | null {
    const after = at - now
    if (after < 0) return left
    if (after <= nearMs) return round(left + (after / nearMs) * (middle - left))
    const share = (after - nearMs) / (timeline.days * dayMs - nearMs)
    return share > 1 ? null : round(middle + share * (right - middle))
}

const round = (value: number): number => Math.round(value * 10) / 10

interface Tick {
    readonly x: number
    readonly text: string
}

const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" })
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" })

/** Returns the labels: each half day of the first two, then each week. */
export function timelineTicks(now: Instant): readonly Tick[] {
    const near: Tick[] = []
    for (let at = Math.ceil(now / (12 * hourMs)) * 12 * hourMs; at < now + nearMs; at += 12 * hourMs) {
        const x = placeOf(at, now)
        const text = at % dayMs === 0 ? day.format(at) : hour.format(at)
        if (x !== null && x < middle - 30) near.push({ x, text })
    }
    const far: Tick[] = []
    for (let at = Math.ceil((now + nearMs) / dayMs) * dayMs; at < now + timeline.days * dayMs; at += 7 * dayMs) {
        const x = placeOf(at, now)
        if (x !== null && x < right - 30) far.push({ x, text: day.format(at) })
    }
    return [...near, ...far]
}

export interface TimelineEvent {
    readonly at: Instant
    readonly name: string
    readonly kind: "approved" | "unsigned" | "publication" | "deadline"
}

export interface Lane {
    readonly id: string
    readonly name: string
    /** The page of the lane; null: it has none. */
    readonly to: string | null
    readonly until: Instant | null
    readonly events: readonly TimelineEvent[]
}

/** Returns which events have room for their names: those that are not too near to the one before. */
export function withNames(events: readonly TimelineEvent[], now: Instant): ReadonlySet<TimelineEvent> {
    const named = new Set<TimelineEvent>()
    let last = -Infinity
    for (const event of events.toSorted((a, b) => a.at - b.at)) {
        const x = placeOf(event.at, now)
        if (x === null || x - last < 64) continue
        named.add(event)
        last = x
    }
    return named
}
