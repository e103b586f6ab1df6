import { describe, expect, test } from "vitest"
import { TextCache } from "./text-cache.ts"

/** A cache of ten bytes, with a list of the texts that were built. */
function createCache() {
    const made: string[] = []
    const kept = new TextCache<{ bytes: Buffer }>(10)
    const ask = async (name: string, state: number, text = `${name}${state}`) => {
        const make = async () => {
            made.push(text)
            return { bytes: Buffer.from(text) }
        }
        return String((await kept.get(name, state, make)).bytes)
    }
    return { kept, made, ask }
}

describe("a cached text", () => {
    test("is built once per state, and again for the next one", async () => {
        const { made, ask } = createCache()
        expect([await ask("a", 1), await ask("a", 1), await ask("a", 2), await ask("a", 2)]).toEqual([
            "a1",
            "a1",
            "a2",
            "a2",
        ])
        expect(made).toEqual(["a1", "a2"])
    })

    test("is built once for concurrent requests", async () => {
        const { made, ask } = createCache()
        expect(await Promise.all([ask("a", 1), ask("a", 1), ask("a", 1)])).toEqual(["a1", "a1", "a1"])
        expect(made).toEqual(["a1"])
    })

    test("is not replaced by an older state from a late request", async () => {
        const { made, ask } = createCache()
        await ask("a", 2)
        expect(await ask("a", 1)).toBe("a1")
        expect(await ask("a", 2)).toBe("a2")
        expect(made).toEqual(["a2", "a1"])
    })

    test("is evicted when least recently used and the cache is full", async () => {
        const { made, ask } = createCache()
        await ask("a", 1, "aaaa")
        await ask("b", 1, "bbbb")
        await ask("a", 1, "aaaa")
        await ask("c", 1, "cccc")
        await ask("a", 1, "aaaa")
        await ask("b", 1, "bbbb")
        expect(made).toEqual(["aaaa", "bbbb", "cccc", "bbbb"])
    })

    test("is not cached when it alone exceeds the cache", async () => {
        const { made, ask } = createCache()
        expect(await ask("a", 1, "a".repeat(11))).toHaveLength(11)
        await ask("a", 1, "a".repeat(11))
        expect(made).toHaveLength(2)
    })

    test("that failed is built by the next request, and by waiting ones", async () => {
        const { kept, ask } = createCache()
        const failing = kept.get("a", 1, () => Promise.reject(new Error("the database is gone")))
        const waiting = ask("a", 1)
        await expect(failing).rejects.toThrow("gone")
        expect(await waiting).toBe("a1")
        expect(await ask("a", 1)).toBe("a1")
    })
})
