/**
 * Stores the tries on the leaks of each version as ciphertext. A budget outlives its evidence, so that a deletion
 * allows no second try. Deletion destroys the e-values with the key of the budget.
 */
import { type Budget, budgetAfterDeletion, budgetAfterRestore, emptyBudget } from "@tocsin/marks/evidence/incident"
import { destroyKey, encryptText, decryptText } from "../../../platform/crypto/vault.ts"
import { lockToAttribute } from "../../../kernel/locks.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listSpentBudgets, saveSpentBudget } from "../../../trust/continuity/actions/spent-budgets.ts"
import * as store from "../store.ts"

export interface VersionId {
    readonly artifact: string
    readonly version: number
}

/** Returns the key of a version, `artifact:version`. */
export const versionKey = ({ artifact, version }: VersionId): string => `${artifact}:${version}`

interface CaseVersion extends VersionId {
    readonly case: string
}

/** The tries on one case by version, and the values that concern all versions. */
export interface CaseBudget {
    readonly versions: ReadonlyMap<string, Budget>
    /** The last batch and the largest α of any version. */
    readonly batch: number
    readonly alpha: number
}

/**
 * Loads the budgets of cases. Holds the tracing lock until commit, so that no other attribution runs at the same time.
 */
export async function loadBudgets(ctx: ActionContext, cases: readonly string[]): Promise<Map<string, CaseBudget>> {
    await lockToAttribute(ctx.tx)
    const list = new Map<string, CaseBudget>()
    for (const [caseVersion, budget] of await loadVersions(ctx, cases)) {
        const { versions, batch, alpha } = list.get(caseVersion.case) ?? { versions: new Map(), batch: 0, alpha: 0 }
        list.set(caseVersion.case, {
            versions: new Map([...versions, [versionKey(caseVersion), budget]]),
            batch: Math.max(batch, budget.batch),
            alpha: Math.max(alpha, ...budget.incidents.map((incident) => incident.alpha)),
        })
    }
    return list
}

/** Loads the budget of each version. Includes what was spent before the database was restored. */
async function loadVersions(ctx: ActionContext, cases: readonly string[]): Promise<(readonly [CaseVersion, Budget])[]> {
    const spent = (await listSpentBudgets(ctx)).filter((spentVersion) => cases.includes(spentVersion.case))
    const budgets = new Map<string, readonly [CaseVersion, Budget]>()
    for (const row of await store.listBudgetsOfCases(ctx.tx, cases)) {
        const caseVersion = { case: row.case_id, artifact: row.artifact_id, version: row.version }
        budgets.set(versionKey(caseVersion), [caseVersion, await decryptBudget(ctx, row)])
    }
    for (const { budget, ...caseVersion } of spent) {
        const key = versionKey(caseVersion)
        const [, stored = emptyBudget] = budgets.get(key) ?? []
        budgets.set(key, [caseVersion, budgetAfterRestore(stored, budget)])
    }
    return [...budgets.values()]
}

/** Stores the budget of one version as ciphertext. */
export async function saveBudget(ctx: ActionContext, caseVersion: CaseVersion, budget: Budget): Promise<void> {
    const existing = await store.findBudget(ctx.tx, caseVersion.artifact, caseVersion.version)
    await writeBudget(ctx, caseVersion, { seal_id: existing?.seal_id ?? ctx.services.newId(), budget })
}

/** Removes e-values from budgets when evidence is deleted. Keeps which slots have counted. */
export async function forgetReadings(ctx: ActionContext, versions: readonly VersionId[]): Promise<void> {
    await lockToAttribute(ctx.tx)
    for (const versionId of versions) {
        const row = await store.findBudget(ctx.tx, versionId.artifact, versionId.version)
        if (row === null) continue
        const versions = await loadVersions(ctx, [row.case_id])
        const budgets = new Map(versions.map(([id, budget]) => [versionKey(id), budget]))
        const budget = budgetAfterDeletion(budgets.get(versionKey(versionId)) ?? emptyBudget)
        await destroyKey(ctx.tx, scopeOf(row.seal_id))
        await writeBudget(ctx, { ...versionId, case: row.case_id }, { seal_id: ctx.services.newId(), budget })
    }
}

interface KeyedBudget {
    readonly seal_id: string
    readonly budget: Budget
}

async function writeBudget(
    ctx: ActionContext,
    caseVersion: CaseVersion,
    { seal_id, budget }: KeyedBudget,
): Promise<void> {
    const { artifact: artifact_id, version, case: case_id } = caseVersion
    const place = placeOf(artifact_id, version)
    const state_ciphertext = await encryptText(
        ctx.tx,
        ctx.services.keys,
        scopeOf(seal_id),
        place,
        JSON.stringify(budget),
    )
    await store.saveBudget(ctx.tx, { artifact_id, version, case_id, seal_id, state_ciphertext })
    await saveSpentBudget(ctx, { ...caseVersion, budget })
}

async function decryptBudget(ctx: ActionContext, row: store.BudgetRow): Promise<Budget> {
    const place = placeOf(row.artifact_id, row.version)
    const text = await decryptText(ctx.tx, ctx.services.keys, scopeOf(row.seal_id), place, row.state_ciphertext)
    return JSON.parse(text) as Budget
}

const scopeOf = (id: string): string => `tracing:${id}`
const placeOf = (artifact: string, version: number): string => `tracing_budgets.state:${artifact}:${version}`
