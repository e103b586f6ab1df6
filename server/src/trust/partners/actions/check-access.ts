/** Decides who may use a route: by permission, and for a partner's person also by the partner's status. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Actor } from "../../../kernel/actor.ts"
import { permissions, has } from "../../../kernel/permissions.ts"
import { type Standing, isPutOut, reachesCases } from "../partner.ts"
import type { loadStandingRead } from "./load-facts.ts"

type StandingAt = Awaited<ReturnType<typeof loadStandingRead>>

/**
 * Whether the actor may use a route. `standingOf` is called for every partner's person, so that a refusal takes as
 * long as a permission.
 */
export async function mayUse(
    ctx: ActionContext,
    actor: Actor | null,
    permission: string,
    standingOf: (partner: string) => StandingAt | Promise<StandingAt>,
): Promise<boolean> {
    const allowed = has(actor, permission)
    if (actor?.kind !== "partner") return allowed
    const reach = permissions[permission]?.standing
    const open = reach === "any" || (reach !== undefined && isWithin(reach, (await standingOf(actor.partner))(ctx.now)))
    return allowed && open
}

const isWithin = (reach: "in" | "cases", standing: Standing): boolean =>
    reach === "cases" ? reachesCases(standing) : !isPutOut(standing)
