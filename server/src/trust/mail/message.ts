/**
 * Decides when mail is tried again and when it is given up.
 *
 * A server that is unreachable or defers mail is tried for two days. A server that permanently rejects the address is
 * tried three times.
 */
import { type Instant, hourMs } from "@tocsin/base/instant"

/** `withheld`: it may no longer be sent. `rejected`: the address is permanently rejected. */
export type SendOutcome = "sent" | "withheld" | "rejected" | "unsent"

/** `bounced`: the address rejects mail. */
export type MailState = "due" | "sent" | "dropped" | "failed" | "bounced"

/** Attempts per mail. Separately limited: how often an address may reject it. */
export const attemptsMax = 32
export const rejectionsMax = 3
/** Bounced mails without a mailbox proof after which no mail is sent to an address. */
export const bouncesMax = 3

const firstWaitMs = 30_000
/** The longest wait between two tries. */
export const waitMsMax = 2 * hourMs

/** State of a mail after an attempt. `attempts`: earlier attempts. */
export function stateAfter(outcome: SendOutcome, attempts: number): MailState {
    if (outcome === "sent") return "sent"
    if (outcome === "withheld") return "dropped"
    if (outcome === "rejected" && attempts + 1 >= rejectionsMax) return "bounced"
    return attempts + 1 < attemptsMax ? "due" : "failed"
}

/** Instant of the next attempt, by wall-clock time. */
export function nextAttemptAt(attempts: number, realNow: Instant): Instant {
    return realNow + Math.min(firstWaitMs * 2 ** attempts, waitMsMax)
}

/** The domain of an address, normalised. */
export function domainOf(address: string): string {
    return address.slice(address.lastIndexOf("@") + 1).toLowerCase()
}
