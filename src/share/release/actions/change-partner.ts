/**
 * A partner gets another tier, is admitted, or has other reporting duties. Where that widens, two people sign what the partner comes
 * to read by it, of all cases: it opens what released waves opened, at once.
 */
import type { Json } from "../../../lib/canonical.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import {
    type Decision,
    admissionWords,
    changeStanding,
    changeTier,
    effectsToSign,
    mustBeJoining,
    setDuties,
} from "../../../trust/partners/actions/changes.ts"
import type { Duty } from "../../../trust/partners/duty.ts"
import type { Change } from "../../../trust/partners/facts.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { withGains } from "./gains.ts"

export interface PartnerChange {
    readonly done: boolean
    /** The approval that was used or waits for a signature; null where one person is enough. */
    readonly approval: string | null
}

/** Changes the tier; or asks for the second signature first. */
export async function changeTierByTwo(act: Act, partner: string, tier: Tier, signed?: string): Promise<PartnerChange> {
    await lockToChangeProgram(act.tx)
    const change = { fact: "tier", value: tier } as const
    const apply = (on: Decision) => changeTier(act, partner, tier, on)
    return await byTwo(act, partner, { change, text: { tier }, apply }, signed)
}

/** Invites or declines an applicant, which one person does, or admits it by two. Refuses what `mustBeJoining` refuses. */
export async function changeStandingByTwo(
    act: Act,
    partner: string,
    standing: "invited" | "active" | "declined",
    signed?: string,
): Promise<PartnerChange> {
    await lockToChangeProgram(act.tx)
    await mustBeJoining(act, partner, standing)
    const change = { fact: "standing", value: standing } as const
    const text = { standing, ...(await admissionWords(act, partner)) }
    const apply = (on: Decision) => changeStanding(act, partner, standing, on)
    return await byTwo(act, partner, { change, text, apply }, signed)
}

/** Sets the reporting duties; or asks for the second signature first, where they loosen. */
export async function setDutiesByTwo(
    act: Act,
    partner: string,
    duties: readonly Duty[],
    signed?: string,
): Promise<PartnerChange> {
    await lockToChangeProgram(act.tx)
    const change = { fact: "duties", value: duties } as const
    const apply = (on: Decision) => setDuties(act, partner, duties, on)
    return await byTwo(act, partner, { change, text: { duties }, apply }, signed)
}

interface ByTwo {
    readonly change: Change
    /** For the signer to read, as it goes with the request. */
    readonly text: Readonly<Record<string, unknown>>
    readonly apply: (on: Decision) => Promise<void>
}

async function byTwo(
    act: Act,
    partner: string,
    { change, text, apply }: ByTwo,
    signed?: string,
): Promise<PartnerChange> {
    const plain = await effectsToSign(act, partner, change)
    if (plain === null) {
        await apply({})
        return { done: true, approval: null }
    }
    const effects = await withGains(act, partner, change, plain)
    if (signed === undefined) return { done: false, approval: await requestApproval(act, effects, text as Json) }
    await apply({ within: await useApproval(act, signed, effects) })
    return { done: true, approval: signed }
}
