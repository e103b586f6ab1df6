import { type Instant, dayMs } from "@tocsin/base/instant"
import { expect, test } from "vitest"
import { areaPath, frameOf, linePath, monthDay, ticksOf, labelRows } from "./chart-frame.ts"

const at = (day: number): Instant => (20_000 * dayMs + day * dayMs) as Instant
const frame = frameOf({ from: at(0), to: at(10), max: 4 })

test("an instant lies within the drawing, the count within its height", () => {
    expect(frame.x(at(0))).toBeGreaterThan(frame.left)
    expect(frame.x(at(10))).toBeLessThan(frame.width)
    expect([frame.y(0), frame.y(4)]).toEqual([frame.bottom, frame.top])
})

test("a line has one step for each count, an area is closed, and no steps draw nothing", () => {
    const steps = [
        { at: at(1), count: 1 },
        { at: at(2), count: 3 },
    ]
    expect(linePath(frame, steps, at(5)).match(/V/g)).toHaveLength(2)
    expect(areaPath(frame, steps, at(5))).toMatch(/Z$/)
    expect(linePath(frame, [], at(5))).toBe("")
})

test("labels are few: days and counts", () => {
    const { days, counts } = ticksOf(frame)
    expect(days.length).toBeLessThanOrEqual(7)
    expect(counts).toEqual([0, 1, 2, 3, 4])
    expect(monthDay(0 as Instant)).toBe("1 Jan")
})

test("labels of close lines get rows of their own, and a free row is used again", () => {
    const at = (x: number, text: string) => ({ x, text, anchor: "middle" as const })
    expect(labelRows([at(100, "Validate"), at(120, "Advance"), at(140, "Entry"), at(400, "Publication")])).toEqual([
        0, 1, 2, 0,
    ])
    expect(
        labelRows([
            { x: 30, text: "Validate", anchor: "start" },
            { x: 140, text: "Entry", anchor: "end" },
        ]),
    ).toEqual([0, 0])
})
