import { expect, test } from "vitest"
import { moveBy } from "./moves.ts"

/** Two tiers of three and two partners. */
const extent = { columns: 4, page: 3, hasCells: [false, true, true, true, false, true, true] }
const from = { row: 2, column: 1 }

test.each([
    ["ArrowLeft", false, 2, 0],
    ["ArrowRight", false, 2, 2],
    ["ArrowUp", false, 1, 1],
    ["ArrowDown", false, 3, 1],
    ["PageDown", false, 5, 1],
    ["PageUp", false, 1, 1],
    ["Home", false, 2, 0],
    ["End", false, 2, 3],
    ["Home", true, 1, 0],
    ["End", true, 6, 3],
])("%s (with Ctrl: %s) leads to row %i, column %i", (key, ctrlKey, row, column) => {
    expect(moveBy({ key, ctrlKey }, from, extent)).toEqual({ row, column })
})

test("skips the rows of tiers, stays inside, and leaves other keys alone", () => {
    const down = { key: "ArrowDown", ctrlKey: false }
    expect(moveBy(down, { row: 3, column: 0 }, extent)).toEqual({ row: 5, column: 0 })
    expect(moveBy(down, { row: 6, column: 0 }, extent)).toEqual({ row: 6, column: 0 })
    expect(moveBy({ key: "ArrowUp", ctrlKey: false }, { row: 5, column: 0 }, extent)).toEqual({ row: 3, column: 0 })
    expect(moveBy({ key: "ArrowRight", ctrlKey: false }, { row: 1, column: 3 }, extent)).toEqual({ row: 1, column: 3 })
    expect(moveBy({ key: "a", ctrlKey: false }, from, extent)).toBeNull()
})
