/**
 * A webhook: Tocsin calls a partner's server when there is something to fetch.
 *
 * It carries as little as a notice: every call has one form and one size, and means "poll".
 */
import { type Instant, dayMs, formatInstant, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { addressLengthMax, readWebAddress } from "../../models/web-address.ts"

/** The number of webhooks of a partner. */
export const webhooksMax = 3
/** How long the earlier secret also signs calls, in wall-clock time. */
export const rotationMs = dayMs
/** How long a webhook may fail before it is disabled. */
export const failingMsMax = 5 * dayMs
export const secretBytes = 32
export const nonceBytes = 16
export const bodyBytes = 256

const secondMs = 1_000
const minuteMs = 60 * secondMs
const spreadMs = 5 * secondMs
const backOffMs = [5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs]
/** The longest delay between two attempts. */
export const retryMsMax = 1.2 * Math.max(...backOffMs)

/** The outcome of a call, as the partner sees it. */
export type CallOutcome = "2xx" | "3xx" | "4xx" | "410" | "5xx" | "timeout" | "refused"

/** A webhook of a partner, without its address and secrets. */
export interface Webhook {
    readonly id: string
    readonly partner: string
    readonly createdAt: Instant
    readonly createdBy: string
    readonly lastOutcome: CallOutcome | null
    readonly lastAt: Instant | null
    /** Since the first failure after the last success. */
    readonly failingSince: Instant | null
    readonly disabledAt: Instant | null
    readonly previousUntil: Instant | null
}

/** Normalises an address. Refuses `webhook.bad_address`. The host is resolved at each call, never by the portal. */
export function parseWebhookAddress(text: string): string {
    const address = readWebAddress(text)
    if (address === null) {
        const line =
            `a webhook is an \`https://\` address of a public host on port 443, in ${addressLengthMax} ` + "characters"
        refuse("invalid", "webhook.bad_address", line, { max: addressLengthMax })
    }
    return address.href
}

/** Builds a body of constant size that depends on the nonce and the time only. */
export function bodyOf(nonce: string, at: Instant): string {
    const ts = formatInstant(Math.floor(at / secondMs) * secondMs)
    const withPad = (pad: string) => JSON.stringify({ v: 1, type: "poll", ts, nonce, pad })
    const missing = bodyBytes - withPad("").length
    if (missing < 0) throw new Error("the body of a webhook does not hold this")
    return withPad("0".repeat(missing))
}

/**
 * Returns when a call is first made: delayed by some random seconds, so that order and time reveal nothing. `chance`: 0
 * to 1.
 */
export function firstAttemptAt(now: Instant, chance: number): Instant {
    return now + Math.floor(chance * spreadMs)
}

/** Returns when a call is retried after so many attempts, up to a fifth sooner or later. */
export function retryAt(attempts: number, now: Instant, chance: number): Instant {
    const waitMs = backOffMs[Math.min(attempts, backOffMs.length) - 1] ?? spreadMs
    return now + Math.floor(waitMs * (0.8 + 0.4 * chance))
}

/** What follows from the outcome of a call. */
export interface WebhookHealth {
    readonly failingSince: Instant | null
    readonly disabled: boolean
}

/** Returns what an outcome means for its webhook. */
export function healthAfter(failingSince: Instant | null, outcome: CallOutcome, now: Instant): WebhookHealth {
    if (outcome === "2xx") return { failingSince: null, disabled: false }
    const since = failingSince ?? now
    return { failingSince: since, disabled: outcome === "410" || now - since >= failingMsMax }
}
