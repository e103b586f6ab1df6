/** Names and ends deputies, by the person whom they stand in for. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { OperatorActor, OperatorRole } from "../../../kernel/actor.ts"
import { loadPresentPerson } from "../../../trust/identity/actions/load-people.ts"
import { type Deputy, validateDeputy, rolesInCommon, commonRolesOf } from "../deputy.ts"
import * as store from "../store.ts"
import { listStaff } from "./list-tasks.ts"

export interface NewDeputy {
    readonly deputy: string
    /** Now by default. */
    readonly from?: Instant | undefined
    readonly until: Instant
}

/**
 * Names a deputy and returns the id. Refuses `deputy.not_staff`, `deputy.missing_role`, `deputy.own_deputy` and
 * `deputy.bad_start`, `deputy.bad_end`.
 */
export async function nameDeputy(ctx: ActionContext, { deputy, from = ctx.now, until }: NewDeputy): Promise<string> {
    const { person, roles } = assertOperator(ctx)
    validateDeputy({ person, deputy, from, until }, ctx.now)
    const staffMember = await loadPresentPerson(ctx, deputy)
    if (staffMember.partner !== null) refuse("invalid", "deputy.not_staff", "a deputy must be a staff member")
    if (rolesInCommon(roles, staffMember.roles as OperatorRole[]).length === 0) {
        refuse("invalid", "deputy.missing_role", "this person has no role in which you get tasks: name another deputy")
    }
    const id = ctx.services.newId()
    await store.insertDeputy(ctx.tx, { id, person, deputy, from, until })
    await record(ctx, { kind: "deputy.named", id, person, deputy, from, until })
    return id
}

/** Ends a deputy of the actor. Refuses `deputy.not_found`. */
export async function endDeputy(ctx: ActionContext, id: string): Promise<void> {
    const { person } = assertOperator(ctx)
    if (!(await store.endDeputy(ctx.tx, id, person, ctx.now))) {
        refuse("missing", "deputy.not_found", "you named no such deputy")
    }
    await record(ctx, { kind: "deputy.ended", id, person })
}

/** A deputy with its current roles. It has none where it left or lacks them. */
export interface DeputyWithRoles extends Deputy {
    readonly roles: readonly OperatorRole[]
}

/** Lists deputies that the actor named and people that named the actor, with future ones. */
export async function listDeputiesOfActor(
    ctx: ActionContext,
): Promise<{ readonly deputies: DeputyWithRoles[]; readonly standsInFor: DeputyWithRoles[] }> {
    const { person } = assertOperator(ctx)
    const staff = await listStaff(ctx)
    const list = (await store.listDeputies(ctx.tx, ctx.now)).map((deputy) => ({
        ...deputy,
        roles: commonRolesOf(deputy, staff),
    }))
    return {
        deputies: list.filter((item) => item.person === person),
        standsInFor: list.filter((item) => item.deputy === person),
    }
}

/** Returns the acting staff member. Refuses `deputy.staff_only`. */
export function assertOperator(ctx: ActionContext): OperatorActor {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "deputy.staff_only", "only staff have tasks and deputies")
    return ctx.actor
}
