/** Stops serving partners in quarantine, running answers included. Public documents are still served. */
import { refuse } from "@tocsin/base/refusal"
import type { Services } from "../../../kernel/services.ts"
import type { Side } from "../../../kernel/route.ts"

export interface ServingContext {
    readonly services: Services
    readonly side: Side
}

/** Whether this side serves nothing because of a quarantine. */
export const isServingStopped = ({ services, side }: ServingContext): boolean =>
    side === "portal" && services.highWater.isQuarantined()

/** Refuses `quarantine.active`, except for public documents. */
export function assertServing(serving: ServingContext, isPublic: boolean): void {
    if (isPublic || !isServingStopped(serving)) return
    refuse("unavailable", "quarantine.active", "the program is being checked after a restore: try again later")
}
