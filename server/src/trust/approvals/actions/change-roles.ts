/** Changes the roles of staff. One admin removes a role; adding one needs a second signature. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { OperatorRole } from "../../../kernel/actor.ts"
import { loadPresentPerson, unknownPerson } from "../../identity/actions/load-people.ts"
import { setRoles } from "../../identity/actions/manage-people.ts"
import { requestApproval, applyApproval } from "./request-approval.ts"
import type { Effects } from "../approval.ts"

/** Whether the change was made; otherwise the approval that waits for a signature. */
export interface RoleChange {
    readonly done: boolean
    readonly approval: string | null
}

export interface NewRoles {
    readonly roles: readonly OperatorRole[]
    /** The signed approval, required to add a role. */
    readonly approval?: string | undefined
}

/** Changes a staff member's roles, or requests the approval that the change needs. */
export async function changeRoles(
    ctx: ActionContext,
    person: string,
    { roles, approval }: NewRoles,
): Promise<RoleChange> {
    const before = await loadPresentPerson(ctx, person)
    if (before.partner !== null) unknownPerson()
    const gained = roles.filter((role) => !before.roles.includes(role))
    const effects = gained.length === 0 ? null : addedRolesEffects(person, roles)
    if (effects !== null && approval === undefined)
        return { done: false, approval: await requestApproval(ctx, effects) }
    if (effects !== null && approval !== undefined) await applyApproval(ctx, approval, effects)
    await setRoles(ctx, person, roles)
    return { done: true, approval: effects === null ? null : (approval ?? null) }
}

function addedRolesEffects(person: string, roles: readonly OperatorRole[]): Effects {
    const detail = { person, roles: [...new Set(roles)].toSorted() }
    return { action: "person.add_roles", recipients: [], artifacts: [], at: null, detail }
}
