import * as fc from "fast-check"
import { expect, test } from "vitest"
import { base64Offsets, bytesOf } from "./encoding.ts"

test("UTF-16 equals the platform's", () => {
    fc.assert(
        fc.property(fc.string({ unit: "binary" }), (text) => {
            const little = Buffer.from(text, "utf16le")
            expect(bytesOf(text, "wide")).toEqual([...little])
            expect(bytesOf(text, "utf16be")).toEqual([...Buffer.from(little).swap16()])
            expect(bytesOf(text, "utf16")).toEqual([0xff, 0xfe, ...little])
        }),
    )
})

test("an encoded value contains one of its three forms at any offset", () => {
    const part = fc.uint8Array({ maxLength: 9 })
    fc.assert(
        fc.property(part, fc.uint8Array({ minLength: 3, maxLength: 20 }), part, (before, value, after) => {
            const whole = Buffer.from([...before, ...value, ...after]).toString("base64")
            expect(base64Offsets([...value]).some((item) => whole.includes(item))).toBe(true)
        }),
    )
})
