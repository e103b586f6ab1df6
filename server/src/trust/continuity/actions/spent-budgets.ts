/**
 * Keeps what attributions have spent in the high-water file, as opaque text. A restored database gets it back when its
 * quarantine begins.
 */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

/** What was spent on one version: a pseudonym of the version, and a ciphertext. */
export interface SpentBudget {
    readonly id: string
    readonly state: string
}

/** Saves what is spent now. The high-water file has it before a console shows the result. */
export async function saveSpentBudget({ tx, services }: ActionContext, { id, state }: SpentBudget): Promise<void> {
    await store.insertSpentBudget(tx, { id, status: state, from: services.realNow() })
}

/** Lists the newest state of each version. */
export async function listSpentBudgets({ tx }: ActionContext): Promise<SpentBudget[]> {
    return await store.listSpentBudgets(tx)
}
