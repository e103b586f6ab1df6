/** Keeps what attributions have spent in the high-water file. A restored database gets it back in quarantine. */
import { joinAfterRestore } from "@tocsin/marks/evidence/incident"
import { lockToAttribute } from "../../../kernel/locks.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { AccessEnd } from "../../../models/high-water.ts"
import * as store from "../store.ts"
import { type SpentVersion, openSpent, sealSpent } from "./seal-spent.ts"

/** Saves what is spent now. The high-water file has it before a console shows the result. */
export async function saveSpentBudget({ tx, services }: ActionContext, spentVersion: SpentVersion): Promise<void> {
    const { id, state } = sealSpent(services.keys, spentVersion)
    await store.insertSpentBudget(tx, { id, status: state, from: services.realNow() })
}

/** Lists all saved states of all versions, also from before a restore. */
export async function listSpentBudgets({ tx, services }: ActionContext): Promise<SpentVersion[]> {
    return (await store.listSpentBudgets(tx)).map((spentBudget) => openSpent(services.keys, spentBudget))
}

/**
 * Adds entries that the database lacks, and returns them. Then saves one entry for each of these versions that joins
 * all, because the file keeps only the newest. Waits for a running attribution, which has not counted them.
 */
export async function reapplySpentBudgets(ctx: ActionContext, ends: readonly AccessEnd[]): Promise<AccessEnd[]> {
    const missing: AccessEnd[] = []
    for (const end of ends) {
        if (end.kind === "spent_budget" && !(await store.isSpentBudgetKnown(ctx.tx, end))) missing.push(end)
    }
    if (missing.length === 0) return []
    await lockToAttribute(ctx.tx)
    for (const end of missing) await store.insertSpentBudget(ctx.tx, end)
    const spent = await store.listSpentBudgets(ctx.tx)
    for (const id of new Set(missing.map((end) => end.id))) {
        const versions = spent.filter((entry) => entry.id === id).map((entry) => openSpent(ctx.services.keys, entry))
        const [first] = versions
        if (first === undefined) continue
        await saveSpentBudget(ctx, { ...first, budget: joinAfterRestore(versions.map(({ budget }) => budget)) })
    }
    return missing
}
