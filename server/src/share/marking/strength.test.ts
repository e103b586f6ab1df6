import { expect, test } from "vitest"
import { packageStrengthOf, strengthOf } from "./strength.ts"

const slot = (n: number) => ({
    id: String(n),
    kind: "alternative",
    robustness: "wording" as const,
    variants: [[], [{ start: n, end: n + 1, text: "b" }]],
})
const slots = (count: number) => Array.from({ length: count }, (_, n) => slot(n))

test("the slots of a package count as those of one file", () => {
    const parts = [
        { slots: slots(60), design: 2 },
        { slots: slots(40), design: 2 },
    ] as const
    const whole = strengthOf({ slots: slots(100), colluders: 2, design: 2, recipients: 30 })
    const { slots: count, merged } = packageStrengthOf(parts, 30)
    expect(count).toBe(100)
    expect(merged.find(({ colluders }) => colluders === 2)).toEqual(whole.errors[0]?.merged[0])
    expect(merged.map(({ needed }) => needed)).toEqual(merged.map(({ needed }) => needed).toSorted((a, b) => a - b))
})

test("of several code designs, the one counts that needs the most slots", () => {
    const mixed = packageStrengthOf(
        [
            { slots: slots(60), design: 2 },
            { slots: slots(40), design: 8 },
        ],
        30,
    )
    const [even, biased] = [2, 8].map((design) =>
        packageStrengthOf([{ slots: slots(100), design: design as 2 | 8 }], 30),
    )
    for (const [n, { needed }] of mixed.merged.entries()) {
        expect(needed).toBe(Math.max(even?.merged[n]?.needed ?? 0, biased?.merged[n]?.needed ?? 0))
    }
})

test("a package without marked files identifies no copy", () => {
    expect(packageStrengthOf([], 30)).toEqual({ slots: 0, merged: [] })
})
