/** What fallen waves opened, and for whom: what is read, or is read again by itself once what keeps it shut is gone. */
import type { ArtifactVersion, Reading } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { recalledAt } from "../../artifacts/actions/recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { isKnownAsExploited } from "../../cases/actions/exploitation.ts"
import { matrixOf } from "../../entitlement/actions/entitlements.ts"
import { openedBy } from "../../waves/actions.ts"
import { opensFor } from "../actions.ts"

type Supposed = Omit<Exclude<Parameters<typeof matrixOf>[2], undefined>, "at" | "policy">

/**
 * Of one case, the versions that each partner has by waves that have fallen, frozen or put off as they may be since, and
 * superseded ones too. What is recalled nobody has.
 */
export async function heldIn(act: Act, caseId: string, supposed: Supposed): Promise<Reading[]> {
    const recalls = await recalledAt(act, act.now, supposed.withoutRecall)
    const opened = (await openedBy(act, caseId)).filter(
        ({ artifact, version }) => !isRecalled(recalls.get(artifact) ?? [], version),
    )
    if (opened.length === 0) return []
    const { entitlements } = await matrixOf(act, caseId, supposed)
    return entitlements.flatMap((its) =>
        opened
            .filter((one) => one.artifact === its.artifact && opensFor(its, one))
            .map(({ artifact, version }) => ({ partner: its.partner, artifact, version })),
    )
}

/**
 * Who is warned of a case: reads something of it by waves that have fallen, or would if it were not recalled. Whoever owes
 * something is among them.
 */
export async function warnedOf(act: Act, caseId: string): Promise<string[]> {
    const held = await heldIn(act, caseId, { nothingOverdue: true, withoutRecall: "every" })
    return [...new Set(held.map((one) => one.partner))].toSorted()
}

/**
 * The versions that partners have under `after` and not under `before`, both with `nothingOverdue`: those with no report counted, and
 * those with the reports as they are.
 */
export async function gainedIn(act: Act, caseId: string, before: Supposed, after: Supposed): Promise<Reading[]> {
    const gains = async (asReported: boolean) =>
        gainedBy(
            await heldIn(act, caseId, { ...before, asReported }),
            await heldIn(act, caseId, { ...after, asReported }),
        )
    const quiet = await gains(false)
    return (await isKnownAsExploited(act, caseId)) ? [...quiet, ...(await gains(true))] : quiet
}

/** The versions of a case that partners read only while no report of exploitation counts. */
export async function withheldByReports(act: Act, caseId: string): Promise<Reading[]> {
    const on = { nothingOverdue: true } as const
    return gainedBy(await heldIn(act, caseId, { ...on, asReported: true }), await heldIn(act, caseId, on))
}

/** What the second has and the first has not. */
function gainedBy(before: readonly Reading[], after: readonly Reading[]): Reading[] {
    const has = new Set(before.map(nameOf))
    return after.filter((one) => !has.has(nameOf(one)))
}

/** Of these artifacts of a case: who wrote their newest versions, and so may not sign. */
export async function authorsOf(act: Act, caseId: string, of: readonly ArtifactVersion[]): Promise<string[]> {
    const out = new Set(of.map((one) => one.artifact))
    if (out.size === 0) return []
    const its = (await artifactsOf(act, caseId)).filter((one) => out.has(one.id))
    return [...new Set(its.map((one) => one.versionBy))].toSorted()
}

const nameOf = ({ partner, artifact, version }: Reading): string => `${partner} ${artifact} ${version}`
