/** In quarantine no partner is served, and what is under way to partners ends. What is published stays. */
import { refuse } from "@tocsin/base/refusal"
import type { Services } from "../../../kernel/services.ts"
import type { Side } from "../../../kernel/route.ts"

export interface Served {
    readonly services: Services
    readonly side: Side
}

export const isStopped = ({ services, side }: Served): boolean =>
    side === "portal" && services.highWater.isQuarantined()

/** Refuses `quarantine.opened`, except for what is public. */
export function assertServing(served: Served, isPublic: boolean): void {
    if (isPublic || !isStopped(served)) return
    refuse("unavailable", "quarantine.active", "the program is being checked after a restore: try again later")
}
