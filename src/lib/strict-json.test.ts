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

describe("JSON, read strictly", () => {
    test.each([
        ["a key twice", `{"a":1,"a":2}`],
        ["a key twice, once escaped", `{"a":1,"\\u0061":2}`],
        ["a key into the prototype", `{"__proto__":{}}`],
        ["a key into the prototype, escaped", `{"\\u005f_proto__":{}}`],
        ["too deep", "[".repeat(65) + "]".repeat(65)],
        ["a number that loses its value", "9007199254740993"],
        ["a string that is not closed", `{"a":"b\\"`],
        ["no JSON", "{a:1}"],
        ["nothing", ""],
    ])("refuses %s", (_, text) => {
        expect(outcome(text)).toBe("json.invalid")
    })

    test("what JSON writes is read back, whatever the strings hold", () => {
        const value = fc.oneof(
            fc.string({ unit: "binary" }),
            fc.array(fc.string()),
            fc.dictionary(fc.string(), fc.string()),
        )
        fc.assert(
            fc.property(value, (one) => {
                const text = JSON.stringify(one)
                if (/__proto__|constructor|prototype/.test(text)) return
                expect(outcome(text)).toEqual(JSON.parse(text))
            }),
        )
    })

    test.each(["x", "\\", '"', "\n"])("a string of megabytes of %j is read", (unit) => {
        const long = unit.repeat(8_000_000)
        expect(outcome(JSON.stringify({ long }))).toEqual({ long })
    })
})
