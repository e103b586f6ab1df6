/**
 * Waves: instants relative to publication at which a tier becomes eligible. Publication is the last wave.
 *
 * A wave is due by its state: the instant has come, and it is approved and not frozen. There is no timer.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Tier } from "../../trust/partners/partner.ts"

/** The tier that a wave opens artifacts for, or the publication. */
export type WaveTier = Tier | "publication"

/** In order of release. */
export const waveTiers: readonly WaveTier[] = ["validate", "advance", "entry", "publication"]

/**
 * When each tier's wave is released, in milliseconds relative to publication. A tier without a wave waits for
 * publication.
 */
export type Schedule = Readonly<Partial<Record<Tier, number>>>

/** The default three-tier schedule: 14 days, 5 days and 24 hours before publication. */
export const shippedSchedule: Required<Schedule> = { validate: -14 * dayMs, advance: -5 * dayMs, entry: -dayMs }

/** Lists the waves of a schedule in order of release, publication last. */
export function wavesIn(schedule: Schedule): { readonly tier: WaveTier; readonly offsetMs: number }[] {
    return waveTiers.flatMap((tier) => {
        const offsetMs = tier === "publication" ? 0 : schedule[tier]
        return offsetMs === undefined ? [] : [{ tier, offsetMs }]
    })
}

/** Converts whole hours before publication to a schedule. */
export function scheduleOf(hoursBefore: Readonly<Partial<Record<Tier, number>>>): Schedule {
    const list = waveTiers.flatMap((tier) => {
        const hours = tier === "publication" ? undefined : hoursBefore[tier]
        return hours === undefined ? [] : [[tier, offsetOf(tier, hours)] as const]
    })
    return Object.fromEntries(list)
}

/**
 * Refuses `wave.schedule_out_of_order` where a higher tier's wave is later than a lower tier's, or one is later than
 * publication.
 */
export function validateOrder(waves: readonly Pick<Wave, "tier" | "offsetMs">[]): void {
    const inOrder = waves.toSorted((a, b) => waveTiers.indexOf(a.tier) - waveTiers.indexOf(b.tier))
    for (const [i, { tier, offsetMs }] of inOrder.entries()) {
        const before = inOrder[i - 1]
        if (!before || before.offsetMs <= offsetMs) continue
        const line =
            `\`${before.tier}\` would be released after \`${tier}\`: a higher tier must not be later than a lower ` +
            "one"
        refuse("invalid", "wave.schedule_out_of_order", line, { before: before.tier, tier })
    }
}

/** A wave of a case. */
export interface Wave {
    readonly id: string
    readonly case: string
    readonly tier: WaveTier
    /** Milliseconds relative to publication; never positive. */
    readonly offsetMs: number
    readonly approval: string | null
    /** Since when the wave is frozen; null where it is not. */
    readonly frozenAt: Instant | null
    /** When the wave was released; set once. */
    readonly releasedAt: Instant | null
}

/** The maximum hours of a wave before publication. */
const hoursMax = 90 * 24

/** Converts whole hours before publication to an offset. Refuses `wave.is_publication`, `wave.bad_hours`. */
export function offsetOf(tier: WaveTier, hoursBefore: number): number {
    if (tier === "publication")
        refuse("conflict", "wave.is_publication", "publication is the end of the embargo: move the embargo instead")
    if (!(Number.isSafeInteger(hoursBefore) && hoursBefore >= 0 && hoursBefore <= hoursMax)) {
        refuse(
            "invalid",
            "wave.bad_hours",
            `the hours are out of range: enter \`0\` to \`${hoursMax}\` whole hours before publication`,
            { max: hoursMax },
        )
    }
    return 0 - hoursBefore * hourMs
}

/** Returns the planned instant; null while no embargo sets the publication. */
export function plannedAt(wave: Pick<Wave, "offsetMs">, publication: Instant | null): Instant | null {
    return publication === null ? null : publication + wave.offsetMs
}

/** `approval_voided`: its approval is void or expired. `no_recipients`: it would open nothing. */
export const waveStates = [
    "released",
    "frozen",
    "approved",
    "requested",
    "approval_voided",
    "due",
    "no_recipients",
    "planned",
    "cancelled",
] as const
export type WaveState = (typeof waveStates)[number]
