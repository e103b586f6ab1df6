/** Lists tasks for the actor: its own, shared ones that it may act on, and those as a deputy. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type Waiting, waitsFor } from "../task.ts"
import { assertOperator } from "./name-deputy.ts"
import { everythingWaiting, operatorPersons } from "./list-tasks.ts"

export interface WaitingForMe extends Waiting {
    /** The person whom the actor stands in for; null for own and shared tasks. */
    readonly for: string | null
}

/** Lists the actor's tasks, the earliest expiry first. */
export async function waitingForMe(ctx: ActionContext): Promise<WaitingForMe[]> {
    const { person: id, roles } = assertOperator(ctx)
    const behind = standsInFor(await store.listDeputies(ctx.tx, ctx.now), await operatorPersons(ctx), id, ctx.now)
    const tasks = (await everythingWaiting(ctx)).filter((item) => waitsFor(item, { id, roles }, behind))
    return tasks.map((item) => ({ ...item, for: item.owner === null || item.owner === id ? null : item.owner }))
}
