/** Lists the tasks of partners' keys that no usable key has confirmed. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { listWaitingKeys } from "../../../trust/partners/keys/actions/manage-keys.ts"
import { isLockedOut } from "../../../trust/partners/partner.ts"
import { type Task, taskDefaults } from "../task.ts"

/** Lists keys that wait, without those of partners that are locked out. */
export async function listKeyTasks(ctx: ActionContext): Promise<Task[]> {
    const keys = await listWaitingKeys(ctx)
    if (keys.length === 0) return []
    const partners = await listPartnerFacts(ctx, ctx.now)
    const lockedOut = new Set(partners.filter(({ status }) => isLockedOut(status)).map(({ partner }) => partner))
    return keys
        .filter(({ partner }) => !lockedOut.has(partner))
        .map(({ id, partner, addedAt }) => ({
            ...taskDefaults,
            kind: "key" as const,
            about: id,
            partner,
            since: addedAt,
        }))
}
