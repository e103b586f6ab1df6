/**
 * Voids approvals that new effects exceed: after a change of the publication, an artifact, the disclosed facts or a
 * partner's access.
 *
 * Approvals are voided at once instead of at the wave's instant. So there is time to sign again, and a signer never
 * signs what could not be applied.
 */
import { approval, voidOfCase, voidOutdated } from "../../../trust/approvals/actions.ts"
import { type Effects, covers, stateOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { wavesOf } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import { disarm, effectsOfWave } from "../actions.ts"
import { asRead } from "../effects.ts"
import { breaking } from "./emergency-release.ts"
import { inviting } from "./invite-partners.ts"
import { openingLate } from "./release-late.ts"
import { retelling } from "./amend-case.ts"

/** Where the effects may have grown: null for any case, or any partner. */
export interface Where {
    readonly case: string | null
    readonly partner: string | null
}

/** Voids the approvals of unreleased waves that their effects now exceed. `code` is the reason for the audit log. */
export async function voidExceededApprovals(ctx: ActionContext, where: Where, code: string): Promise<void> {
    for (const wave of await wavesOf(ctx, where.case)) {
        if (wave.releasedAt === null && (await isExceeded(ctx, wave, where.partner))) {
            await disarm(ctx, wave, code)
        }
    }
}

/** Voids requests and signatures that would at once open a version that is no longer the newest. */
export async function voidOpenings(ctx: ActionContext, artifact: string, version: number): Promise<void> {
    await voidOutdated(ctx, [openingLate, breaking], { artifact, version })
}

/**
 * Voids requests and signatures for earlier disclosed facts: those of the case's waves, and all others that open the
 * case.
 */
export async function voidRevised(ctx: ActionContext, caseId: string, revision: number): Promise<void> {
    await voidExceededApprovals(ctx, { case: caseId, partner: null }, "release.case_revised")
    const acts = [breaking, inviting, openingLate, retelling]
    await voidOfCase(ctx, acts, caseId, "changed", ({ effects }) => revisionIn(effects) >= revision)
}

/** Returns the signed revision; 0 for requests made before revisions existed. */
function revisionIn({ detail }: Effects): number {
    const { revision } = (detail ?? {}) as { readonly revision?: unknown }
    return typeof revision === "number" ? revision : 0
}

async function isExceeded(ctx: ActionContext, wave: Wave, partner: string | null): Promise<boolean> {
    if (wave.approval === null) return false
    const current = await approval(ctx, wave.approval)
    const state = stateOf(current, ctx.now)
    if (state !== "signed" && state !== "requested") return false
    return !covers(current.effects, asRead(current.effects, await effectsOfWave(ctx, wave, partner)))
}
