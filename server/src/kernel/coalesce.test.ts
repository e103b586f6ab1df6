import { setImmediate as turn } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { gathered } from "./coalesce.ts"

type Way = { readonly asks: readonly number[] } & PromiseWithResolvers<readonly string[]>

function asked({ waysMax = 1, togetherMax = 100, lingerMs = undefined as number | undefined } = {}) {
    const ways: Way[] = []
    const askOf = gathered<object, number, string>(
        { waysMax, togetherMax, ...(lingerMs && { lingerMs }) },
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

test("who asks in one turn goes together, and each is given its own answer", async () => {
    const { ways, ask, sent } = asked()
    const list = [3, 1, 2].map(ask)
    await turn()
    expect(sent()).toEqual([[3, 1, 2]])
    ways.forEach(answer)
    expect(await Promise.all(list)).toEqual(["3!", "1!", "2!"])
})

test("who asks while others are under way goes next, with whoever else does", async () => {
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

test("as many ways at once as are allowed, and no more go together than may", async () => {
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

describe("after a round trip during which others asked", () => {
    const hour = 3_600_000
    /** One is answered while another waits. */
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

    test("the next one waits until as many ask as before", async () => {
        const { ways, ask, sent, second } = await answeredOne(hour)
        expect(sent()).toEqual([[1]])
        const again = ask(1)
        await turn()
        expect(sent()).toEqual([[1], [2, 1]])
        ways.forEach(answer)
        expect(await Promise.all([second, again])).toEqual(["2!", "1!"])
    })

    test("the next one goes alone where no one else asks in time", async () => {
        const { ways, sent, second } = await answeredOne(1)
        while (ways.length < 2) await turn()
        expect(sent()).toEqual([[1], [2]])
        ways.forEach(answer)
        expect(await second).toBe("2!")
    })
})

test("who asks something else goes by itself", async () => {
    const { ways, askOf, sent } = asked()
    const list = [askOf({}, 1), askOf({}, 2)]
    await turn()
    expect(sent()).toEqual([[1], [2]])
    ways.forEach(answer)
    expect(await Promise.all(list)).toEqual(["1!", "2!"])
})

test("what fails, fails for those who went together, and not for who comes after", async () => {
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

test("an answer too few is none", async () => {
    const { ways, ask } = asked()
    const allSettled = Promise.allSettled([ask(1), ask(2)])
    await turn()
    ways[0]?.resolve(["1!"])
    expect((await allSettled).map(({ status }) => status)).toEqual(["rejected", "rejected"])
})
