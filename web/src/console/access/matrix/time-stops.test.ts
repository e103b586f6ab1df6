import { expect, test } from "vitest"
import { nextStop, timeStops } from "./time-stops.ts"

const waves = [
    { tier: "validate" as const, at: "2025-06-24T17:00:00Z" },
    { tier: "entry" as const, at: "2025-07-07T17:00:00Z" },
    { tier: "publication" as const, at: null },
]
const now = "2025-07-06T00:00:00Z"
const names = (chosen: string | null) => timeStops(waves, now, chosen).map(({ name }) => name)

test("lists waves and now in order, and an instant that is none of them", () => {
    expect(names(null)).toEqual(["Validate", "Now", "Entry"])
    expect(names("2025-07-07T17:00:00Z")).toEqual(["Validate", "Now", "Entry"])
    expect(names("2025-07-01T00:00:00Z")).toEqual(["Validate", "Chosen", "Now", "Entry"])
})

test("steps from stop to stop, and no further", () => {
    const stops = timeStops(waves, now, null)
    expect(nextStop(stops, null, 1)?.name).toBe("Entry")
    expect(nextStop(stops, null, -1)?.name).toBe("Validate")
    expect(nextStop(stops, "2025-07-07T17:00:00Z", 1)).toBeNull()
})
