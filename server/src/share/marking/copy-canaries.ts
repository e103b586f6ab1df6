/** The canaries of a version, and the zone with which they are committed. */
import { type Canary, type CanaryPlace, canariesIn, canaryPlaces, needsZone } from "@tocsin/marks/canary"
import type { Slot } from "@tocsin/marks/carriers/carrier"
import { refuse } from "@tocsin/base/refusal"
import { mayHaveCanaries, type CanaryText } from "../artifacts/canary-use.ts"

/** The canaries that go into one copy. */
export interface CopyCanaries {
    readonly canaries: readonly Canary[]
    /** Null where no canary needs a zone. */
    readonly zone: string | null
}

/**
 * Returns the canaries to commit to; null where copies have none. Refuses `mark.settings_missing` without the zone.
 * Validation finds this before a release is requested, so partners never see it.
 */
export function copyCanariesOf(document: CanaryText, zone: string | null): CopyCanaries | null {
    const canaries = mayHaveCanaries(document) ? canariesIn(document.content) : []
    if (canaries.length === 0) return null
    const isZoned = canaries.some(needsZone)
    if (isZoned && zone === null) {
        refuse("conflict", "mark.settings_missing", "copies need a canary zone: set `canaryZone`")
    }
    return { canaries, zone: isZoned ? zone : null }
}

/** Filters the slots to those whose forms do not touch a canary. */
export function withoutCanarySlots(slots: readonly Slot[], document: CanaryText): readonly Slot[] {
    const places = mayHaveCanaries(document) ? canaryPlaces(document.content) : []
    if (places.length === 0) return slots
    const overlaps = (edit: { start: number; end: number }, { start, end }: CanaryPlace): boolean =>
        edit.start < end && start < edit.end
    const contains = (edit: { start: number; end: number }, { start, end }: CanaryPlace): boolean =>
        edit.start <= start && end <= edit.end
    return slots.filter(({ variants }) =>
        variants
            .flat()
            .every((edit) =>
                places.every((place) => !overlaps(edit, place) || (edit.from !== undefined && contains(edit, place))),
            ),
    )
}
