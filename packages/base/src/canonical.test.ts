import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import vectors from "../../../test/vectors/rfc8785.json" with { type: "json" }
import { canonical, canonicalBytes, parseCanonical, parsePlain } from "./canonical.ts"
import { Refusal } from "./refusal.ts"

/** The code of the refusal that `work` meets; null where it meets none. */
function refusedWith(work: () => unknown): string | null {
    try {
        work()
        return null
    } catch (error) {
        return error instanceof Refusal ? error.code : `a bug: ${String(error)}`
    }
}

function fromBits(hex: string): number {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt(`0x${hex}`))
    return view.getFloat64(0)
}

describe("canonical JSON", () => {
    test.each(vectors.values)("writes $is as RFC 8785 does", ({ json, canonical: expected }) => {
        expect(canonical(JSON.parse(json))).toBe(expected)
    })

    test.each(vectors.numbers)("writes the number of bits %s as %s", (bits, expected) => {
        expect(canonical(fromBits(String(bits)))).toBe(expected)
    })

    test("hashes UTF-8", () => {
        expect(canonicalBytes("€")).toEqual(Uint8Array.of(0x22, 0xe2, 0x82, 0xac, 0x22))
    })

    test.each<[string, unknown, string]>([
        ["undefined", undefined, "canonical.not_representable"],
        ["an undefined member", { a: undefined }, "canonical.not_representable"],
        ["a hole in an array", Array.from({ length: 1 }), "canonical.not_representable"],
        ["a function", () => 1, "canonical.not_representable"],
        ["a bigint", 1n, "canonical.not_representable"],
        ["a date", new Date(0), "canonical.not_representable"],
        ["a map", new Map(), "canonical.not_representable"],
        ["bytes", Uint8Array.of(1), "canonical.not_representable"],
        ["a lone surrogate", "\ud800", "canonical.lone_surrogate"],
        ["a lone surrogate in a name", { "\udc00": 1 }, "canonical.lone_surrogate"],
    ])("refuses %s", (_, value, code) => {
        expect(refusedWith(() => canonical(value))).toBe(code)
    })

    test.each(vectors.refusedNumbers)("refuses the number of bits %s", (bits) => {
        expect(refusedWith(() => canonical(fromBits(bits)))).toBe("canonical.not_representable")
    })

    test("refuses endless nesting, and accepts 64 levels", () => {
        const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown
        expect(refusedWith(() => canonical(nested(65)))).toBe(null)
        expect(refusedWith(() => canonical(nested(66)))).toBe("canonical.too_deep")
        expect(refusedWith(() => canonical(nested(100_000)))).toBe("canonical.too_deep")
    })

    test.each([
        ["a space", '{"a": 1}'],
        ["unordered names", '{"b":1,"a":2}'],
        ["a repeated name", '{"a":1,"a":1}'],
        ["a number in another form", "1.0"],
        ["a number beyond doubles", "9007199254740993"],
        ["an unnecessary escape", '"\\u0041"'],
        ["a byte order mark", "\ufeff1"],
        ["two values", "1 1"],
        ["no value", ""],
    ])("rejects a text with %s", (_, text) => {
        expect(refusedWith(() => parseCanonical(text))).toBe("canonical.malformed")
    })

    test("reads as plain only what is canonical", () => {
        const pieces = fc.constantFrom(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"a"',
            '"b"',
            '"2"',
            '"10"',
            "1",
            "-0",
            "null",
            " ",
        )
        const texts = fc.oneof(
            fc.json(),
            fc.jsonValue().map((value) => canonical(value)),
            fc.array(pieces, { maxLength: 12 }).map((list) => list.join("")),
        )
        fc.assert(
            fc.property(texts, (text) => {
                const value = parsePlain(text, 0)
                if (value !== undefined) expect(canonical(value)).toBe(text)
            }),
        )
    })

    test("gives the same text for any order of members, and reads back the same value", () => {
        fc.assert(
            fc.property(fc.jsonValue(), (value) => {
                const text = canonical(value)
                expect(parseCanonical(text)).toEqual(JSON.parse(JSON.stringify(value)))
                expect(canonical(reversed(value))).toBe(text)
            }),
        )
    })
})

/** The same value, with the members of every object in the opposite order. */
function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
        Object.entries(value)
            .reverse()
            .map(([name, item]) => [name, reversed(item)]),
    )
}
