import { describe, expect, test } from "vitest"
import { TextCache } from "./text-cache.ts"

/** A shelf for ten bytes, and a maker of texts that tells what it made. */
function shelf() {
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

describe("a text that is kept", () => {
    test("is made once for a state, and anew for the next one", async () => {
        const { made, ask } = shelf()
        expect([await ask("a", 1), await ask("a", 1), await ask("a", 2), await ask("a", 2)]).toEqual([
            "a1",
            "a1",
            "a2",
            "a2",
        ])
        expect(made).toEqual(["a1", "a2"])
    })

    test("is made once for all who ask at the same time", async () => {
        const { made, ask } = shelf()
        expect(await Promise.all([ask("a", 1), ask("a", 1), ask("a", 1)])).toEqual(["a1", "a1", "a1"])
        expect(made).toEqual(["a1"])
    })

    test("is not put back to an older state by who came late", async () => {
        const { made, ask } = shelf()
        await ask("a", 2)
        expect(await ask("a", 1)).toBe("a1")
        expect(await ask("a", 2)).toBe("a2")
        expect(made).toEqual(["a2", "a1"])
    })

    test("drops the least recently used texts where there are more bytes than room", async () => {
        const { made, ask } = shelf()
        await ask("a", 1, "aaaa")
        await ask("b", 1, "bbbb")
        await ask("a", 1, "aaaa")
        await ask("c", 1, "cccc")
        await ask("a", 1, "aaaa")
        await ask("b", 1, "bbbb")
        expect(made).toEqual(["aaaa", "bbbb", "cccc", "bbbb"])
    })

    test("is not kept where it alone has more bytes than there is room", async () => {
        const { made, ask } = shelf()
        expect(await ask("a", 1, "a".repeat(11))).toHaveLength(11)
        await ask("a", 1, "a".repeat(11))
        expect(made).toHaveLength(2)
    })

    test("that could not be made is made by the next one, and by who waited for it", async () => {
        const { kept, ask } = shelf()
        const failing = kept.get("a", 1, () => Promise.reject(new Error("the database is gone")))
        const waiting = ask("a", 1)
        await expect(failing).rejects.toThrow("gone")
        expect(await waiting).toBe("a1")
        expect(await ask("a", 1)).toBe("a1")
    })
})
