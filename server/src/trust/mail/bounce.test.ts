import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { outcomeIn, bounceBytesMax, tokenIn } from "./bounce.ts"

const token = "0123456789abcdef".repeat(3)

test.each([
    [`bounces+${token}@program.example`, token],
    [`BOUNCES+${token.toUpperCase()}@PROGRAM.EXAMPLE`, token],
    [`bounces@program.example`, null],
    [`bounces+${token.slice(1)}@program.example`, null],
    [`bounces+0${token}@program.example`, null],
    [`bounces+${token}`, null],
    [`bounces+${token}@program.example@elsewhere.example`, null],
    [`${"a+".repeat(9)}${token}@program.example`, token],
    ["", null],
])("%j has the token %j", (address, value) => {
    expect(tokenIn(address)).toBe(value)
})

const report = (...groups: string[]) =>
    [
        "From: MAILER-DAEMON@mx.example",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "",
        "--b",
        "",
        "I am sorry: Action: failed, Status: 5.1.1",
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example",
        ...groups.flatMap((group) => ["", group]),
        "",
        "--b--",
        "",
    ].join("\r\n")
const pick = (action: string, status: string) =>
    `Final-Recipient: rfc822; p1@partner.example\r\nAction: ${action}\r\nStatus: ` +
    `${status}\r\nDiagnostic-Code: smtp; 550 no`

describe("the outcome that a bounce message reports", () => {
    test.each([
        ["a permanent failure", report(pick("failed", "5.1.1")), "failed"],
        ["a failure in other letters, with a comment", report(pick("FAILED", "5.0.0 (no such user)")), "failed"],
        ["a delay", report(pick("delayed", "4.4.1")), "delayed"],
        ["a delay that ended as a failure", report(pick("failed", "4.4.7")), "delayed"],
        ["two recipients: the worse outcome", report(pick("delayed", "4.4.1"), pick("failed", "5.1.1")), "failed"],
        ["one recipient delivered and one not", report(pick("delivered", "2.0.0"), pick("failed", "5.1.1")), "failed"],
        ["a delivery", report(pick("delivered", "2.0.0")), null],
        ["a relay", report(pick("relayed", "2.0.0")), null],
        ["a failed action with a success status", report(pick("failed", "2.0.0")), null],
        ["a delayed action with a permanent status", report(pick("delayed", "5.1.1")), null],
        ["no status", report("Final-Recipient: rfc822; p1@partner.example\r\nAction: failed"), null],
        ["no recipient", report("Action: failed\r\nStatus: 5.1.1"), null],
        ["parts of two groups", report("Final-Recipient: rfc822; a@b\r\nAction: failed", "Status: 5.1.1"), null],
        ["an out-of-office reply", "Subject: Away\r\n\r\nI am back on Monday.\r\n", null],
        ["an empty message", "", null],
    ])("%s", (_, message, fate) => {
        expect(outcomeIn(message)).toBe(fate)
        expect(outcomeIn(message.replaceAll("\r\n", "\n"))).toBe(fate)
    })

    test.each(["\n", "\r\n", "\n \t", "Status: 5.", "Final-Recipient:", " "])("is none for %j repeated", (piece) => {
        expect(outcomeIn(piece.repeat(bounceBytesMax / piece.length))).toBe(null)
    })
})

/** Written by Postfix 3.10, of mail that it had taken; names of hosts were put in afterwards. */
describe("the outcome that Postfix reports", () => {
    test.each([
        ["unknown-user", "failed"],
        ["no-enhanced-code", "failed"],
        ["refused-after-data", "failed"],
        ["smtputf8", "failed"],
        ["delayed", "delayed"],
        ["gave-up", "delayed"],
        ["never-connected", "delayed"],
    ])("%s: %s", (name, fate) => {
        const message = readFileSync(`test/fixtures/mail/postfix-${name}.eml`, "latin1")
        expect(outcomeIn(message)).toBe(fate)
        expect(tokenIn(/^To: (.*)$/m.exec(message)?.[1] ?? "")).toMatch(/^0{47}[1-7]$/)
    })
})
