/** Stops serving partners in quarantine, running answers included. Public documents are still served. */
import { refuse } from "@tocsin/base/refusal"
import type { Services } from "../../../kernel/services.ts"
import type { Side } from "../../../kernel/route.ts"
import { refuseProcessDown } from "../../../platform/key-process/ask.ts"

export interface ServingContext {
    readonly services: Pick<Services, "highWater">
    readonly side: Side
}

/** Whether this side serves nothing because of a quarantine, or because nothing says that there is none. */
export const isServingStopped = ({ services: { highWater }, side }: ServingContext): boolean =>
    side === "portal" && (highWater.isQuarantined() || !highWater.isCompared())

/** Refuses `quarantine.active` and `keys.process_down`, except for public documents. */
export function assertServing(serving: ServingContext, isPublic: boolean): void {
    if (isPublic || !isServingStopped(serving)) return
    if (!serving.services.highWater.isQuarantined()) refuseProcessDown()
    refuse("unavailable", "quarantine.active", "the program is being checked after a restore: try again later")
}
