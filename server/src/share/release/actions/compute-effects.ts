/** Computes the effects of a wave: which partners get which versions. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Wave, plannedAt } from "../../waves/wave.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { findEmbargoEnd } from "../../cases/actions/load-case.ts"
import { refuse } from "@tocsin/base/refusal"
import { listArtifacts } from "../../artifacts/actions/load-artifacts.ts"
import { type Entitlement, loadMatrix } from "../../entitlement/actions/decide-access.ts"
import { effectsOf } from "../effects.ts"
import { loadRevision } from "../../cases/actions/open-case.ts"
import { markDenial } from "./load-public-texts.ts"
import { isKnownAsExploited } from "../../cases/actions/mark-exploited.ts"

/**
 * Returns the effects of the wave if it were released now, for one partner or (null) for all. Refuses
 * `release.no_embargo`.
 */
export async function loadWaveEffects(ctx: ActionContext, wave: Wave, partner: string | null = null): Promise<Effects> {
    const at = plannedAt(wave, await findEmbargoEnd(ctx, wave.case))
    if (at === null)
        refuse("conflict", "release.no_embargo", "no embargo agreed: agree one before you request a release")
    const artifacts = (await listArtifacts(ctx, wave.case)).filter((artifact) => !artifact.recalled)
    const artifactIds = new Set(artifacts.map((artifact) => artifact.id))
    // Partners with overdue requirements or an open invitation are included. If they gain access by their own act, the
    // effects then do not exceed the signature.
    const { entitlements } = await loadMatrix(ctx, wave.case, { nothingOverdue: true, partner })
    const effects = effectsOf({
        wave: wave.id,
        tier: wave.tier,
        revision: await loadRevision(ctx, wave.case),
        at,
        artifacts: artifacts.map((artifact) => ({
            artifact: artifact.id,
            version: artifact.version,
            author: artifact.versionBy,
        })),
        entitled: entitlements.filter(
            (entitlement) => artifactIds.has(entitlement.artifact) && opensFor(entitlement, wave),
        ),
    })
    return wave.tier === "publication" ? await markDenial(ctx, wave.case, effects) : effects
}

/** Whether the wave gives this artifact to this partner. */
export function opensFor(
    { decision, class: artifactClass }: Pick<Entitlement, "decision" | "class">,
    { tier }: Pick<Wave, "tier">,
): boolean {
    return decision.grantedClass === artifactClass && decision.waves.includes(tier)
}

/**
 * Returns the recipients without those from which a report of exploitation withholds everything. A notice would reveal
 * to them that an artifact exists.
 */
export async function listCurrentRecipients(
    ctx: ActionContext,
    caseId: string,
    { recipients, artifacts }: Pick<Effects, "recipients" | "artifacts">,
    opens: (entitlement: Entitlement) => boolean,
): Promise<readonly string[]> {
    if (!(await isKnownAsExploited(ctx, caseId))) return recipients
    const artifactIds = new Set(artifacts.map((artifactVersion) => artifactVersion.artifact))
    const { entitlements } = await loadMatrix(ctx, caseId, { nothingOverdue: true, asReported: true })
    const withAccess = new Set(
        entitlements
            .filter((entitlement) => artifactIds.has(entitlement.artifact) && opens(entitlement))
            .map((entitlement) => entitlement.partner),
    )
    return recipients.filter((recipient) => withAccess.has(recipient))
}
