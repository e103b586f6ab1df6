/** Where a fact that is shipped comes from, and when a person last compared it with that source. */
import { type Instant, dayMs } from "@tocsin/base/instant"

export interface Source {
    readonly text: string
    /** A day: `2026-11-29`. */
    readonly checkedOn: string
}

/** Laws and policies of others change. */
const checkedDaysMax = 180

export function isOutdated({ checkedOn }: Source, now: Instant): boolean {
    return !(now - Date.parse(`${checkedOn}T00:00:00Z`) <= checkedDaysMax * dayMs)
}
