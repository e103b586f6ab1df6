/** Deputies are named and ended by the person for whom they stand in. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import type { OperatorActor, OperatorRole } from "../../../trust/audit/actor.ts"
import { mustBeHere } from "../../../trust/identity/actions.ts"
import { type Deputy, mustBeDeputy, rolesInCommon, rolesOf } from "../deputy.ts"
import * as store from "../store.ts"
import { operatorPersons } from "./gathering.ts"

export interface NewDeputy {
    readonly deputy: string
    /** Now, where it is left out. */
    readonly from?: Instant | undefined
    readonly until: Instant
}

/** Returns the id. */
export async function nameDeputy(act: Act, { deputy, from = act.now, until }: NewDeputy): Promise<string> {
    const { person, roles } = mustBeOperator(act)
    mustBeDeputy({ person, deputy, from, until }, act.now)
    const its = await mustBeHere(act, deputy)
    if (its.partner !== null) refuse("invalid", "deputy.not_staff", "a deputy is a person of the operator")
    if (rolesInCommon(roles, its.roles as OperatorRole[]).length === 0) {
        refuse("invalid", "deputy.missing_role", "a deputy holds one of the roles in which something can wait for you")
    }
    const id = act.doors.newId()
    await store.insertDeputy(act.tx, { id, person, deputy, from, until })
    await record(act, { kind: "deputy.named", id, person, deputy, from, until })
    return id
}

export async function endDeputy(act: Act, id: string): Promise<void> {
    const { person } = mustBeOperator(act)
    if (!(await store.endDeputy(act.tx, id, person, act.now))) {
        refuse("missing", "deputy.not_found", "you have named no such deputy")
    }
    await record(act, { kind: "deputy.ended", id, person })
}

/** With the roles in which it stands in now; none: it does not count, for it has left, or lacks them. */
export interface OwnDeputy extends Deputy {
    readonly roles: readonly OperatorRole[]
}

/** Those whom this person has named, and those who have named it; the coming ones too. */
export async function ownDeputies(act: Act): Promise<{ readonly mine: OwnDeputy[]; readonly of: OwnDeputy[] }> {
    const { person } = mustBeOperator(act)
    const here = await operatorPersons(act)
    const all = (await store.deputies(act.tx, act.now)).map((one) => ({ ...one, roles: rolesOf(one, here) }))
    return { mine: all.filter((one) => one.person === person), of: all.filter((one) => one.deputy === person) }
}

export function mustBeOperator(act: Act): OperatorActor {
    if (act.actor.kind !== "operator") refuse("forbidden", "deputy.staff_only", "this is the operator's")
    return act.actor
}
