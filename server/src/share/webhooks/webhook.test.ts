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
    test("contains poll, instant and nonce, and nothing else", () => {
        const input = JSON.parse(bodyOf("AAECAwQFBgcICQoLDA0ODw", now)) as Record<string, unknown>
        const { pad, ...rest } = input
        expect(rest).toEqual({ v: 1, type: "poll", ts: "2026-01-01T12:00:00Z", nonce: "AAECAwQFBgcICQoLDA0ODw" })
        expect(pad).toMatch(/^0+$/)
    })

    test("has one size for any nonce and instant", () => {
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

describe("the time of a call", () => {
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

describe("the outcome of a call", () => {
    test.each<[string, number | null, CallOutcome, number | null, boolean]>([
        ["a working webhook still works", null, "2xx", null, false],
        ["a recovered webhook has no failure", now - dayMs, "2xx", null, false],
        ["it recovers on the last day", now - 6 * dayMs, "2xx", null, false],
        ["it fails from its first failure on", null, "5xx", now, false],
        ["it keeps its first failure", now - dayMs, "timeout", now - dayMs, false],
        ["a redirect is a failure", null, "3xx", now, false],
        ["it fails for just under five days", now - 5 * dayMs + 1, "refused", now - 5 * dayMs + 1, false],
        ["it is disabled after five days", now - 5 * dayMs, "4xx", now - 5 * dayMs, true],
        ["a gone webhook is disabled at once", null, "410", now, true],
    ])("%s", (_, since, outcome, failingSince, disabled) => {
        expect(healthAfter(since, outcome, now)).toEqual({ failingSince, disabled })
    })
})

test("an address is normalised or refused", () => {
    expect(parseWebhookAddress("HTTPS://Hooks.partner.example:443/a/../b")).toBe("https://hooks.partner.example/b")
    expect(() => parseWebhookAddress("https://127.1/")).toThrow(
        expect.objectContaining({ code: "webhook.bad_address" }),
    )
})
