import { expect, test } from "vitest"
import type { Db } from "./db.ts"
import { atMost, fewAtOnce } from "./turnstile.ts"

function gates(count: number) {
    return Array.from({ length: count }, () => Promise.withResolvers<void>())
}

test("so many transactions run at once, the others in their order, and one that fails makes room", async () => {
    const seen: number[] = []
    const db: Db = { transaction: (work) => work({ query: async () => [] }), close: async () => undefined }
    const few = fewAtOnce(db, 2)
    const held = gates(5)
    const all = held.map(({ promise }, i) =>
        few.transaction(async () => {
            seen.push(i)
            await promise
        }),
    )
    const settled = Promise.allSettled(all)
    await Promise.resolve()
    expect(seen).toEqual([0, 1])
    held[1]?.reject(new Error("no"))
    await expect(all[1]).rejects.toThrow("no")
    expect(seen).toEqual([0, 1, 2])
    for (const one of held) one.resolve()
    await settled
    expect(seen).toEqual([0, 1, 2, 3, 4])
})

test("of each name so much at once, and again once it is over", async () => {
    const few = atMost(2)
    const [a, b] = gates(2)
    const open = [
        few("copperline", () => a?.promise ?? Promise.reject()),
        few("copperline", () => b?.promise ?? Promise.reject()),
    ]
    await expect(few("copperline", async () => "more")).rejects.toMatchObject({ statusCode: 429 })
    expect(await few("halcyon", async () => "another's")).toBe("another's")
    a?.resolve()
    await open[0]
    expect(await few("copperline", async () => "again")).toBe("again")
    b?.resolve()
    await open[1]
})
