/**
 * Asking partners to keep an embargo. By a yes a partner has what fallen waves opened for its tier; where nobody has
 * signed for it to have that, it is not asked before a second person does.
 *
 * Before the waves fall one person asks, and what was signed without whoever is asked falls with it.
 */
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, openingsOf } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { closingOf, revisionOf } from "../../cases/actions.ts"
import { inviteToEmbargo, mustBeInvitable, tierToInvite } from "../../cases/actions/consents.ts"
import { mustBeOpen } from "../../cases/case.ts"
import { authorsOf, gainedIn } from "./held.ts"

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
export async function invite(act: Act, caseId: string, whom: Whom, on: Terms = {}): Promise<Inviting> {
    await lockToChangeProgram(act.tx)
    mustBeOpen(await closingOf(act, caseId))
    const tier = "tier" in whom ? whom.tier : null
    const those = "tier" in whom ? await tierToInvite(act, caseId, whom.tier) : [whom.partner]
    for (const one of those) await mustBeInvitable(act, caseId, one, on.withinMs)
    const effects = await effectsOfYes(act, caseId, tier, those)
    if (effects !== null && on.approval === undefined) {
        return { done: false, invited: 0, approval: await requestApproval(act, effects) }
    }
    const approval = effects && (on.approval ?? null)
    if (effects !== null && approval !== null) await useApproval(act, approval, effects)
    for (const one of those) await inviteToEmbargo(act, caseId, one, on.withinMs)
    return { done: true, invited: those.length, approval }
}

/**
 * What a yes of theirs would open that waves opened which have fallen, frozen or put off since too; null where it opens
 * nothing that they do not have, or have by their own act alone.
 */
async function effectsOfYes(
    act: Act,
    caseId: string,
    tier: Tier | null,
    those: readonly string[],
): Promise<Effects | null> {
    const [alone = null] = tier === null ? those : []
    const on = { nothingOverdue: true, partner: alone } as const
    const everyGain = await gainedIn(act, caseId, on, { ...on, everybodyKeeps: true })
    const gains = everyGain.filter((one) => those.includes(one.partner))
    if (gains.length === 0) return null
    return {
        act: inviting,
        ...openingsOf(gains),
        at: null,
        detail: { case: caseId, tier, revision: await revisionOf(act, caseId) },
        authors: await authorsOf(act, caseId, gains),
    }
}
