import { describe, expect, test } from "vitest"
import type { Colluders } from "../code.ts"
import { slotsNeeded } from "./reach.ts"

describe("slots needed against merging", () => {
    test.each<[number, Colluders, number, number]>([
        [2, 2, 1e-3, 95],
        [2, 2, 1e-6, 125],
        [2, 4, 1e-3, 125],
        [3, 4, 1e-3, 235],
        [4, 4, 1e-3, 360],
        [5, 8, 1e-3, 550],
        [8, 8, 1e-3, 1260],
    ])("%d of a thousand, design %d, at %d: about the measured %d", (colluders, design, alpha, measured) => {
        const needed = slotsNeeded(colluders, { recipients: 1000, alpha, design })
        expect(needed).toBeGreaterThanOrEqual(measured)
        expect(needed).toBeLessThanOrEqual(1.1 * measured)
    })

    test("grow with colluders, recipients and a smaller error, also beyond the designed number", () => {
        const needed = (colluders: number, recipients: number, alpha: number, design: Colluders = 8) =>
            slotsNeeded(colluders, { recipients, alpha, design })
        for (let colluders = 1; colluders < 8; colluders++) {
            expect(needed(colluders + 1, 100, 1e-3)).toBeGreaterThan(needed(colluders, 100, 1e-3))
            expect(needed(colluders, 101, 1e-3)).toBeGreaterThanOrEqual(needed(colluders, 100, 1e-3))
            expect(needed(colluders, 100, 1e-6)).toBeGreaterThan(needed(colluders, 100, 1e-3))
        }
        expect(needed(4, 100, 1e-3, 2)).toBeGreaterThan(needed(4, 100, 1e-3, 4))
        expect(needed(5, 100, 1e-3, 2)).toBeGreaterThan(needed(5, 100, 1e-3, 8))
    })
})
