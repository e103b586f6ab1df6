import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Refusal } from "./refusal.ts"
import { parseStrictJson } from "./strict-json.ts"

function outcome(text: string): unknown {
    try {
        return parseStrictJson(text)
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

describe("strict JSON", () => {
    test.each([
        ["a repeated key", `{"a":1,"a":2}`],
        ["a repeated key, once escaped", `{"a":1,"\\u0061":2}`],
        ["a prototype key", `{"__proto__":{}}`],
        ["a prototype key, escaped", `{"\\u005f_proto__":{}}`],
        ["too many levels", "[".repeat(65) + "]".repeat(65)],
        ["a number that loses precision", "9007199254740993"],
        ["an unclosed string", `{"a":"b\\"`],
        ["a lone surrogate", `"\\ud83d."`],
        ["a lone surrogate in a key", `{"\\udc00":1}`],
        ["invalid JSON", "{a:1}"],
        ["empty text", ""],
    ])("refuses %s", (_, text) => {
        expect(outcome(text)).toBe("json.invalid")
    })

    test("reads back serialised JSON, with any strings", () => {
        const value = fc.oneof(
            fc.string({ unit: "binary" }),
            fc.array(fc.string()),
            fc.dictionary(fc.string(), fc.string()),
        )
        fc.assert(
            fc.property(value, (item) => {
                const text = JSON.stringify(item)
                if (/__proto__|constructor|prototype/.test(text)) return
                expect(outcome(text)).toEqual(JSON.parse(text))
            }),
        )
    })

    test("reads a surrogate pair as one character", () => {
        expect(outcome(`"\\ud83d\\ude00"`)).toBe("\u{1f600}")
    })

    test.each(["x", "\\", '"', "\n"])("reads a string of megabytes of %j", (unit) => {
        const long = unit.repeat(8_000_000)
        expect(outcome(JSON.stringify({ long }))).toEqual({ long })
    })

    test.each([
        ["the same key in two objects", `[{"a":1},{"a":2}]`],
        ["the same key at two depths", `{"a":{"a":1}}`],
        ["a key that looks like syntax", `{"{\\"a\\":":1,",":2,"}":[]}`],
        ["a prototype key as value", `{"a":"__proto__"}`],
        ["the maximum depth", "[".repeat(64) + "]".repeat(64)],
        ["the largest safe number", "9007199254740991"],
        ["a small fraction", "-1.5e-7"],
        ["a large number inside a string", `["9007199254740993"]`],
        ["null", " null "],
    ])("reads %s", (_, text) => {
        expect(outcome(text)).toEqual(JSON.parse(text))
    })

    test("reads the same as JSON.parse, or refuses", () => {
        const text = fc.oneof(
            fc.json(),
            fc.json().chain((whole) => fc.nat(whole.length).map((cut) => whole.slice(0, cut))),
            fc
                .array(fc.constantFrom(...'{}[]:,"\\a1-.e \n', "null", '"a"'), { maxLength: 12 })
                .map((list) => list.join("")),
        )
        fc.assert(
            fc.property(text, (item) => {
                const found = outcome(item)
                if (found !== "json.invalid") expect(found).toEqual(JSON.parse(item))
            }),
        )
    })

    test("accepts small, flat JSON without repeated keys", () => {
        const key = fc
            .string({ maxLength: 8 })
            .filter((item) => !["__proto__", "constructor", "prototype"].includes(item))
        const leaf = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null))
        fc.assert(
            fc.property(fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf))), (value) => {
                expect(outcome(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))
            }),
        )
    })

    test("finds a repeated key in any spelling and at any place", () => {
        const escaped = (key: string) =>
            [...key]
                .map((c) =>
                    c
                        .split("")
                        .map((u) => `\\u${u.charCodeAt(0).toString(16).padStart(4, "0")}`)
                        .join(""),
                )
                .join("")
        const key = fc.string({ minLength: 1, maxLength: 5, unit: "binary" })
        fc.assert(
            fc.property(key, fc.json(), fc.nat(5), (name, between, depth) => {
                const twice = `{${JSON.stringify(name)}:${between},"${escaped(name)}":0}`
                expect(outcome("[".repeat(depth) + twice + "]".repeat(depth))).toBe("json.invalid")
            }),
        )
    })
})
