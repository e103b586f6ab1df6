/**
 * Asking partners to keep an embargo. By a yes a partner has what fallen waves opened for its tier; where nobody has
 * signed for it to have that, it is not asked before a second person does.
 *
 * Before the waves fall one person asks, and what was signed without whoever is asked falls with it.
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

/** One partner, or those of a tier that were not asked yet. */
export type Whom = { readonly partner: string } | { readonly tier: Tier }

export interface Inviting {
    readonly done: boolean
    /** How many were asked; 0 while it waits for its signature. */
    readonly invited: number
    /** What was signed, or waits for it; null where one person was enough. */
    readonly approval: string | null
}

export interface Terms {
    readonly withinMs?: number | undefined
    /** The second person's signature; left alone where one is enough. */
    readonly approval?: string | undefined
}

/** Asks them; or, where a yes would open what fallen waves opened, asks for a second signature first. */
export async function invite(ctx: ActionContext, caseId: string, whom: Whom, on: Terms = {}): Promise<Inviting> {
    await lockToChangeProgram(ctx.tx)
    assertOpen(await closingOf(ctx, caseId))
    const tier = "tier" in whom ? whom.tier : null
    const those = "tier" in whom ? await tierToInvite(ctx, caseId, whom.tier) : [whom.partner]
    for (const item of those) await assertInvitable(ctx, caseId, item, on.withinMs)
    const effects = await effectsOfYes(ctx, caseId, tier, those)
    if (effects !== null && on.approval === undefined) {
        return { done: false, invited: 0, approval: await requestApproval(ctx, effects) }
    }
    const approval = effects && (on.approval ?? null)
    if (effects !== null && approval !== null) await useApproval(ctx, approval, effects)
    for (const item of those) await inviteToEmbargo(ctx, caseId, item, on.withinMs)
    return { done: true, invited: those.length, approval }
}

/**
 * What a yes of theirs would open that waves opened which have fallen, frozen or put off since too; null where it opens
 * nothing that they do not have, or have by their own act alone.
 */
async function effectsOfYes(
    ctx: ActionContext,
    caseId: string,
    tier: Tier | null,
    those: readonly string[],
): Promise<Effects | null> {
    const [alone = null] = tier === null ? those : []
    const on = { nothingOverdue: true, partner: alone } as const
    const everyGain = await gainedIn(ctx, caseId, on, { ...on, everybodyKeeps: true })
    const gains = everyGain.filter((reading) => those.includes(reading.partner))
    if (gains.length === 0) return null
    return {
        act: inviting,
        ...openingsOf(gains),
        at: null,
        detail: { case: caseId, tier, revision: await revisionOf(ctx, caseId) },
        authors: await authorsOf(ctx, caseId, gains),
    }
}
