/**
 * Computes when batches are due and visible: at instants of a fixed wall-clock grid, whether or not receipts wait.
 *
 * A batch becomes visible a little after it was due, so that its time does not reveal how long it took to make.
 */
import type { Instant } from "@tocsin/base/instant"

/** Receipts of one partner per batch. At this limit 64 partners fit into a batch without affecting each other. */
export const receiptsPerPartnerMax = 16

/** An empty batch is named in the audit log when none was for this long, in milliseconds. */
export const unrecordedMsMax = 86_400_000

const visibleDelayMsMax = 2000

/** The last instant of the grid; with interval 0, the instant itself. */
export function slotOf(realNow: Instant, intervalMs: number): Instant {
    return intervalMs === 0 ? realNow : Math.floor(realNow / intervalMs) * intervalMs
}

/** Whether a batch is due. After a jump over several slots, one batch is made. */
export function isDue(slot: Instant, last: Instant | null, intervalMs: number): boolean {
    return last === null || slot >= last + intervalMs
}

/** Returns the instant from which receipts of a time slot are shown. */
export function visibleFrom(slot: Instant, intervalMs: number): Instant {
    return slot + visibleDelayMs(intervalMs)
}

/** Seconds until the next batch is visible. */
export function secondsToNextBatch(realNow: Instant, intervalMs: number): number {
    const delayMs = visibleDelayMs(intervalMs)
    const next = slotOf(realNow - delayMs, intervalMs) + intervalMs + delayMs
    return Math.ceil((next - realNow) / 1000)
}

function visibleDelayMs(intervalMs: number): number {
    return Math.min(visibleDelayMsMax, Math.floor(intervalMs / 4))
}
