/**
 * Changes a partner's tier, admission or reporting duties.
 *
 * Where the change widens access, two people sign what the partner gains over all cases. It then has at once what
 * released waves opened.
 */
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import {
    type Decision,
    loadAdmissionText,
    changePartnerStatus,
    changeTier,
    computeChangeEffects,
    assertOnboarding,
    setDuties,
} from "../../../trust/partners/actions/change-partner.ts"
import type { Duty } from "../../../trust/partners/reporting-duties/reporting-duties.ts"
import type { FactChange } from "../../../trust/partners/facts.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { addGainedVersions } from "./add-gained-versions.ts"

export interface PartnerChangeOutcome {
    readonly done: boolean
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

/** Changes the tier, or requests the second signature. */
export async function changeTierByTwo(
    ctx: ActionContext,
    partner: string,
    tier: Tier,
    signed?: string,
): Promise<PartnerChangeOutcome> {
    await lockToChangeProgram(ctx.tx)
    const change = { fact: "tier", value: tier } as const
    const apply = (signature: Decision) => changeTier(ctx, partner, tier, signature)
    return await changeByTwo(ctx, partner, { change, text: { tier }, apply }, signed)
}

/** Invites or declines an applicant by one person, or admits it by two. Refuses what `assertOnboarding` refuses. */
export async function changeStatusByTwo(
    ctx: ActionContext,
    partner: string,
    status: "invited" | "active" | "declined",
    signed?: string,
): Promise<PartnerChangeOutcome> {
    await lockToChangeProgram(ctx.tx)
    await assertOnboarding(ctx, partner, status)
    const change = { fact: "status", value: status } as const
    const text = { status, ...(await loadAdmissionText(ctx, partner)) }
    const apply = (signature: Decision) => changePartnerStatus(ctx, partner, status, signature)
    return await changeByTwo(ctx, partner, { change, text, apply }, signed)
}

/** Sets the reporting duties, or requests the second signature where the change relaxes them. */
export async function setDutiesByTwo(
    ctx: ActionContext,
    partner: string,
    duties: readonly Duty[],
    signed?: string,
): Promise<PartnerChangeOutcome> {
    await lockToChangeProgram(ctx.tx)
    const change = { fact: "duties", value: duties } as const
    const apply = (signature: Decision) => setDuties(ctx, partner, duties, signature)
    return await changeByTwo(ctx, partner, { change, text: { duties }, apply }, signed)
}

interface TwoPersonChange {
    readonly change: FactChange
    /** The text for the signer, stored with the request. */
    readonly text: Readonly<Record<string, unknown>>
    readonly apply: (signature: Decision) => Promise<void>
}

async function changeByTwo(
    ctx: ActionContext,
    partner: string,
    { change, text, apply }: TwoPersonChange,
    signed?: string,
): Promise<PartnerChangeOutcome> {
    const ownEffects = await computeChangeEffects(ctx, partner, change)
    if (ownEffects === null) {
        await apply({})
        return { done: true, approval: null }
    }
    const effects = await addGainedVersions(ctx, partner, change, ownEffects)
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effects, text) }
    await apply({ appliedApproval: await applyApproval(ctx, signed, effects) })
    return { done: true, approval: signed }
}
