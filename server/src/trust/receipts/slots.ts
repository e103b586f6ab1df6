/**
 * When batches are due and shown: at instants of a fixed grid of real time, whatever there is to publish.
 *
 * A batch is shown a little after it was due, so that what partners see does not tell how long it took to make.
 */
import type { Instant } from "@tocsin/base/instant"

/** So many of one partner's receipts go into one batch; so 64 partners can fill theirs, and none notices another. */
export const receiptsOfPartnerMax = 16

/** An idle batch is named in the record when so long none was. */
export const unnamedMsMax = 86_400_000

const showAfterMsMax = 2000

/** The last instant of the grid; an interval of 0 is no grid. */
export function slotOf(realNow: Instant, intervalMs: number): Instant {
    return intervalMs === 0 ? realNow : Math.floor(realNow / intervalMs) * intervalMs
}

/** Whether a batch is to be made; a clock that jumped over many slots makes one. */
export function isDue(slot: Instant, last: Instant | null, intervalMs: number): boolean {
    return last === null || slot >= last + intervalMs
}

export function shownFrom(slot: Instant, intervalMs: number): Instant {
    return slot + showAfterMs(intervalMs)
}

/** How many seconds until the next batch is shown. */
export function secondsToNext(realNow: Instant, intervalMs: number): number {
    const after = showAfterMs(intervalMs)
    const next = slotOf(realNow - after, intervalMs) + intervalMs + after
    return Math.ceil((next - realNow) / 1000)
}

function showAfterMs(intervalMs: number): number {
    return Math.min(showAfterMsMax, Math.floor(intervalMs / 4))
}
