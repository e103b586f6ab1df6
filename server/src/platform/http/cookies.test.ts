import { describe, expect, test } from "vitest"
import { findCookie, formatCookie } from "./cookies.ts"

describe("reading one cookie among those that a browser sends", () => {
    test.each<[string, string | undefined, string | undefined]>([
        ["the only cookie", "a=one", "one"],
        ["one among others", "b=x; a=one; c=y", "one"],
        ["without a space", "b=x;a=one", "one"],
        ["the first of two", "a=one; a=two", "one"],
        ["a value with an equals sign", "a=o=e", "o=e"],
        ["an empty value", "a=", ""],
        ["a name that is part of another name", "aa=x; xa=y", undefined],
        ["a name that every object has", "constructor=x", undefined],
        ["no value", "a; b", undefined],
        ["a name inside another value", "b=a=one", undefined],
        ["no cookies", undefined, undefined],
    ])("%s", (_, header, value) => {
        expect(findCookie(header, "a")).toBe(value)
    })
})

test("the cookie is set for its lifetime over HTTPS only, and is deleted at once", () => {
    const input = { name: "__Host-a", isSecure: true }
    expect(formatCookie({ ...input, value: "one_-1", secondsMax: 60 })).toBe(
        "__Host-a=one_-1; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict",
    )
    expect(formatCookie({ ...input, value: "", secondsMax: 0, isSecure: false })).toBe(
        "__Host-a=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict",
    )
})

test.each(["a; Domain=x", "a\r\nb", "a,b", 'a"'])("a cookie cannot hold %j", (value) => {
    expect(() => formatCookie({ name: "a", value, secondsMax: 1, isSecure: true })).toThrow("cookie")
})
