import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs } from "@tocsin/base/instant"
import {
    type CallOutcome,
    bodyBytes,
    bodyOf,
    parseWebhookAddress,
    firstAttemptAt,
    healthAfter,
    retryAt,
} from "./webhook.ts"

const second = 1_000
const minute = 60 * second
const now = Date.parse("2026-01-01T12:00:00.700Z")

describe("the body of a call", () => {
    test("says poll, when, and a nonce, and nothing else", () => {
        const input = JSON.parse(bodyOf("AAECAwQFBgcICQoLDA0ODw", now)) as Record<string, unknown>
        const { pad, ...rest } = input
        expect(rest).toEqual({ v: 1, type: "poll", ts: "2026-01-01T12:00:00Z", nonce: "AAECAwQFBgcICQoLDA0ODw" })
        expect(pad).toMatch(/^0+$/)
    })

    test("has one size, whatever the nonce and the instant", () => {
        const nonce = fc
            .uint8Array({ minLength: 16, maxLength: 16 })
            .map((input) => Buffer.from(input).toString("base64url"))
        fc.assert(
            fc.property(nonce, fc.integer({ min: 0, max: 4_000_000_000_000 }), (value, at) => {
                expect(Buffer.byteLength(bodyOf(value, at))).toBe(bodyBytes)
            }),
        )
    })
})

describe("when a call is made", () => {
    test.each([
        [0, 0],
        [0.5, 2_500],
        [0.999_999, 4_999],
    ])("first, by chance %d: %d ms later", (chance, laterMs) => {
        expect(firstAttemptAt(now, chance) - now).toBe(laterMs)
    })

    test.each([
        [1, 5 * second],
        [2, 5 * minute],
        [3, 30 * minute],
        [4, 2 * hourMs],
        [5, 5 * hourMs],
        [6, 10 * hourMs],
        [7, 10 * hourMs],
        [40, 10 * hourMs],
    ])("again after try %d: within a fifth of %d ms", (attempts, waitMs) => {
        expect(retryAt(attempts, now, 0) - now).toBe(waitMs * 0.8)
        expect(retryAt(attempts, now, 0.5) - now).toBe(waitMs)
        expect(retryAt(attempts, now, 0.999_999) - now).toBeLessThan(waitMs * 1.2)
    })
})

describe("what an outcome says", () => {
    test.each<[string, number | null, CallOutcome, number | null, boolean]>([
        ["that works stays so", null, "2xx", null, false],
        ["that works again has not failed", now - dayMs, "2xx", null, false],
        ["works again on the last day", now - 6 * dayMs, "2xx", null, false],
        ["fails from its first failure on", null, "5xx", now, false],
        ["fails since the first one", now - dayMs, "timeout", now - dayMs, false],
        ["a redirect fails", null, "3xx", now, false],
        ["fails just under five days", now - 5 * dayMs + 1, "refused", now - 5 * dayMs + 1, false],
        ["is disabled after five days", now - 5 * dayMs, "4xx", now - 5 * dayMs, true],
        ["is gone at once", null, "410", now, true],
    ])("%s", (_, since, outcome, failingSince, disabled) => {
        expect(healthAfter(since, outcome, now)).toEqual({ failingSince, disabled })
    })
})

test("an address is kept in its one form, or refused", () => {
    expect(parseWebhookAddress("HTTPS://Hooks.partner.example:443/a/../b")).toBe("https://hooks.partner.example/b")
    expect(() => parseWebhookAddress("https://127.1/")).toThrow(
        expect.objectContaining({ code: "webhook.bad_address" }),
    )
})
