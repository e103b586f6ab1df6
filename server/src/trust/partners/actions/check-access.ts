/** Decides who may use a route: by permission, and for a partner's person also by the partner's status. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Actor } from "../../../kernel/actor.ts"
import { permissions, hasPermission } from "../../../kernel/permissions.ts"
import { type PartnerStatus, isLockedOut, hasCaseAccess } from "../partner.ts"
import type { loadPartnerStatusReader } from "./load-facts.ts"

type StatusReader = Awaited<ReturnType<typeof loadPartnerStatusReader>>

/**
 * Whether the actor may use a route. `statusOf` is called for every partner's person, so that a refusal takes as
 * long as a permission.
 */
export async function mayUse(
    ctx: ActionContext,
    actor: Actor | null,
    permission: string,
    statusOf: (partner: string) => StatusReader | Promise<StatusReader>,
): Promise<boolean> {
    const allowed = hasPermission(actor, permission)
    if (actor?.kind !== "partner") return allowed
    const needed = permissions[permission]?.status
    const hasStatus =
        needed === "any" || (needed !== undefined && isWithin(needed, (await statusOf(actor.partner))(ctx.now)))
    return allowed && hasStatus
}

const isWithin = (needed: "in" | "cases", status: PartnerStatus): boolean =>
    needed === "cases" ? hasCaseAccess(status) : !isLockedOut(status)
