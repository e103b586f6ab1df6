/**
 * Invites partners to an embargo.
 *
 * An accepting partner gets what released waves opened for its tier, so such an invitation needs a second signature.
 * Before the first release one person may invite. Approvals that do not include the invited partner are then voided.
 */
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, openingsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { closingOf, revisionOf } from "../../cases/actions.ts"
import { inviteToEmbargo, assertInvitable, tierToInvite } from "../../cases/actions/answer-invitation.ts"
import { assertOpen } from "../../cases/case.ts"
import { authorsOf, gainedIn } from "./released-content.ts"

export const inviting = "consent.invite"

/** One partner, or all partners of a tier that are not invited yet. */
export type Whom = { readonly partner: string } | { readonly tier: Tier }

export interface Inviting {
    readonly done: boolean
    /** How many partners were invited; 0 while the invitation waits for its signature. */
    readonly invited: number
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

export interface Terms {
    readonly withinMs?: number | undefined
    /** The signed approval; ignored where one person is enough. */
    readonly approval?: string | undefined
}

/** Invites the partners, or requests a second signature where acceptance would open released content. */
export async function invite(ctx: ActionContext, caseId: string, whom: Whom, on: Terms = {}): Promise<Inviting> {
    await lockToChangeProgram(ctx.tx)
    assertOpen(await closingOf(ctx, caseId))
    const tier = "tier" in whom ? whom.tier : null
    const partners = "tier" in whom ? await tierToInvite(ctx, caseId, whom.tier) : [whom.partner]
    for (const partner of partners) await assertInvitable(ctx, caseId, partner, on.withinMs)
    const effects = await effectsOfYes(ctx, caseId, tier, partners)
    if (effects !== null && on.approval === undefined) {
        return { done: false, invited: 0, approval: await requestApproval(ctx, effects) }
    }
    const approval = effects && (on.approval ?? null)
    if (effects !== null && approval !== null) await useApproval(ctx, approval, effects)
    for (const partner of partners) await inviteToEmbargo(ctx, caseId, partner, on.withinMs)
    return { done: true, invited: partners.length, approval }
}

/**
 * Returns what acceptance would open of released waves, also frozen or postponed ones. Null where the partners gain
 * nothing, or have it by their own act anyway.
 */
async function effectsOfYes(
    ctx: ActionContext,
    caseId: string,
    tier: Tier | null,
    partners: readonly string[],
): Promise<Effects | null> {
    const [alone = null] = tier === null ? partners : []
    const on = { nothingOverdue: true, partner: alone } as const
    const everyGain = await gainedIn(ctx, caseId, on, { ...on, everybodyKeeps: true })
    const gains = everyGain.filter((reading) => partners.includes(reading.partner))
    if (gains.length === 0) return null
    return {
        act: inviting,
        ...openingsOf(gains),
        at: null,
        detail: { case: caseId, tier, revision: await revisionOf(ctx, caseId) },
        authors: await authorsOf(ctx, caseId, gains),
    }
}
