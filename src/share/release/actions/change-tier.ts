/**
 * A partner gets another tier, by two people. They sign what the partner comes to read by it, of all cases: a tier opens what
 * released waves opened for it, at once.
 */
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import { type Effects, type Reading, openingsOf } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { changeTier, effectsToSign } from "../../../trust/partners/actions/changes.ts"
import type { Tier } from "../../../trust/partners/partner.ts"
import { labelsOf } from "../../artifacts/actions.ts"
import { authorsOf, gainedBy, heldIn } from "./held.ts"

export interface TierChange {
    readonly done: boolean
    /** What was signed, or waits for it; null where the partner has this tier already. */
    readonly approval: string | null
}

/** Changes the tier; or asks for the second signature first. */
export async function changeTierByTwo(act: Act, partner: string, tier: Tier, signed?: string): Promise<TierChange> {
    await lockToChangeProgram(act.tx)
    const effects = await effectsOfTier(act, partner, tier)
    if (effects === null) return { done: true, approval: null }
    if (signed === undefined) return { done: false, approval: await requestApproval(act, effects, { tier }) }
    await changeTier(act, partner, tier, { within: await useApproval(act, signed, effects) })
    return { done: true, approval: signed }
}

/** What the partner comes to read, at once or as soon as it gives what it owes; null where it has this tier. */
async function effectsOfTier(act: Act, partner: string, tier: Tier): Promise<Effects | null> {
    const change = await effectsToSign(act, partner, { fact: "tier", value: tier })
    if (change === null) return null
    const gained: Reading[] = []
    const authors = new Set<string>()
    for (const id of new Set((await labelsOf(act, null, act.now)).map((one) => one.case))) {
        const on = { nothingOverdue: true, partner } as const
        const more = gainedBy(await heldIn(act, id, on), await heldIn(act, id, { ...on, tier }))
        for (const author of await authorsOf(act, id, more)) authors.add(author)
        gained.push(...more)
    }
    if (gained.length === 0) return change
    return { ...change, ...openingsOf(gained), authors: [...authors].toSorted() }
}
