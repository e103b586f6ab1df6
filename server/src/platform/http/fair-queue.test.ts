import { expect, test } from "vitest"
import { type RunQueued, limitPerName, makeFairQueue } from "./fair-queue.ts"

function gates(count: number) {
    return Array.from({ length: count }, () => Promise.withResolvers<void>())
}

/** Queues one request per name in order; `log` lists the started ones by name and index. */
function startQueued(turn: RunQueued, ...names: string[]) {
    const held = gates(names.length)
    const log: string[] = []
    const list = names.map((name, i) => {
        const [person = "", goesOn] = name.split(" ")
        const work = async () => {
            log.push(`${person}${i}`)
            await held[i]?.promise
        }
        return turn(person, work, goesOn === "on" ? "continued" : undefined)
    })
    const settled = Promise.allSettled(list)
    const leave = async (i: number) => {
        held[i]?.resolve()
        await list[i]?.catch(() => undefined)
        await Promise.resolve()
    }
    return { log, all: list, leave, held, settled }
}

const places = { runningMax: 3, runningPerNameMax: 2, waitingPerNameMax: 2 }
const nextTick = () => new Promise((resolve) => setImmediate(resolve))

test("one caller gets its share, and the others use the free places", async () => {
    const { log } = startQueued(makeFairQueue(places), "a", "a", "a", "b")
    await nextTick()
    expect(log).toEqual(["a0", "a1", "b3"])
})

test("the next request is of the caller with the fewest running, then the oldest request", async () => {
    const { log, leave } = startQueued(makeFairQueue(places), "a", "a", "b", "a", "b", "c")
    await nextTick()
    await leave(0)
    expect(log.slice(3)).toEqual(["c5"])
    await leave(2)
    expect(log.slice(4)).toEqual(["b4"])
    await leave(5)
    expect(log.slice(5)).toEqual(["a3"])
})

test("it refuses requests above the limit of one caller; continued requests do not count and run first", async () => {
    const { log, all: list, leave } = startQueued(makeFairQueue(places), "a", "a", "a", "a", "a", "a on", "b")
    await expect(list[4]).rejects.toMatchObject({ statusCode: 503 })
    await leave(0)
    expect(log).toEqual(["a0", "a1", "b6", "a5"])
})

test("a failed request frees its place, and all requests run", async () => {
    const { log, held, all: list, settled } = startQueued(makeFairQueue(places), "a", "a", "a", "a", "b", "b", "c")
    held[1]?.reject(new Error("no"))
    await expect(list[1]).rejects.toThrow("no")
    for (const item of held) item.resolve()
    await settled
    expect(log.toSorted()).toEqual(["a0", "a1", "a2", "a3", "b4", "b5", "c6"])
})

test("one caller runs a limited number at once, and more after one ends", async () => {
    const few = limitPerName(2)
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
