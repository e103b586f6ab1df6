import { expect, test } from "vitest"
import { limitConcurrency } from "./limit-concurrency.ts"

test("it runs a limited number at once, in order of arrival, and a failure frees a place", async () => {
    const inTurn = limitConcurrency(2)
    const begun: number[] = []
    let running = 0
    let most = 0
    const froms = Array.from({ length: 9 }, (_, n) =>
        inTurn(async () => {
            begun.push(n)
            most = Math.max(most, ++running)
            await Promise.resolve()
            running--
            if (n % 3 === 0) throw new Error("it failed")
        }),
    )
    expect((await Promise.allSettled(froms)).filter(({ status }) => status === "rejected")).toHaveLength(3)
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(most).toBe(2)
})
