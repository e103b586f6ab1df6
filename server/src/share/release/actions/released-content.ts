/** Computes what released waves opened for which partner, now or once other obstacles are gone. */
import type { ArtifactVersion, PartnerVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listArtifacts } from "../../artifacts/actions/load-artifacts.ts"
import { listRecalledVersions } from "../../artifacts/actions/recall-artifact.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { isKnownAsExploited } from "../../cases/actions/mark-exploited.ts"
import { loadMatrix } from "../../entitlement/actions/decide-access.ts"
import { listOpenedVersions } from "../../waves/actions.ts"
import { opensFor } from "./compute-effects.ts"

type MatrixAssumptions = Omit<Exclude<Parameters<typeof loadMatrix>[2], undefined>, "at" | "policy">

/**
 * Lists the versions of one case that each partner has by released waves. Includes frozen or postponed waves and
 * superseded versions, but no recalled ones.
 */
export async function listHeldVersions(
    ctx: ActionContext,
    caseId: string,
    assumptions: MatrixAssumptions,
): Promise<PartnerVersion[]> {
    const recalls = await listRecalledVersions(ctx, ctx.now, assumptions.withoutRecall)
    const opened = (await listOpenedVersions(ctx, caseId)).filter(
        ({ artifact, version }) => !isRecalled(recalls.get(artifact) ?? [], version),
    )
    if (opened.length === 0) return []
    const { entitlements } = await loadMatrix(ctx, caseId, assumptions)
    return entitlements.flatMap((entitlement) =>
        opened
            .filter(
                (openedVersion) =>
                    openedVersion.artifact === entitlement.artifact && opensFor(entitlement, openedVersion),
            )
            .map(({ artifact, version }) => ({ partner: entitlement.partner, artifact, version })),
    )
}

/**
 * Lists the partners warned of a case: those that read something of it by released waves, or would without a recall.
 * Includes partners with overdue requirements.
 */
export async function listWarnedPartners(ctx: ActionContext, caseId: string): Promise<string[]> {
    const held = await listHeldVersions(ctx, caseId, { nothingOverdue: true, withoutRecall: "every" })
    return [...new Set(held.map((reading) => reading.partner))].toSorted()
}

/**
 * Lists the versions that partners have under `after` but not under `before`, both with `nothingOverdue`. Compares
 * without reports of exploitation, and with the known ones.
 */
export async function listGainedVersions(
    ctx: ActionContext,
    caseId: string,
    before: MatrixAssumptions,
    after: MatrixAssumptions,
): Promise<PartnerVersion[]> {
    const listGains = async (asReported: boolean) =>
        gainsBetween(
            await listHeldVersions(ctx, caseId, { ...before, asReported }),
            await listHeldVersions(ctx, caseId, { ...after, asReported }),
        )
    const withoutReports = await listGains(false)
    return (await isKnownAsExploited(ctx, caseId)) ? [...withoutReports, ...(await listGains(true))] : withoutReports
}

/** Lists the versions of a case that partners would read only without reports of exploitation. */
export async function listWithheldByReports(ctx: ActionContext, caseId: string): Promise<PartnerVersion[]> {
    const assumptions = { nothingOverdue: true } as const
    return gainsBetween(
        await listHeldVersions(ctx, caseId, { ...assumptions, asReported: true }),
        await listHeldVersions(ctx, caseId, assumptions),
    )
}

/** Returns the readings in `after` that are missing in `before`. */
function gainsBetween(before: readonly PartnerVersion[], after: readonly PartnerVersion[]): PartnerVersion[] {
    const alreadyHeld = new Set(before.map(readingKey))
    return after.filter((reading) => !alreadyHeld.has(readingKey(reading)))
}

/** Lists the authors of these artifacts' newest versions, who may not sign. */
export async function listAuthors(
    ctx: ActionContext,
    caseId: string,
    artifactVersions: readonly ArtifactVersion[],
): Promise<string[]> {
    const artifactIds = new Set(artifactVersions.map((artifactVersion) => artifactVersion.artifact))
    if (artifactIds.size === 0) return []
    const artifacts = (await listArtifacts(ctx, caseId)).filter((artifact) => artifactIds.has(artifact.id))
    return [...new Set(artifacts.map((artifact) => artifact.versionBy))].toSorted()
}

const readingKey = ({ partner, artifact, version }: PartnerVersion): string => `${partner} ${artifact} ${version}`
