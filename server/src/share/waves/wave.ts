/**
 * Waves: planned instants, relative to publication, at which a tier becomes eligible. Publication is the last wave.
 *
 * A wave is due by state (its instant has come, and it is approved since nobody froze it), never by a timer.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Tier } from "../../trust/partners/partner.ts"

export type WaveTier = Tier | "publication"

/** In the order in which they fall. */
export const waveTiers: readonly WaveTier[] = ["validate", "advance", "entry", "publication"]

/** When each tier's wave falls, in milliseconds relative to publication. A tier without one waits for publication. */
export type Plan = Readonly<Partial<Record<Tier, number>>>

/** The shipped three-tier plan: 14 days, 5 days and 24 hours before publication. */
export const shippedPlan: Required<Plan> = { validate: -14 * dayMs, advance: -5 * dayMs, entry: -dayMs }

/** The waves of a plan, in the order in which they fall, publication last. */
export function wavesIn(plan: Plan): { readonly tier: WaveTier; readonly offsetMs: number }[] {
    return waveTiers.flatMap((tier) => {
        const offsetMs = tier === "publication" ? 0 : plan[tier]
        return offsetMs === undefined ? [] : [{ tier, offsetMs }]
    })
}

/** Whole hours before publication as a plan. */
export function planOf(hoursBefore: Readonly<Partial<Record<Tier, number>>>): Plan {
    const list = waveTiers.flatMap((tier) => {
        const hours = tier === "publication" ? undefined : hoursBefore[tier]
        return hours === undefined ? [] : [[tier, offsetOf(tier, hours)] as const]
    })
    return Object.fromEntries(list)
}

/** Whatever says when waves fall asks this: a higher tier's never falls after a lower one's, and none after publication. */
export function validateOrder(waves: readonly Pick<Wave, "tier" | "offsetMs">[]): void {
    const inOrder = waves.toSorted((a, b) => waveTiers.indexOf(a.tier) - waveTiers.indexOf(b.tier))
    for (const [i, { tier, offsetMs }] of inOrder.entries()) {
        const before = inOrder[i - 1]
        if (!before || before.offsetMs <= offsetMs) continue
        const line = `\`${before.tier}\` would fall after \`${tier}\`: a higher tier falls no later than a lower one`
        refuse("invalid", "wave.schedule_out_of_order", line)
    }
}

export interface Wave {
    readonly id: string
    readonly case: string
    readonly tier: WaveTier
    /** Milliseconds relative to publication; never positive. */
    readonly offsetMs: number
    readonly approval: string | null
    /** Since when it is frozen; null where it is not. */
    readonly frozenAt: Instant | null
    /** The first gate: set once, by the release itself. */
    readonly releasedAt: Instant | null
}

/** The farthest that a wave lies before publication. */
const hoursMax = 90 * 24

/** Whole hours before publication as an offset. Publication itself stays where the embargo ends. */
export function offsetOf(tier: WaveTier, hoursBefore: number): number {
    if (tier === "publication") refuse("conflict", "wave.is_publication", "publication falls when the embargo ends")
    if (!(Number.isSafeInteger(hoursBefore) && hoursBefore >= 0 && hoursBefore <= hoursMax)) {
        refuse("invalid", "wave.bad_hours", `a wave falls 0 to ${hoursMax} whole hours before publication`)
    }
    return 0 - hoursBefore * hourMs
}

/** The planned instant; null while no embargo says when publication is. */
export function plannedAt(wave: Pick<Wave, "offsetMs">, publication: Instant | null): Instant | null {
    return publication === null ? null : publication + wave.offsetMs
}
