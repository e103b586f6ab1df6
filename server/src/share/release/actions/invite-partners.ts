/**
 * Invites partners to an embargo.
 *
 * An accepting partner gets what released waves opened for its tier, so such an invitation needs a second signature.
 * Before the first release one person may invite. Approvals that do not include the invited partner are then voided.
 */
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import { type Effects, recipientGroupsOf } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { findClosure } from "../../cases/actions/load-case.ts"
import { loadRevision } from "../../cases/actions/open-case.ts"
import { inviteToEmbargo, assertInvitable, listPartnersToInvite } from "../../cases/actions/answer-invitation.ts"
import { assertOpen } from "../../cases/case.ts"
import { listAuthors, listGainedVersions } from "./released-content.ts"

export const inviteAction = "consent.invite"

/** One partner, or all partners of a tier that are not invited yet. */
export type InvitationTarget = { readonly partner: string } | { readonly tier: Tier }

export interface InvitationOutcome {
    readonly done: boolean
    /** How many partners were invited; 0 while the invitation waits for its signature. */
    readonly invited: number
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

export interface InvitationTerms {
    readonly withinMs?: number | undefined
    /** The signed approval; ignored where one person is enough. */
    readonly approval?: string | undefined
}

/** Invites the partners, or requests a second signature where acceptance would open released content. */
export async function invitePartners(
    ctx: ActionContext,
    caseId: string,
    target: InvitationTarget,
    terms: InvitationTerms = {},
): Promise<InvitationOutcome> {
    await lockToChangeProgram(ctx.tx)
    assertOpen(await findClosure(ctx, caseId))
    const tier = "tier" in target ? target.tier : null
    const partners = "tier" in target ? await listPartnersToInvite(ctx, caseId, target.tier) : [target.partner]
    for (const partner of partners) await assertInvitable(ctx, caseId, partner, terms.withinMs)
    const effects = await loadAcceptanceEffects(ctx, caseId, tier, partners)
    if (effects !== null && terms.approval === undefined) {
        return { done: false, invited: 0, approval: await requestApproval(ctx, effects) }
    }
    const approval = effects && (terms.approval ?? null)
    if (effects !== null && approval !== null) await applyApproval(ctx, approval, effects)
    for (const partner of partners) await inviteToEmbargo(ctx, caseId, partner, terms.withinMs)
    return { done: true, invited: partners.length, approval }
}

/**
 * Returns what acceptance would open of released waves, also frozen or postponed ones. Null where the partners gain
 * nothing, or have it by their own act anyway.
 */
async function loadAcceptanceEffects(
    ctx: ActionContext,
    caseId: string,
    tier: Tier | null,
    partners: readonly string[],
): Promise<Effects | null> {
    const [onlyPartner = null] = tier === null ? partners : []
    const assumptions = { nothingOverdue: true, partner: onlyPartner } as const
    const gainedVersions = await listGainedVersions(ctx, caseId, assumptions, {
        ...assumptions,
        everyoneSignatory: true,
    })
    const gains = gainedVersions.filter((reading) => partners.includes(reading.partner))
    if (gains.length === 0) return null
    return {
        action: inviteAction,
        ...recipientGroupsOf(gains),
        at: null,
        detail: { case: caseId, tier, revision: await loadRevision(ctx, caseId) },
        authors: await listAuthors(ctx, caseId, gains),
    }
}
