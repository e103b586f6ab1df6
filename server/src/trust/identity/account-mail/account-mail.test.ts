/** Tests the text of account mail. */
import { describe, expect, test } from "vitest"
import { type AccountMailKind, composeAccountMail } from "./account-mail.ts"

const createdAt = Date.parse("2026-01-01T00:00:00Z")
const link = "https://console.example/sign-in#abc"
const textOf = (kind: AccountMailKind, isStaff = true) =>
    composeAccountMail({ kind, isStaff, createdAt, link, recognition: [] })
const kinds = [
    "link",
    "recovery",
    "passkey_added",
    "account_connected",
    "account_disconnected",
    "words_changed",
] as const

describe.each(kinds)("a mail of kind %s", (kind) => {
    test.each([true, false])("says nothing about cases or names, and fits a line of a mail (staff: %s)", (isStaff) => {
        const { text } = textOf(kind, isStaff)
        expect(text).not.toMatch(/case|embargo|warning|vulnerab|advisory|partner [^p]|\$|undefined/i)
        expect(text).toContain(isStaff ? "the console" : "the partner portal")
        expect(text).not.toContain(isStaff ? "portal" : "console ")
        expect(text.split("\n").filter((line) => line.length > 100)).toEqual([])
        expect(text).toContain(`tell ${isStaff ? "an admin" : "the operator"} by another channel than mail`)
        expect(text.endsWith("\n")).toBe(true)
    })
})

test("only the mail with a link contains one, on a line of its own", () => {
    const lines = (kind: AccountMailKind) => textOf(kind).text.split("\n")
    expect(lines("link").filter((line) => line.includes("://"))).toEqual([`    ${link}`])
    for (const kind of kinds.filter((each) => each !== "link")) {
        expect(lines(kind).filter((line) => line.includes("://"))).toEqual([])
    }
})

test("the notice of a recovery names the instant a day later", () => {
    expect(textOf("recovery").text).toContain("2 Jan 2026 00:00 UTC")
    expect(textOf("passkey_added").text).toContain("1 Jan 2026 00:00 UTC")
})

test("the subjects differ", () => {
    expect(new Set(kinds.map((kind) => textOf(kind).subject)).size).toBe(kinds.length)
})
