/**
 * Changes a partner's tier, admission or reporting duties.
 *
 * Where the change widens access, two people sign what the partner gains over all cases. It then has at once what
 * released waves opened.
 */
import type { Json } from "@tocsin/base/canonical"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import {
    type Decision,
    admissionWords,
    changeStanding,
    changeTier,
    effectsToSign,
    assertOnboarding,
    setDuties,
} from "../../../trust/partners/actions/change-partner.ts"
import type { Duty } from "../../../trust/partners/reporting-duties/reporting-duties.ts"
import type { Change } from "../../../trust/partners/facts.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { withGains } from "./list-gains.ts"

export interface PartnerChange {
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
): Promise<PartnerChange> {
    await lockToChangeProgram(ctx.tx)
    const change = { fact: "tier", value: tier } as const
    const apply = (on: Decision) => changeTier(ctx, partner, tier, on)
    return await byTwo(ctx, partner, { change, text: { tier }, apply }, signed)
}

/** Invites or declines an applicant by one person, or admits it by two. Refuses what `assertOnboarding` refuses. */
export async function changeStandingByTwo(
    ctx: ActionContext,
    partner: string,
    standing: "invited" | "active" | "declined",
    signed?: string,
): Promise<PartnerChange> {
    await lockToChangeProgram(ctx.tx)
    await assertOnboarding(ctx, partner, standing)
    const change = { fact: "standing", value: standing } as const
    const text = { standing, ...(await admissionWords(ctx, partner)) }
    const apply = (on: Decision) => changeStanding(ctx, partner, standing, on)
    return await byTwo(ctx, partner, { change, text, apply }, signed)
}

/** Sets the reporting duties, or requests the second signature where the change relaxes them. */
export async function setDutiesByTwo(
    ctx: ActionContext,
    partner: string,
    duties: readonly Duty[],
    signed?: string,
): Promise<PartnerChange> {
    await lockToChangeProgram(ctx.tx)
    const change = { fact: "duties", value: duties } as const
    const apply = (on: Decision) => setDuties(ctx, partner, duties, on)
    return await byTwo(ctx, partner, { change, text: { duties }, apply }, signed)
}

interface ByTwo {
    readonly change: Change
    /** The text for the signer, stored with the request. */
    readonly text: Readonly<Record<string, unknown>>
    readonly apply: (on: Decision) => Promise<void>
}

async function byTwo(
    ctx: ActionContext,
    partner: string,
    { change, text, apply }: ByTwo,
    signed?: string,
): Promise<PartnerChange> {
    const plain = await effectsToSign(ctx, partner, change)
    if (plain === null) {
        await apply({})
        return { done: true, approval: null }
    }
    const effects = await withGains(ctx, partner, change, plain)
    if (signed === undefined) return { done: false, approval: await requestApproval(ctx, effects, text as Json) }
    await apply({ within: await useApproval(ctx, signed, effects) })
    return { done: true, approval: signed }
}
