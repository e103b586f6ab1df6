/** The canaries of a version, and the zone with which they are committed. */
import { type Canary, type Place, canariesIn, canaryPlaces, needsZone } from "@tocsin/marks/canary"
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { refuse } from "@tocsin/base/refusal"
import { bearsCanaries, type Written } from "../artifacts/canary.ts"

/** The canaries that go into one copy. */
export interface Planting {
    readonly canaries: readonly Canary[]
    /** Null where no canary needs a zone. */
    readonly zone: string | null
}

/**
 * Returns the canaries to commit to; null where copies have none. Refuses `mark.settings_missing` without the zone.
 * Validation finds this before a release is requested, so partners never see it.
 */
export function plantingOf(input: Written, zone: string | null): Planting | null {
    const canaries = bearsCanaries(input) ? canariesIn(input.content) : []
    if (canaries.length === 0) return null
    const isZoned = canaries.some(needsZone)
    if (isZoned && zone === null) {
        refuse(
            "conflict",
            "mark.settings_missing",
            "what its copies need is not set: `canary.no_zone` among its findings says what",
        )
    }
    return { canaries, zone: isZoned ? zone : null }
}

/** Filters the slots to those whose forms do not touch a canary. */
export function sparing(slots: readonly Slot[], input: Written): readonly Slot[] {
    const places = bearsCanaries(input) ? canaryPlaces(input.content) : []
    if (places.length === 0) return slots
    const cuts = (edit: { start: number; end: number }, { start, end }: Place): boolean =>
        edit.start < end && start < edit.end
    const holds = (edit: { start: number; end: number }, { start, end }: Place): boolean =>
        edit.start <= start && end <= edit.end
    return slots.filter(({ variants }) =>
        variants
            .flat()
            .every((edit) =>
                places.every((place) => !cuts(edit, place) || (edit.from !== undefined && holds(edit, place))),
            ),
    )
}
