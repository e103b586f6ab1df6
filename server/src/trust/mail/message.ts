/**
 * When mail is tried again, and when it is given up.
 *
 * A server that was out of reach, or asks for patience, is tried for two days. One that says for good that it takes
 * nothing for the address is asked three times.
 */
import { type Instant, hourMs } from "@tocsin/base/instant"

/** `withheld`: it may not go any more. `rejected`: for good, for this address. */
export type Outcome = "sent" | "withheld" | "rejected" | "unsent"

/** `bounced`: the address takes nothing. */
export type MailState = "due" | "sent" | "dropped" | "failed" | "bounced"

/** Of one mail: how often it is tried, and how often an address may reject it. */
export const triesMax = 32
export const rejectionsMax = 3
/** From so many bounced mails on, with no proof that the mailbox is read in between, nothing more is sent there. */
export const bouncesMax = 3

const firstWaitMs = 30_000
/** The longest wait between two tries. */
export const waitMsMax = 2 * hourMs

/** What a mail is after a try; `tries`: those before. */
export function stateAfter(outcome: Outcome, tries: number): MailState {
    if (outcome === "sent") return "sent"
    if (outcome === "withheld") return "dropped"
    if (outcome === "rejected" && tries + 1 >= rejectionsMax) return "bounced"
    return tries + 1 < triesMax ? "due" : "failed"
}

export function nextTryAt(tries: number, realNow: Instant): Instant {
    return realNow + Math.min(firstWaitMs * 2 ** tries, waitMsMax)
}

/** Where mail for this address goes, in the one form that counts. */
export function domainOf(address: string): string {
    return address.slice(address.lastIndexOf("@") + 1).toLowerCase()
}
