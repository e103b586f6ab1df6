/** Lists tasks about staff members themselves. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listLimitsReached } from "../../../share/marking/actions/limit-master-reads.ts"
import { listRefusedRemovals } from "../../../trust/identity/single-sign-on/actions/note-refused-removal.ts"
import { type Person, type Task, taskDefaults } from "../task.ts"
import { listBouncingStaff } from "./record-bounce.ts"

export async function listStaffTasks(ctx: ActionContext, staff: readonly Person[]): Promise<Task[]> {
    return [
        ...(await listStaffMailboxTasks(ctx, staff)),
        ...(await listMasterReadTasks(ctx)),
        ...(await listRefusedRemovalTasks(ctx)),
    ]
}

/** Lists bouncing mailboxes of present staff. */
async function listStaffMailboxTasks(ctx: ActionContext, staff: readonly Person[]): Promise<Task[]> {
    return (await listBouncingStaff(ctx))
        .filter(({ person }) => staff.some(({ id }) => id === person))
        .map(({ person, since }) => ({ ...taskDefaults, kind: "staff_mailbox" as const, about: person, since }))
}

/** Lists people who reached the hourly limit of a class, for all other managers. */
async function listMasterReadTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listLimitsReached(ctx)).map(({ person, class: kind, at: since }) => ({
        ...taskDefaults,
        kind: "master_reads" as const,
        about: person,
        since,
        excluded: [person],
        reason: { code: "master_limit" as const, class: kind },
    }))
}

/** Lists people with an ended account at their identity provider who keep access as the last holder of a role. */
async function listRefusedRemovalTasks(ctx: ActionContext): Promise<Task[]> {
    return (await listRefusedRemovals(ctx)).map(({ person, since }) => ({
        ...taskDefaults,
        kind: "refused_removal" as const,
        about: person,
        since,
    }))
}
