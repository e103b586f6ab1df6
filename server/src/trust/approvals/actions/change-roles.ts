/** Changes the roles of staff. One admin removes a role; adding one needs a second signature. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { OperatorRole } from "../../../kernel/actor.ts"
import { assertPresent, setRoles, unknownPerson } from "../../identity/actions.ts"
import { requestApproval, useApproval } from "../actions.ts"
import type { Effects } from "../approval.ts"

/** Whether the change was made; otherwise the approval that waits for a signature. */
export interface Changed {
    readonly done: boolean
    readonly approval: string | null
}

export interface NewRoles {
    readonly roles: readonly OperatorRole[]
    /** The signed approval, required to add a role. */
    readonly approval?: string | undefined
}

/** Changes a staff member's roles, or requests the approval that the change needs. */
export async function changeRoles(ctx: ActionContext, person: string, { roles, approval }: NewRoles): Promise<Changed> {
    const before = await assertPresent(ctx, person)
    if (before.partner !== null) unknownPerson()
    const gained = roles.filter((role) => !before.roles.includes(role))
    const effects = gained.length === 0 ? null : effectsOf(person, roles)
    if (effects !== null && approval === undefined)
        return { done: false, approval: await requestApproval(ctx, effects) }
    if (effects !== null && approval !== undefined) await useApproval(ctx, approval, effects)
    await setRoles(ctx, person, roles)
    return { done: true, approval: effects === null ? null : (approval ?? null) }
}

function effectsOf(person: string, roles: readonly OperatorRole[]): Effects {
    const detail = { person, roles: [...new Set(roles)].toSorted() }
    return { act: "person.add_roles", recipients: [], artifacts: [], at: null, detail }
}
