import { expect, test } from "vitest"
import { deviceOf, sessionLimitsOf } from "./session.ts"

const hourMs = 3_600_000

test.each([
    [["author"], { lifetimeMs: 12 * hourMs, idleMs: 2 * hourMs }],
    [["lead"], { lifetimeMs: 12 * hourMs, idleMs: 2 * hourMs }],
    [["author", "approver"], { lifetimeMs: 10 * hourMs, idleMs: hourMs }],
    [["admin"], { lifetimeMs: 10 * hourMs, idleMs: hourMs }],
    [["investigator"], { lifetimeMs: 10 * hourMs, idleMs: hourMs }],
])("a session with the roles %j has the limits %j", (roles, limits) => {
    expect(sessionLimitsOf(roles)).toEqual(limits)
})

test.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox, Linux"],
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
        "Chrome, Windows",
    ],
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
        "Edge, Windows",
    ],
    [
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15",
        "Safari, macOS",
    ],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", "Safari, iOS"],
    ["Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", "Firefox, Android"],
    ["curl/8.14", null],
    ["", null],
    ["<script>alert(1)</script>", null],
])("%s is named %s", (userAgent, device) => {
    expect(deviceOf(userAgent)).toBe(device)
})
