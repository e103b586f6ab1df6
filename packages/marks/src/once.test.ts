import { describe, expect, test } from "vitest"
import { cacheForLongTexts } from "./once.ts"

const long = (letter: string, length = 20_000) => letter.repeat(length)

function counted() {
    const made: string[] = []
    const pick = cacheForLongTexts((text) => {
        made.push(text.charAt(0))
        return text.length
    })
    return { made, of: pick }
}

describe("the cache for long texts", () => {
    test("computes once for the last four texts, with the same result", () => {
        const { made, of: pick } = counted()
        for (const letter of "abcdabcd") expect(pick(long(letter))).toBe(20_000)
        expect(made.join("")).toBe("abcd")
        for (const letter of "eaf") pick(long(letter))
        expect(made.join("")).toBe("abcdeaf")
    })

    test("distinguishes texts of the same length", () => {
        const pick = cacheForLongTexts((text) => text.at(-1))
        expect([pick(`${long("a")}b`), pick(`${long("a")}c`), pick(`${long("a")}b`)]).toEqual(["b", "c", "b"])
    })

    test("computes again after an eviction, and never stores short texts", () => {
        const { made, of: pick } = counted()
        for (const letter of "aba") pick(long(letter, 900_000))
        expect(made.join("")).toBe("aba")
        for (const letter of "cc") pick(long(letter, 100))
        expect(made.join("")).toBe("abacc")
    })

    test("computes again after a failure", () => {
        const faults = [new Error("once")]
        const pick = cacheForLongTexts((text) => {
            const fault = faults.pop()
            if (fault !== undefined) throw fault
            return text.length
        })
        expect(() => pick(long("a"))).toThrow("once")
        expect(pick(long("a"))).toBe(20_000)
    })
})
