/**
 * Publication moves, and the waves with it; an artifact is revised, or added; a case says something else; a partner joins, or
 * comes to have more.
 * What was signed for a later instant, for another version, or for fewer, than a wave would now have falls at once, and not
 * only when its instant has come: whoever must sign anew has the time until then, and nobody signs what would not be
 * carried out.
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

/** Where it may have come to do more: null for any case, or any partner. */
export interface Where {
    readonly case: string | null
    readonly partner: string | null
}

/** `code` is why, for the record. */
export async function voidExceededApprovals(ctx: ActionContext, where: Where, code: string): Promise<void> {
    for (const wave of await wavesOf(ctx, where.case)) {
        if (wave.releasedAt === null && (await isExceeded(ctx, wave, where.partner))) {
            await disarm(ctx, wave, code)
        }
    }
}

/** Requests and signatures that open the newest version at once, and now stand for one that is not. */
export async function voidOpenings(ctx: ActionContext, artifact: string, version: number): Promise<void> {
    await voidOutdated(ctx, [openingLate, breaking], { artifact, version })
}

/** Requests and signatures for what the case said before this revision: those of its waves, and all that lets it be read. */
export async function voidRevised(ctx: ActionContext, caseId: string, revision: number): Promise<void> {
    await voidExceededApprovals(ctx, { case: caseId, partner: null }, "release.case_revised")
    const acts = [breaking, inviting, openingLate, retelling]
    await voidOfCase(ctx, acts, caseId, "changed", ({ effects }) => revisionIn(effects) >= revision)
}

/** What was asked for before cases were counted is of none. */
function revisionIn({ detail }: Effects): number {
    const { revision } = (detail ?? {}) as { readonly revision?: unknown }
    return typeof revision === "number" ? revision : 0
}

async function isExceeded(ctx: ActionContext, wave: Wave, partner: string | null): Promise<boolean> {
    if (wave.approval === null) return false
    const input = await approval(ctx, wave.approval)
    const state = stateOf(input, ctx.now)
    if (state !== "signed" && state !== "requested") return false
    return !covers(input.effects, asRead(input.effects, await effectsOfWave(ctx, wave, partner)))
}
