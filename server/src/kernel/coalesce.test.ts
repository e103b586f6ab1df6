import { setImmediate as turn } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { coalesce } from "./coalesce.ts"

type Way = { readonly asks: readonly number[] } & PromiseWithResolvers<readonly string[]>

function asked({ waysMax = 1, togetherMax = 100, lingerMs = undefined as number | undefined } = {}) {
    const ways: Way[] = []
    const askOf = coalesce<object, number, string>(
        { roundTripsMax: waysMax, callsMax: togetherMax, ...(lingerMs && { lingerMs }) },
        (_, asks) => {
            const way = { asks, ...Promise.withResolvers<readonly string[]>() }
            ways.push(way)
            return way.promise
        },
    )
    const item = {}
    const ask = (value: number) => askOf(item, value)
    return { ways, ask, askOf, sent: () => ways.map(({ asks }) => asks) }
}
const answer = ({ asks, resolve }: Way) => resolve(asks.map((ask) => `${ask}!`))

test("calls of one turn share a round trip, and each gets its own answer", async () => {
    const { ways, ask, sent } = asked()
    const list = [3, 1, 2].map(ask)
    await turn()
    expect(sent()).toEqual([[3, 1, 2]])
    ways.forEach(answer)
    expect(await Promise.all(list)).toEqual(["3!", "1!", "2!"])
})

test("calls during a round trip share the next one", async () => {
    const { ways, ask, sent } = asked()
    const first = ask(1)
    await turn()
    const more = [ask(2)]
    await turn()
    more.push(ask(3))
    await turn()
    expect(sent()).toEqual([[1]])
    ways.forEach(answer)
    expect(await first).toBe("1!")
    await turn()
    expect(sent()).toEqual([[1], [2, 3]])
    ways.forEach(answer)
    expect(await Promise.all(more)).toEqual(["2!", "3!"])
})

test("respects the limits of concurrent round trips and of calls in one", async () => {
    const { ways, ask, sent } = asked({ waysMax: 2, togetherMax: 2 })
    const list = [1, 2, 3, 4, 5].map(ask)
    for (let n = 0; n < 3; n++) await turn()
    expect(sent()).toEqual([
        [1, 2],
        [3, 4],
    ])
    ways.forEach(answer)
    await Promise.all(list.slice(0, 4))
    await turn()
    expect(sent()).toHaveLength(3)
    ways.forEach(answer)
    expect(await list[4]).toBe("5!")
})

describe("after a round trip during which others called", () => {
    const hour = 3_600_000
    /** Answers one call while another waits. */
    async function answeredOne(lingerMs: number) {
        const asking = asked({ lingerMs })
        const first = asking.ask(1)
        await turn()
        const second = asking.ask(2)
        asking.ways.forEach(answer)
        await first
        await turn()
        return { ...asking, second }
    }

    test("the next one waits until as many call as before", async () => {
        const { ways, ask, sent, second } = await answeredOne(hour)
        expect(sent()).toEqual([[1]])
        const again = ask(1)
        await turn()
        expect(sent()).toEqual([[1], [2, 1]])
        ways.forEach(answer)
        expect(await Promise.all([second, again])).toEqual(["2!", "1!"])
    })

    test("the next one runs alone where no other call comes in time", async () => {
        const { ways, sent, second } = await answeredOne(1)
        while (ways.length < 2) await turn()
        expect(sent()).toEqual([[1], [2]])
        ways.forEach(answer)
        expect(await second).toBe("2!")
    })
})

test("a call with another first argument has a round trip of its own", async () => {
    const { ways, askOf, sent } = asked()
    const list = [askOf({}, 1), askOf({}, 2)]
    await turn()
    expect(sent()).toEqual([[1], [2]])
    ways.forEach(answer)
    expect(await Promise.all(list)).toEqual(["1!", "2!"])
})

test("a failure reaches the calls of its round trip, and no later call", async () => {
    const { ways, ask } = asked()
    const allSettled = Promise.allSettled([ask(1), ask(2)])
    await turn()
    ways[0]?.reject(new Error("no"))
    expect((await allSettled).map(({ status }) => status)).toEqual(["rejected", "rejected"])
    const next = ask(3)
    await turn()
    ways.slice(1).forEach(answer)
    expect(await next).toBe("3!")
})

test("a missing answer fails the round trip", async () => {
    const { ways, ask } = asked()
    const allSettled = Promise.allSettled([ask(1), ask(2)])
    await turn()
    ways[0]?.resolve(["1!"])
    expect((await allSettled).map(({ status }) => status)).toEqual(["rejected", "rejected"])
})
