/** Deputies are named and ended by the person for whom they stand in. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { OperatorActor, OperatorRole } from "../../../kernel/actor.ts"
import { assertPresent } from "../../../trust/identity/actions.ts"
import { type Deputy, validateDeputy, rolesInCommon, rolesOf } from "../deputy.ts"
import * as store from "../store.ts"
import { operatorPersons } from "./list-tasks.ts"

export interface NewDeputy {
    readonly deputy: string
    /** Now, where it is left out. */
    readonly from?: Instant | undefined
    readonly until: Instant
}

/** Returns the id. */
export async function nameDeputy(ctx: ActionContext, { deputy, from = ctx.now, until }: NewDeputy): Promise<string> {
    const { person, roles } = assertOperator(ctx)
    validateDeputy({ person, deputy, from, until }, ctx.now)
    const input = await assertPresent(ctx, deputy)
    if (input.partner !== null) refuse("invalid", "deputy.not_staff", "a deputy is a person of the operator")
    if (rolesInCommon(roles, input.roles as OperatorRole[]).length === 0) {
        refuse("invalid", "deputy.missing_role", "a deputy holds one of the roles in which something can wait for you")
    }
    const id = ctx.services.newId()
    await store.insertDeputy(ctx.tx, { id, person, deputy, from, until })
    await record(ctx, { kind: "deputy.named", id, person, deputy, from, until })
    return id
}

export async function endDeputy(ctx: ActionContext, id: string): Promise<void> {
    const { person } = assertOperator(ctx)
    if (!(await store.endDeputy(ctx.tx, id, person, ctx.now))) {
        refuse("missing", "deputy.not_found", "you have named no such deputy")
    }
    await record(ctx, { kind: "deputy.ended", id, person })
}

/** With the roles in which it stands in now; none: it does not count, for it has left, or lacks them. */
export interface OwnDeputy extends Deputy {
    readonly roles: readonly OperatorRole[]
}

/** Those whom this person has named, and those who have named it; the coming ones too. */
export async function ownDeputies(
    ctx: ActionContext,
): Promise<{ readonly mine: OwnDeputy[]; readonly of: OwnDeputy[] }> {
    const { person } = assertOperator(ctx)
    const here = await operatorPersons(ctx)
    const list = (await store.listDeputies(ctx.tx, ctx.now)).map((deputy) => ({
        ...deputy,
        roles: rolesOf(deputy, here),
    }))
    return { mine: list.filter((item) => item.person === person), of: list.filter((item) => item.deputy === person) }
}

export function assertOperator(ctx: ActionContext): OperatorActor {
    if (ctx.actor.kind !== "operator") refuse("forbidden", "deputy.staff_only", "this is the operator's")
    return ctx.actor
}
