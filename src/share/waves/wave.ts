/**
 * Waves: planned instants, relative to publication, at which a tier becomes eligible. Publication is the last wave.
 *
 * A wave is due by state (its instant has come, it is approved, and nobody froze it), never by a timer.
 */
import { type Instant, dayMs } from "../../lib/instant.ts"
import type { Tier } from "../../trust/partners/partner.ts"

export type WaveTier = Tier | "publication"

/** In the order in which they fall. */
export const waveTiers: readonly WaveTier[] = ["validate", "advance", "entry", "publication"]

/** The shipped three-tier plan: 14 days, 5 days and 24 hours before publication. */
export const shippedOffsets: Readonly<Record<WaveTier, number>> = {
    validate: -14 * dayMs,
    advance: -5 * dayMs,
    entry: -dayMs,
    publication: 0,
}

export interface Wave {
    readonly id: string
    readonly case: string
    readonly tier: WaveTier
    /** Milliseconds relative to publication; never positive. */
    readonly offsetMs: number
    readonly approval: string | null
    readonly frozenAt: Instant | null
    /** The first gate: set once, by the release itself. */
    readonly releasedAt: Instant | null
}

/** The planned instant; null while no embargo says when publication is. */
export function plannedAt(wave: Pick<Wave, "offsetMs">, publication: Instant | null): Instant | null {
    return publication === null ? null : publication + wave.offsetMs
}
