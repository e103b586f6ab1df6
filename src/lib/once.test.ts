import { describe, expect, test } from "vitest"
import { onceForLong } from "./once.ts"

const long = (letter: string, length = 20_000) => letter.repeat(length)

function counted() {
    const made: string[] = []
    const of = onceForLong((text) => {
        made.push(text.charAt(0))
        return text.length
    })
    return { made, of }
}

describe("what is made of a long text", () => {
    test("is made once while it is among the last four, and is the same", () => {
        const { made, of } = counted()
        for (const letter of "abcdabcd") expect(of(long(letter))).toBe(20_000)
        expect(made.join("")).toBe("abcd")
        for (const letter of "eaf") of(long(letter))
        expect(made.join("")).toBe("abcdeaf")
    })

    test("is told from another of the same length", () => {
        const of = onceForLong((text) => text.at(-1))
        expect([of(`${long("a")}b`), of(`${long("a")}c`), of(`${long("a")}b`)]).toEqual(["b", "c", "b"])
    })

    test("is made again once others have taken the room there is, and is never kept if short", () => {
        const { made, of } = counted()
        for (const letter of "aba") of(long(letter, 900_000))
        expect(made.join("")).toBe("aba")
        for (const letter of "cc") of(long(letter, 100))
        expect(made.join("")).toBe("abacc")
    })

    test("is made anew where it failed before", () => {
        const faults = [new Error("once")]
        const of = onceForLong((text) => {
            const fault = faults.pop()
            if (fault !== undefined) throw fault
            return text.length
        })
        expect(() => of(long("a"))).toThrow("once")
        expect(of(long("a"))).toBe(20_000)
    })
})
