/** Computes what released waves opened for which partner, now or once other obstacles are gone. */
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
 * Lists the versions of one case that each partner has by released waves. Includes frozen or postponed waves and
 * superseded versions, but no recalled ones.
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
 * Lists the partners warned of a case: those that read something of it by released waves, or would without a recall.
 * Includes partners with overdue requirements.
 */
export async function warnedOf(ctx: ActionContext, caseId: string): Promise<string[]> {
    const held = await heldIn(ctx, caseId, { nothingOverdue: true, withoutRecall: "every" })
    return [...new Set(held.map((reading) => reading.partner))].toSorted()
}

/**
 * Lists the versions that partners have under `after` but not under `before`, both with `nothingOverdue`. Compares
 * without reports of exploitation, and with the known ones.
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

/** Lists the versions of a case that partners would read only without reports of exploitation. */
export async function withheldByReports(ctx: ActionContext, caseId: string): Promise<Reading[]> {
    const on = { nothingOverdue: true } as const
    return gainedBy(await heldIn(ctx, caseId, { ...on, asReported: true }), await heldIn(ctx, caseId, on))
}

/** Returns the readings in `after` that are missing in `before`. */
function gainedBy(before: readonly Reading[], after: readonly Reading[]): Reading[] {
    const has = new Set(before.map(nameOf))
    return after.filter((reading) => !has.has(nameOf(reading)))
}

/** Lists the authors of these artifacts' newest versions, who may not sign. */
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
