/** What waits for whoever asks: its own, everybody's that it may act on, and what it may act on as a deputy. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type Waiting, waitsFor } from "../task.ts"
import { assertOperator } from "./name-deputy.ts"
import { everythingWaiting, operatorPersons } from "./list-tasks.ts"

export interface WaitingForMe extends Waiting {
    /** For whom this person stands in; null where it waits for itself. */
    readonly for: string | null
}

/** What lapses soonest comes first. */
export async function waitingForMe(ctx: ActionContext): Promise<WaitingForMe[]> {
    const { person: id, roles } = assertOperator(ctx)
    const behind = standsInFor(await store.listDeputies(ctx.tx, ctx.now), await operatorPersons(ctx), id, ctx.now)
    const tasks = (await everythingWaiting(ctx)).filter((item) => waitsFor(item, { id, roles }, behind))
    return tasks.map((item) => ({ ...item, for: item.owner === null || item.owner === id ? null : item.owner }))
}
