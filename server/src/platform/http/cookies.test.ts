import { describe, expect, test } from "vitest"
import { findCookie, formatCookie } from "./cookies.ts"

describe("the cookie among those that a browser sends", () => {
    test.each<[string, string | undefined, string | undefined]>([
        ["alone", "a=one", "one"],
        ["among others", "b=x; a=one; c=y", "one"],
        ["without a space", "b=x;a=one", "one"],
        ["first of two", "a=one; a=two", "one"],
        ["with a sign of equality in it", "a=o=e", "o=e"],
        ["empty", "a=", ""],
        ["part of another's name", "aa=x; xa=y", undefined],
        ["named as what every object has", "constructor=x", undefined],
        ["without a value", "a; b", undefined],
        ["in another's value", "b=a=one", undefined],
        ["where nothing was sent", undefined, undefined],
    ])("%s", (_, header, value) => {
        expect(findCookie(header, "a")).toBe(value)
    })
})

test("it is kept for its time by https alone, and ends at once", () => {
    const input = { name: "__Host-a", isSecure: true }
    expect(formatCookie({ ...input, value: "one_-1", secondsMax: 60 })).toBe(
        "__Host-a=one_-1; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict",
    )
    expect(formatCookie({ ...input, value: "", secondsMax: 0, isSecure: false })).toBe(
        "__Host-a=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict",
    )
})

test.each(["a; Domain=x", "a\r\nb", "a,b", 'a"'])("it cannot hold %j", (value) => {
    expect(() => formatCookie({ name: "a", value, secondsMax: 1, isSecure: true })).toThrow("cookie")
})
