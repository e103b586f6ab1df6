/** Lists tasks for the actor: its own, shared ones that it may act on, and those as a deputy. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type Task, isTaskOf } from "../task.ts"
import { assertOperator } from "./name-deputy.ts"
import { listOpenTasks, listStaff } from "./list-tasks.ts"

export interface ActorTask extends Task {
    /** The person whom the actor stands in for; null for own and shared tasks. */
    readonly deputyFor: string | null
}

/** Lists the actor's tasks, the earliest expiry first. */
export async function listTasksOfActor(ctx: ActionContext): Promise<ActorTask[]> {
    const { person: id, roles } = assertOperator(ctx)
    const represented = standsInFor(await store.listDeputies(ctx.tx, ctx.now), await listStaff(ctx), id, ctx.now)
    const tasks = (await listOpenTasks(ctx)).filter((task) => isTaskOf(task, { id, roles }, represented))
    return tasks.map((task) => ({ ...task, deputyFor: task.owner === null || task.owner === id ? null : task.owner }))
}
