/**
 * Voids approvals that new effects exceed: after a change of the publication, an artifact, the disclosed facts or a
 * partner's access.
 *
 * Approvals are voided at once instead of at the wave's instant. So there is time to sign again, and a signer never
 * signs what could not be applied.
 */
import { loadApproval } from "../../../trust/approvals/actions/load-approvals.ts"
import { voidApprovalsOfCase, voidOutdated } from "../../../trust/approvals/actions/void-approvals.ts"
import { type Effects, covers, stateOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listWaves } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { voidWaveApproval } from "./release-wave.ts"
import { loadWaveEffects } from "./compute-effects.ts"
import { withSignedDenial } from "../effects.ts"
import { emergencyReleaseAction } from "./emergency-release.ts"
import { inviteAction } from "./invite-partners.ts"
import { lateReleaseAction } from "./release-late.ts"
import { amendmentAction } from "./amend-case.ts"

/** Where the effects may have grown: null for any case, or any partner. */
export interface VoidScope {
    readonly case: string | null
    readonly partner: string | null
}

/** Voids the approvals of unreleased waves that their effects now exceed. `code` is the reason for the audit log. */
export async function voidExceededApprovals(ctx: ActionContext, scope: VoidScope, code: string): Promise<void> {
    for (const wave of await listWaves(ctx, scope.case)) {
        if (wave.releasedAt === null && (await isExceeded(ctx, wave, scope.partner))) {
            await voidWaveApproval(ctx, wave, code)
        }
    }
}

/** Voids requests and signatures that would at once open a version that is no longer the newest. */
export async function voidOutdatedReleases(ctx: ActionContext, artifact: string, version: number): Promise<void> {
    await voidOutdated(ctx, [lateReleaseAction, emergencyReleaseAction], { artifact, version })
}

/**
 * Voids requests and signatures for earlier disclosed facts: those of the case's waves, and all others that open the
 * case.
 */
export async function voidRevisedApprovals(ctx: ActionContext, caseId: string, revision: number): Promise<void> {
    await voidExceededApprovals(ctx, { case: caseId, partner: null }, "release.case_revised")
    const actions = [emergencyReleaseAction, inviteAction, lateReleaseAction, amendmentAction]
    await voidApprovalsOfCase(ctx, actions, caseId, "changed", ({ effects }) => revisionIn(effects) >= revision)
}

/** Returns the signed revision; 0 for requests made before revisions existed. */
function revisionIn({ detail }: Effects): number {
    const { revision } = (detail ?? {}) as { readonly revision?: unknown }
    return typeof revision === "number" ? revision : 0
}

async function isExceeded(ctx: ActionContext, wave: Wave, partner: string | null): Promise<boolean> {
    if (wave.approval === null) return false
    const current = await loadApproval(ctx, wave.approval)
    const state = stateOf(current, ctx.now)
    if (state !== "signed" && state !== "requested") return false
    return !covers(current.effects, withSignedDenial(current.effects, await loadWaveEffects(ctx, wave, partner)))
}
