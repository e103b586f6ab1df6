/** The source of a built-in fact, and the day on which a person last compared the fact with it. */
import { type Instant, dayMs } from "@tocsin/base/instant"

/** A public source, and the day on which it was last checked. */
export interface Source {
    readonly text: string
    /** A day: `2026-11-29`. */
    readonly checkedOn: string
}

/** The maximum age of a check, because laws and policies change. */
const checkedDaysMax = 180

/** Returns whether a source was last checked more than `checkedDaysMax` days ago. */
export function isOutdated({ checkedOn }: Source, now: Instant): boolean {
    return !(now - Date.parse(`${checkedOn}T00:00:00Z`) <= checkedDaysMax * dayMs)
}
