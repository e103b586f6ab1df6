/** What fallen waves opened, and for whom: what is read, or is read again by itself once what keeps it shut is gone. */
import type { ArtifactVersion, Reading } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { recalledAt } from "../../artifacts/actions/find-recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { isKnownAsExploited } from "../../cases/actions/set-exploitation.ts"
import { matrixOf } from "../../entitlement/actions/decide-access.ts"
import { openedBy } from "../../waves/actions.ts"
import { opensFor } from "../actions.ts"

type Supposed = Omit<Exclude<Parameters<typeof matrixOf>[2], undefined>, "at" | "policy">

/**
 * Of one case, the versions that each partner has by waves that have fallen, frozen or put off as they may be since, and
 * superseded ones too. What is recalled nobody has.
 */
export async function heldIn(ctx: ActionContext, caseId: string, supposed: Supposed): Promise<Reading[]> {
    const recalls = await recalledAt(ctx, ctx.now, supposed.withoutRecall)
    const opened = (await openedBy(ctx, caseId)).filter(
        ({ artifact, version }) => !isRecalled(recalls.get(artifact) ?? [], version),
    )
    if (opened.length === 0) return []
    const { entitlements } = await matrixOf(ctx, caseId, supposed)
    return entitlements.flatMap((entitlement) =>
        opened
            .filter((item) => item.artifact === entitlement.artifact && opensFor(entitlement, item))
            .map(({ artifact, version }) => ({ partner: entitlement.partner, artifact, version })),
    )
}

/**
 * Who is warned of a case: reads something of it by waves that have fallen, or would if it were not recalled. Whoever owes
 * something is among them.
 */
export async function warnedOf(ctx: ActionContext, caseId: string): Promise<string[]> {
    const held = await heldIn(ctx, caseId, { nothingOverdue: true, withoutRecall: "every" })
    return [...new Set(held.map((reading) => reading.partner))].toSorted()
}

/**
 * The versions that partners have under `after` and not under `before`, both with `nothingOverdue`: those with no report counted, and
 * those with the reports as they are.
 */
export async function gainedIn(
    ctx: ActionContext,
    caseId: string,
    before: Supposed,
    after: Supposed,
): Promise<Reading[]> {
    const gains = async (asReported: boolean) =>
        gainedBy(
            await heldIn(ctx, caseId, { ...before, asReported }),
            await heldIn(ctx, caseId, { ...after, asReported }),
        )
    const quiet = await gains(false)
    return (await isKnownAsExploited(ctx, caseId)) ? [...quiet, ...(await gains(true))] : quiet
}

/** The versions of a case that partners read only while no report of exploitation counts. */
export async function withheldByReports(ctx: ActionContext, caseId: string): Promise<Reading[]> {
    const on = { nothingOverdue: true } as const
    return gainedBy(await heldIn(ctx, caseId, { ...on, asReported: true }), await heldIn(ctx, caseId, on))
}

/** What the second has and the first has not. */
function gainedBy(before: readonly Reading[], after: readonly Reading[]): Reading[] {
    const has = new Set(before.map(nameOf))
    return after.filter((reading) => !has.has(nameOf(reading)))
}

/** Of these artifacts of a case: who wrote their newest versions, and so may not sign. */
export async function authorsOf(
    ctx: ActionContext,
    caseId: string,
    artifactVersions: readonly ArtifactVersion[],
): Promise<string[]> {
    const out = new Set(artifactVersions.map((artifactVersion) => artifactVersion.artifact))
    if (out.size === 0) return []
    const artifacts = (await artifactsOf(ctx, caseId)).filter((artifact) => out.has(artifact.id))
    return [...new Set(artifacts.map((artifact) => artifact.versionBy))].toSorted()
}

const nameOf = ({ partner, artifact, version }: Reading): string => `${partner} ${artifact} ${version}`
