/** What waits for whoever asks: its own, everybody's that it may act on, and what it may act on as a deputy. */
import type { Act } from "../../../trust/audit/actions.ts"
import { standsInFor } from "../deputy.ts"
import * as store from "../store.ts"
import { type Waiting, waitsFor } from "../waiting.ts"
import { mustBeOperator } from "./deputies.ts"
import { everythingWaiting, operatorPersons } from "./gathering.ts"

export interface WaitingForMe extends Waiting {
    /** For whom this person stands in; null where it waits for itself. */
    readonly for: string | null
}

/** What lapses soonest comes first. */
export async function waitingForMe(act: Act): Promise<WaitingForMe[]> {
    const { person: id, roles } = mustBeOperator(act)
    const behind = standsInFor(await store.deputies(act.tx, act.now), await operatorPersons(act), id, act.now)
    const mine = (await everythingWaiting(act)).filter((item) => waitsFor(item, { id, roles }, behind))
    return mine.map((item) => ({ ...item, for: item.owner === null || item.owner === id ? null : item.owner }))
}
